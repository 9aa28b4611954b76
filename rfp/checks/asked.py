"""What is asked: guidance, reasons for knock-outs, brands, and prices that would be read too early."""

from __future__ import annotations

from collections.abc import Iterable

from rfp.checks.declared import Found, check
from rfp.checks.facts import RequirementFacts, RfpFacts
from rfp.checks.words import brand_in, looks_like_money


@check("guidance", says="Guidance for all criteria", section="criteria")
def guidance(facts: RfpFacts) -> Iterable[Found]:
    for criterion in facts.criteria:
        missing = [] if criterion.for_suppliers else ["suppliers"]
        if criterion.is_marked and not criterion.for_reviewers:
            missing.append("reviewers")
        if missing:
            text = f"Criterion {criterion.code} has no guidance for {' or '.join(missing)}."
            yield Found(text, criterion.code, ("criterion", criterion.pk))


@check("basis", says="A reason for each knock-out", section="requirements")
def basis(facts: RfpFacts) -> Iterable[Found]:
    for each in facts.requirements:
        if each.is_knockout and not each.why.strip():
            yield _about(
                each,
                f"Requirement {each.code} can exclude a proposal, and gives no reason. Say why, or by which law.",
            )


@check("brand", says="No requirement that names a brand", section="requirements")
def brands(facts: RfpFacts) -> Iterable[Found]:
    for each in facts.requirements:
        if brand := brand_in(each.words):
            yield _about(
                each, f"Requirement {each.code} names {brand}. Add “or equal”, so that others can respond."
            )


@check("money", says="No prices in technical requirements", section="requirements")
def money(facts: RfpFacts) -> Iterable[Found]:
    for each in facts.requirements:
        if each.is_technical and looks_like_money(f"{each.words} {each.unit}"):
            yield _about(
                each,
                f"Requirement {each.code} seems to ask for money. Reviewers read its answer before prices open.",
            )


@check("condition", says="Conditions that a proposal can meet", section="requirements")
def conditions(facts: RfpFacts) -> Iterable[Found]:
    by_code = {each.code: each for each in facts.requirements}
    for each in facts.requirements:
        other = by_code.get(each.only_if)
        if other and other.is_knockout and other.accepted and each.only_if_answer not in other.accepted:
            yield _about(
                each,
                f"Requirement {each.code} is asked only if {other.code} is {each.only_if_answer}, an answer that "
                "excludes the proposal.",
            )


def _about(requirement: RequirementFacts, text: str) -> Found:
    return Found(text, requirement.code, ("requirement", requirement.pk))


CHECKS = (guidance, basis, brands, money, conditions)
