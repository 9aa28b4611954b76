"""What a requirement asks for, in words for suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from portal.kit.formats import day, number, with_unit
from rfp.conditions import YES_OR_NO
from rfp.publishing.question_models import Requirement


def wanted(requirement: Requirement) -> str:
    """The limits in a sentence: "At least 1,500 kg"; blank when anything will do."""
    if requirement.data_type == Requirement.DataType.BOOLEAN:
        needed = _expected_bool(requirement)
        return "" if needed is None else "Must be yes" if needed else "Must be no"
    if requirement.data_type == Requirement.DataType.CHOICE:
        accepted = requirement.expected if isinstance(requirement.expected, list) else []
        return f"Accepted: {', '.join(map(str, accepted))}" if accepted else ""
    low, high = (_limit(requirement, text) for text in (requirement.minimum, requirement.maximum))
    if requirement.data_type == Requirement.DataType.DATE:
        return (
            f"From {low} to {high}"
            if low and high
            else f"From {low}"
            if low
            else f"By {high}"
            if high
            else ""
        )
    if low and high:
        return f"Between {low} and {with_unit(high, requirement.unit)}"
    if low:
        return f"At least {with_unit(low, requirement.unit)}"
    return f"At most {with_unit(high, requirement.unit)}" if high else ""


def ideal(requirement: Requirement) -> str:
    """What full marks look like; blank when there is no such figure."""
    text = _limit(requirement, requirement.ideal)
    return f"Ideal: {with_unit(text, requirement.unit)}" if text else ""


def only_if(requirement: Requirement, asked: Iterable[Requirement] = ()) -> str:
    """When it is asked: "Only if “Do you use subcontractors?” is yes"; blank if always. `asked`: the questions it may
    depend on; one that isn’t among them is named by its code."""
    if not requirement.only_if:
        return ""
    code, answer = requirement.only_if, requirement.only_if_answer
    other = next((each for each in asked if each.code == code), None)
    is_choice = answer not in YES_OR_NO or (other and other.data_type == Requirement.DataType.CHOICE)
    return f"Only if {f'“{other.text}”' if other else code} is {f'“{answer}”' if is_choice else answer}"


def _expected_bool(requirement: Requirement) -> bool | None:
    expected = requirement.expected
    if isinstance(expected, list):
        expected = expected[0] if expected else None
    return expected if isinstance(expected, bool) else None


def _limit(requirement: Requirement, text: str) -> str:
    if not text:
        return ""
    try:
        if requirement.data_type == Requirement.DataType.DATE:
            return day(date.fromisoformat(text))
        return number(Decimal(text))
    except (ValueError, InvalidOperation):
        return text
