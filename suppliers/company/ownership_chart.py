"""The owners of a company as a drawing and in words: the company first, its holders below, each level a step in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from portal.kit.charts.shapes import Chart, Line, Rect, Text
from suppliers import ownership
from suppliers.ownership import Graph, Party, Stake

# Pixels.
ROW, BOX, TOP = 36, 28, 4
# Percent of the width for each level, and the deepest level that is drawn.
STEP, DEEPEST = 4.0, 8
MOST_ROWS = 40
MOST_LETTERS = 30


@dataclass(frozen=True)
class Drawing:
    """The chart, and the same as sentences: one for each way down to the company."""

    chart: Chart
    ways: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    party: Party
    depth: int
    share: str


def draw(graph: Graph, *, marked: Collection[Party] = ()) -> Drawing | None:
    """The drawing, or None when no owner is told. `marked` parties are hatched: for officers, never for others."""
    if not graph.stakes:
        return None
    rows = list(islice(_rows(graph), MOST_ROWS))
    shapes: list[Rect | Line | Text] = []
    for index, row in enumerate(rows):
        shapes += _shapes(graph, rows, index, row.party in marked)
    ways = tuple(dict.fromkeys(f"{ownership.path_words(graph, way)}." for way in ownership.paths(graph)))
    name = graph.names[graph.company]
    return Drawing(
        Chart(
            kind="ownership",
            shapes=tuple(shapes),
            height=TOP + len(rows) * ROW,
            title=f"Who owns {name}",
            desc=" ".join(ways),
        ),
        ways,
    )


def _rows(graph: Graph) -> Iterator[_Row]:
    yield _Row(graph.company, 0, "")
    yield from _above(graph, graph.company, 1, frozenset((graph.company,)))


def _above(graph: Graph, of: Party, depth: int, below: frozenset[Party]) -> Iterator[_Row]:
    """The holders of a party, each followed by its own; nobody appears below itself, so a circle ends."""
    for stake in sorted(graph.into(of), key=_largest_first):
        yield _Row(stake.owner, depth, _share(stake))
        if stake.owner not in below and depth < DEEPEST:
            yield from _above(graph, stake.owner, depth + 1, below | {stake.owner})


def _largest_first(stake: Stake) -> tuple[bool, float, str]:
    return (stake.pct is None, -float(stake.pct or 0), stake.owner)


def _share(stake: Stake) -> str:
    return "?" if stake.pct is None else f"{stake.pct.normalize():f}%"


def _shapes(graph: Graph, rows: list[_Row], index: int, is_marked: bool) -> Iterator[Rect | Line | Text]:
    row = rows[index]
    left, top = row.depth * STEP, TOP + index * ROW
    middle = top + BOX / 2
    if row.depth:
        parent = max(i for i in range(index) if rows[i].depth == row.depth - 1)
        stem = (row.depth - 1) * STEP + STEP / 2
        yield Line("tick", stem, stem, TOP + parent * ROW + BOX, middle)
        yield Line("tick", stem, left, middle, middle)
    yield Rect("unsure" if is_marked else "track", left, top, 100 - left, BOX, 4)
    name = graph.names[row.party]
    shown = name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
    yield Text("strong", left + 1.5, middle + 4, shown, "start")
    if row.share:
        yield Text("text", 98.5, middle + 4, row.share, "end")
