"""What every form of an RFP's parts shares."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from portal.kit.formats import ZONES as ZONES
from portal.kit.forms import PortalModelForm
from rfp.publishing.models import Solicitation

_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def check_code(code: str) -> str:
    """A short code that can stand in an address. Raises ValidationError."""
    if not _CODE.fullmatch(code):
        raise forms.ValidationError("Use letters, digits, dots and dashes, for example L1-A")
    return code


def lines_of(text: str) -> list[str]:
    """The lines of a text area, trimmed, empty ones left out, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def plainly(form: forms.BaseForm) -> None:
    """Numbers without the column's trailing zeros; and what was changed on fields is drawn as changed."""
    for name, value in form.initial.items():
        if isinstance(value, Decimal):
            form.initial[name] = f"{value.normalize():f}"
    # A field drawn or named once is kept with its label and help as they were then.
    form._bound_fields_cache.clear()  # type: ignore[attr-defined]  # Django keeps it to itself


class PartForm(PortalModelForm):
    """A part of an RFP; codes are compared within it."""

    form_tag = False

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.solicitation = solicitation
        if self.instance._state.adding:
            self.instance.solicitation = solicitation
            if "position" in self.fields:
                self.initial.setdefault("position", self.siblings().count() + 1)
        plainly(self)

    def siblings(self) -> Any:
        """The other rows of this kind."""
        rows = type(self.instance).objects.filter(solicitation=self.solicitation)
        return rows.exclude(pk=self.instance.pk)

    def clean_code(self) -> str:
        code = check_code(self.cleaned_data["code"].strip())
        if self.siblings().filter(code__iexact=code).exists():
            raise forms.ValidationError(f"There is already a {self.instance._meta.verbose_name} {code}")
        return code


# ---- dates --------------------------------------------------------------------------------------------------------


class LocalMoment(forms.DateTimeField):
    """A moment typed as local time of the RFP's zone."""

    zone: tzinfo

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        try:
            with timezone.override(self.zone):
                return super().to_python(value)
        except forms.ValidationError as error:
            if error.code == "invalid":
                raise forms.ValidationError(f"{self.label}: enter a date and a time") from None
            raise forms.ValidationError(
                f"{self.label}: this time is skipped or repeated when the clocks change"
            ) from None
