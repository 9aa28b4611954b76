"""What the shape of a file can't say: whether its method, its sets and its portfolio make sense together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from rfp.method.prices import FORMULAS
from scoring.calculation.facts import Criterion, EvaluationSet, Method, NotAnEvaluation, PortfolioTerms
from scoring.calculation.file.shapes import quoted
from scoring.calculation.ties import WORDS


def check_method(method: Method, criteria: Sequence[Criterion]) -> None:
    """Raises NotAnEvaluation if the method contradicts itself or has nothing to work on."""
    _check_shares(method)
    formula = FORMULAS[method.price.formula]
    if formula.gives == "points" and method.price.points is None:
        raise NotAnEvaluation(f"method.price lacks the key “points”, which {formula.name} needs.")
    codes = {criterion.code for criterion in criteria}
    for step in method.tie_chain:
        if step not in codes and step not in WORDS:
            raise NotAnEvaluation(
                f"method.tie_chain has {quoted(step)}, which is neither "
                f"one of {', '.join(WORDS)} nor a criterion’s code."
            )
    most = sum((each.weight for each in criteria if each.envelope == "technical"), Fraction(0))
    for word, needed in (
        ("a threshold", method.threshold is not None),
        ("shares", method.technical_share is not None),
        (formula.name, formula.gives == "total"),
    ):
        if needed and not most:
            raise NotAnEvaluation(f"criteria has no technical weight above 0, which {word} would divide by.")


def _check_shares(method: Method) -> None:
    shares = (method.technical_share, method.price_share)
    if shares == (None, None):
        return
    if shares[0] is None or shares[1] is None or shares[0] + shares[1] != 100:
        raise NotAnEvaluation("method.technical_share and method.price_share must add up to 100.")
    if FORMULAS[method.price.formula].gives == "total":
        raise NotAnEvaluation(f"method has shares, which {method.price.formula} doesn’t use.")
    if not method.price.points:
        raise NotAnEvaluation("method.price.points must be above 0, because shares divide by it.")


def check_set(each: EvaluationSet, path: str, method: Method) -> None:
    """Raises NotAnEvaluation if an open price can't be compared because a reference is missing."""
    if not method.price_open:
        return
    if FORMULAS[method.price.formula].needs_reference:
        why = method.price.formula
    elif method.price.basis == "index":
        why = "the index basis"
    else:
        return
    for proposal in each.proposals:
        if proposal.gate == "in" and proposal.price is not None and proposal.reference is None:
            raise NotAnEvaluation(
                f"{path}: proposal {quoted(proposal.id)} has no reference price, which {why} needs."
            )


def check_portfolio(terms: PortfolioTerms, sets: Sequence[EvaluationSet]) -> None:
    """Raises NotAnEvaluation if it names lots or proposals that the file does not have."""
    lots = {each.lot for each in sets}
    named = terms.slots if not isinstance(terms.slots, int) else {}
    for lot in named:
        if lot not in lots:
            raise NotAnEvaluation(
                f"portfolio.slots names the lot {quoted(lot)}, which the file doesn’t have."
            )
    ids = Counter(proposal.id for each in sets for proposal in each.proposals)
    twice = next((each for each, count in ids.items() if count > 1), None)
    if twice is not None:
        raise NotAnEvaluation(f"The file has a portfolio, but proposal {quoted(twice)} is in two sets.")
    for key, wanted in (("pinned", terms.pinned), ("excluded", terms.excluded)):
        for each in wanted:
            if each not in ids:
                raise NotAnEvaluation(
                    f"portfolio.{key} names the proposal {quoted(each)}, which the file doesn’t have."
                )
