"""Costs of a bill of materials, rolled up by origin. Pure."""

import weakref
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from rfp.facts import BomLineFacts, ProposalFacts

# Products and sums of costs must be exact, so that scaling a BOM never moves a share by a last digit.
EXACT = Context(prec=100)
ZERO = Decimal(0)
ROUNDING_SLACK = Decimal("1.02")

US, FOREIGN, UNKNOWN = "us", "foreign", "unknown"


def standing(line: BomLineFacts) -> str:
    """Where a component counts: us, foreign or unknown. Domestic means made in the United States, not
    shipped from it.

    A U.S. origin without that statement, or the statement beside a foreign origin, is in doubt and counts
    as unknown.
    """
    if line.us_manufactured:
        return US if line.origin in ("", "US") else UNKNOWN
    if line.origin == "US":
        return UNKNOWN
    if not line.origin:
        return UNKNOWN if line.us_manufactured is None else FOREIGN
    return FOREIGN


def origin_in_doubt(line: BomLineFacts) -> bool:
    """Whether the origin and the statement of U.S. manufacture contradict each other or one is missing."""
    return standing(line) == UNKNOWN and bool(line.origin)


def line_value(line: BomLineFacts) -> Decimal | None:
    """Cost of a line per finished product, U.S. dollars, or None when a cost or the quantity is missing.

    Bought: quantity x (acquisition + freight to the place of incorporation + duty). Made: quantity x
    (materials + labor + allocable overhead + freight), profit left out. FAR 25.003 "cost of components".
    Blank freight or duty counts as zero here; `lines_without_freight_or_duty` names the lines where that
    could hide a foreign cost.
    """
    if line.make_or_buy == "make":
        needed = [line.materials, line.direct_labor, line.allocable_overhead]
        extra = [line.inbound_freight]
    else:
        needed = [line.unit_acquisition_cost]
        extra = [line.inbound_freight, line.duty]
    if line.qty is None or any(cost is None for cost in needed):
        return None
    with localcontext(EXACT):
        return line.qty * sum((cost for cost in (*needed, *extra) if cost is not None), start=ZERO)


def _is_negative(line: BomLineFacts) -> bool:
    costs = (
        line.qty,
        line.unit_acquisition_cost,
        line.inbound_freight,
        line.duty,
        line.materials,
        line.direct_labor,
        line.allocable_overhead,
    )
    return any(cost is not None and cost < 0 for cost in costs)


def _lacks_freight_or_duty(line: BomLineFacts) -> bool:
    if standing(line) == US:
        return False
    return line.inbound_freight is None or (line.make_or_buy == "buy" and line.duty is None)


@dataclass(frozen=True, kw_only=True)
class Component:
    """A level-1 line and its cost per finished product; `value` None when it cannot be computed."""

    line: BomLineFacts
    standing: str
    value: Decimal | None


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """A bill of materials added up. Lists hold line numbers; amounts are U.S. dollars per finished product.

    `components` are the level-1 lines; `total = us + foreign + unknown` are theirs. `own` is, per counted
    line, what it costs beyond its children (a leaf: all of it).
    """

    components: tuple[Component, ...]
    total: Decimal
    us: Decimal
    foreign: Decimal
    unknown: Decimal
    own: Mapping[str, Decimal]
    lines: Mapping[str, BomLineFacts]
    duplicates: tuple[str, ...]
    orphans: tuple[str, ...]
    cycles: tuple[str, ...]
    overfull: tuple[str, ...]
    missing: tuple[str, ...]
    negative: tuple[str, ...]
    with_profit: tuple[str, ...]
    without_freight_or_duty: tuple[str, ...]
    in_doubt: tuple[str, ...]
    other_currency: tuple[str, ...]

    @property
    def is_a_tree(self) -> bool:
        return not (self.duplicates or self.orphans or self.cycles)

    @property
    def missing_at_level_1(self) -> tuple[str, ...]:
        return tuple(c.line.line_no for c in self.components if c.value is None)


TOTAL = "total"


def _sums(components: Iterable[Component]) -> dict[str, Decimal]:
    """What the components cost, by where they come from, and in all."""
    with localcontext(EXACT):
        sums = dict.fromkeys((US, FOREIGN, UNKNOWN), ZERO)
        for component in components:
            if component.value is not None:
                sums[component.standing] += component.value
        return {**sums, TOTAL: sum(sums.values(), ZERO)}


def roll_up(lines: Sequence[BomLineFacts]) -> RollUp:
    """Add a bill of materials up.

    Lines flagged `final_assembly` that are made are left out, and their children move up to the flagged
    line's parent: what is assembled last goes directly into the end product.
    """
    by_number = {line.line_no: line for line in lines}
    counts = Counter(line.line_no for line in lines)
    dropped = {n for n, line in by_number.items() if line.final_assembly and line.make_or_buy == "make"}
    counted = [line for line in lines if line.line_no not in dropped]
    cycles = _cycles(by_number)
    parents = {
        line.line_no: _effective_parent(line, by_number, dropped)
        for line in counted
        if line.line_no not in cycles
    }
    values = {line.line_no: line_value(line) for line in counted}
    components = tuple(
        Component(line=line, standing=standing(line), value=values[line.line_no])
        for line in counted
        if parents.get(line.line_no) == ""
    )
    own, overfull = _own_costs(values, parents)
    sums = _sums(components)
    return RollUp(
        components=components,
        total=sums[TOTAL],
        us=sums[US],
        foreign=sums[FOREIGN],
        unknown=sums[UNKNOWN],
        own=own,
        lines=by_number,
        duplicates=tuple(number for number, count in counts.items() if count > 1 or not number),
        orphans=tuple(
            line.line_no for line in lines if line.parent_line and line.parent_line not in by_number
        ),
        cycles=tuple(sorted(cycles)),
        overfull=overfull,
        missing=_numbers(line for line in counted if values[line.line_no] is None),
        negative=_numbers(line for line in counted if _is_negative(line)),
        with_profit=_numbers(
            line for line in counted if line.make_or_buy == "make" and (line.profit or 0) > 0
        ),
        without_freight_or_duty=_numbers(line for line in counted if _lacks_freight_or_duty(line)),
        in_doubt=_numbers(line for line in counted if origin_in_doubt(line)),
        other_currency=_numbers(line for line in counted if line.currency != "USD"),
    )


_rolled: dict[int, RollUp] = {}


def rolled_up(facts: ProposalFacts) -> RollUp:
    """The bill of materials of these facts, added up once for all the rules that ask."""
    key = id(facts)
    if key not in _rolled:
        # The facts are frozen, so the sums hold as long as they live; then the entry goes with them.
        _rolled[key] = roll_up(facts.bom or ())
        weakref.finalize(facts, _rolled.pop, key, None)
    return _rolled[key]


def _numbers(lines: Iterable[BomLineFacts]) -> tuple[str, ...]:
    return tuple(line.line_no for line in lines)


def _cycles(by_number: Mapping[str, BomLineFacts]) -> set[str]:
    """Lines from which following the parents never ends."""
    ends: dict[str, bool] = {}
    for start in by_number:
        path: list[str] = []
        at = start
        on_path: set[str] = set()
        while at in by_number and at not in ends and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = by_number[at].parent_line
        result = at not in on_path and ends.get(at, True)
        for number in path:
            ends[number] = result
    return {number for number, ended in ends.items() if not ended}


def _effective_parent(line: BomLineFacts, by_number: Mapping[str, BomLineFacts], dropped: set[str]) -> str:
    parent = line.parent_line
    while parent in dropped:
        parent = by_number[parent].parent_line
    return parent


def _own_costs(
    values: Mapping[str, Decimal | None], parents: Mapping[str, str]
) -> tuple[dict[str, Decimal], tuple[str, ...]]:
    """What each line costs beyond its children, and the lines whose children cost over 2 % more."""
    with localcontext(EXACT):
        below: dict[str, Decimal] = {}
        for number, parent in parents.items():
            if parent:
                below[parent] = below.get(parent, ZERO) + (values[number] or ZERO)
        own: dict[str, Decimal] = {}
        overfull = []
        for number in parents:
            value = values[number]
            if value is None:
                continue
            children = below.get(number, ZERO)
            if children > value * ROUNDING_SLACK:
                overfull.append(number)
            own[number] = max(value - children, ZERO)
    return own, tuple(overfull)


def percent_of(part: Decimal, total: Decimal) -> Decimal:
    """100 x part / total to 60 digits: equal shares give equal digits whatever the scale of the costs."""
    with localcontext(EXACT) as context:
        context.prec = 60
        return part * 100 / total


def exceeds(part: Decimal, total: Decimal, percent: Decimal) -> bool:
    """Whether part is more than `percent` of total, by exact cross-multiplication."""
    with localcontext(EXACT):
        return 100 * part > percent * total
