"""A supplier answers what was asked after the close: the named fields and nothing else, or a question in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.files.storing import FileRefused, check_file
from portal.kit.forms import PortalForm
from rfp.curing.queries import BY, FIELDS, Field
from rfp.drafting.forms.attestation import AttestationForm
from rfp.drafting.forms.sections.answers import field_for, to_json

LONGEST = 4000


class CureAnswerForm(PortalForm):
    """One typed field for each thing that was named; whatever else is sent is not read."""

    form_tag = False

    def __init__(self, *args: Any, named: Sequence[Field], **kwargs: Any) -> None:
        self.named = named
        super().__init__(*args, **kwargs)
        self.fields |= {each.name: _field(each) for each in named}
        for each in named:
            field = self.fields[each.name]
            field.required = True
            what = "choose a file" if each.is_file else "enter your answer"
            field.error_messages["required"] = f"{each.requirement.code}: {what}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for each in self.named:
            if each.is_file and cleaned.get(each.name):
                try:
                    cleaned[each.name] = check_file(cleaned[each.name])
                except FileRefused as refusal:
                    self.add_error(each.name, f"{each.requirement.code}: {refusal}")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Field name → the answer as stored. Of a valid form."""
        return {each.name: _stored(each, self.cleaned_data[each.name]) for each in self.named}


def _field(each: Field) -> forms.Field:
    requirement, by = each.requirement, BY(each.requirement.answered_by)
    if each.is_file:
        about = requirement.evidence or "PDF, XLSX, DOCX, CSV, TXT, PNG or JPG, up to 25 MB."
        return forms.FileField(label=f"{requirement.code} {requirement.text}", help_text=about)
    if by == BY.LEAD_TIME:
        return forms.IntegerField(
            label=requirement.text, min_value=0, max_value=100_000, help_text=f"{requirement.code}. In days."
        )
    if by == BY.START:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return forms.DateField(label=requirement.text, widget=widget, help_text=requirement.code)
    return field_for(requirement)


def _stored(each: Field, value: Any) -> Any:
    is_column = BY(each.requirement.answered_by) in FIELDS
    return value if each.is_file or is_column else to_json(value)


class SignForm(AttestationForm):
    """Signs for the added answers; the statement of the first receipt stays as it is."""

    agreed = forms.BooleanField(label="These answers are complete and true, and I sign them for the company")


class ClarificationForm(PortalForm):
    """An answer in words."""

    submit = "Send the answer"
    answer = forms.CharField(
        label="Your answer",
        max_length=LONGEST,
        help_text="You can answer once. Leave out prices.",
        error_messages={"required": "Write your answer"},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
