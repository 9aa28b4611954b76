"""Windows and dates of an RFP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from rfp.method.objections import rivals_objection
from rfp.publishing.forms.parts import ZONES, LocalMoment, PartForm, plainly
from rfp.publishing.key_facts import EVENTS
from rfp.publishing.models import Milestone, Solicitation, Window


class WindowForm(PartForm):
    opens_at = LocalMoment(label="Opens")
    closes_at = LocalMoment(
        label="Closes",
        help_text="Proposals received before this time are on time. For midnight, suppliers see 11:59:59 pm on the "
        "day before, the last second that counts.",
    )

    class Meta:
        model = Window
        fields = ("number", "opens_at", "closes_at", "feedback_by")
        labels: ClassVar[dict[str, str]] = {"number": "Window number", "feedback_by": "Feedback by"}
        help_texts: ClassVar[dict[str, str]] = {
            "feedback_by": "The date by which all suppliers hear from you."
        }
        widgets: ClassVar[dict[str, Any]] = {
            "feedback_by": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        zone_words = dict(ZONES).get(solicitation.time_zone, solicitation.time_zone)
        for name in ("opens_at", "closes_at"):
            field = self.fields[name]
            assert isinstance(field, LocalMoment)
            field.zone = solicitation.zone
            field.help_text = f"{zone_words}. {field.help_text}".strip()
        plainly(self)
        if self.instance._state.adding:
            self.initial.setdefault("number", self.siblings().count() + 1)

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if self.siblings().filter(number=number).exists():
            raise forms.ValidationError(f"There is already a window {number}")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance._state.adding:
            asked = self.solicitation
            found = rivals_objection(
                asked.price_formula, asked.technical_form, windows=self.siblings().count() + 1
            )
            if found is not None and "number" not in self.errors:
                self.add_error("number", found.text)
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", "The closing time must be after the opening time")
            return cleaned
        if opens and closes:
            for other in self.siblings():
                if opens < other.closes_at and other.opens_at < closes:
                    self.add_error("opens_at", f"It overlaps window {other.number}")
        feedback = cleaned.get("feedback_by")
        if closes and feedback and feedback < closes.astimezone(self.solicitation.zone).date():
            self.add_error("feedback_by", "The feedback date must be after the window closes")
        return cleaned


class MilestoneForm(PartForm):
    """A date. A conference or a visit can take sign-ups until a moment."""

    sign_up_until = LocalMoment(label="Sign-up closes", required=False)

    class Meta:
        model = Milestone
        fields = (
            "title",
            "kind",
            "on",
            "at",
            "ends",
            "by_month",
            "place",
            "is_mandatory",
            "sign_up_until",
            "places",
            "per_company",
        )
        labels: ClassVar[dict[str, str]] = {
            "ends": "Ends",
            "place": "Place or link",
            "is_mandatory": "Companies must take part to respond",
            "places": "People in all, at most",
            "per_company": "People per company, at most",
            "title": "Event",
            "kind": "Kind",
            "on": "Date",
            "at": "Time",
            "by_month": "Show the month only",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "ends": "On the same day.",
            "place": "For a conference or a visit. Everyone who sees the RFP reads it.",
            "places": "Leave blank for no limit. With a limit, each company that signs up takes as many places as one "
            "company may have.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "at": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "ends": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        zone_words = dict(ZONES).get(solicitation.time_zone, solicitation.time_zone)
        self.fields["at"].help_text = f"{zone_words}. Leave blank for the whole day."
        self.fields["kind"].required = False
        signs = self.fields["sign_up_until"]
        assert isinstance(signs, LocalMoment)
        signs.zone = solicitation.zone
        signs.help_text = f"{zone_words}. Leave blank if companies don’t sign up here."
        plainly(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("at") and cleaned.get("by_month"):
            self.add_error("at", "A date shown as a month has no time")
        for name, words in event_objections(cleaned, self.solicitation.zone):
            if name not in self.errors:
                self.add_error(name, words)
        return cleaned


def event_objections(values: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """(field, why not) of what doesn't fit together about a conference or a visit."""
    starts, ends, signs = values.get("at"), values.get("ends"), values.get("sign_up_until")
    places, each = values.get("places"), values.get("per_company")
    if ends and not starts:
        yield "ends", "Enter the time at which it starts, too"
    elif ends and ends <= starts:
        yield "ends", "It must end after it starts"
    if not signs:
        for name in ("places", "per_company"):
            if values.get(name):
                yield name, "Enter when sign-up closes, too"
        return
    if values.get("kind") not in EVENTS:
        yield "kind", "Only a conference or a site visit takes sign-ups"
    if not starts or not values.get("on"):
        yield "at", "Enter the time at which it starts, so that companies know when to come"
    elif signs > datetime.combine(values["on"], starts, zone):
        yield "sign_up_until", "Sign-up must close before it starts"
    if not values.get("place"):
        yield "place", "Enter the place or the link"
    if places and not each:
        yield "per_company", "With a limit in all, enter one for each company"
    if places and each and each > places:
        yield "per_company", "It is more than all places together"
