"""The states as tiles."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kit import formats
from portal.kit.charts.shapes import Chart, Number, Pen, Table

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
    pen, row_height, width = Pen(), 31, 100 / 12
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
