"""The results of an evaluation: who stands where, and with which figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rfp.method.prices import FORMULAS
from scoring.calculation.facts import Criterion, Evaluation, EvaluationSet, Method
from scoring.calculation.figures import half_up, printed, shown
from scoring.calculation.ties import WORDS, Contender, Place, rank_with_draws
from scoring.calculation.totals import ZERO, Row, score_set

STANDINGS = ("ranked", "below_threshold", "knocked_out", "withdrawn", "not_scored")


@dataclass(frozen=True, slots=True)
class SetResults:
    """One set's rows in the order of the results, the places of those that are ranked, and the set itself."""

    of: EvaluationSet
    rows: Sequence[Row]
    places: Mapping[str, Place]
    method: Method
    criteria: Sequence[Criterion]

    @property
    def ranked(self) -> list[Row]:
        return [row for row in self.rows if row.proposal.id in self.places]

    def as_json(self) -> list[dict[str, Any]]:
        """The rows as the file holds them: decimals are strings."""
        return [_as_json(row, self) for row in self.rows]


def recompute(evaluation: Evaluation) -> list[SetResults]:
    """The results of every set, in the order of the file."""
    return [recompute_set(each, evaluation.criteria, evaluation.method) for each in evaluation.sets]


def recompute_set(each: EvaluationSet, criteria: Sequence[Criterion], method: Method) -> SetResults:
    return ranked_results(each, score_set(each, criteria, method), criteria, method)


def ranked_results(
    each: EvaluationSet, rows: Sequence[Row], criteria: Sequence[Criterion], method: Method
) -> SetResults:
    """Rows that are scored, put in their order."""
    places = rank_rows(rows, criteria, method)
    by_id = {row.proposal.id: row for row in rows}
    rest = sorted(
        (row for row in rows if row.proposal.id not in places),
        key=lambda row: (STANDINGS.index(row.standing), row.proposal.id),
    )
    ordered = [by_id[place] for place in places] + rest
    return SetResults(of=each, rows=ordered, places=places, method=method, criteria=criteria)


def rank_rows(
    rows: Sequence[Row],
    criteria: Sequence[Criterion],
    method: Method,
    drawn: Sequence[Mapping[str, int]] = (),
) -> dict[str, Place]:
    """The places of the rows that are ranked, by proposal, in order. `drawn`: see `ties.rank_with_draws`."""
    chain = open_chain(method.tie_chain, criteria, method)
    codes = [step for step in chain if step not in WORDS]
    contenders = [
        Contender(
            id=row.proposal.id,
            ranked_on=row.ranked_on,
            technical=row.technical,
            price=row.compared,
            received_at=row.proposal.received_at,
            draw=row.proposal.draw,
            values={code: row.scores[code].value for code in codes},
            stage=row.proposal.stage,
        )
        for row in rows
        if row.ranked_on is not None
    ]
    return rank_contenders(contenders, chain, drawn)


def rank_contenders(
    contenders: Sequence[Contender], chain: Sequence[str], drawn: Sequence[Mapping[str, int]] = ()
) -> dict[str, Place]:
    """The places of contenders, by proposal, in order."""
    return {place.id: place for place in rank_with_draws(contenders, chain, drawn)}


def open_chain(chain: Sequence[str], criteria: Sequence[Criterion], method: Method) -> list[str]:
    """The steps that may be used: while prices are sealed, none that reveals anything about price."""
    if method.price_open:
        return list(chain)
    sealed = {each.code for each in criteria if each.envelope == "price"} | {"price"}
    return [step for step in chain if step not in sealed]


def is_additive(method: Method) -> bool:
    """Whether totals are plain sums of points: no shares, no relative points, no total of the formula's own."""
    return (
        method.price_open
        and method.technical == "sum"
        and method.technical_share is None
        and FORMULAS[method.price.formula].gives != "total"
    )


def _as_json(row: Row, results: SetResults) -> dict[str, Any]:
    place = results.places.get(row.proposal.id)
    points, price_points = _printed_points(row, results)
    return {
        "id": row.proposal.id,
        "standing": row.standing,
        "rank": place.rank if place else None,
        "shared": place.shared if place else False,
        "tie_step": place.tie_step if place else "",
        "technical": printed(row.technical),
        "technical_percent": _or_null(row.technical_percent),
        "technical_final": _or_null(row.technical_final),
        "price_points": price_points,
        "total": _or_null(row.total),
        "flags": list(row.flags),
        "criteria": [
            {"code": code, "n": score.n, "value": _or_null(score.value), "points": points[code]}
            for code, score in row.scores.items()
        ],
    }


def _or_null(value: Fraction | None) -> str | None:
    return None if value is None else printed(value)


def _printed_points(row: Row, results: SetResults) -> tuple[dict[str, str | None], str | None]:
    """Points of the criteria and of the price, as printed.

    In a sum they are what each adds to the rounded running sum, which starts with the adjustments; so they add up.
    """
    method = results.method
    if row.total is None or not is_additive(method):
        return {code: _or_null(score.points) for code, score in row.scores.items()}, _or_null(
            row.price_points
        )
    running, before = row.adjustment, row.adjustment
    found: dict[str, str | None] = {}
    parts = [(code, score.points or ZERO) for code, score in row.scores.items()]
    for code, points in [*parts, ("", row.price_points or ZERO)]:
        running += points
        after = shown(running) if method.places is None else half_up(running, method.places)
        found[code] = printed(after - before)
        before = after
    price_points = found.pop("")
    return found, price_points
