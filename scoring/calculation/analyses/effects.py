"""How strict each evaluator is: the additive model y = τ(proposal) + ρ(evaluator) + ε by least squares, Σρ = 0.

y is an evaluator's weighted value of a proposal, 0 to 100, over the criteria that this evaluator marked on it.
Proposals are eliminated first (a Schur complement), so that the system solved has one row for each evaluator.
Evaluators who share no proposal, directly or through others, can't be compared: each connected group is solved alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.calculation.recomputing import SetResults

PLACES = 9  # effects that differ by less are equal: they come from floating point
Values = Mapping[str, Mapping[str, float]]
"""Proposal to evaluator to weighted value."""


def effects(results: SetResults) -> dict[str, Any]:
    """`{"components", "groups", "proposal_effect", "evaluator_effect", "adjusted_rank"}`.

    Each group has effects and ranks of its own. With several groups there is no common rank.
    """
    values = weighted_values(results)
    groups = [_group(values, proposals) for proposals in connected(values)]
    return {
        "components": len(groups),
        "groups": groups,
        "proposal_effect": {key: value for each in groups for key, value in each["proposal_effect"].items()},
        "evaluator_effect": {
            key: value for each in groups for key, value in each["evaluator_effect"].items()
        },
        "adjusted_rank": groups[0]["adjusted_rank"] if len(groups) == 1 else None,
    }


def weighted_values(results: SetResults) -> Values:
    """Each evaluator's weighted mean value of each proposal. Criteria without weight don't count."""
    weights = {each.code: each.weight for each in results.criteria}
    sums: dict[str, dict[str, tuple[Fraction, Fraction]]] = {}
    for (proposal, code), marks in results.of.marks.items():
        for mark in marks:
            if not mark.is_given or mark.value is None or not weights[code]:
                continue
            of_proposal = sums.setdefault(proposal, {})
            points, weight = of_proposal.get(mark.evaluator, (Fraction(0), Fraction(0)))
            of_proposal[mark.evaluator] = points + weights[code] * mark.value, weight + weights[code]
    return {
        proposal: {who: float(points / weight) for who, (points, weight) in sorted(sums[proposal].items())}
        for proposal in sorted(sums)
    }


def connected(values: Values) -> list[list[str]]:
    """Proposals in groups that share evaluators, directly or through others; each group in order of its ids."""
    proposals_of: dict[str, list[str]] = {}
    for proposal, marks in values.items():
        for who in marks:
            proposals_of.setdefault(who, []).append(proposal)
    seen: set[str] = set()
    groups = []
    for start in values:
        if start in seen:
            continue
        group, waiting = set(), [start]
        while waiting:
            proposal = waiting.pop()
            if proposal in group:
                continue
            group.add(proposal)
            for who in values[proposal]:
                waiting += proposals_of.pop(who, ())
        seen |= group
        groups.append(sorted(group))
    return groups


def _group(values: Values, proposals: Sequence[str]) -> dict[str, Any]:
    evaluators = sorted({who for proposal in proposals for who in values[proposal]})
    severity = _solve(values, proposals, evaluators)
    merit = {}
    for proposal in proposals:
        marks = values[proposal]
        merit[proposal] = sum(marks[who] - severity[who] for who in marks) / len(marks)
    return {
        "proposals": list(proposals),
        "evaluators": evaluators,
        "proposal_effect": merit,
        "evaluator_effect": severity,
        "adjusted_rank": _ranks(merit),
    }


def _solve(values: Values, proposals: Sequence[str], evaluators: Sequence[str]) -> dict[str, float]:
    """ρ of each evaluator in one connected group, Σρ = 0."""
    import numpy as np

    place = {who: index for index, who in enumerate(evaluators)}
    schur = np.zeros((len(evaluators), len(evaluators)))
    right = np.zeros(len(evaluators))
    for proposal in proposals:
        at = [place[who] for who in values[proposal]]
        marks = np.array(list(values[proposal].values()))
        schur[at, at] += 1
        schur[np.ix_(at, at)] -= 1 / len(at)
        right[at] += marks - marks.mean()
    # Connected, the system lacks one rank: a constant. Adding ones everywhere asks for the solution that sums to 0.
    solved = np.linalg.solve(schur + 1, right)
    return dict(zip(evaluators, map(float, solved - solved.mean()), strict=True))


def _ranks(merit: Mapping[str, float]) -> dict[str, int]:
    """Competition ranks, the highest effect first."""
    rounded = {proposal: round(effect, PLACES) for proposal, effect in merit.items()}
    ordered = sorted(rounded.values(), reverse=True)
    first: dict[float, int] = {}
    for index, effect in enumerate(ordered):
        first.setdefault(effect, index + 1)
    return {proposal: first[effect] for proposal, effect in rounded.items()}
