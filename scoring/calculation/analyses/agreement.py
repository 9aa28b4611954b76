"""How far evaluators agree, by criterion and on their weighted sums: ICCs, Krippendorff's alpha, Kendall's W.

Marks are taken as they were given. ICCs and W use the proposals that every evaluator marked; alpha uses all that have
two marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.calculation.analyses.concordance import kendall
from scoring.calculation.analyses.intraclass import intraclass
from scoring.calculation.analyses.krippendorff import alphas
from scoring.calculation.facts import Criterion, Mark
from scoring.calculation.recomputing import SetResults

Table = Mapping[str, Mapping[str, Fraction]]
"""Proposal to evaluator to figure."""


def agreement(results: SetResults) -> dict[str, Any]:
    """`{"criteria": {code: measures}, "total": measures}`."""
    criteria = [each for each in results.criteria if each.mode == "evaluator" or _given(results, each)]
    return {
        "criteria": {each.code: measures(marks_of(results, each)) for each in criteria},
        "total": measures(totals_of(results, criteria)),
    }


def _given(results: SetResults, criterion: Criterion) -> dict[str, list[Mark]]:
    """The given marks of one criterion by proposal, for proposals that have any."""
    found = {}
    for row in results.rows:
        marks = results.of.marks.get((row.proposal.id, criterion.code), ())
        if given := [mark for mark in marks if mark.is_given]:
            found[row.proposal.id] = given
    return found


def marks_of(results: SetResults, criterion: Criterion) -> Table:
    """The marks of one criterion, as given."""
    return {
        proposal: {mark.evaluator: mark.mark for mark in marks if mark.mark is not None}
        for proposal, marks in _given(results, criterion).items()
    }


def totals_of(results: SetResults, criteria: Sequence[Criterion]) -> Table:
    """Each evaluator's weighted sum (points) over the criteria that every evaluator marked at least once.

    A proposal counts for an evaluator who marked it on all of them.
    """
    given = {each.code: _given(results, each) for each in criteria}
    by_code = {
        code: {mark.evaluator for marks in of_code.values() for mark in marks}
        for code, of_code in given.items()
    }
    everyone = set().union(*by_code.values())
    shared = [each for each in criteria if by_code[each.code] == everyone]
    table: dict[str, dict[str, Fraction]] = {}
    if not shared:
        return table
    for row in results.rows:
        sums: dict[str, list[Fraction]] = {}
        for criterion in shared:
            for mark in given[criterion.code].get(row.proposal.id, ()):
                points = criterion.weight * (mark.value or Fraction(0)) / 100
                sums.setdefault(mark.evaluator, []).append(points)
        whole = {who: sum(points, Fraction(0)) for who, points in sums.items() if len(points) == len(shared)}
        if whole:
            table[row.proposal.id] = whole
    return table


def measures(table: Table) -> dict[str, Any]:
    """All measures of one table. What can't be computed is `{"value": null, "reason"}`."""
    evaluators = sorted({who for marks in table.values() for who in marks})
    complete = [
        [marks[who] for who in evaluators] for marks in table.values() if len(marks) == len(evaluators)
    ]
    units = [list(marks.values()) for marks in table.values()]
    return {
        "n_proposals": len(complete),
        "n_evaluators": len(evaluators),
        "left_out": len(table) - len(complete),
        **intraclass(complete, len(evaluators)),
        "alpha": alphas(units),
        **kendall(complete, len(evaluators)),
    }
