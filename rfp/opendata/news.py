"""What is new: RFPs that were published, and in one RFP its addenda, answers, awards and end. Public facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.kit.formats import deadline, last_moment
from rfp.opendata.calendar import Event
from rfp.opendata.feeds import Entry, Feed
from rfp.opendata.outcomes import named
from rfp.opendata.process import Process
from rfp.opendata.tender import Whole
from rfp.publishing.key_facts import end_of, event_facts, moment_of
from rfp.publishing.models import Milestone, Solicitation, Window

MOST = 50
ENDS = {"complete": "complete", "cancelled": "canceled", "unsuccessful": "ended without an award"}


def rfp_feed(process: Process, *, whole: Whole) -> Feed:
    """One RFP's news."""
    at = [process.number]
    page = whole(reverse("rfp:solicitation_detail", args=at))
    content = process.versions[-1].content
    entries = [*_published(process, page), *_changes(process, page, whole), *_answers(process, page, whole)]
    entries += [*_awards(process, page), *_end(process, page)]
    return Feed(
        title=f"RFP {process.number}: {content['title']}",
        author=content["buyer"],
        page=page,
        atom=whole(reverse("rfp:feed_of_rfp", args=[*at, "atom"])),
        json=whole(reverse("rfp:feed_of_rfp", args=[*at, "json"])),
        since=process.published_at,
        entries=sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST],
    )


def _published(process: Process, page: str) -> list[Entry]:
    first = process.versions[0].content
    return [
        Entry(
            id=f"{page}#published",
            title=f"Published: {first['title']}",
            text=first["summary"],
            url=page,
            at=process.published_at,
        )
    ]


def _changes(process: Process, page: str, whole: Whole) -> list[Entry]:
    url = whole(reverse("rfp:rfp_changes", args=[process.number]))
    found = []
    for version in process.versions[1:]:
        if (addendum := version.addendum) is None:
            continue
        lines = [
            f"{change.title}: {each['label']}: {each['before'] or 'nothing'} → {each['after'] or 'nothing'}"
            for change in addendum.changes.all()
            for each in change.says or [{"label": "Change", "before": "", "after": change.get_kind_display()}]
        ]
        found.append(
            Entry(
                id=f"{page}#addendum-{addendum.number}",
                title=str(addendum),
                text="\n".join([*lines, *([f"Why: {addendum.why}"] if addendum.why else [])]),
                url=f"{url}#a{addendum.number}",
                at=version.at,
            )
        )
    return found


def _answers(process: Process, page: str, whole: Whole) -> list[Entry]:
    url = whole(reverse("rfp:question_list", args=[process.number]))
    return [
        Entry(
            id=f"{page}#answer-{each.number}",
            title=f"Answer {each.number}",
            text=f"{each.question}\n\n{each.answer}",
            url=url,
            at=each.at,
        )
        for each in process.answers
    ]


def _awards(process: Process, page: str) -> list[Entry]:
    return [
        Entry(
            id=f"{page}#award-{name}",
            title=f"Award announced: lot {each.lot}",
            text=f"{each.supplier}, lot {each.lot}, window {each.window}.",
            url=page,
            at=each.at,
        )
        for name, each in named(process.outcome.awards)
    ]


def _end(process: Process, page: str) -> list[Entry]:
    if (end := process.end) is None:
        return []
    words = ENDS[end.status]
    return [Entry(id=f"{page}#end", title=f"This RFP is {words}", text=end.reason, url=page, at=end.at)]


def rfps_feed(found: list[Solicitation], *, whole: Whole, now: datetime) -> Feed:
    """RFPs, the newest first; prefetch their windows. It depends on `now` only where there are none."""
    entries = []
    for each in found:
        assert each.published_at is not None, "these are published RFPs"
        page = whole(reverse("rfp:solicitation_detail", args=[each.number]))
        closes = max((window.closes_at for window in each.windows.all()), default=None)
        until = f"\n\nThe last window closes {deadline(closes, each.time_zone)}." if closes else ""
        entries.append(
            Entry(
                id=page,
                title=f"{each.title} ({each.number})",
                text=f"{each.buyer}\n\n{each.summary}{until}",
                url=page,
                at=each.published_at,
            )
        )
    return Feed(
        title="RFPs on Onshore",
        author="Onshore",
        page=whole(reverse("rfp:solicitation_list")),
        atom=whole(reverse("rfp:feed", args=["atom"])),
        json=whole(reverse("rfp:feed", args=["json"])),
        since=now.replace(hour=0, minute=0, second=0, microsecond=0),
        entries=entries,
    )


# ---- dates ------------------------------------------------------------------------------------------------------


def events_of(solicitation: Solicitation, *, url: str) -> list[Event]:
    """Windows, the end of questions, feedback, and other dates. Each says its time in the RFP's zone, too."""
    zone, number = solicitation.zone, solicitation.number
    dated = [when for window in solicitation.windows.all() for when in _of_window(window, zone)]
    if (until := solicitation.questions_until) is not None:
        dated.append(
            ("questions", "Questions close", deadline(until, zone), {"at": last_moment(until, zone)})
        )
    dated += [_of_milestone(each, zone) for each in solicitation.milestones.all()]
    return [
        Event(
            uid=f"{name}.{number}@onshore",
            title=f"{number}: {title}",
            words=f"{solicitation.title}\n{words}",
            url=url,
            **when,
        )
        for name, title, words, when in dated
    ]


# Name, title, words, and when, as an event has it.
DatedWords = tuple[str, str, str, dict[str, Any]]


def _of_window(window: Window, zone: ZoneInfo) -> Iterator[DatedWords]:
    name, opens, closes = f"window-{window.number}", window.opens_at, window.closes_at
    yield f"{name}-opens", f"{window} opens", deadline(opens, zone), {"at": opens}
    # Exclusive: at midnight, the last day is the one before.
    yield f"{name}-closes", f"{window} closes", deadline(closes, zone), {"at": last_moment(closes, zone)}
    if (by := window.feedback_by) is not None:
        title = f"Feedback on proposals of {str(window).lower()}"
        yield f"{name}-feedback", title, "By the end of this day", {"first": by, "last": by}


def _of_milestone(each: Milestone, zone: ZoneInfo) -> DatedWords:
    when: dict[str, Any] = {"first": each.on, "last": each.on}
    if each.by_month:
        first = each.on.replace(day=1)
        when = {"first": first, "last": (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)}
    elif each.at is not None:
        when = {"at": moment_of(each, zone), "ends": end_of(each, zone)}
    facts = event_facts(each, zone)
    words = [facts.pop("When"), *(f"{label}: {said}" for label, said in facts.items())]
    return f"date-{each.pk}", each.title, "\n".join(words), {**when, "place": each.place}
