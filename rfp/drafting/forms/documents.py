"""A file for the draft: for a requirement, or of its own."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.files.storing import CheckedFile, FileRefused, check_file
from portal.kit.forms import PortalForm, offer
from rfp.proposals.models import Revision
from rfp.proposals.queries import asked_in
from rfp.publishing.question_models import Requirement


def wanted_files(draft: Revision) -> list[Requirement]:
    """The requirements that the draft has to answer with a file."""
    asked = asked_in(draft)
    return [r for r in asked if r.data_type == Requirement.DataType.FILE or r.evidence_required]


class AttachmentForm(PortalForm):
    form_tag = False

    requirement = forms.ChoiceField(label="What is it for?", required=False)
    title = forms.CharField(
        label="Title", max_length=200, required=False, help_text="Leave blank to use the file name."
    )
    file = forms.FileField(label="File", help_text="PDF, XLSX, DOCX, CSV, TXT, PNG or JPG, up to 25 MB.")

    def __init__(self, *args: Any, wanted: list[Requirement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = {str(requirement.pk): requirement for requirement in wanted}
        choices = [(key, f"{r.code}: {r.text}") for key, r in self.wanted.items()]
        offer(self, "requirement", [*choices, ("", "Something else")])

    @property
    def answers(self) -> Requirement | None:
        return self.wanted.get(self.cleaned_data["requirement"])

    def clean_file(self) -> CheckedFile:
        try:
            return check_file(self.cleaned_data["file"])
        except FileRefused as error:
            raise forms.ValidationError(str(error)) from None
