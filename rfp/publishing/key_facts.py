"""What every supplier must know of an RFP beside its lots and windows: whom to write to, how long, who opens, when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from portal.kit.formats import clock_time, count_of, day, deadline

# What all prices of this portal are in: the code of ISO 4217, and the words.
CURRENCY = "USD"
CURRENCY_WORDS = "U.S. dollars (USD)"
# Field → what it is called. What an addendum may change of an RFP's facts, in the order of the page.
FACT_LABELS = {
    "contact_name": "Contact",
    "contact_email": "Contact email",
    "contact_phone": "Contact phone",
    "contract_term": "Contract term",
    "opened_by": "Who opens proposals",
    "protest_period": "Protests",
    "questions_until": "Questions close",
}
OPENED_BY = "The panel’s chair and an admin, together, after the window closes"


class Access(models.TextChoices):
    """Who can see an RFP once it is published."""

    PUBLIC = "public", "Everyone"
    INVITED = "invited", "Invited companies only"


class KeyFacts(models.Model):
    """Columns of an RFP; blank where it says nothing. `questions_until` is exclusive."""

    contact_name = models.CharField("contact", max_length=120, blank=True)
    contact_email = models.EmailField("contact email", blank=True)
    contact_phone = models.CharField("contact phone", max_length=40, blank=True)
    contract_term = models.CharField("contract term", max_length=200, blank=True)
    opened_by = models.CharField("who opens proposals", max_length=200, blank=True)
    protest_period = models.CharField("protests", max_length=300, blank=True)
    questions_until = models.DateTimeField("questions close", null=True, blank=True)
    access = models.CharField("who can see it", max_length=7, choices=Access.choices, default=Access.PUBLIC)
    nda = models.TextField("non-disclosure agreement", blank=True)

    class Meta:
        abstract = True


class MilestoneKind(models.TextChoices):
    """What happens at a date, for calendars and open data."""

    OTHER = "", "Another date"
    CONFERENCE = "conference", "Conference for suppliers"
    VISIT = "visit", "Site visit"
    AWARD = "award", "Award expected"
    START = "start", "Contract starts"


class EventTerms(models.Model):
    """Where a conference or a visit is, until what hour, and how companies sign up. `sign_up_until` is exclusive."""

    place = models.CharField("place or link", max_length=300, blank=True)
    ends = models.TimeField(null=True, blank=True)
    is_mandatory = models.BooleanField("companies must take part to respond", default=False)
    sign_up_until = models.DateTimeField("sign-up closes", null=True, blank=True)
    places = models.PositiveSmallIntegerField(
        "people in all", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    per_company = models.PositiveSmallIntegerField(
        "people per company", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )

    class Meta:
        abstract = True


EVENTS = (MilestoneKind.CONFERENCE, MilestoneKind.VISIT)


def moment_of(milestone: Any, zone: ZoneInfo) -> datetime:
    """When a milestone is: its hour, or else the end of its day."""
    if milestone.at is not None:
        return datetime.combine(milestone.on, milestone.at, zone)
    return datetime.combine(milestone.on, time.min, zone) + timedelta(days=1)


def milestone_words(milestone: Any, zone: ZoneInfo, *, short: bool = True) -> str:
    """ "Jun 9, 2026", with an hour "Tue June 9, 2026, 2:00 pm ET", or the month alone."""
    if milestone.by_month:
        return str(milestone.on.strftime("%B %Y"))
    if milestone.at is None:
        return day(milestone.on, short=short)
    return deadline(moment_of(milestone, zone), zone)


def end_of(milestone: Any, zone: ZoneInfo) -> datetime | None:
    """When an event ends, where that is known."""
    if milestone.ends is None:
        return None
    return datetime.combine(milestone.on, milestone.ends, zone)


def event_facts(milestone: Any, zone: ZoneInfo) -> dict[str, str]:
    """What suppliers must know of an event beside its title and kind, by label; only what is said."""
    ends = end_of(milestone, zone)
    facts = {
        "When": milestone_words(milestone, zone, short=False),
        "Until": clock_time(ends, zone) if ends else "",
        "Where": milestone.place,
        "Required": "Companies must take part to respond" if milestone.is_mandatory else "",
        "Sign-up closes": deadline(milestone.sign_up_until, zone) if milestone.sign_up_until else "",
        "Places": count_of(milestone.places, "person", "people") + " in all" if milestone.places else "",
        "Per company": count_of(milestone.per_company, "person", "people") if milestone.per_company else "",
    }
    return {label: words for label, words in facts.items() if words}


EVENT_LABELS = ("Until", "Where", "Required", "Sign-up closes", "Places", "Per company")


def event_words(milestone: Any, zone: ZoneInfo) -> str:
    """The same in lines, as letters have it."""
    return "\n".join(f"{label}: {words}" for label, words in event_facts(milestone, zone).items())
