"""The best set of proposals over all lots: most points under slots, budget, coverage, sources and caps.

Solved as a mixed-integer program by HiGHS. Whatever it answers is checked with exact figures: a budget that holds only
within the solver's tolerance is cut off, and among equal objectives the lowest ids win.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from rfp.method.prices import FORMULAS
from scoring.calculation.coverage.choosing import Candidate, Limit, best_choice, is_possible
from scoring.calculation.facts import Declined, Evaluation, PortfolioTerms
from scoring.calculation.figures import printed
from scoring.calculation.recomputing import SetResults


def portfolio(evaluation: Evaluation, results: Sequence[SetResults]) -> dict[str, Any]:
    """The portfolio of the file, as `choose` returns it. Raises Declined."""
    terms = evaluation.portfolio
    if terms is None:
        raise Declined("The file has no key “portfolio”, which says what to choose.")
    if not evaluation.method.price_open:
        raise Declined("A portfolio can’t be computed before prices are opened.")
    if FORMULAS[evaluation.method.price.formula].ascending:
        raise Declined(
            "A portfolio can’t be computed for price_per_quality, because its best total is the lowest."
        )
    candidates = candidates_of(results)
    _refuse_unknown_prices(candidates, terms)
    return choose(candidates, limits_of(terms, candidates))


def candidates_of(results: Sequence[SetResults]) -> list[Candidate]:
    """Ranked proposals without holds, in order of their ids."""
    found = [
        Candidate(
            id=row.proposal.id,
            lot=each.of.lot,
            total=row.total,
            price=row.proposal.price,
            categories=row.proposal.categories,
            state=row.proposal.state,
            supplier=row.proposal.supplier,
        )
        for each in results
        for row in each.ranked
        if not row.proposal.holds and row.total is not None
    ]
    return sorted(found, key=lambda candidate: candidate.id)


def _refuse_unknown_prices(candidates: Sequence[Candidate], terms: PortfolioTerms) -> None:
    for candidate in candidates:
        if terms.budget is not None and candidate.price is None:
            raise Declined(f"Proposal {candidate.id} has no price, which the portfolio’s budget needs.")


def limits_of(terms: PortfolioTerms, candidates: Sequence[Candidate]) -> list[Limit]:
    """Everything that limits the choice, by name; slots come first."""
    limits = _slots(terms, candidates)
    if terms.budget is not None:
        costs = {each.id: each.price for each in candidates if each.price}
        limits.append(Limit("budget", most=terms.budget, weights=costs))
    for category in terms.cover_categories:
        inside = [each.id for each in candidates if category in each.categories]
        limits.append(
            Limit(f"cover_categories:{category}", least=1, groups=tuple((each,) for each in inside))
        )
    for category, least in terms.min_sources.items():
        limits.append(Limit(f"min_sources:{category}", least=least, groups=_sources(candidates, category)))
    for state in terms.cover_states:
        inside = [each.id for each in candidates if each.state == state]
        limits.append(Limit(f"cover_states:{state}", least=1, groups=tuple((each,) for each in inside)))
    if terms.max_per_supplier is not None:
        groups = tuple(_by_supplier(candidates).values())
        limits.append(Limit("max_per_supplier", most_each=terms.max_per_supplier, groups=groups))
    known = {each.id for each in candidates}
    for each in terms.pinned:
        limits.append(Limit(f"pinned:{each}", least=1, groups=((each,),) if each in known else ()))
    for each in terms.excluded:
        limits.append(
            Limit(f"excluded:{each}", most=Fraction(0), weights=_ones([each] if each in known else []))
        )
    return limits


def _slots(terms: PortfolioTerms, candidates: Sequence[Candidate]) -> list[Limit]:
    if isinstance(terms.slots, int):
        return [Limit("slots", most=Fraction(terms.slots), weights=_ones([each.id for each in candidates]))]
    lots = dict.fromkeys([*terms.slots, *(each.lot for each in candidates)])
    return [
        Limit(
            f"slots:{lot}",
            most=Fraction(terms.slots.get(lot, 0)),
            weights=_ones([each.id for each in candidates if each.lot == lot]),
        )
        for lot in lots
    ]


def _ones(ids: Sequence[str]) -> Mapping[str, Fraction]:
    return dict.fromkeys(ids, Fraction(1))


def _by_supplier(candidates: Sequence[Candidate]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Ids by supplier. A blank supplier is a supplier of its own."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for each in candidates:
        key = (each.supplier, "" if each.supplier else each.id)
        found[key] = (*found.get(key, ()), each.id)
    return found


def _sources(candidates: Sequence[Candidate], category: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_by_supplier([each for each in candidates if category in each.categories]).values())


def choose(candidates: Sequence[Candidate], limits: Sequence[Limit]) -> dict[str, Any]:
    """`{"chosen", "objective", "unconstrained", "price_of_coverage", "prices"}`; or `{"infeasible": [names]}`."""
    chosen = best_choice(candidates, limits)
    if chosen is None:
        return {"infeasible": [limit.name for limit in conflict(candidates, limits)]}
    slots = [limit for limit in limits if limit.is_slot]
    objective = _objective(candidates, chosen)
    unconstrained = _objective(candidates, best_choice(candidates, slots, any_will_do=True) or frozenset())
    prices = {}
    for limit in limits:
        if limit.is_slot:
            continue
        without = objective
        if unconstrained > objective:  # else no limit costs anything
            rest = [each for each in limits if each is not limit]
            without = _objective(candidates, best_choice(candidates, rest, any_will_do=True) or frozenset())
        prices[limit.name] = printed(without - objective)
    return {
        "chosen": sorted(chosen),
        "objective": printed(objective),
        "unconstrained": printed(unconstrained),
        "price_of_coverage": printed(unconstrained - objective),
        "prices": prices,
    }


def _objective(candidates: Sequence[Candidate], chosen: frozenset[str]) -> Fraction:
    return sum((each.total for each in candidates if each.id in chosen), Fraction(0))


def conflict(candidates: Sequence[Candidate], limits: Sequence[Limit]) -> list[Limit]:
    """Limits that can't hold together, of which each is needed for the conflict: without it, the others can."""
    needed = list(limits)
    for limit in limits:
        rest = [each for each in needed if each is not limit]
        if not is_possible(candidates, rest):
            needed = rest
    return needed
