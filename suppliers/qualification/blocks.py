"""What stands against buying what was offered right now, whatever an assessment said on its own day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from portal.kit import clock
from portal.kit.formats import count_of, day
from suppliers.facts import PROFILE_ROLES
from suppliers.qualification.models import Qualification
from suppliers.screening import queries
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

    `proposals`: (number, supplier id) pairs. Two queries, for one proposal and for many. The supplier's part rests on
    the alerts about its own profile and on its standings: suspended for anything blocks; expired blocks while no other
    standing holds; a supplier that never asked for a qualification has no block. The proposal's part rests on makers
    in its bill of materials; no alert names a proposal before it is opened, so nothing sealed is in it.
    """
    suppliers = dict(proposals)
    profiles, makers = _alerts(suppliers)
    standings: dict[int, list[Any]] = defaultdict(list)
    for row in _standings(suppliers.values()):
        standings[row.supplier_id].append(row)
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


def _alerts(suppliers: Mapping[str, int]) -> tuple[Mapping[int, list[Alert]], Mapping[str, list[Alert]]]:
    """Alerts that stop a purchase: (by supplier, about its profile; by proposal number, about makers). One query."""
    profiles: dict[int, list[Alert]] = defaultdict(list)
    makers: dict[str, list[Alert]] = defaultdict(list)
    on_profile = Q(role__in=PROFILE_ROLES)
    ours = (on_profile & Q(supplier__in=set(suppliers.values()))) | (
        ~on_profile & Q(proposals__overlap=sorted(suppliers))
    )
    for alert in _dated(queries.stopping_alerts().filter(ours)):
        if alert.role in PROFILE_ROLES:
            profiles[alert.supplier_id].append(alert)
        else:
            for number in suppliers.keys() & set(alert.proposals):
                makers[number].append(alert)
    return profiles, makers


def _dated(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With the time an officer first confirmed each."""
    confirmed = Disposition.objects.filter(alert=OuterRef("pk"), decision=Disposition.Decision.TRUE_MATCH)
    first = Subquery(confirmed.order_by("id").values("at")[:1])
    return alerts.only("supplier", "role", "state", "raised_at", "fingerprint", "proposals").annotate(
        confirmed_at=first
    )


def _standings(supplier_ids: Iterable[int]) -> Iterable[Any]:
    """Values by name, for a model instance costs three times as much; `asked_at`: when, by the database's clock."""
    rows = Qualification.objects.filter(
        supplier__in=set(supplier_ids), status__in=(Status.QUALIFIED, Status.SUSPENDED, Status.EXPIRED)
    )
    return rows.annotate(asked_at=clock.WallTime()).values_list(
        *("pk", "supplier_id", "status", "valid_until", "changed_at", "commodity__title", "region__title"),
        "asked_at",
        named=True,
    )


def _of_alerts(alerts: Iterable[Alert], *, about: str = "") -> Iterable[Block]:
    """`about` says whom they are about when it is not the supplier itself."""
    tail = f" ({about})" if about else ""
    alerts = list(alerts)
    confirmed = [each for each in alerts if each.state in Alert.CONFIRMED]
    waiting = [each for each in alerts if each.state not in Alert.CONFIRMED]
    if confirmed:
        yield Block(
            kind=BlockKind.CONFIRMED,
            since=min(getattr(each, "confirmed_at", None) or each.raised_at for each in confirmed),
            words=f"Confirmed match with a listed party{tail}",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, confirmed)),
        )
    if waiting:
        yield Block(
            kind=BlockKind.HOLD,
            since=min(each.raised_at for each in waiting),
            words=f"On hold: {count_of(len(waiting), 'open screening alert')}{tail}",
            buyer_words=UNDER_REVIEW,
            keys=frozenset(map(_alert_key, waiting)),
        )


def _alert_key(alert: Alert) -> str:
    return f"alert:{alert.pk}:{alert.fingerprint[:16]}"


def _of_standings(standings: Sequence[Any], on: date | None) -> Iterable[Block]:
    if not standings:
        return
    on = on or standings[0].asked_at.date()
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


def _holds(row: Any, on: date) -> bool:
    return row.status == Status.QUALIFIED and row.valid_until is not None and row.valid_until >= on


def _ended_at(row: Any) -> datetime:
    """The first moment without it, however late a worker wrote that down."""
    if row.valid_until is None:
        return row.changed_at
    return datetime.combine(row.valid_until + timedelta(days=1), time(), tzinfo=UTC)


def _named(standings: Iterable[Any]) -> str:
    return "; ".join(sorted(f"{each.commodity__title}, {each.region__title}" for each in standings))
