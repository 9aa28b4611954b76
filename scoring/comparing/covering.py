"""What a coverage page shows of one lot: who makes what, capacity against demand, places, and the suggestion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from portal.kit import formats
from portal.kit.charts import ramps, shapes
from scoring.comparing import queries
from scoring.comparing.models import Portfolio
from scoring.comparing.origins import CONCENTRATED, HOME, NOWHERE, concentration
from scoring.comparing.queries import Offered
from scoring.comparing.terms import Terms, infeasible_in_words, limit_in_words
from suppliers.reference.countries import country_name
from suppliers.reference.places import STATE_NAMES

QUARTERS = 4
PLACES = 6  # countries that are named one by one


# ---- who makes what ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one supplier offers of one sub-component. `bar`: percent of the demand, at most 100, as an SVG width."""

    is_offered: bool
    supplier: str = ""
    units: str = ""
    bar: str = ""
    in_set: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One sub-component: its sources and units over all ranked proposals, and a cell for each column of the page."""

    title: str
    code: str
    sources: int
    sources_words: str
    units: str
    demand: str
    is_short: bool
    cells: tuple[Cell, ...]


def rows_of(
    offered: Sequence[Offered],
    columns: Sequence[Any],
    cells: Mapping[tuple[int, int], int | None],
    chosen: frozenset[str],
) -> list[Row]:
    """The matrix: `columns` are the ranked rows of this page."""
    return [
        Row(
            title=each.item.title,
            code=each.item.code,
            sources=each.sources,
            sources_words=formats.count_of(each.sources, "source"),
            units=formats.number(each.units),
            demand=formats.number(each.demand),
            is_short=each.is_short,
            cells=tuple(
                _cell(each, column, cells, in_set=column.proposal_number in chosen) for column in columns
            ),
        )
        for each in offered
    ]


def _cell(each: Offered, column: Any, cells: Mapping[tuple[int, int], int | None], *, in_set: bool) -> Cell:
    key = (each.item.pk, column.revision_id)
    if key not in cells:
        return Cell(is_offered=False, in_set=in_set)
    units = cells[key]
    bar = ""
    if units is not None and each.demand:
        bar = f"{min(100, 100 * units / each.demand):.2f}%"
    return Cell(
        is_offered=True,
        supplier=column.supplier_name,
        units=formats.number(units),
        bar=bar,
        in_set=in_set,
    )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The three figures on top of the page."""

    offered: str
    short: str
    single: str
    singles: str
    covered: str
    missing: str


def verdict_of(offered: Sequence[Offered], covered: frozenset[int], *, has_set: bool) -> Verdict:
    count = len(offered)
    present = [each for each in offered if each.sources]
    absent = [each.item.title for each in offered if not each.sources]
    short = [each for each in offered if each.is_short]
    single = [each.item.title for each in offered if each.sources == 1]
    said = [
        f"{each.item.title}: {formats.number((each.demand or 0) - (each.units or 0))} units short."
        for each in short[:2]
    ]
    if absent:
        said.insert(0, f"No one offers {_listed(absent)}.")
    missing = [each.item.title for each in present if each.item.pk not in covered]
    return Verdict(
        offered=f"{len(present)} of {formats.count_of(count, 'sub-component')}",
        short=" ".join(said),
        single=formats.count_of(len(single), "sub-component"),
        singles=f"{_listed(single)}." if single else "",
        covered=f"{len(covered)} of {len(present)} covered" if has_set else "",
        missing=f"Without {_listed(missing)}." if has_set and missing else "",
    )


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:3])
    if len(names) > 3:
        shown.append(f"{len(names) - 3} more")
    return formats.listed(shown)


# ---- capacity ---------------------------------------------------------------------------------------------------


def capacity_chart(offered: Sequence[Offered], revisions: Any, *, whose: str) -> shapes.Chart | None:
    """Units that can ship against demand, cumulative by quarter; None without ramps or a demand; two queries."""
    demand = sum(each.demand or 0 for each in offered)
    quarters = queries.capacity_by_quarter(revisions) if demand else []
    if not quarters:
        return None
    supply = list(
        accumulate((units for _quarter, units in quarters), initial=queries.opening_stock(revisions))
    )
    needed = [round(demand * (index + 1) / QUARTERS) for index in range(len(quarters))]
    periods = [
        ramps.Period(f"{quarter[2:4]} {quarter[-2:]}", have, need)
        for (quarter, _units), have, need in zip(quarters, supply[1:], needed, strict=True)
    ]
    return ramps.ramp(periods, title=f"Capacity of {whose} against demand")


# ---- places -----------------------------------------------------------------------------------------------------


def states_of(rows: Iterable[Any], chosen: frozenset[str]) -> list[tuple[str, int, int]]:
    """(state, ranked proposals made there, of them chosen), the most first."""
    every = list(rows)
    whole = Counter(row.state for row in every)
    inside = Counter(row.state for row in every if row.proposal_number in chosen)
    named = [(STATE_NAMES.get(code, "Abroad or unknown"), code) for code in whole]
    return sorted(
        ((name, whole[code], inside[code]) for name, code in named), key=lambda each: (-each[1], each[0])
    )


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A country's average share of the cost of components; `bar` is an SVG width."""

    name: str
    share: str
    bar: str
    is_home: bool


def origins_in_rows(shares: Sequence[Sequence[str]]) -> list[Origin]:
    """The largest few, and the rest together."""
    found = [_origin(_country(code), Decimal(share), is_home=code == HOME) for code, share in shares[:PLACES]]
    rest = shares[PLACES:]
    if rest:
        name = formats.count_of(len(rest), "other country", "other countries")
        found.append(_origin(name, sum((Decimal(share) for _code, share in rest), Decimal(0)), is_home=False))
    return found


def _country(code: str) -> str:
    return "Unknown" if code == NOWHERE else country_name(code)


def _origin(name: str, share: Decimal, *, is_home: bool) -> Origin:
    return Origin(name=name, share=formats.percent(share), bar=f"{share:.2f}%", is_home=is_home)


def concentration_in_words(shares: Sequence[Sequence[str]]) -> tuple[str, bool]:
    """(a sentence about the largest country abroad, whether it is concentrated)."""
    found = concentration(shares)
    if found is None:
        return "", False
    code, share = found
    words = f"{country_name(code)} has the largest share abroad: {formats.percent(share)} on average."
    return words, share >= CONCENTRATED


# ---- the suggestion ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A computed portfolio in words. `prices`: (constraint, points it costs); `swaps`: one sentence each."""

    chosen: Sequence[Any]
    sum_of_scores: str
    sum_of_prices: str
    coverage: str
    prices: Sequence[tuple[str, str]]
    swaps: Sequence[str]
    infeasible: str = ""


def suggestion_of(
    portfolio: Portfolio, rows: Mapping[str, Any], items: Mapping[str, str], lot: str
) -> Suggestion:
    """`rows`: the lot's ranked rows by number; `items`: how each sub-component is called, by code."""
    terms, result = Terms.from_file(portfolio.terms, lot), portfolio.result
    names = {number: row.supplier_name for number, row in rows.items()}
    if "infeasible" in result:
        words = infeasible_in_words(result["infeasible"], terms, items, names)
        return Suggestion(
            chosen=(), sum_of_scores="", sum_of_prices="", coverage="", prices=(), swaps=(), infeasible=words
        )
    chosen = sorted(
        (rows[number] for number in result["chosen"] if number in rows), key=lambda row: row.position
    )
    return Suggestion(
        chosen=chosen,
        sum_of_scores=formats.number(result["objective"], 2),
        sum_of_prices=formats.money_short(sum((row.price_total or Decimal(0) for row in chosen), Decimal(0))),
        coverage=formats.number(result["price_of_coverage"], 2),
        prices=[
            (limit_in_words(name, terms, items, names), formats.number(price, 2))
            for name, price in result["prices"].items()
        ],
        swaps=[
            _swap(each, limit_in_words(each["limit"], terms, items, names), rows) for each in result["swaps"]
        ],
    )


def _swap(swap: Mapping[str, Any], limit: str, rows: Mapping[str, Any]) -> str:
    """ "Without “Cover Backup unit”: Ashtabula Magnetics (rank 2) instead of Sabine Switchgear (rank 5), 4.72 points
    more."."""
    enter, leave = _named(swap["enter"], rows), _named(swap["leave"], rows)
    gain = formats.number(swap["gain"], 2)
    if enter and leave:
        return f"Without “{limit}”: {enter} instead of {leave}, {gain} points more."
    return f"Without “{limit}”: {enter or leave} {'as well' if enter else 'not'}, {gain} points more."


def _named(numbers: Sequence[str], rows: Mapping[str, Any]) -> str:
    found = [f"{rows[each].supplier_name} (rank {rows[each].rank})" for each in numbers if each in rows]
    return _listed(found) if found else ""
