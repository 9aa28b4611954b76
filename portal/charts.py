"""Chart geometry. Pure: numbers in, shapes out; `templates/charts/` writes the SVG.

Shapes stand in percent across and in pixels down, without a viewBox: they stretch with the page
while text keeps its size, on a phone and in print. A mark's `role` is its CSS class in the page;
`PAINT` says the same in presentation attributes for the PDF, where no page CSS reaches an SVG.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from portal import formats

Number = Decimal | int | float
Anchor = Literal["start", "middle", "end"]

MARK_ROLES = ("fill", "fill-2")
PRICE_ROLE = "fill-3"

# The light values of tokens.css; a test keeps the two together.
_INK_2, _INK, _MARK, _MARK_2, _MARK_3 = "#434c58", "#14191f", "#3a50b5", "#8294db", "#5f6a77"
_TRACK, _LINE, _LINE_2, _HATCH, _SCRIBE = "#e3e6ea", "#dcdfe4", "#7e8894", "#b07d1e", "#14191f"
PAINT: Mapping[str, Mapping[str, str]] = {
    "fill": {"fill": _MARK},
    "fill-2": {"fill": _MARK_2},
    "fill-3": {"fill": _MARK_3},
    "track": {"fill": _TRACK},
    "unsure": {"fill": "url(#ph)", "stroke": _HATCH, "stroke-width": "1"},
    "rule": {"stroke": _LINE, "stroke-width": "1"},
    "tick": {"stroke": _LINE_2, "stroke-width": "1"},
    "scribe": {"stroke": _SCRIBE, "stroke-width": "2"},
    "cap-0": {"fill": _TRACK},
    "cap-1": {"fill": _MARK_2, "fill-opacity": ".45"},
    "cap-2": {"fill": _MARK_2},
    "cap-3": {"fill": _MARK},
    "text": {"fill": _INK_2, "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "500"},
    "strong": {"fill": _INK, "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "650"},
    "on-fill": {"fill": "#fff", "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "600"},
    "on-fill-2": {"fill": _INK, "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "600"},
    "lo": {"fill": _INK_2, "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "600"},
    "mid": {"fill": _INK, "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "600"},
    "hi": {"fill": "#fff", "font-size": "7.5pt", "font-family": "Public Sans", "font-weight": "600"},
}


def _plain(value: Number) -> str:
    """A coordinate: at most three decimals, no trailing zeros, no exponent."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


@dataclass(frozen=True, slots=True)
class Rect:
    """`x`, `width` in percent of the chart; `y`, `height` in pixels."""

    role: str
    x: float
    y: float
    width: float
    height: float
    radius: float = 0
    shape: str = "rect"

    @property
    def attributes(self) -> dict[str, str]:
        """The SVG attributes of the place, without paint."""
        place = {
            "x": f"{_plain(self.x)}%",
            "y": _plain(self.y),
            "width": f"{_plain(max(0.0, self.width))}%",
            "height": _plain(max(0.0, self.height)),
        }
        return place | ({"rx": _plain(self.radius)} if self.radius else {})


@dataclass(frozen=True, slots=True)
class Line:
    """`x1`, `x2` in percent; `y1`, `y2` in pixels."""

    role: str
    x1: float
    x2: float
    y1: float
    y2: float
    dashed: bool = False
    shape: str = "line"

    @property
    def attributes(self) -> dict[str, str]:
        """The SVG attributes of the place, without paint."""
        place = {
            "x1": f"{_plain(self.x1)}%",
            "x2": f"{_plain(self.x2)}%",
            "y1": _plain(self.y1),
            "y2": _plain(self.y2),
        }
        return place | ({"stroke-dasharray": "3 2"} if self.dashed else {})


@dataclass(frozen=True, slots=True)
class Text:
    """`x` in percent, `y` the base line in pixels, `dx` a nudge in pixels."""

    role: str
    x: float
    y: float
    text: str
    anchor: Anchor = "middle"
    dx: float = 0
    shape: str = "text"

    @property
    def attributes(self) -> dict[str, str]:
        """The SVG attributes of the place, without paint."""
        place = {"x": f"{_plain(self.x)}%", "y": _plain(self.y), "text-anchor": self.anchor}
        return place | ({"dx": _plain(self.dx)} if self.dx else {})


Shape = Rect | Line | Text


@dataclass(frozen=True, slots=True)
class Table:
    """The same data in words: column heads, and rows of cells whose first is the row's head."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: `height` in pixels, shapes in painting order."""

    kind: str
    height: float
    title: str
    desc: str
    shapes: tuple[Shape, ...]
    table: Table | None = None


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


@dataclass(slots=True)
class _Pen:
    """Collects shapes; keeps the functions below readable."""

    shapes: list[Shape] = field(default_factory=list)

    def rect(self, role: str, x: float, y: float, width: float, height: float, radius: float = 0) -> None:
        if width > 0 and height > 0:
            self.shapes.append(Rect(role, x, y, width, height, radius))

    def line(self, role: str, x1: float, x2: float, y1: float, y2: float, *, dashed: bool = False) -> None:
        self.shapes.append(Line(role, x1, x2, y1, y2, dashed))

    def text(
        self, role: str, x: float, y: float, text: str, anchor: Anchor = "middle", dx: float = 0
    ) -> None:
        self.shapes.append(Text(role, x, y, text, anchor, dx))

    def scale(
        self, y: float, step: int, tall_every: int, labels: Sequence[tuple[int, str]], label_y: float
    ) -> None:
        """A tick scale from 0 to 100 whose end labels stay inside the chart."""
        for at in range(0, 101, step):
            self.line("tick", at, at, y, y + (4 if at % tall_every else 8))
        for at, label in labels:
            anchor: Anchor = "start" if at == 0 else "end" if at == 100 else "middle"
            self.text("text", at, label_y, label, anchor)


def _percent(value: Number) -> float:
    """A percent inside the chart: 0 to 100."""
    return min(100.0, max(0.0, float(value)))


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
    pen = _Pen()
    at, rows = _percent(value), [("Value", formats.percent(value))]
    pen.rect("track", 0, 26, 100, 20, 2)
    pen.rect("fill", 0, 26, at, 20, 2)
    if high is not None:
        pen.rect("unsure", at, 26.5, _percent(high) - at, 19)
        rows.append((unsure, formats.percent(high)))
    pen.scale(49, 5, 25, [(0, "0"), (25, "25"), (50, "50"), (75, "75"), (100, "100%")], 71)
    if line is not None:
        need, words = _percent(line), f"{'more than' if strictly else 'at least'} {formats.number(line)}%"
        pen.line("scribe", need, need, 18, 50)
        # The label stands left of its line, unless there is no room for it on a phone.
        pen.text("strong", need, 12, words, "end" if need >= 35 else "start")
        rows.append(("Needs", words))
    if later is not None:
        then = _percent(later.at)
        pen.line("tick", then, then, 18, 50, dashed=True)
        pen.text("text", then, 12, later.text, "start" if then <= 80 else "end", 3 if then <= 80 else -3)
        rows.append(("Later", later.text))
    said = desc or "; ".join(f"{head.lower()} {cell}" for head, cell in rows).capitalize() + "."
    table = Table(("Figure", "Percent"), tuple(rows))
    return Chart("meter", 74, title or f"{formats.percent(value)}", said, tuple(pen.shapes), table)


def progress(done: int, total: int, *, title: str = "") -> Chart:
    """A thin bar, done of total."""
    pen = _Pen()
    pen.rect("track", 0, 0, 100, 8, 2)
    pen.rect("fill", 0, 0, _percent(100 * done / total) if total else 0, 8, 2)
    return Chart("progress", 8, title or f"{done} of {total} done", "", tuple(pen.shapes))


def weight_bar(weights: Sequence[Weight], *, title: str = "Criteria and weights", desc: str = "") -> Chart:
    """Criteria side by side, as wide as their weights; what is missing from 100 is hatched."""
    pen, x = _Pen(), 0.0
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
    pen, x, gap = _Pen(), 0.0, 0.5
    total = sum(float(slot.weight) for slot in slots) or 1.0
    for index, slot in enumerate(slots):
        width = float(slot.weight) / total * 100
        inner = width - (gap if len(slots) > 1 else 0)
        role = PRICE_ROLE if slot.is_price else MARK_ROLES[index % 2]
        pen.rect("track", x, 0, inner, height)
        pen.rect(role, x, 0, inner * _percent(slot.mark or 0) / 100, height)
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
    pen, width = _Pen(), 100 / ranks
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


def _round_step(highest: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that gives two to five rules up to `highest`."""
    power = 10.0 ** (len(str(int(max(1.0, highest)))) - 1)
    for step in (power / 5, power / 2, power, power * 2):
        if highest / step <= 5:
            return max(1.0, step)
    return power * 2


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
    pen, right, top, base = _Pen(), 99.0, 14.0, height - 24
    highest = max((float(v) for p in periods for v in (p.supply, p.demand)), default=1.0) or 1.0
    whole, width = highest * 1.08, (right - left) / (len(periods) or 1)
    # Six labels fit side by side on a phone; the table names every period.
    every = -(-len(periods) // 6) or 1

    def down(value: Number) -> float:
        return base - float(value) / whole * (base - top)

    step, level = _round_step(highest), 0.0
    while level <= highest:
        pen.line("rule", left, right, down(level), down(level))
        pen.text("text", left - 1.5, down(level) + 4, formats.number(level), "end")
        level += step
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


# column, row of each state's tile on a grid 12 wide and 8 high
TILES: Mapping[str, tuple[int, int]] = {
    state: (column, row)
    for row, line in enumerate(
        (
            "AK .. .. .. .. .. .. .. .. .. .. ME",
            ".. .. .. .. .. .. .. .. .. .. VT NH",
            ".. WA ID MT ND MN IL WI MI NY RI MA",
            ".. OR NV WY SD IA IN OH PA NJ CT ..",
            ".. CA UT CO NE MO KY WV VA MD DE ..",
            ".. .. AZ NM KS AR TN NC SC DC .. ..",
            ".. .. .. .. OK LA MS AL GA .. .. ..",
            "HI .. .. .. TX .. .. .. .. FL .. ..",
        )
    )
    for column, state in enumerate(line.split())
    if state != ".."
}


def cartogram(
    values: Mapping[str, Number],
    *,
    cuts: tuple[Number, Number],
    unit: str = "Units",
    title: str = "By state",
    desc: str = "",
) -> Chart:
    """States as equal tiles in four levels: none, under `cuts[0]`, under `cuts[1]`, and above.

    `values` by postal code; a code without a tile (a territory) is in the table only.
    """
    pen, row_height, width = _Pen(), 31, 100 / 12
    for state, (column, row) in TILES.items():
        level = _level(values.get(state, 0), cuts)
        pen.rect(f"cap-{level}", column * width, row * row_height, width - 0.7, row_height - 2, 2)
        ink = ("lo", "mid", "mid", "hi")[level]
        pen.text(ink, column * width + width / 2 - 0.35, row * row_height + 19, state)
    ranked = sorted(((s, v) for s, v in values.items() if v), key=lambda pair: (-float(pair[1]), pair[0]))
    rows = tuple((state, formats.number(value)) for state, value in ranked)
    none = sum(1 for state in TILES if not values.get(state))
    most = ", ".join(f"{state} {value}" for state, value in rows[:3])
    said = desc or (f"Most: {most}. {none} of {len(TILES)} have none." if rows else "None in any state.")
    return Chart("map", 8 * row_height, title, said, tuple(pen.shapes), Table(("State", unit), rows))


def _level(value: Number, cuts: tuple[Number, Number]) -> int:
    if value <= 0:
        return 0
    return 1 if value < cuts[0] else 2 if value < cuts[1] else 3
