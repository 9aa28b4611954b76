"""See if you qualify: a lot's knock-outs as questions, and what the rules would say to the answers. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.kit.compliance import Envelope, Outcome, Verdict
from rfp.conditions import applying
from rfp.facts import RequirementFacts
from rfp.proposals.revision_facts import requirement_facts
from rfp.publishing.models import Lot
from rfp.publishing.queries import requirements_of
from rfp.publishing.question_models import Requirement
from rfp.publishing.words import only_if, wanted
from rfp.rules import responses

OWN_ANSWER = Requirement.AnsweredBy.RESPONSE
# Kinds of answers that a rule can test by themselves. What another section answers is asked as: do you meet it?
TESTED = ("number", "integer", "date", "boolean", "choice")
BY_FIGURE = (Requirement.AnsweredBy.LEAD_TIME, Requirement.AnsweredBy.START, Requirement.AnsweredBy.CAPACITY)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A knock-out as a question. `is_tested`: the answer is tested by the rule; else the reader says if it is met."""

    facts: RequirementFacts
    wanted: str
    why: str
    items: tuple[str, ...]
    is_tested: bool
    code: str
    only_if: str = ""
    only_if_answer: str = ""
    only_if_words: str = ""

    @property
    def name(self) -> str:
        """Of its field."""
        return f"q-{self.facts.code}"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the rule says to one answer: passes, fails, or open where there is none."""

    asked: Asked
    state: str
    words: str


def questions(lot: Lot) -> list[Asked]:
    """The lot's knock-outs in today's wording, those of prices left out; one query."""
    every = requirements_of(lot)
    return [
        Asked(
            facts=requirement_facts(each),
            code=each.code,
            only_if=each.only_if,
            only_if_answer=each.only_if_answer,
            only_if_words=only_if(each, every),
            wanted=wanted(each),
            why=each.why,
            items=tuple(sorted(item.code for item in each.applies_to.all())),
            is_tested=each.data_type in TESTED and each.answered_by in (OWN_ANSWER, *BY_FIGURE),
        )
        for each in every
        if each.effect == Requirement.Effect.KNOCKOUT and each.envelope == Envelope.TECHNICAL
    ]


def verdicts(asked: list[Asked], answers: Mapping[str, str]) -> list[Said]:
    """What the answers, by field, would mean. `answers`: as text; blank = not answered.

    A knock-out that they make not apply is left out. Where what decides is not among the questions, or not answered,
    the knock-out stays.
    """
    told = {each.code: _as_said(each, answers.get(each.name, "").strip()) for each in asked}
    apply = {each.code for each in applying(asked, told)}
    return [
        _said(each, answers.get(each.name, "").strip())
        for each in asked
        if each.code in apply or not told.get(each.only_if)
    ]


def _as_said(asked: Asked, answer: str) -> str:
    return (
        {"true": "yes", "false": "no"}.get(answer, answer) if asked.facts.data_type == "boolean" else answer
    )


def _said(asked: Asked, answer: str) -> Said:
    if not answer:
        return Said(asked=asked, state="open", words="Not answered.")
    if not asked.is_tested:
        words = {
            "yes": ("met", "You say yes. You’ll show it in the proposal."),
            "no": ("not", "You say no."),
        }.get(answer, ("open", "You aren’t sure. Read the lot’s page, or ask the buyer."))
        return Said(asked=asked, state=words[0], words=words[1])
    verdict: Verdict = responses.checked(asked.facts, answer)
    states = {Outcome.MET: "met", Outcome.NOT_MET: "not"}
    return Said(asked=asked, state=states.get(verdict.outcome, "open"), words=verdict.message)
