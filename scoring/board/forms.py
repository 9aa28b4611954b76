"""Assigning, handing over, and due dates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from portal.kit import formats
from portal.kit.forms import PortalForm, offer
from rfp.models import Lot, Window
from scoring.panel.models import Evaluator

DUE_HOUR = 17  # marks are due at 5 pm in the RFP's zone
LARGEST_FILE = 2_000_000


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": f"{label}: enter a date, for example 2026-06-30"},
        **options,
    )


class AutomaticForm(PortalForm):
    """How many reviewers each proposal gets, the limits, and what each reviewer knows."""

    submit = "Plan the assignment"
    each = forms.IntegerField(
        label="Reviewers for each proposal", validators=[MinValueValidator(1)], initial=2
    )
    cap = forms.IntegerField(
        label="Most proposals per reviewer",
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(30_000)],
        help_text="Leave blank for no limit.",
    )
    lots = forms.MultipleChoiceField(
        label="Lots",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one lot"},
    )
    group = forms.ChoiceField(label="Criteria", required=False)

    def __init__(
        self,
        *args: Any,
        seats: Sequence[Evaluator],
        lots: Sequence[Lot],
        all_lots: Sequence[Lot],
        groups: Collection[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seats = seats
        offer(self, "lots", [(lot.code, f"{lot.code} {lot.title}") for lot in lots])
        self.fields["lots"].initial = [lot.code for lot in lots]
        if groups:
            offer(self, "group", [("", "All criteria"), *((each, each) for each in groups)])
        else:
            del self.fields["group"]
        for seat in seats:
            self.fields[f"cap-{seat.pk}"] = self._cap(seat)
            self.fields[f"knows-{seat.pk}"] = self._knows(seat, all_lots)

    @staticmethod
    def _cap(seat: Evaluator) -> forms.Field:
        label = f"Most for {seat.user.name}"
        return forms.IntegerField(
            label=label,
            required=False,
            initial=seat.cap,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control w-num"}),
            error_messages={"invalid": f"{label}: use digits only, for example 40"},
            validators=[MinValueValidator(0), MaxValueValidator(30_000)],
        )

    @staticmethod
    def _knows(seat: Evaluator, lots: Iterable[Lot]) -> forms.Field:
        return forms.MultipleChoiceField(
            label=f"Lots {seat.user.name} knows",
            required=False,
            choices=[(str(lot.pk), lot.code) for lot in lots],
            initial=[str(lot.pk) for lot in seat.knows.all()],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        )

    def clean_each(self) -> int:
        each: int = self.cleaned_data["each"]
        if each > len(self.seats):
            people = formats.count_of(len(self.seats), "reviewer")
            raise forms.ValidationError(f"The panel has {people}. Enter {len(self.seats)} or fewer")
        return each

    def rows(self) -> list[tuple[Evaluator, forms.BoundField, forms.BoundField]]:
        """(seat, limit, lots) as the table shows them."""
        return [(seat, self[f"cap-{seat.pk}"], self[f"knows-{seat.pk}"]) for seat in self.seats]

    def people(self) -> list[tuple[Evaluator, int | None, list[int]]]:
        """(seat, limit, ids of lots) as entered."""
        return [
            (
                seat,
                self.cleaned_data[f"cap-{seat.pk}"],
                [int(each) for each in self.cleaned_data[f"knows-{seat.pk}"]],
            )
            for seat in self.seats
        ]


class FileForm(PortalForm):
    """A CSV file, or its text. What was read stays in the text field, so that a wrong line is corrected there."""

    submit = "Assign"
    file = forms.FileField(
        label="CSV file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    text = forms.CharField(
        label="Or paste the lines",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "code", "spellcheck": "false"}),
        help_text="One line for each reviewer of a proposal: proposal, reviewer, criterion group. The reviewer is an "
        "email address or a full name. Leave the group out for all criteria.",
    )
    skip = forms.BooleanField(label="Leave out the lines with problems", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None:
            if file.size > LARGEST_FILE:
                self.add_error("file", "The file is larger than 2 MB")
                return cleaned
            try:
                cleaned["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "This is not a text file. Save the sheet as CSV UTF-8")
                return cleaned
            if "\x00" in cleaned["text"]:
                self.add_error("file", "This is not a text file. Save the sheet as CSV UTF-8")
                return cleaned
        if not cleaned.get("text", "").strip() and not self.errors:
            self.add_error("text", "Choose a file or paste its lines")
        return cleaned


class DueForm(PortalForm):
    """By when marks of a window are due."""

    submit = "Set the due date"
    seat = forms.ChoiceField(label="For", required=False)
    on = day_field("Due date")
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        help_text="Needed for one reviewer.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, seats: Sequence[Evaluator], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats: Mapping[str, Evaluator] = {str(seat.pk): seat for seat in seats}
        self.zone = zone
        offer(self, "seat", [("", "Everyone"), *((key, seat.user.name) for key, seat in self.seats.items())])
        self.fields["on"].help_text = f"Marks are due at {_five(zone)} that day."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("seat") and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Enter a reason")
        return cleaned

    @property
    def who(self) -> Evaluator | None:
        return self.seats.get(self.cleaned_data.get("seat", ""))

    @property
    def due_at(self) -> datetime:
        return at_five(self.cleaned_data["on"], self.zone)


def at_five(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(DUE_HOUR), tzinfo=ZoneInfo(zone))


def _five(zone: str) -> str:
    return formats.clock_time(at_five(date(2026, 6, 30), zone), zone)


class HandoverForm(PortalForm):
    """Who takes over a reviewer's open work, why, and until when."""

    submit = "Hand over"
    deputy = forms.ChoiceField(label="Deputy", error_messages={"required": "Choose a deputy"})
    until = day_field(
        "Until",
        required=False,
        help_text="What the deputy has not begun by the end of that day goes back. "
        "Leave blank to hand over for good.",
    )
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, seats: Sequence[Evaluator], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        self.today = today
        offer(
            self,
            "deputy",
            [("", "Choose a reviewer"), *((key, seat.user.name) for key, seat in self.seats.items())],
        )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < self.today:
            raise forms.ValidationError("Choose today or a later day")
        return until

    @property
    def who(self) -> Evaluator:
        return self.seats[self.cleaned_data["deputy"]]


def run_title(window: Window, lots: Sequence[str]) -> str:
    """ "Window 2, lots L1 and L3"."""
    if len(lots) == 1:
        return f"Window {window.number}, lot {lots[0]}"
    return f"Window {window.number}, lots {formats.listed(lots)}"
