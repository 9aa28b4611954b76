"""A file of an RFP to import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.kit.forms import PortalForm
from rfp.publishing.models import Solicitation
from rfp.reuse.contents.reading import MOST_BYTES


class ImportForm(PortalForm):
    """A file, and what is new about the RFP made from it."""

    submit = "Import the RFP"
    file = forms.FileField(label="File", help_text="A JSON file exported from Onshore, up to 2 MB.")
    number = forms.SlugField(
        label="RFP number", max_length=40, help_text="Appears in the link. It must be new, for example 26-02."
    )
    title = forms.CharField(
        label="Title", max_length=200, required=False, help_text="Leave blank to keep the title in the file."
    )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 2 MB")
        return upload

    def clean_number(self) -> Any:
        number = self.cleaned_data["number"]
        if Solicitation.objects.filter(number=number).exists():
            raise forms.ValidationError("There is already an RFP with this number")
        return number
