"""What every row of a profile shares, and the rows that come with a document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BLANK_CHOICE_DASH

from portal.files.storing import CheckedFile, FileRefused, check_file
from portal.kit.forms import PortalModelForm
from suppliers.company.forms.fields import (
    possible_dates,
)
from suppliers.company.models import Supplier

DASHES = BLANK_CHOICE_DASH[0]
PAPERS = ("pdf", "png", "jpg", "jpeg")


class PartForm(PortalModelForm):
    """A row that belongs to a company."""

    def __init__(self, *args: Any, supplier: Supplier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supplier = supplier
        self.instance.supplier = supplier
        possible_dates(self)
        chosen: list[Any] = [
            each for each in self.fields.values() if isinstance(each, forms.TypedChoiceField)
        ]
        for field in chosen:
            # The framework's row of dashes says nothing.
            field.choices = [("", "Choose") if each == DASHES else each for each in field.choices]


def in_order(form: forms.ModelForm[Any], first: str, last: str, words: str) -> None:
    """A last day before the first, or on it, is refused beside the last."""
    start, end = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if start and end and end <= start:
        form.add_error(last, words)


class FileForm(PartForm):
    """A row with the paper that proves it."""

    upload = forms.FileField(
        label="Document",
        required=False,
        help_text="PDF or image (PNG, JPEG), up to 25 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{kind}" for kind in PAPERS)}),
    )

    def clean_upload(self) -> CheckedFile | None:
        sent = self.cleaned_data.get("upload")
        if not sent:
            return None
        if str(sent.name).rpartition(".")[2].strip(" .").lower() not in PAPERS:
            raise ValidationError("Upload a PDF or an image (PNG, JPEG).")
        try:
            return check_file(sent)
        except FileRefused as error:
            raise ValidationError(str(error)) from None
