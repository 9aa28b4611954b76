"""What coverage is read from: who offers which sub-component, how many units, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from rfp.models import DeliveryLine, Item, RampPeriod, Revision
from scoring.comparing.models import Portfolio

LOST_AFTER = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One sub-component over all ranked proposals. `sources` are suppliers; `units` None without quantities."""

    item: Item
    sources: int
    units: int | None

    @property
    def demand(self) -> int | None:
        return self.item.reference_annual_volume

    @property
    def is_short(self) -> bool:
        return self.demand is not None and self.units is not None and self.units < self.demand


def offered(items: Iterable[Item], revisions: Iterable[int], year: int) -> list[Offered]:
    """Each item of a lot with who offers it; two queries. `revisions`: ids of those that are ranked."""
    listed, wanted = list(items), list(revisions)
    through = Revision.items.through
    sources = dict(
        through.objects.filter(item__in=listed, revision__in=wanted)
        .values_list("item_id")
        .annotate(count=Count("revision__proposal__supplier", distinct=True))
    )
    units = dict(
        DeliveryLine.objects.filter(item__in=listed, revision__in=wanted, year=year)
        .values_list("item_id")
        .annotate(sum=Sum("units"))
    )
    return [Offered(item=each, sources=sources.get(each.pk, 0), units=units.get(each.pk)) for each in listed]


def cells(items: Iterable[Item], revisions: Iterable[int], year: int) -> dict[tuple[int, int], int | None]:
    """(item, revision) → units in the year, None where it is offered without a quantity; two queries."""
    listed, wanted = list(items), list(revisions)
    through = Revision.items.through
    found: dict[tuple[int, int], int | None] = dict.fromkeys(
        through.objects.filter(item__in=listed, revision__in=wanted).values_list("item_id", "revision_id")
    )
    lines = DeliveryLine.objects.filter(item__in=listed, revision__in=wanted, year=year)
    found.update(
        {
            (item, revision): units
            for item, revision, units in lines.values_list("item_id", "revision_id", "units")
        }
    )
    return found


def capacity_by_quarter(revisions: Iterable[int]) -> list[tuple[str, int]]:
    """(quarter, units that can ship in it) over these revisions; one query."""
    rows = (
        RampPeriod.objects.filter(revision__in=revisions)
        .values_list("period")
        .annotate(sum=Sum("capacity"))
        .order_by("period")
    )
    return [(period, units or 0) for period, units in rows]


def opening_stock(revisions: Iterable[int]) -> int:
    """Units in stock when the ramps start; one query."""
    found: Mapping[str, Decimal | None] = Revision.objects.filter(pk__in=revisions).aggregate(
        sum=Sum("opening_stock")
    )
    return int(found["sum"] or 0)


def portfolios_of(window: int, lot: int) -> QuerySet[Portfolio]:
    return Portfolio.objects.filter(window=window, lot=lot).select_related("requested_by")


def waiting_portfolios(now: datetime) -> QuerySet[Portfolio]:
    """Requested and not computed; and those whose worker was lost."""
    return Portfolio.objects.filter(
        Q(state=Portfolio.State.QUEUED)
        | Q(
            state=Portfolio.State.RUNNING,
            requested_at__lt=now - LOST_AFTER,
            requested_at__gt=now - GIVEN_UP_AFTER,
        )
    )
