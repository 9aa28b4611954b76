"""A workbook to upload."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.kit.forms import PortalForm

MOST_BYTES = 5 * 1024 * 1024


class WorkbookForm(PortalForm):
    submit = "Show what would change"
    file = forms.FileField(label="Workbook", help_text="XLSX, up to 5 MB.")

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB")
        return upload
