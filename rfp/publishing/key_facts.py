"""What every supplier must know of an RFP beside its lots and windows: whom to write to, how long, who opens, when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from portal.kit.formats import day, deadline

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
