"""Linear From–Ideal value functions on typed answers and rule results. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from scoring.facts import AnswerFacts, AutomaticFacts, CriterionFacts

PLACES = Decimal("1E-12")
REQUIREMENT = "requirement"


def linear(value: Decimal, start: Decimal, ideal: Decimal, *, less_is_better: bool = False) -> Decimal:
    """0 at `start`, 100 at `ideal`, clipped, to 12 places.

    Equal ends have no slope: 100 from there on, upwards or, when `less_is_better`, downwards; else 0.
    """
    if start == ideal:
        is_good = value <= ideal if less_is_better else value >= ideal
        return Decimal(100) if is_good else Decimal(0)
    share = (value - start) / (ideal - start) * 100
    return min(max(share, Decimal(0)), Decimal(100)).quantize(PLACES)


def automatic_mark(
    criterion: CriterionFacts, *, answers: Sequence[AnswerFacts], numbers: Mapping[str, Decimal]
) -> tuple[AutomaticFacts, dict[str, str]]:
    """(mark, trace of its inputs as text). `numbers` holds rule results like `DC-2.lo_pct`.

    A criterion fed by requirements takes the mean over those that apply; one that none applies to is left to the
    evaluators when the criterion says so, else missing.
    """
    assert criterion.value is not None, "an automatic criterion has a value function"
    if criterion.value.source == REQUIREMENT:
        return _from_answers(criterion, [answer for answer in answers if answer.criterion == criterion.code])
    value = numbers.get(criterion.value.source)
    trace = {"source": criterion.value.source}
    if value is None or criterion.value.start is None or criterion.value.ideal is None:
        return AutomaticFacts(criterion=criterion.code, value=None), trace
    mark = linear(value, criterion.value.start, criterion.value.ideal)
    trace |= {"value": str(value), "from": str(criterion.value.start), "ideal": str(criterion.value.ideal)}
    return AutomaticFacts(criterion=criterion.code, value=mark), trace


def _from_answers(
    criterion: CriterionFacts, answers: Sequence[AnswerFacts]
) -> tuple[AutomaticFacts, dict[str, str]]:
    if not answers:
        left = criterion.fallback_to_evaluator
        return AutomaticFacts(criterion=criterion.code, value=None, left_to_evaluators=left), {
            "source": "none"
        }
    trace = {"source": REQUIREMENT}
    marks = []
    for answer in answers:
        if answer.value is None or answer.start is None or answer.ideal is None:
            return AutomaticFacts(criterion=criterion.code, value=None), trace | {
                "missing": answer.requirement
            }
        marks.append(linear(answer.value, answer.start, answer.ideal, less_is_better=answer.less_is_better))
        trace[answer.requirement] = f"{answer.value} from {answer.start} to {answer.ideal}"
    mean = (sum(marks, Decimal(0)) / len(marks)).quantize(PLACES)
    return AutomaticFacts(criterion=criterion.code, value=mean), trace
