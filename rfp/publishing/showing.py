"""What the public page of an RFP shows: its stage, dates, lots, criteria, and requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import AnonymousUser

from portal.kit.charts import bars, shapes
from portal.kit.formats import day, deadline
from portal.models import User
from rfp.publishing import queries as publishing_queries
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.asked_words import asked_context
from rfp.publishing.key_facts import (
    CURRENCY_WORDS,
    EVENTS,
    OPENED_BY,
    event_facts,
    milestone_words,
    moment_of,
)
from rfp.publishing.method_words import criteria_words, method_words, preference_words
from rfp.publishing.models import Milestone, Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.publishing.words import ideal, only_if, wanted
from rfp.stages import Stage

NO_DATES: Mapping[int, datetime] = MappingProxyType({})
# Stage → (state of the kit, words).
STAGE_WORDS: dict[Stage, tuple[str, str]] = {
    Stage.DRAFT: ("draft", "Not published yet"),
    Stage.SCHEDULED: ("todo", "Opens later"),
    Stage.OPEN: ("now", "Open for proposals"),
    Stage.BETWEEN_WINDOWS: ("todo", "Between windows"),
    Stage.CLOSED: ("closed", "Closed"),
    Stage.COMPLETE: ("closed", "Complete"),
    Stage.CANCELLED: ("withdrawn", "Canceled"),
    Stage.UNSUCCESSFUL: ("closed", "Ended without an award"),
}


def stage_now(solicitation: Solicitation, now: datetime) -> dict[str, Any]:
    """State, words and the window that matters now; `windows` must be prefetched."""
    state, words = STAGE_WORDS[publishing_queries.stage_of(solicitation, now=now)]
    windows = sorted(solicitation.windows.all(), key=lambda window: window.closes_at)
    current = next((w for w in windows if w.opens_at <= now < w.closes_at), None)
    upcoming = next((w for w in windows if w.opens_at > now), None)
    return {"state": state, "words": words, "window": current, "next_window": upcoming, "now": now}


def solicitation_context(
    solicitation: Solicitation,
    user: User | AnonymousUser,
    now: datetime,
    *,
    mine: Mapping[int, list[dict[str, Any]]],
) -> dict[str, Any]:
    """What the public page of an RFP shows; a preview gives it an unpublished one. `mine`: lot id → the reader's own
    proposals.
    """
    lots = list(solicitation.lots.prefetch_related("items"))
    criteria = list(solicitation.criteria.all())
    common = list(publishing_queries.asked_now(solicitation).filter(lot__isnull=True).select_related("feeds"))
    feeding = publishing_queries.asked_now(solicitation).filter(feeds__isnull=False)
    dates = version_dates(solicitation)
    return {
        "solicitation": solicitation,
        **_said_first(solicitation),
        "zone": solicitation.time_zone,
        **stage_now(solicitation, now),
        "windows": list(solicitation.windows.all()),
        "areas": [
            (area, [{"lot": lot, "proposals": mine.get(lot.pk, [])} for lot in grouped])
            for area, grouped in groupby(lots, key=lambda lot: lot.area)
        ],
        "lot_count": len(lots),
        "item_count": sum(len(lot.items.all()) for lot in lots),
        "criteria": criteria,
        "weights": _weights(criteria),
        **asked_context(solicitation),
        "method": [
            *method_words(solicitation, criteria),
            *preference_words(solicitation.preferences.all()),
        ],
        "scored": criteria_words(solicitation, criteria, feeding),
        "requirements": [described(r, dates, common) for r in common],
        "documents": list(solicitation.documents.select_related("document")),
        "dates": timeline(solicitation, now),
        "events": events_of(solicitation),
        "addenda": newest_addenda(solicitation) if solicitation.version > 1 else [],
        **_reader(solicitation, user),
    }


def _reader(solicitation: Solicitation, user: User | AnonymousUser) -> dict[str, bool]:
    """What the reader may do."""
    return {
        "may_amend": solicitation.is_published
        and isinstance(user, User)
        and (user.is_admin or user.is_officer),
        "may_propose": isinstance(user, User) and user.is_supplier,
    }


def _said_first(solicitation: Solicitation) -> dict[str, str]:
    """The first paragraph, which stands before the facts, the others, and facts that have words of their own."""
    lead, _, about = solicitation.summary.replace("\r\n", "\n").strip().partition("\n\n")
    return {
        "lead": lead,
        "about": about.strip(),
        "currency": CURRENCY_WORDS,
        "opened_by": solicitation.opened_by or OPENED_BY,
    }


def newest_addenda(solicitation: Solicitation) -> list[Addendum]:
    """The last three that were published, newest first."""
    published = solicitation.addenda.filter(published_at__isnull=False)
    return list(published.prefetch_related("changes").order_by("-number")[:3])


def _weights(criteria: list[Criterion]) -> shapes.Chart:
    weights = [bars.Weight(c.title, c.weight, c.mode == Criterion.Mode.PRICE) for c in criteria]
    return bars.weight_bar(weights)


def version_dates(solicitation: Solicitation) -> dict[int, datetime]:
    """Version → since when it is public, of those that addenda made; no query where there are none."""
    if solicitation.version == 1:
        return {}
    return dict(solicitation.versions.filter(number__gt=1).values_list("number", "published_at"))


def described(
    requirement: Requirement,
    dates: Mapping[int, datetime] = NO_DATES,
    asked: Sequence[Requirement] = (),
) -> dict[str, Any]:
    """A requirement with its limits in words. `dates`: of versions, for when an addendum added or changed it. `asked`:
    the questions beside it."""
    return {
        "changed": dates.get(requirement.since),
        "requirement": requirement,
        "wanted": wanted(requirement),
        "ideal": ideal(requirement),
        "only_if": only_if(requirement, asked),
        "is_knockout": requirement.effect == Requirement.Effect.KNOCKOUT,
        "items": [item.code for item in requirement.applies_to.all()] if requirement.lot_id else [],
    }


def events_of(solicitation: Solicitation) -> list[tuple[Milestone, dict[str, str]]]:
    """Conferences and visits with a place or a sign-up, each with its facts by label."""
    rows = solicitation.milestones.filter(kind__in=EVENTS).exclude(place="", sign_up_until=None)
    return [(each, event_facts(each, solicitation.zone)) for each in rows]


def timeline(solicitation: Solicitation, now: datetime) -> list[dict[str, Any]]:
    """Published, each window's close and the milestones, in order, with the next one marked."""
    zone = solicitation.zone
    events: list[tuple[datetime, str, str]] = []
    if solicitation.published_at:
        published = solicitation.published_at.astimezone(zone).date()
        events.append((solicitation.published_at, "Published", day(published, short=True)))
    for window in solicitation.windows.all():
        events.append((window.closes_at, f"{window} closes", deadline(window.closes_at, zone)))
    if solicitation.questions_until:
        until = solicitation.questions_until
        events.append((until, "Questions close", deadline(until, zone)))
    for milestone in solicitation.milestones.all():
        events.append((moment_of(milestone, zone), milestone.title, milestone_words(milestone, zone)))
    events.sort(key=lambda event: event[0])
    ahead = next((at for at, event in enumerate(events) if event[0] > now), len(events))
    return [
        {
            "title": title,
            "words": words,
            "state": "met" if at < ahead else "now" if at == ahead else "todo",
            "past": at < ahead,
        }
        for at, (_, title, words) in enumerate(events)
    ]
