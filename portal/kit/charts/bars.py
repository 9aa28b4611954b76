"""Bars: meters, progress, weights, marks, and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.kit import formats
from portal.kit.charts.ramps import Later
from portal.kit.charts.shapes import MARK_ROLES, PRICE_ROLE, Chart, Number, Pen, Table, percent_of


@dataclass(frozen=True, slots=True)
class Weight:
    """One criterion's slot in a weight bar: its weight in points, and whether it is the price."""

    name: str
    weight: Number
    is_price: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One criterion's slot in a mark bar; `mark` from 0 to 100, None while there is none."""

    name: str
    weight: Number
    mark: Number | None
    is_price: bool = False


def meter(
    *,
    value: Number,
    line: Number | None = None,
    high: Number | None = None,
    later: Later | None = None,
    strictly: bool = True,
    title: str = "",
    desc: str = "",
    unsure: str = "Uncertain up to",
) -> Chart:
    """A percentage on a scale of 0 to 100 against a line.

    `high` is the far end of a hatched range (unknown origin, or what a change would reach).
    `strictly` says whether the line must be exceeded ("more than") or reached ("at least").
    """
    pen = Pen()
    at, rows = percent_of(value), [("Value", formats.percent(value))]
    pen.rect("track", 0, 26, 100, 20, 2)
    pen.rect("fill", 0, 26, at, 20, 2)
    if high is not None:
        pen.rect("unsure", at, 26.5, percent_of(high) - at, 19)
        rows.append((unsure, formats.percent(high)))
    pen.scale(49, 5, 25, [(0, "0"), (25, "25"), (50, "50"), (75, "75"), (100, "100%")], 71)
    if line is not None:
        need, words = percent_of(line), f"{'more than' if strictly else 'at least'} {formats.number(line)}%"
        pen.line("scribe", need, need, 18, 50)
        # The label stands left of its line, unless there is no room for it on a phone.
        pen.text("strong", need, 12, words, "end" if need >= 35 else "start")
        rows.append(("Needs", words))
    if later is not None:
        then = percent_of(later.at)
        pen.line("tick", then, then, 18, 50, dashed=True)
        pen.text("text", then, 12, later.text, "start" if then <= 80 else "end", 3 if then <= 80 else -3)
        rows.append(("Later", later.text))
    said = desc or "; ".join(f"{head.lower()} {cell}" for head, cell in rows).capitalize() + "."
    table = Table(("Figure", "Percent"), tuple(rows))
    return Chart("meter", 74, title or f"{formats.percent(value)}", said, tuple(pen.shapes), table)


def progress(done: int, total: int, *, title: str = "") -> Chart:
    """A thin bar, done of total."""
    pen = Pen()
    pen.rect("track", 0, 0, 100, 8, 2)
    pen.rect("fill", 0, 0, percent_of(100 * done / total) if total else 0, 8, 2)
    return Chart("progress", 8, title or f"{done} of {total} done", "", tuple(pen.shapes))


def weight_bar(weights: Sequence[Weight], *, title: str = "Criteria and weights", desc: str = "") -> Chart:
    """Criteria side by side, as wide as their weights; what is missing from 100 is hatched."""
    pen, x = Pen(), 0.0
    total = sum((Decimal(str(w.weight)) for w in weights), Decimal(0))
    whole = max(100.0, float(total))
    for index, item in enumerate(weights):
        width = float(item.weight) / whole * 100
        role = PRICE_ROLE if item.is_price else MARK_ROLES[index % 2]
        pen.rect(role, x, 0, width - 0.3, 28)
        if width > 4.5:
            ink = "on-fill-2" if role == "fill-2" else "on-fill"
            pen.text(ink, x + width / 2, 18.5, formats.number(item.weight))
        x += width
    if total < 100:
        pen.rect("unsure", x, 0.5, 100 - x, 27)
    if whole > 100:
        # Over 100 points the scale would lie, so only the line that must not be passed is drawn.
        pen.line("scribe", 100 / whole * 100, 100 / whole * 100, 0, 38)
        pen.text("text", 100 / whole * 100, 51, "100", "end")
    else:
        pen.scale(31, 10, 50, [(0, "0"), (50, "50"), (100, "100")], 51)
    rows = tuple((w.name, formats.number(w.weight)) for w in weights)
    rows += (("Total", formats.number(total)),)
    said = (
        desc
        or f"{formats.count_of(len(weights), 'criterion', 'criteria')} whose weights total {rows[-1][1]}."
    )
    return Chart("weights", 54, title, said, tuple(pen.shapes), Table(("Criterion", "Weight"), rows))


def mark_slots(
    slots: Sequence[Slot], *, height: float = 18, title: str = "Marks by criterion", desc: str = ""
) -> Chart:
    """A fixed slot per criterion, as wide as its weight and filled to its mark.

    The slots stand at the same place in every row, so a weak criterion reads down the page.
    """
    pen, x, gap = Pen(), 0.0, 0.5
    total = sum(float(slot.weight) for slot in slots) or 1.0
    for index, slot in enumerate(slots):
        width = float(slot.weight) / total * 100
        inner = width - (gap if len(slots) > 1 else 0)
        role = PRICE_ROLE if slot.is_price else MARK_ROLES[index % 2]
        pen.rect("track", x, 0, inner, height)
        pen.rect(role, x, 0, inner * percent_of(slot.mark or 0) / 100, height)
        x += width
    rows = tuple((s.name, formats.number(s.weight), formats.number(s.mark, 1) or "no mark") for s in slots)
    said = desc or "; ".join(f"{name} {mark}" for name, _, mark in rows) + "."
    return Chart(
        "slots", height, title, said, tuple(pen.shapes), Table(("Criterion", "Weight", "Mark"), rows)
    )


def rank_strip(
    chances: Sequence[Number],
    *,
    places: int,
    ranks: int = 10,
    height: float = 24,
    labels: bool = False,
    title: str = "Chance of each rank",
    desc: str = "",
) -> Chart:
    """The chance of each rank from 1 up (0 to 1 each); the scribed line stands after `places`."""
    pen, width = Pen(), 100 / ranks
    for index in range(ranks):
        chance = float(chances[index]) if index < len(chances) else 0.0
        pen.rect("track", index * width + 0.4, height - 1, width - 0.8, 1)
        if chance > 0.002:
            # The power keeps small chances visible beside one that is nearly certain.
            tall = max(1.5, chance**0.7 * height)
            role = "fill" if index < places else "fill-3"
            pen.rect(role, index * width + 0.8, height - tall, width - 1.6, tall)
        if labels:
            pen.text("text", index * width + width / 2, height + 14, str(index + 1))
    if places < ranks:
        pen.line("scribe", places * width, places * width, 0, height)
    rows = tuple((str(i + 1), formats.share(c)) for i, c in enumerate(chances[:ranks]))
    said = desc or f"The cut line is after rank {places}."
    total = height + (16 if labels else 0)
    return Chart("strip", total, title, said, tuple(pen.shapes), Table(("Rank", "Chance"), rows))
