"""Supply against demand over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from portal.kit import formats
from portal.kit.charts.shapes import Chart, Number, Pen, Table


@dataclass(frozen=True, slots=True)
class Period:
    """One step of a ramp, cumulative units from the start."""

    label: str
    supply: Number
    demand: Number


@dataclass(frozen=True, slots=True)
class Later:
    """A line that applies later: where, in percent, and what to write beside it."""

    at: Number
    text: str


def _round_step(highest: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that gives two to five rules up to `highest`."""
    power = 10.0 ** (len(str(int(max(1.0, highest)))) - 1)
    for step in (power / 5, power / 2, power, power * 2):
        if highest / step <= 5:
            return max(1.0, step)
    return power * 2


def _levels(highest: float) -> Iterator[float]:
    """Round values from 0 up, for the lines across."""
    step, level = _round_step(highest), 0.0
    while level <= highest:
        yield level
        level += step


def ramp(
    periods: Sequence[Period],
    *,
    unit: str = "units",
    height: float = 190,
    left: float = 12,
    title: str = "Ramp vs. demand",
    desc: str = "",
) -> Chart:
    """Cumulative supply as bars against cumulative demand as a stepped line; a shortfall is hatched."""
    pen, right, top, base = Pen(), 99.0, 14.0, height - 24
    highest = max((float(v) for p in periods for v in (p.supply, p.demand)), default=1.0) or 1.0
    whole, width = highest * 1.08, (right - left) / (len(periods) or 1)
    # Six labels fit side by side on a phone; the table names every period.
    every = -(-len(periods) // 6) or 1

    def down(value: Number) -> float:
        return base - float(value) / whole * (base - top)

    for level in _levels(highest):
        pen.line("rule", left, right, down(level), down(level))
        pen.text("text", left - 1.5, down(level) + 4, formats.number(level), "end")
    for index, period in enumerate(periods):
        x = left + index * width
        pen.rect("fill", x + width * 0.16, down(period.supply), width * 0.68, base - down(period.supply))
        if period.supply < period.demand:
            short = down(period.supply) - down(period.demand)
            pen.rect("unsure", x + width * 0.16, down(period.demand), width * 0.68, short)
        if index % every == 0:
            pen.text("text", x + width / 2, height - 6, period.label)
    for index, period in enumerate(periods):
        x = left + index * width
        pen.line("scribe", x, x + width, down(period.demand), down(period.demand))
    for index, (before, after) in enumerate(pairwise(periods), start=1):
        x = left + index * width
        pen.line("scribe", x, x, down(before.demand), down(after.demand))
    rows = tuple((p.label, formats.number(p.supply), formats.number(p.demand)) for p in periods)
    said = desc or _ramp_in_words(periods, unit)
    table = Table(("Period", "Can ship", "Demand"), rows)
    return Chart("ramp", height, title, said, tuple(pen.shapes), table)


def _ramp_in_words(periods: Sequence[Period], unit: str) -> str:
    short = [p for p in periods if p.supply < p.demand]
    if not short:
        return "Supply meets cumulative demand in every period."
    worst = max(short, key=lambda p: Decimal(str(p.demand)) - Decimal(str(p.supply)))
    gap = formats.number(Decimal(str(worst.demand)) - Decimal(str(worst.supply)))
    return f"Short in {len(short)} of {len(periods)} periods, most in {worst.label}, by {gap} {unit}."
