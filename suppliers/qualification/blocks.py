"""What stands against buying what was offered right now, whatever an assessment said on its own day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from django.db import connection

from portal.kit.formats import count_of, day
from suppliers.facts import PROFILE_ROLES
from suppliers.qualification.models import Qualification
from suppliers.screening.models import Alert, Disposition

Status = Qualification.Status


class BlockKind(StrEnum):
    """The kinds of block, the gravest first."""

    CONFIRMED = "confirmed"
    HOLD = "hold"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


# What compliance officers may set aside for one decision, by name and with a reason.
OVERRIDABLE = frozenset((BlockKind.HOLD, BlockKind.EXPIRED))
# For buyers who may not read screening: a hold and a confirmed match look the same.
UNDER_REVIEW = "Under compliance review"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One reason not to buy now.

    `since` is when it began. `words` are for officers, admins and auditors (`queries.may_read_screening`);
    `buyer_words` for every other buyer, and name no screening. `keys` name what it rests on, one for each alert
    (and its record's text) or standing: an override stores them, and covers the block only while it holds them all.
    """

    kind: BlockKind
    since: datetime
    words: str
    buyer_words: str
    keys: frozenset[str]

    @property
    def may_be_overridden(self) -> bool:
        """Whether an officer may decide in spite of it: never for a confirmed match or a suspension."""
        return self.kind in OVERRIDABLE

    def is_covered_by(self, keys: Collection[str]) -> bool:
        """Whether an override that stored these keys still covers all that the block rests on."""
        return self.may_be_overridden and self.keys <= set(keys)


def live_blocks(proposals: Iterable[tuple[str, int]], *, on: date | None = None) -> dict[str, list[Block]]:
    """What stands against each proposal as of now (`on`: today), the gravest first; an empty list where nothing does.

    `proposals`: (number, supplier id) pairs. One query, for one proposal and for many. The supplier's part rests on
    the alerts about its own profile and on its standings: suspended for anything blocks; expired blocks while no other
    standing holds; a supplier that never asked for a qualification has no block. The proposal's part rests on makers
    in its bill of materials; no alert names a proposal before it is opened, so nothing sealed is in it.
    """
    suppliers = dict(proposals)
    if not suppliers:
        return {}
    profiles: dict[int, list[Told]] = defaultdict(list)
    makers: dict[str, list[Told]] = defaultdict(list)
    standings: dict[int, list[Told]] = defaultdict(list)
    for row in _told(suppliers):
        if row.proposals is None:
            standings[row.supplier].append(row)
        elif row.role in PROFILE_ROLES:
            profiles[row.supplier].append(row)
        else:
            for number in suppliers.keys() & set(row.proposals):
                makers[number].append(row)
    return {
        number: _gravest_first(
            _of_alerts(profiles[supplier]),
            _of_alerts(makers[number], about="a part’s manufacturer"),
            _of_standings(standings[supplier], on),
        )
        for number, supplier in suppliers.items()
    }


def _gravest_first(*found: Iterable[Block]) -> list[Block]:
    return sorted(chain(*found), key=lambda block: list(BlockKind).index(block.kind))


class Told(NamedTuple):
    """An alert that stops a purchase, or (then `proposals` is None) a standing. `since`: when it was raised or last
    changed; `confirmed_at`: when an officer first confirmed it; `asked_at`: when, by the database's clock."""

    pk: int
    supplier: int
    role: str
    state: str
    since: datetime
    confirmed_at: datetime | None
    fingerprint: str
    proposals: list[str] | None
    valid_until: date | None
    title: str
    asked_at: datetime


STOPPING: dict[str, Any] = {
    "confirmed": [each.value for each in Alert.CONFIRMED],
    "undecided": [each.value for each in Alert.UNDECIDED],
}
# Twin of `screening.queries.stopping_alerts`, with the standings that count: lists of a hundred ask it on every page,
# and building the two queries took longer than answering them.
TOLD = """
    SELECT a.id, a.supplier_id, a.role, a.state, a.raised_at, (
            SELECT d.at FROM suppliers_disposition d WHERE d.alert_id = a.id AND d.decision = %(true_match)s
            ORDER BY d.id LIMIT 1),
        a.fingerprint, a.proposals, NULL::date, '', clock_timestamp()
    FROM suppliers_alert a
    WHERE (a.state = ANY (%(confirmed)s) OR a.is_current AND a.state = ANY (%(undecided)s)) AND (
        a.role = ANY (%(profile)s) AND a.supplier_id = ANY (%(suppliers)s)
        OR a.role <> ALL (%(profile)s) AND a.proposals && %(numbers)s::varchar[])
    UNION ALL
    SELECT q.id, q.supplier_id, '', q.status, q.changed_at, NULL, '', NULL, q.valid_until, c.title || ', ' || r.title,
        clock_timestamp()
    FROM suppliers_qualification q
    JOIN suppliers_commodity c ON c.id = q.commodity_id JOIN suppliers_region r ON r.id = q.region_id
    WHERE q.supplier_id = ANY (%(suppliers)s) AND q.status = ANY (%(counts)s)
"""


def _told(suppliers: Mapping[str, int]) -> list[Told]:
    """What may stand against these: number → supplier id."""
    asked = STOPPING | {
        "true_match": Disposition.Decision.TRUE_MATCH.value,
        "profile": list(PROFILE_ROLES),
        "suppliers": list(set(suppliers.values())),
        "numbers": list(suppliers),
        "counts": [each.value for each in (Status.QUALIFIED, Status.SUSPENDED, Status.EXPIRED)],
    }
    with connection.cursor() as cursor:
        cursor.execute(TOLD, asked)
        return [Told(*row) for row in cursor.fetchall()]


# The same asked the other way round. A day is left for clocks that differ.
STOPPED = """
    WITH stopping AS (
        SELECT a.supplier_id, a.proposals FROM suppliers_alert a
        WHERE a.state = ANY (%(confirmed)s) OR a.is_current AND a.state = ANY (%(undecided)s))
    SELECT
        ARRAY(SELECT supplier_id FROM stopping UNION SELECT q.supplier_id FROM suppliers_qualification q
            WHERE q.status = ANY (%(ended)s)
                OR q.status = %(qualified)s AND q.valid_until <= clock_timestamp()::date + 1),
        ARRAY(SELECT DISTINCT unnest(proposals) FROM stopping)
"""


def may_be_stopped() -> tuple[list[int], list[str]]:
    """(ids of suppliers, numbers of proposals): at least those that `live_blocks` finds something against today, so
    that few of many are asked about; one query."""
    asked = STOPPING | {
        "ended": [Status.SUSPENDED.value, Status.EXPIRED.value],
        "qualified": Status.QUALIFIED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(STOPPED, asked)
        suppliers, numbers = cursor.fetchone()
    return suppliers, numbers


def _of_alerts(alerts: Iterable[Told], *, about: str = "") -> Iterable[Block]:
    """`about` says whom they are about when it is not the supplier itself."""
    tail = f" ({about})" if about else ""
    alerts = list(alerts)
    confirmed = [each for each in alerts if each.state in Alert.CONFIRMED]
    waiting = [each for each in alerts if each.state not in Alert.CONFIRMED]
    if confirmed:
        yield Block(
            kind=BlockKind.CONFIRMED,
            since=min(each.confirmed_at or each.since for each in confirmed),
            words=f"Confirmed match with a listed party{tail}",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, confirmed)),
        )
    if waiting:
        yield Block(
            kind=BlockKind.HOLD,
            since=min(each.since for each in waiting),
            words=f"On hold: {count_of(len(waiting), 'open screening alert')}{tail}",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, waiting)),
        )


def _alert_key(alert: Told) -> str:
    return f"alert:{alert.pk}:{alert.fingerprint[:16]}"


def _of_standings(standings: Sequence[Told], on: date | None) -> Iterable[Block]:
    if not standings:
        return
    on = on or standings[0].asked_at.date()
    suspended = [each for each in standings if each.state == Status.SUSPENDED]
    ended = [each for each in standings if each not in suspended and not _holds(each, on)]
    if suspended:
        words = f"Suspended: {_named(suspended)}"
        yield Block(
            kind=BlockKind.SUSPENDED,
            since=min(each.since for each in suspended),
            words=words,
            buyer_words=words,
            keys=frozenset(f"standing:{each.pk}:suspended" for each in suspended),
        )
    if ended and len(ended) + len(suspended) == len(standings):
        last = max(map(_ended_at, ended))
        words = f"Qualification expired on {day(last.date())}: {_named(ended)}"
        yield Block(
            kind=BlockKind.EXPIRED,
            since=last,
            words=words,
            buyer_words=words,
            keys=frozenset(f"standing:{each.pk}:{each.valid_until}" for each in ended),
        )


def _holds(row: Told, on: date) -> bool:
    return row.state == Status.QUALIFIED and row.valid_until is not None and row.valid_until >= on


def _ended_at(row: Told) -> datetime:
    """The first moment without it, however late a worker wrote that down."""
    if row.valid_until is None:
        return row.since
    return datetime.combine(row.valid_until + timedelta(days=1), time(), tzinfo=UTC)


def _named(standings: Iterable[Told]) -> str:
    return "; ".join(sorted(each.title for each in standings))
