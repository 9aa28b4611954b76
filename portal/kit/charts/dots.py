"""Several marks on one scale: a dot each, equal ones as one dot with their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from portal.kit import formats
from portal.kit.charts.shapes import Chart, Dot, Pen

LEFT, WIDTH = 4.0, 92.0  # of the scale in percent of the chart
MIDDLE = 10


def marks_on_scale(
    given: Sequence[float],
    *,
    ticks: Sequence[float],
    agreed: float | None = None,
    wide: bool = False,
    title: str,
) -> Chart:
    """`given`, `ticks` and `agreed` run from 0 to 1 along the scale. `wide`: the marks are far apart."""
    pen = Pen()
    pen.line("rule", LEFT, LEFT + WIDTH, MIDDLE, MIDDLE)
    for tick in ticks:
        pen.line("tick", _x(tick), _x(tick), 7, 13)
    if given and max(given) > min(given):
        start, width = _x(min(given)), (max(given) - min(given)) * WIDTH
        if wide:
            pen.rect("unsure", start, 7, width, 6)
        else:
            pen.rect("fill-2", start, 9, width, 2)
    for at, count in sorted(Counter(given).items()):
        pen.shapes.append(Dot("fill", _x(at), MIDDLE, 4.5 if count == 1 else 8))
        if count > 1:
            pen.text("on-fill", _x(at), 14.5, formats.number(count))
    if agreed is not None:
        pen.line("scribe", _x(agreed), _x(agreed), 0, 20)
    return Chart("dots", 20, title, "", tuple(pen.shapes))


def _x(at: float) -> float:
    return LEFT + at * WIDTH
