"""Addenda that change what suppliers must know: the contact, terms, the end of questions, and dates beside windows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.kit.formats import deadline
from portal.kit.refused import Refused
from rfp.amending.values import Says, differences, with_values
from rfp.events import letters
from rfp.publishing.addendum_models import Change
from rfp.publishing.key_facts import EVENT_LABELS, FACT_LABELS, event_facts, milestone_words
from rfp.publishing.models import Milestone, Solicitation

FACT_FIELDS = tuple(FACT_LABELS)
MILESTONE_FIELDS = (
    "title",
    "kind",
    "on",
    "at",
    "by_month",
    "ends",
    "place",
    "is_mandatory",
    "sign_up_until",
    "places",
    "per_company",
)


def milestone_called(solicitation: Solicitation, subject: str) -> Milestone:
    """The date with that id. Raises Refused."""
    rows = (
        solicitation.milestones.filter(pk=int(subject)) if subject.isdecimal() else Milestone.objects.none()
    )
    if (found := rows.first()) is None:
        raise Refused("This date is no longer part of this RFP.")
    return found


# ---- in words ---------------------------------------------------------------------------------------------------


def _fact_words(solicitation: Solicitation) -> dict[str, str]:
    values = {label: getattr(solicitation, name) for name, label in FACT_LABELS.items()}
    zone = solicitation.time_zone
    return {
        label: deadline(value, zone) if isinstance(value, datetime) else value or ""
        for label, value in values.items()
    }


def changed_facts(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    new = _fact_words(with_values(solicitation, values))
    said = differences((label, words, new[label]) for label, words in _fact_words(solicitation).items())
    return "Contact and terms", said


def _date_words(solicitation: Solicitation, milestone: Milestone) -> dict[str, str]:
    facts = event_facts(milestone, solicitation.zone)
    return {
        "Event": milestone.title,
        "Kind": milestone.get_kind_display(),
        "Date": facts.pop("When"),
        **{label: facts.get(label, "") for label in EVENT_LABELS},
    }


def changed_milestone(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = milestone_called(solicitation, subject)
    after = with_values(before, values)
    _must_keep_sign_up(before, after)
    new = _date_words(solicitation, after)
    said = differences(
        (label, words, new[label]) for label, words in _date_words(solicitation, before).items()
    )
    return f"Date: {before.title}", said


def added_milestone(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    new = with_values(Milestone(solicitation=solicitation), values)
    said = differences((label, "", words) for label, words in _date_words(solicitation, new).items() if words)
    return f"New date: {new.title}", said


def removed_milestone(solicitation: Solicitation, subject: str, values: dict[str, Any]) -> tuple[str, Says]:
    before = milestone_called(solicitation, subject)
    _must_keep_sign_up(before, None)
    words = milestone_words(before, solicitation.zone, short=False)
    return f"Date removed: {before.title}", differences([("Date", words, "")])


def _must_keep_sign_up(before: Milestone, after: Milestone | None) -> None:
    """An event for which companies have signed up stays, with its sign-up. Raises Refused."""
    if (after is None or after.sign_up_until is None) and before.sign_ups.exists():
        raise Refused(
            "Companies have signed up for this event. Change its title or date instead of removing it or its sign-up."
        )


def fact_takes_two(solicitation: Solicitation, values: dict[str, Any]) -> bool:
    """Whether the end of questions moves: it is a date."""
    return bool(with_values(solicitation, values).questions_until != solicitation.questions_until)


# ---- made so ----------------------------------------------------------------------------------------------------


def apply_facts(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    row = with_values(solicitation, change.values)
    if objection := questions_may_end(solicitation, row.questions_until, now=now):
        raise Refused(objection)
    Solicitation.objects.filter(pk=solicitation.pk).update(
        **{name: getattr(row, name) for name in FACT_FIELDS}
    )


def questions_may_end(solicitation: Solicitation, until: datetime | None, *, now: datetime) -> str:
    """Why questions can't close then, in a sentence; blank if they can."""
    before = solicitation.questions_until
    if until == before:
        return ""
    if before is not None and until is not None and until < before:
        return "The end of questions can only move later."
    if until is not None and until <= now:
        return "The end of questions is in the past."
    return ""


def apply_milestone(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    before = milestone_called(solicitation, change.subject)
    row = with_values(before, change.values)
    _must_keep_sign_up(before, row)
    row.save()
    letters.changed(row, version=version, at=now)


def apply_new_milestone(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    with_values(Milestone(solicitation=solicitation), change.values).save()


def apply_removed_milestone(solicitation: Solicitation, change: Change, version: int, now: datetime) -> None:
    row = milestone_called(solicitation, change.subject)
    _must_keep_sign_up(row, None)
    row.delete()
