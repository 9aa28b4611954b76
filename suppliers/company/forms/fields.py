"""Fields and choices that several forms share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.reference.places import STATE_NAMES

US = ("US", COUNTRY_NAMES["US"])
COUNTRY_CHOICES = [US, *sorted((pair for pair in COUNTRY_NAMES.items() if pair != US), key=lambda p: p[1])]
STATE_CHOICES = sorted(STATE_NAMES.items(), key=lambda pair: pair[1])
MOST_LINES = 50
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, *, most: int = 200, rows: int = 2, **options: Any) -> None:
        self.most = most
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        typed = [" ".join(line.split()) for line in (data or "").splitlines()]
        return list(initial or []) != [line for line in typed if line]

    def clean(self, value: Any) -> list[str]:
        lines = [" ".join(line.split()) for line in (super().clean(value) or "").splitlines()]
        kept = list(dict.fromkeys(line for line in lines if line))
        if len(kept) > MOST_LINES:
            raise ValidationError(f"At most {MOST_LINES} lines")
        if long := next((line for line in kept if len(line) > self.most), ""):
            raise ValidationError(f"“{long[:30]}…” is longer than {self.most} characters")
        return kept


def between(field: forms.Field, low: int, high: int, words: str) -> None:
    """A number outside these limits is refused beside the field; the database would refuse it later."""
    field.validators += [MinValueValidator(low, words), MaxValueValidator(high, words)]


def possible_dates(form: forms.BaseForm) -> None:
    """Dates that no paper carries are refused beside the field; later sums with them would go wrong."""
    words = f"Enter a date from {FIRST_DAY.year} to {LAST_DAY.year}"
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.validators = [
                *field.validators,
                MinValueValidator(FIRST_DAY, words),
                MaxValueValidator(LAST_DAY, words),
            ]


def code_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def date_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=date_input())
