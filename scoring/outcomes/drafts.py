"""What a debrief says of a mark before the chair has edited or accepted it: facts, and no reviewer's words.

A draft tells what the mark rests on: the level of the scale that it is closest to, or the supplier's own figure. A
remark would tell by its style who wrote it, so none is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.kit import formats
from rfp.method.scales import steps_of
from rfp.models import Criterion
from rfp.rules import RULEBOOK
from scoring.methods.value import REQUIREMENT
from scoring.outcomes.queries import Due
from scoring.ranking.mark_models import AutomaticMark, PanelMark

RULES = {rule.code: rule for rule in RULEBOOK.rules}


@dataclass(frozen=True, kw_only=True)
class About:
    """One mark of one proposal. `anchors`: the RFP's own scale; `stand_in`: what stands in for a missing figure."""

    due: Due
    criterion: Criterion
    mark: Decimal | None
    anchors: Mapping[str, Any]
    computed: AutomaticMark | None
    stand_in: PanelMark | None


def draft(about: About) -> str:
    """One sentence, about this proposal alone."""
    row, computed = about.due.row, about.computed
    name = row.supplier_name.rstrip(". ")
    if about.mark is None:
        return f"{_offer(about.due)} has no mark on this criterion."
    if about.criterion.mode == Criterion.Mode.PRICE:
        return (
            f"We computed this mark from the total that {name} offered, {formats.money(row.price_total, 0)}."
        )
    if computed is not None and computed.value is not None:
        return f"We computed this mark for {name} from {_source(computed, about.criterion)}."
    if about.stand_in is not None:
        return f"The figure behind this mark is missing for {name}: {_small(_plain(about.stand_in.reason))}."
    level = _closest(about.criterion, about.mark, about.anchors)
    scored = f"{_offer(about.due)} scored {formats.number(about.mark, 1)} of 100"
    return f"{scored}, closest to the level “{level}”." if level else f"{scored} with the reviewers."


def _offer(due: Due) -> str:
    """ "48 V rack power shelf by Maumee Power Electronics"."""
    title = _plain(due.row.revision.title or due.row.proposal_number)
    return f"{title} by {due.row.supplier_name.rstrip('. ')}"


def _closest(criterion: Criterion, mark: Decimal, anchors: Mapping[str, Any]) -> str:
    """The level of the scale nearest to the mark, in the words of the criterion; blank without words."""
    steps = steps_of(criterion.scale, criterion.anchors, anchors)
    nearest = min(steps, key=lambda step: abs(step.value - mark), default=None)
    return _plain(nearest.text) if nearest else ""


def _plain(text: str) -> str:
    """Several sentences as one phrase: "Follows the guidance; the dates are missing"."""
    first, *others = re.split(r"[.!?]+\s+", " ".join(text.split()).rstrip(".!? ;"))
    return "; ".join([first, *map(_small, others)])


# Words that are capitalized only because a sentence begins with them.
OPENERS = re.compile(r"(?:The|A|An|It|Its|They|This|These|That|No|We|Our|There|But|And|In|On|For|With)\b")


def _small(sentence: str) -> str:
    """A sentence within another: "the summary gives a range"."""
    return sentence[:1].lower() + sentence[1:] if OPENERS.match(sentence) else sentence


def _source(mark: AutomaticMark, criterion: Criterion) -> str:
    """The figure that a computed mark rests on, with what gives no marks and full marks."""
    trace = mark.trace
    source = trace.get("source", "")
    if source == REQUIREMENT:
        given = {code: value for code, value in trace.items() if code != "source"}
        return f"{'answer' if len(given) == 1 else 'answers'} {'; '.join(map(_answer, given.items()))}"
    code = source.partition(".")[0]
    what = (
        f"rule {code}, {_small_rule(code)}"
        if code in RULES
        else "the lead time in percent of the lot’s limit"
    )
    # "% of component cost" would be said three times.
    unit = "%" if criterion.value_unit.startswith("%") else criterion.value_unit
    value, start, ideal = (_figure(trace.get(name), unit) for name in ("value", "from", "ideal"))
    return f"{what}: {value}, where {start} gets 0 and {ideal} gets 100"


def _small_rule(code: str) -> str:
    title = RULES[code].title
    return title[:1].lower() + title[1:]


def _answer(given: tuple[str, str]) -> str:
    """ "R4: 0.0145, where 0.03 gets 0 and 0.012 gets 100"."""
    code, (value, start, ideal) = given[0], re.split(" from | to ", given[1])
    return f"{code}: {_figure(value)}, where {_figure(start)} gets 0 and {_figure(ideal)} gets 100"


def _figure(text: str | None, unit: str = "") -> str:
    """A stored figure with at most four digits after the point."""
    value = None if text is None else Decimal(text)
    shown = "" if value is None else formats.number(round(value, 1 if abs(value) >= 10 else 4))
    return formats.with_unit(shown, unit)
