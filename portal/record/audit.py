"""The append-only, hash-chained record of what happened.

Each event's hash covers the previous one, so a changed, removed or inserted row is found by `verify`; what is cut off
the end, or hashed anew, is found by the signed heads outside the database (heads.py). Facts hold ids, codes and hashes,
never personal text or sealed content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import QuerySet

from portal.people.models import User
from portal.record import heads
from portal.record.models import AuditEvent

GENESIS = "0" * 64
# What an app keeps sealed: each gives a query of subjects of which only number and time are told. See `seal`.
_SEALED: list[Callable[[], QuerySet[Any, str]]] = []
# What an app derives from events: each yields, in words, the rows that differ from what it derives. See `recompute`.
_RECOMPUTED: list[Callable[[], Iterable[str]]] = []
# Any constant will do; it names the chain among the database's advisory locks.
CHAIN_LOCK = 0x0A0D17
# Fingerprints of sealed content: whoever knows the rest could try prices on them. No page shows them.
SEALED_FACTS = frozenset({"content"})


def seal(subjects: Callable[[], QuerySet[Any, str]]) -> None:
    """Have events about these subjects told by number and time alone, as long as the query names them."""
    _SEALED.append(subjects)


def recompute(differences: Callable[[], Iterable[str]]) -> None:
    """Have `differing` derive an app's rows from the events again and compare them."""
    _RECOMPUTED.append(differences)


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
    # No savepoint inside the caller's transaction: an event that cannot be written ends all of it.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # Two statements in one trip: the second sees what was committed while the first waited.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s); SELECT seq, hash FROM portal_auditevent ORDER BY seq DESC LIMIT 1",
            [CHAIN_LOCK],
        )
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
    """Where the chain does not hold, and why; `seq` is 0 when it is about a signed head and no event."""

    seq: int
    reason: str

    def __str__(self) -> str:
        return f"event {self.seq}: {self.reason}" if self.seq else self.reason


def verify() -> tuple[int, list[Break]]:
    """(number of events read, breaks found). Reads the whole chain in order, and the signed heads.

    The events pass one at a time; the heads, some 50,000 in a busy year, are held in memory.
    """
    # First the heads: what is appended while the chain is being read is in no head that we hold.
    signed = _Signed()
    count, breaks, previous, expected = 0, signed.unreadable(), GENESIS, 1
    for event in _events():
        count += 1
        if event.seq != expected:
            breaks.append(Break(event.seq, f"event {expected} is missing"))
        if event.previous != previous:
            breaks.append(Break(event.seq, "it does not match the event before it"))
        if event.hash != _hash_of(event):
            breaks.append(Break(event.seq, "its content was changed"))
        breaks += signed.compare(event, count)
        previous, expected = event.hash, event.seq + 1
    return count, breaks + signed.missing(expected - 1)


def differing() -> Iterator[str]:
    """The rows that are not what the events make them, in words; reads every event and every row derived from one."""
    for differences in _RECOMPUTED:
        yield from differences()


def compared() -> str:
    """What `verify` compares the chain with, in a sentence: without heads it cannot see that the end was cut off."""
    good, _bad = heads.read()
    if not good:
        return "There are no signed heads to compare it with."
    return f"Signed heads compared: {len(good)}. The newest is from {good[-1].when()}."


class _Signed:
    """The signed heads, each waiting for the event it names."""

    def __init__(self) -> None:
        self.heads, self.bad_lines = heads.read()
        self.waiting: dict[int, list[heads.Head]] = {}
        for head in self.heads:
            self.waiting.setdefault(head.seq, []).append(head)

    def unreadable(self) -> list[Break]:
        return [
            Break(0, f"line {number} of {heads.NAME} is damaged or not signed with this portal's key")
            for number in self.bad_lines
        ]

    def compare(self, event: AuditEvent, count: int) -> list[Break]:
        """`count`: the events read so far, this one included."""
        breaks = []
        for head in self.waiting.pop(event.seq, []):
            if head.hash != event.hash:
                breaks.append(Break(event.seq, f"a signed head from {head.when()} has a different hash"))
            if head.count != count:
                said = f"a signed head from {head.when()} counted {head.count} events up to here, not {count}"
                breaks.append(Break(event.seq, said))
        return breaks

    def missing(self, last: int) -> list[Break]:
        """What heads name and the chain, read up to the event `last`, does not hold."""
        breaks = [
            Break(seq, f"it is missing, but a signed head from {named[0].when()} lists it")
            for seq, named in sorted(self.waiting.items())
            if seq <= last
        ]
        newest = max(self.heads, key=lambda head: head.seq, default=None)
        if newest is not None and newest.seq > last:
            first = last + 1
            gone = f"events {first} to {newest.seq} are" if first < newest.seq else f"event {first} is"
            said = f"{gone} missing: a signed head from {newest.when()} counted {newest.count}"
            breaks.append(Break(first, said))
        return breaks


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
