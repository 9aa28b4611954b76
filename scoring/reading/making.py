"""Capacity, ramp, jobs, deliveries and steps of a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from portal.kit import formats
from portal.kit.charts import ramps, shapes
from rfp.models import Revision
from scoring.reading.company import Pairs

# ---- making it --------------------------------------------------------------------------------------------------

# What a page about all of this reads of a revision.
ROWS = ("capacity", "ramp_periods", "delivery_lines__item", "jobs_lines", "process_steps")


def capacity_facts(revision: Revision) -> Pairs:
    """(label, value) of the capacity sheet, blanks left out."""
    row = getattr(revision, "capacity", None)
    pairs: list[tuple[str, Any]] = []
    if row is not None:
        pairs = [
            ("Production lines", _number_or_blank(row.lines)),
            ("Shifts per day", _number_or_blank(row.shifts)),
            ("Hours per shift", _number_or_blank(row.hours_per_shift)),
            ("Working days per year", _number_or_blank(row.days_per_year)),
            ("Cycle time (seconds per unit, per line)", _number_or_blank(row.cycle_seconds)),
            ("Availability", formats.share(row.availability)),
            ("First-pass yield", formats.share(row.yield_rate)),
            ("Nameplate capacity (units per year)", _number_or_blank(row.nameplate_per_year)),
            ("Already committed (units per year)", _number_or_blank(row.committed_per_year)),
            ("Offered (units per year)", _number_or_blank(row.offered_per_year)),
        ]
    if revision.lead_time_days is not None:
        pairs.append(("Firm order to first shipment", formats.count_of(revision.lead_time_days, "day")))
    pairs += [
        ("First article", formats.day(revision.first_article)),
        ("Start of production", formats.day(revision.start_of_production)),
    ]
    return tuple((label, value) for label, value in pairs if value)


def _number_or_blank(value: Any) -> str:
    return formats.number(value)


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A ramp chart and what it says."""

    drawing: shapes.Chart
    says: str


def ramp_of(revision: Revision, *, height: float = 190, left: float = 12) -> Ramp | None:
    """Cumulative supply, opening stock included, against cumulative demand; None without a ramp."""
    rows = list(revision.ramp_periods.all())
    if not rows:
        return None
    supply = list(accumulate((row.capacity or 0 for row in rows), initial=revision.opening_stock or 0))[1:]
    demand = list(accumulate(row.demand or 0 for row in rows))
    periods = [
        ramps.Period(f"{row.period[2:4]} {row.period[-2:]}", have, need)
        for row, have, need in zip(rows, supply, demand, strict=True)
    ]
    drawing = ramps.ramp(periods, height=height, left=left)
    return Ramp(drawing=drawing, says=drawing.desc)


def jobs_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(state, new places, kept places)."""
    return [
        (row.state, formats.number(row.new), formats.number(row.retained))
        for row in revision.jobs_lines.all()
    ]


def deliveries_of(revision: Revision) -> list[tuple[str, str, str]]:
    """(item, year, units). The items come along with the lines, see `ROWS`."""
    rows = sorted(revision.delivery_lines.all(), key=lambda row: (row.item.code, row.year))
    return [(f"{row.item.code} {row.item.title}", str(row.year), formats.number(row.units)) for row in rows]


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A process step; `cost` is None while the price envelope is closed."""

    name: str
    site: str
    country: str
    transforms: bool
    cost: str | None = None


def steps_of(revision: Revision, *, price_open: bool) -> list[StepRow]:
    return [
        StepRow(
            name=step.name,
            site=step.site,
            country=step.country,
            transforms=step.is_transforming,
            cost=formats.money(step.conversion_cost) if price_open else None,
        )
        for step in revision.process_steps.all()
    ]
