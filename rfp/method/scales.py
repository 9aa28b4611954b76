"""The scale of a criterion, as an RFP stores and announces it: {"anchors": {mark: value}}, {"max", "min"}, or empty.

An empty scale stands for the RFP's own. Decimals are strings, marks and values plain numbers; a value is 0 to 100.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from portal.kit.formats import number

# Kind → what an admin chooses.
KINDS: Mapping[str, str] = {
    "rfp": "The RFP’s own scale, 0 to 5",
    "anchors": "Own marks",
    "points": "Points up to the weight",
    "yes_no": "Yes or no",
    "choices": "A choice table",
}
YES_NO: Mapping[str, str] = {"0": "0", "1": "100"}
Scale = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One mark of a scale, the value it stands for, and what it means in words."""

    mark: str
    value: Decimal
    text: str = ""


class NotAScale(ValueError):
    """The steps make no scale; `at` is the index of the step to correct, and `key` its part: mark or value."""

    def __init__(self, message: str, *, at: int, key: str) -> None:
        super().__init__(message)
        self.at, self.key = at, key


def plain(value: Decimal) -> str:
    """A decimal as it is stored: no exponent, no zeros at the end."""
    return f"{value.normalize():f}" if value else "0"


def kind_of(scale: Scale) -> str:
    """Which kind of scale it is. Own marks 1, 2, 3, … are a choice table."""
    if not scale:
        return "rfp"
    if "anchors" not in scale:
        return "points"
    marks = sorted(scale["anchors"], key=Decimal)
    if dict(scale["anchors"]) == YES_NO:
        return "yes_no"
    return "choices" if marks == [str(at) for at in range(1, len(marks) + 1)] else "anchors"


def points_up_to(weight: Decimal) -> dict[str, Any]:
    return {"max": plain(weight), "min": "0"}


def steps_of(scale: Scale, texts: Mapping[str, str], anchor_map: Mapping[str, Any]) -> list[Step]:
    """The steps from the lowest mark to the highest; none for points. `anchor_map` is the RFP's own scale."""
    anchors = scale.get("anchors", {}) if scale else anchor_map
    told = dict(texts)
    if kind_of(scale) == "yes_no":
        told = {"0": told.get("0") or "No", "1": told.get("1") or "Yes"}
    return [
        Step(mark, Decimal(str(anchors[mark])), str(told.get(mark, "")))
        for mark in sorted(anchors, key=Decimal)
    ]


def check_steps(steps: Sequence[Step]) -> None:
    """Whether the steps cover 0 to 100. Raises NotAScale with what to correct."""
    for at, step in enumerate(steps):
        if not 0 <= step.value <= 100:
            raise NotAScale("Enter a value from 0 to 100", at=at, key="value")
        if any(Decimal(step.mark) == Decimal(other.mark) for other in steps[:at]):
            raise NotAScale(f"There is already a mark {step.mark}", at=at, key="mark")
    values = [step.value for step in steps]
    if len(steps) < 2:
        raise NotAScale("Enter at least two marks", at=len(steps), key="mark")
    if 0 not in values:
        raise NotAScale("One mark must be worth 0", at=values.index(min(values)), key="value")
    if 100 not in values:
        raise NotAScale(
            "One mark must be worth 100. Otherwise no one can earn the whole weight",
            at=values.index(max(values)),
            key="value",
        )


def check_order(steps: Sequence[Step]) -> None:
    """Whether a higher mark is worth at least as much. Raises NotAScale with what to correct."""
    ordered = sorted(range(len(steps)), key=lambda at: Decimal(steps[at].mark))
    for lower, higher in pairwise(ordered):
        if steps[higher].value < steps[lower].value:
            raise NotAScale(
                f"Mark {steps[higher].mark} is worth less than mark {steps[lower].mark}",
                at=higher,
                key="value",
            )


def is_scale(scale: object) -> bool:
    """Whether a stored scale can be used: it may have been written by another program than the form."""
    if not isinstance(scale, Mapping):
        return False
    try:
        if "anchors" in scale:
            check_steps([Step(mark, Decimal(value)) for mark, value in scale["anchors"].items()])
            return set(scale) == {"anchors"}
        return not scale or Decimal(scale["max"]) > Decimal(scale.get("min", "0"))
    except (NotAScale, InvalidOperation, KeyError, TypeError, AttributeError):
        return False


def steps_json(steps: Iterable[Step]) -> dict[str, Any]:
    """A scale of steps as it is stored."""
    return {"anchors": {step.mark: plain(step.value) for step in steps}}


def scale_words(scale: Scale, texts: Mapping[str, str], anchor_map: Mapping[str, Any]) -> str:
    """What suppliers read: the marks and what each is worth. What earns a mark is for reviewers, except a choice."""
    kind = kind_of(scale)
    if kind == "points":
        return f"0 to {number(scale['max'])} points"
    steps = steps_of(scale, texts, anchor_map)
    if kind == "yes_no":
        return "Yes earns all points, no earns none"
    if kind == "choices":
        return ", ".join(f"{step.text or step.mark}: {number(step.value)}%" for step in steps)
    return ", ".join(f"{step.mark} = {number(step.value)}%" for step in steps)
