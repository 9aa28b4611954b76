"""Which line is part of which, which row is the product itself, and how many go into one product. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rfp.bom.layout.columns import Columns
from rfp.bom.lines.rows import Line, rounded
from rfp.bom.questions import Asked, Option, rows_in_words
from rfp.bom.sheet.table import RowError

PRODUCT, PART = "product", "part"
ASSEMBLY = "assembly"
SLACK = Decimal("0.02")
_OUTLINE = re.compile(r"\d{1,5}(\.\d{1,5})+")
_DOTS = re.compile(r"([.\-+ ]*)(?:l(?:evel)?\s*)?(\d{1,3})(?:\.0+)?\.?", re.I)


@dataclass(kw_only=True)
class Tree:
    """Lines with their places: `parents` holds for each line the index of its parent, None on level 1.

    `levels` counts from 1. `product` is the line that was the product itself; it is not among the lines any more.
    """

    lines: list[Line]
    parents: list[int | None]
    levels: list[int] = field(default_factory=list)
    product: Line | None = None
    errors: list[RowError] = field(default_factory=list)


def build(lines: Sequence[Line], columns: Columns, asked: Asked) -> Tree:
    """Place every line, take the product out, and count quantities per finished product."""
    tree = Tree(lines=list(lines), parents=[None] * len(lines))
    depths = _place(tree, columns, asked)
    _break_circles(tree)
    _take_product_out(tree, depths, asked)
    tree.levels = _levels(tree.parents)
    _count_per_product(tree, columns, asked)
    return tree


def _place(tree: Tree, columns: Columns, asked: Asked) -> list[int] | None:
    """Fill in the parents. The depths that a level column gives come back, else None."""
    lines = tree.lines
    if "parent" in columns.places and any(line.parent for line in lines):
        _by_parent(tree, columns)
        asked.note(f"The tree comes from the column “{columns.heading('parent')}”.")
        return None
    levels = [re.sub(r"(?<=\d)\.$", "", line.level.strip()) for line in lines]
    if any(levels):
        asked.note(f"The tree comes from the column “{columns.heading('level')}”.")
        if _is_outline(levels):
            tree.parents = _by_outline(levels)
            return None
        depths = [_depth(text) for text in levels]
        _name_bad_levels(tree, levels, depths, columns)
        tree.parents = _by_depth(depths)
        return [-1 if depth is None else depth for depth in depths]
    numbers = [line.line_no.strip().rstrip(".") for line in lines]
    if _is_outline(numbers):
        tree.parents = _by_outline(numbers)
        asked.note("The tree comes from the line numbers: 1.2 is part of 1.")
    return None


def _is_outline(texts: Sequence[str]) -> bool:
    """1, 1.1, 1.2.1: some number has another of the list before its last point. "1.0, 2.0" are levels 1 and 2."""
    if not any(_OUTLINE.fullmatch(text) and not text.endswith(".0") for text in texts):
        return False
    known = {_outline(text) for text in texts}
    inside = [text for text in known if text and text.rpartition(".")[0] in known]
    return bool(inside) or sum(bool(_OUTLINE.fullmatch(text)) for text in texts) * 2 > len(texts)


def _outline(text: str) -> str:
    """ "1.0" above "1.1" is 1."""
    return re.sub(r"\.0+$", "", text.strip().rstrip("."))


def _by_outline(texts: Sequence[str]) -> list[int | None]:
    seen: dict[str, int] = {}
    places = {_outline(text): index for index, text in reversed(list(enumerate(texts))) if text}
    parents: list[int | None] = []
    for index, text in enumerate(texts):
        at = _outline(text).rpartition(".")[0]
        while at and at not in places:
            at = at.rpartition(".")[0]
        # Where numbers start again in every section, the nearest one above is meant.
        parents.append(seen.get(at, places.get(at)) if at else None)
        seen[_outline(text)] = index
    return parents


def _depth(text: str) -> int | None:
    """2 for "2", "..2", "L2", "--2", and "2.0"; None for what is no level."""
    if not text:
        return None
    found = _DOTS.fullmatch(text)
    if found:
        return int(found[2])
    marks = re.fullmatch(r"([.\-+*>])\1*", text)
    return len(text) if marks else None


def _name_bad_levels(
    tree: Tree, levels: Sequence[str], depths: Sequence[int | None], columns: Columns
) -> None:
    for line, text, depth in zip(tree.lines, levels, depths, strict=True):
        if depth is None:
            why = (
                f"“{text[:40]}” is not a level. The line counts at level 1."
                if text
                else "The level is missing. The line counts at level 1."
            )
            tree.errors.append(RowError(row=line.row, column=columns.heading("level"), why=why))


def _by_depth(depths: Sequence[int | None]) -> list[int | None]:
    path: list[tuple[int, int]] = []
    parents: list[int | None] = []
    least = min((depth for depth in depths if depth is not None), default=0)
    for index, depth in enumerate(depths):
        at = least if depth is None else depth
        while path and path[-1][0] >= at:
            path.pop()
        parents.append(path[-1][1] if path else None)
        path.append((at, index))
    return parents


def _by_parent(tree: Tree, columns: Columns) -> None:
    """Parents by line number, else by part number, else by name. One unknown parent on top is the product."""
    lines = tree.lines
    wanted = [line.parent.strip() for line in lines]
    named = [
        [_key(getattr(line, kind)) for line in lines] for kind in ("line_no", "part_number", "mpn", "name")
    ]
    keys = max(named, key=lambda names: sum(bool(text) and _key(text) in set(names) for text in wanted))
    places: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        if key:
            places.setdefault(key, []).append(index)
    missing: dict[str, list[int]] = {}
    for index, text in enumerate(wanted):
        if not text or text.lower() in ("-", "0", "none", "root", "top"):
            continue
        above = [place for place in places.get(_key(text), []) if place != index]
        if above:
            tree.parents[index] = max((place for place in above if place < index), default=above[0])
        else:
            missing.setdefault(text, []).append(index)
    _name_missing_parents(tree, missing, columns)


def _key(text: str) -> str:
    return text.strip().casefold().removesuffix(".0")


def _name_missing_parents(tree: Tree, missing: dict[str, list[int]], columns: Columns) -> None:
    """One name above everything is the product; any other parent that is not in the file is an error."""
    tops = [index for index, line in enumerate(tree.lines) if not line.parent.strip()]
    if len(missing) == 1 and not tops:
        return
    for text, indexes in missing.items():
        for index in indexes:
            tree.errors.append(
                RowError(
                    row=tree.lines[index].row,
                    column=columns.heading("parent"),
                    why=f"“{text[:40]}” is not a line in this file. The line counts at level 1.",
                )
            )


def _break_circles(tree: Tree) -> None:
    """A line that is above itself counts on level 1, and is named."""
    state = [0] * len(tree.lines)
    for start in range(len(tree.lines)):
        path = []
        at: int | None = start
        while at is not None and state[at] == 0:
            state[at] = 1
            path.append(at)
            at = tree.parents[at]
        if at is not None and state[at] == 1:
            tree.parents[at] = None
            why = "The line is part of itself through its parent lines. It counts at level 1."
            tree.errors.append(RowError(row=tree.lines[at].row, column="", why=why))
        for index in path:
            state[index] = 2


def _take_product_out(tree: Tree, depths: list[int] | None, asked: Asked) -> None:
    """A level-0 row is the product, and so is a lone root whose children make up its cost."""
    roots = [index for index, parent in enumerate(tree.parents) if parent is None]
    if len(tree.lines) < 2:
        return
    zero = [index for index, depth in enumerate(depths or []) if depth == 0]
    if len(zero) == 1 and any(depth > 0 for depth in depths or []):
        index = zero[0]
        why = "It has level 0. If we count it as a part, the origins of all parts inside it are hidden."
        default = PRODUCT
    elif len(roots) == 1 and tree.parents.count(roots[0]):
        index = roots[0]
        default, why = _lone_root(tree, index)
    else:
        return
    line = tree.lines[index]
    answer = asked.ask(
        "product",
        f"Row {line.row}: is “{line.name[:60]}” the finished product?",
        [
            Option(key=PRODUCT, label="The finished product", says="Leave it out of the parts."),
            Option(key=PART, label="A part", says="Count its cost as one line that contains the others."),
        ],
        default=default,
        rows=[line.row],
        why=why,
    )
    if answer == PRODUCT:
        _remove(tree, index)


def _lone_root(tree: Tree, root: int) -> tuple[str, str]:
    cost = tree.lines[root].unit_cost if tree.lines[root].unit_cost is not None else tree.lines[root].value()
    children = [line for line, parent in zip(tree.lines, tree.parents, strict=True) if parent == root]
    inside = sum((line.value() or Decimal(0) for line in children), Decimal(0))
    if not cost:
        return PRODUCT, "All other lines are inside it, and it has no cost of its own."
    if abs(inside - cost) <= cost * SLACK or inside > cost:
        return PRODUCT, "All other lines are inside it, and they add up to its cost."
    return PART, f"All other lines are inside it, but they cost {inside:,f} and it costs {cost:,f}."


def _remove(tree: Tree, index: int) -> None:
    tree.product = tree.lines.pop(index)
    above = tree.parents.pop(index)
    moved = [above if parent == index else parent for parent in tree.parents]
    tree.parents = [parent - 1 if parent is not None and parent > index else parent for parent in moved]


def _levels(parents: Sequence[int | None]) -> list[int]:
    levels = [0] * len(parents)
    for start in range(len(parents)):
        path = []
        at: int | None = start
        while at is not None and not levels[at]:
            path.append(at)
            at = parents[at]
        level = levels[at] if at is not None else 0
        for index in reversed(path):
            level += 1
            levels[index] = level
    return levels


def _count_per_product(tree: Tree, columns: Columns, asked: Asked) -> None:
    """Multiply quantities per assembly up the tree."""
    lines, parents = tree.lines, tree.parents
    inside = [i for i, parent in enumerate(parents) if parent is not None and _above(i, tree) != 1]
    if not inside or "qty_product" in columns.places:
        return
    is_said = "qty_assembly" in columns.places
    default = ASSEMBLY if is_said or not _adds_up_per_product(tree) else PRODUCT
    index = inside[0]
    parent = lines[parents[index] or 0]
    many, own = _above(index, tree), lines[index].qty
    per = (
        f"{_short(own)} × {_short(many)} = {_short(own * many)}" if own is not None and many else "multiplied"
    )
    heading = columns.named(columns.qty) if columns.qty is not None else "Quantity"
    answer = asked.ask(
        "quantity_basis",
        f"{rows_in_words(lines[i].row for i in inside)}: quantity per assembly or per finished product?",
        [
            Option(
                key=ASSEMBLY, label="Per assembly", says=f"Row {lines[index].row} counts {per} per product."
            ),
            Option(
                key=PRODUCT,
                label="Per product",
                says=f"Row {lines[index].row} counts {_short(own)} per product.",
            ),
        ],
        default=default,
        rows=[lines[i].row for i in inside],
        why=f"The heading says “{heading}”, and the product has {_short(many)} of “{parent.name[:60]}”.",
    )
    if answer == ASSEMBLY:
        counts = [_product_count(i, tree) for i in range(len(lines))]
        for line, count in zip(lines, counts, strict=True):
            line.qty = count


def _short(value: Decimal | None) -> str:
    return "?" if value is None else f"{value.normalize():,f}"


def _above(index: int, tree: Tree) -> Decimal | None:
    """How many of the assembly around a line go into one product; None when a quantity above is missing."""
    total = Decimal(1)
    at = tree.parents[index]
    while at is not None:
        own = tree.lines[at].qty
        if own is None:
            return None
        total *= own
        at = tree.parents[at]
    return total


def _product_count(index: int, tree: Tree) -> Decimal | None:
    own, above = tree.lines[index].qty, _above(index, tree)
    return rounded(own * above) if own is not None and above is not None else None


def _adds_up_per_product(tree: Tree) -> bool:
    """Whether children fit the cost of their assemblies only when they are counted per product."""
    per_product = per_assembly = 0
    inside: Counter[int] = Counter()
    sums: dict[int, Decimal] = {}
    for line, parent in zip(tree.lines, tree.parents, strict=True):
        if parent is not None and line.qty is not None and line.unit_cost is not None:
            sums[parent] = sums.get(parent, Decimal(0)) + line.qty * line.unit_cost
            inside[parent] += 1
    for parent, total in sums.items():
        line = tree.lines[parent]
        if not line.unit_cost or not line.qty or line.qty == 1:
            continue
        for_one, for_all = line.unit_cost, line.unit_cost * line.qty
        per_assembly += abs(total - for_one) <= for_one * SLACK
        per_product += abs(total - for_all) <= for_all * SLACK
    return per_product > per_assembly
