"""RQ-1: every requirement of the lot against its answer."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.kit.compliance import (
    Effect,
    Envelope,
    Number,
    Numbers,
    Verdict,
    met,
    not_applicable,
    not_met,
    refer,
    rule,
)
from portal.kit.formats import date_in, day, decimal_in, number, with_unit
from rfp.facts import ProposalFacts, RequirementFacts, ResponseFacts

TITLE_LENGTH = 120


@rule(
    "RQ-1",
    title="Requirement",
    basis="RFP: requirements of the lot",
    optional=False,
    answered_in="answers",
    numbers=("answered", "answer", "minimum", "maximum", "reconfirmed"),
)
def requirements(facts: ProposalFacts, params: object, *, on: date) -> Sequence[Verdict]:
    """All requirements of the lot are answered, within their limits. An answer that an addendum asked to reconfirm, and
    that was not reconfirmed by the close, makes the proposal incomplete."""
    asked = [response for response in facts.responses if _applies(response.requirement, facts)]
    if not asked:
        return [not_applicable("This lot has no questions.")]
    return [_named(_verdict(response, facts), response.requirement) for response in asked]


def _applies(requirement: RequirementFacts, facts: ProposalFacts) -> bool:
    return not requirement.items or not set(requirement.items).isdisjoint(facts.items)


def _named(verdict: Verdict, requirement: RequirementFacts) -> Verdict:
    text = requirement.text or requirement.code
    title = text if len(text) <= TITLE_LENGTH else f"{text[: TITLE_LENGTH - 1].rstrip()}…"
    is_incomplete = "reconfirmed" in verdict.numbers
    return verdict.but(
        part=requirement.code,
        title=title,
        effect=Effect.KNOCKOUT if is_incomplete or requirement.effect == "knockout" else Effect.ADVISORY,
        # That an answer was not reconfirmed says nothing of what it is.
        envelope=Envelope.TECHNICAL if is_incomplete else Envelope(requirement.envelope),
    )


def _verdict(response: ResponseFacts, facts: ProposalFacts) -> Verdict:
    requirement = response.requirement
    answer = answer_to(response, facts).strip()
    if response.was_not_reconfirmed:
        return not_met(
            "Incomplete. An addendum changed this question, and the supplier didn’t reconfirm the answer.",
            fix="Reconfirm or change the answer before the window closes.",
            numbers={"reconfirmed": False},
        )
    if answer:
        return checked(requirement, answer)
    if requirement.data_type == "file":
        # AT-2 reports a file that was not sent, once.
        return not_applicable("Answered with a file. See Documents.")
    return refer(
        "Not answered.",
        fix=_wanted(requirement) or "Answer this requirement.",
        numbers={"answered": False},
    )


def answer_to(response: ResponseFacts, facts: ProposalFacts) -> str:
    """The answer as text, taken from the part of the proposal that answers the requirement; blank = none."""
    sheet = facts.capacity
    elsewhere = {
        "site": facts.final_manufacture_site.name or facts.final_site if facts.final_manufacture_site else "",
        "process_steps": "; ".join(step.name for step in facts.process_steps),
        "capacity": _text(sheet.offered_per_year if sheet else None),
        "ramp": ", ".join(row.period for row in facts.ramp if row.capacity is not None),
        "lead_time": _text(facts.lead_time_days),
        "start_of_production": _text(facts.start_of_production),
        "jobs": ", ".join(line.state for line in facts.jobs),
    }
    if response.requirement.data_type == "file":
        return ", ".join(doc.name for doc in facts.documents if doc.requirement == response.requirement.code)
    return elsewhere.get(response.requirement.answered_by, response.value)


def _text(value: Decimal | int | date | None) -> str:
    return "" if value is None else str(value)


def checked(requirement: RequirementFacts, answer: str) -> Verdict:
    """What one answer that is not blank means for its requirement."""
    if requirement.data_type in ("number", "integer"):
        return _number_verdict(requirement, answer)
    if requirement.data_type == "date":
        return _date_verdict(requirement, answer)
    if requirement.data_type == "boolean":
        return _boolean_verdict(requirement, answer)
    if requirement.data_type == "choice" and requirement.answered_by == "response":
        return _choice_verdict(requirement, answer)
    return met(answer if len(answer) <= 200 else f"{answer[:199]}…")


def _number_verdict(requirement: RequirementFacts, answer: str) -> Verdict:
    value = decimal_in(answer)
    if value is None:
        return refer(
            f"“{answer}” is not a number.", fix=_wanted(requirement) or "Use digits only, for example 12.5."
        )
    if requirement.data_type == "integer" and value != value.to_integral_value():
        return refer(f"{number(value)} is not a whole number.", fix="Use digits only, for example 8100.")
    low, high = decimal_in(requirement.minimum), decimal_in(requirement.maximum)
    numbers: dict[str, Number] = {"answer": value}
    numbers.update(
        {name: limit for name, limit in (("minimum", low), ("maximum", high)) if limit is not None}
    )
    said = with_unit(number(value), requirement.unit)
    return _within(low is None or value >= low, high is None or value <= high, said, requirement, numbers)


def _date_verdict(requirement: RequirementFacts, answer: str) -> Verdict:
    value = date_in(answer)
    if value is None:
        return refer(f"“{answer}” is not a date.", fix="Enter a date.")
    low, high = date_in(requirement.minimum), date_in(requirement.maximum)
    return _within(
        low is None or value >= low, high is None or value <= high, day(value), requirement, {"answer": value}
    )


def _within(above: bool, below: bool, said: str, requirement: RequirementFacts, numbers: Numbers) -> Verdict:
    wanted = _wanted(requirement)
    if above and below:
        return met(f"{said}. {wanted}".rstrip(), numbers=numbers)
    return not_met(f"{said}. {wanted}", fix="Correct the answer, or change your offer.", numbers=numbers)


def _boolean_verdict(requirement: RequirementFacts, answer: str) -> Verdict:
    said = {"true": "Yes", "false": "No"}.get(answer.lower())
    if said is None:
        return refer(f"“{answer}” is not yes or no.", fix="Answer yes or no.")
    if requirement.expected and answer.lower() not in {text.lower() for text in requirement.expected}:
        return not_met(f"{said}. {_wanted(requirement)}", fix="Correct the answer, or change your offer.")
    return met(f"{said}.")


def _choice_verdict(requirement: RequirementFacts, answer: str) -> Verdict:
    accepted = requirement.expected or requirement.choices
    if accepted and answer.casefold() not in {text.strip().casefold() for text in accepted}:
        return not_met(f"{answer}. {_wanted(requirement)}", fix="Correct the answer, or change your offer.")
    return met(f"{answer}.")


def _wanted(requirement: RequirementFacts) -> str:
    """What would be enough, in a sentence; blank when anything is."""
    if requirement.data_type == "boolean":
        return {"true": "The answer must be yes.", "false": "The answer must be no."}.get(
            (requirement.expected or ("",))[0].lower(), ""
        )
    if requirement.data_type == "choice":
        accepted = requirement.expected or requirement.choices
        return f"Accepted: {', '.join(accepted)}." if accepted else ""
    low, high = (_limit(requirement, limit) for limit in (requirement.minimum, requirement.maximum))
    unit = requirement.unit if requirement.data_type != "date" else ""
    if low and high:
        return f"It must be between {low} and {with_unit(high, unit)}."
    if requirement.data_type == "date":
        return f"It must be {low} or later." if low else f"It must be {high} or earlier." if high else ""
    if low:
        return f"It must be at least {with_unit(low, unit)}."
    return f"It must be at most {with_unit(high, unit)}." if high else ""


def _limit(requirement: RequirementFacts, text: str) -> str:
    if not text:
        return ""
    if requirement.data_type == "date":
        return day(date_in(text))
    value = decimal_in(text)
    return "" if value is None else number(value)
