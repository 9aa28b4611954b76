"""The append-only, hash-chained record of what happened.

Each event's hash covers the previous one, so a changed, removed or inserted row is found by `verify`. Facts hold
ids, codes and hashes, never personal text or sealed content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import QuerySet

from portal.models import AuditEvent, User

GENESIS = "0" * 64
# What an app keeps sealed: each gives a query of subjects of which only number and time are told. See `seal`.
_SEALED: list[Callable[[], QuerySet[Any, str]]] = []
# Any constant will do; it names the chain among the database's advisory locks.
CHAIN_LOCK = 0x0A0D17
# Fingerprints of sealed content: whoever knows the rest could try prices on them. No page shows them.
SEALED_FACTS = frozenset({"content"})


def seal(subjects: Callable[[], QuerySet[Any, str]]) -> None:
    """Have events about these subjects told by number and time alone, as long as the query names them."""
    _SEALED.append(subjects)


def sealed_subjects() -> list[QuerySet[Any, str]]:
    """A query for each kind of subject that is sealed now."""
    return [subjects() for subjects in _SEALED]


def unsealed(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Without events about what is sealed: a search or a filter must not tell that they would fit."""
    for subjects in sealed_subjects():
        events = events.exclude(subject__in=subjects)
    return events


def sealed_among(events: list[AuditEvent]) -> set[str]:
    """The subjects of these events that are sealed; one query for each kind."""
    named = {event.subject for event in events}
    return {subject for subjects in sealed_subjects() for subject in subjects.filter(subject__in=named)}


def subject_of(row: models.Model) -> str:
    """How an event names what it is about: `rfp.proposal:1f0c…`."""
    return f"{row._meta.label_lower}:{row.pk}"


def link(
    *, seq: int, at: datetime, verb: str, actor: str, subject: str, facts: dict[str, Any], previous: str
) -> str:
    """SHA-256 (hex) of one event in canonical JSON, the previous link's hash included."""
    content = {
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "verb": verb,
        "actor": actor,
        "subject": subject,
        "facts": facts,
        "previous": previous,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def record(verb: str, subject: models.Model, *, by: User | None, at: datetime, **facts: Any) -> AuditEvent:
    """Append one event, in the caller's transaction. Call it last: its lock is held until the commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        cursor.execute("SELECT seq, hash FROM portal_auditevent ORDER BY seq DESC LIMIT 1")
        last_seq, previous = cursor.fetchone() or (0, GENESIS)
        event = AuditEvent(
            seq=last_seq + 1,
            at=at,
            verb=verb,
            actor=f"user:{by.pk}" if by else "system",
            subject=subject_of(subject),
            facts=facts,
            previous=previous,
        )
        event.hash = _hash_of(event)
        event.save(force_insert=True)
        return event


def open_facts(event: AuditEvent) -> dict[str, Any]:
    """The event's facts as pages may show them."""
    return {name: value for name, value in event.facts.items() if name not in SEALED_FACTS}


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold, and why."""

    seq: int
    reason: str


def verify() -> tuple[int, list[Break]]:
    """(number of events read, breaks found). Reads the whole chain in order, in constant memory."""
    count, breaks, previous, expected = 0, [], GENESIS, 1
    for event in _events():
        count += 1
        if event.seq != expected:
            breaks.append(Break(event.seq, f"event {expected} is missing"))
        if event.previous != previous:
            breaks.append(Break(event.seq, "it does not continue the event before it"))
        if event.hash != _hash_of(event):
            breaks.append(Break(event.seq, "its content was changed"))
        previous, expected = event.hash, event.seq + 1
    return count, breaks


def _events() -> Iterator[AuditEvent]:
    return AuditEvent.objects.order_by("seq").iterator(chunk_size=2000)


def _hash_of(event: AuditEvent) -> str:
    return link(
        seq=event.seq,
        at=event.at,
        verb=event.verb,
        actor=event.actor,
        subject=event.subject,
        facts=event.facts,
        previous=event.previous,
    )
