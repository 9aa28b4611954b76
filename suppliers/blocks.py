"""What stands against buying from a supplier right now, whatever an assessment said on its own day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery

from portal import clock
from portal.formats import count_of, day
from suppliers import queries
from suppliers.models import Alert, Disposition, Qualification

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
    """One reason not to buy from a supplier now.

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


def live_blocks(supplier_ids: Iterable[int], *, on: date | None = None) -> dict[int, list[Block]]:
    """Each supplier's blocks as of now (`on`: today), the gravest first; an empty list where there are none.

    Two queries, for one supplier and for many. Rests on the alerts about the supplier's own profile and on its
    standings, not on any proposal: nothing sealed is in it. Suspended for anything blocks; expired blocks while no
    other standing of the supplier holds. A supplier that never asked for a qualification has no block.
    """
    on = on or clock.wall_time().date()
    ids = set(supplier_ids)
    alerts: dict[int, list[Alert]] = defaultdict(list)
    for alert in _alerts(ids):
        alerts[alert.supplier_id].append(alert)
    standings: dict[int, list[Qualification]] = defaultdict(list)
    for row in _standings(ids):
        standings[row.supplier_id].append(row)
    return {pk: [*_of_alerts(alerts[pk]), *_of_standings(standings[pk], on)] for pk in ids}


def proposal_blocks(numbers: Iterable[str]) -> dict[str, list[Block]]:
    """The blocks of opened proposals, by number, that rest on makers in their bills of materials; an empty list where
    there are none. One query. What its supplier is blocked for is `live_blocks`.
    """
    wanted = set(numbers)
    rows = queries.blocking_alerts(about_profiles=False).filter(proposals__overlap=sorted(wanted))
    alerts: dict[str, list[Alert]] = defaultdict(list)
    for alert in _dated(rows):
        for number in wanted.intersection(alert.proposals):
            alerts[number].append(alert)
    return {number: list(_of_alerts(alerts[number])) for number in wanted}


def _alerts(supplier_ids: Collection[int]) -> Iterable[Alert]:
    return _dated(queries.blocking_alerts().filter(supplier__in=supplier_ids))


def _dated(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With the time an officer first confirmed each."""
    confirmed = Disposition.objects.filter(alert=OuterRef("pk"), decision=Disposition.Decision.TRUE_MATCH)
    first = Subquery(confirmed.order_by("id").values("at")[:1])
    return alerts.only("supplier", "state", "raised_at", "fingerprint", "proposals").annotate(
        confirmed_at=first
    )


def _standings(supplier_ids: Collection[int]) -> Iterable[Qualification]:
    rows = Qualification.objects.filter(
        supplier__in=supplier_ids, status__in=(Status.QUALIFIED, Status.SUSPENDED, Status.EXPIRED)
    )
    return rows.select_related("commodity", "region")


def _of_alerts(alerts: Iterable[Alert]) -> Iterable[Block]:
    alerts = list(alerts)
    confirmed = [each for each in alerts if each.state in Alert.CONFIRMED]
    waiting = [each for each in alerts if each.state not in Alert.CONFIRMED]
    if confirmed:
        yield Block(
            kind=BlockKind.CONFIRMED,
            since=min(getattr(each, "confirmed_at", None) or each.raised_at for each in confirmed),
            words="Confirmed match with a listed party",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, confirmed)),
        )
    if waiting:
        yield Block(
            kind=BlockKind.HOLD,
            since=min(each.raised_at for each in waiting),
            words=f"On hold: {count_of(len(waiting), 'open screening alert')}",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, waiting)),
        )


def _alert_key(alert: Alert) -> str:
    return f"alert:{alert.pk}:{alert.fingerprint[:16]}"


def _of_standings(standings: Iterable[Qualification], on: date) -> Iterable[Block]:
    standings = list(standings)
    suspended = [each for each in standings if each.status == Status.SUSPENDED]
    ended = [each for each in standings if each not in suspended and not _holds(each, on)]
    if suspended:
        words = f"Suspended: {_named(suspended)}"
        yield Block(
            kind=BlockKind.SUSPENDED,
            since=min(each.changed_at for each in suspended),
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


def _holds(row: Qualification, on: date) -> bool:
    return row.status == Status.QUALIFIED and row.valid_until is not None and row.valid_until >= on


def _ended_at(row: Qualification) -> datetime:
    """The first moment without it, however late a worker wrote that down."""
    if row.valid_until is None:
        return row.changed_at
    return datetime.combine(row.valid_until + timedelta(days=1), time(), tzinfo=UTC)


def _named(standings: Iterable[Qualification]) -> str:
    return "; ".join(sorted(f"{each.commodity.title}, {each.region.title}" for each in standings))
