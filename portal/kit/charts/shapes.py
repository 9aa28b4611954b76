"""What every chart is made of: shapes with roles, never colors, and a table for who can't see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

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


def plain(value: Number) -> str:
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
            "x": f"{plain(self.x)}%",
            "y": plain(self.y),
            "width": f"{plain(max(0.0, self.width))}%",
            "height": plain(max(0.0, self.height)),
        }
        return place | ({"rx": plain(self.radius)} if self.radius else {})


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
            "x1": f"{plain(self.x1)}%",
            "x2": f"{plain(self.x2)}%",
            "y1": plain(self.y1),
            "y2": plain(self.y2),
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
        place = {"x": f"{plain(self.x)}%", "y": plain(self.y), "text-anchor": self.anchor}
        return place | ({"dx": plain(self.dx)} if self.dx else {})


@dataclass(frozen=True, slots=True)
class Dot:
    """`x` in percent; `y` and `radius` in pixels, so that it stays round."""

    role: str
    x: float
    y: float
    radius: float
    shape: str = "circle"

    @property
    def attributes(self) -> dict[str, str]:
        """The SVG attributes of the place, without paint."""
        return {"cx": f"{plain(self.x)}%", "cy": plain(self.y), "r": plain(self.radius)}


Shape = Rect | Line | Text | Dot


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


@dataclass(slots=True)
class Pen:
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


def percent_of(value: Number) -> float:
    """A percent inside the chart: 0 to 100."""
    return min(100.0, max(0.0, float(value)))
