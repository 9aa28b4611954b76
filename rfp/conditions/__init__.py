"""A question that is asked only if another one has a given answer: when it applies, and what is wrong with such a
condition. Pure; the one place that decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

YES_OR_NO = ("yes", "no")


class Conditional(Protocol):
    """A question with its condition: the code of another question and its answer, both blank where it is always
    asked."""

    @property
    def code(self) -> str: ...
    @property
    def only_if(self) -> str: ...
    @property
    def only_if_answer(self) -> str: ...


Q = TypeVar("Q", bound=Conditional)


def applying(questions: Iterable[Q], answers: Mapping[str, Any]) -> list[Q]:
    """Those that apply, in their order. `questions`: all that concern the offer; `answers`: code → answer as stored.

    A condition is met by the answer to a question that is among them and always asked; by no other.
    """
    listed = list(questions)
    deciding = {each.code for each in listed if not each.only_if}
    return [
        each
        for each in listed
        if not each.only_if
        or (
            each.only_if in deciding
            and bool(each.only_if_answer)
            and said(answers.get(each.only_if)) == each.only_if_answer
        )
    ]


def possible(questions: Iterable[Q]) -> list[Q]:
    """Those that some answers would make apply, in their order."""
    listed = list(questions)
    deciding = {each.code for each in listed if not each.only_if}
    return [each for each in listed if not each.only_if or each.only_if in deciding]


def said(value: Any) -> str:
    """An answer as conditions name it: yes, no, or the words of a choice; blank for anything else."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ""


# ---- what is wrong with one ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of an RFP. `lot`: blank for all lots. `answers`: those a condition may name, none where the kind of
    question has no such answers. `is_sealed`: its answer stays in the price envelope."""

    code: str
    lot: str = ""
    answers: tuple[str, ...] = ()
    is_sealed: bool = False
    only_if: str = ""
    only_if_answer: str = ""


def objection(question: Question, others: Iterable[Question]) -> str:
    """Why the question can’t have its condition, without the full stop; blank where it can, or has none."""
    code, answer = question.only_if, question.only_if_answer
    if not code:
        return "Choose the question that decides" if answer else ""
    if code == question.code:
        return "A requirement can’t depend on its own answer"
    other = next((each for each in others if each.code == code), None)
    if other is None:
        return f"There is no requirement {code}"
    if other.only_if:
        return f"{code} is itself asked only if {other.only_if} is {other.only_if_answer}. Choose one we always ask"
    if other.is_sealed:
        return f"{code} is answered in the price envelope, so it can’t decide what else is asked"
    if not other.answers:
        return f"{code} isn’t a yes-or-no question or a choice with an answer of its own"
    if other.lot and other.lot != question.lot:
        return f"{code} isn’t asked for all the lots that this requirement is for"
    if not answer:
        return f"Choose the answer to {code}"
    return "" if answer in other.answers else f"“{answer}” isn’t an answer to {code}"


def as_answer(text: str, answers: tuple[str, ...]) -> str:
    """What was typed as the answer that it stands for: case aside, and true or false for yes or no. Or as it is."""
    if text in answers:
        return text
    if answers == YES_OR_NO:
        text = {"true": "yes", "false": "no"}.get(text.casefold(), text)
    return next((each for each in answers if each.casefold() == text.casefold()), text)


def offered(question: Question, others: Iterable[Question]) -> dict[str, tuple[str, ...]]:
    """Code → the answers that may decide whether the question is asked."""
    listed = list(others)
    found = {}
    for each in listed:
        told = [replace(question, only_if=each.code, only_if_answer=answer) for answer in each.answers]
        if fit := tuple(one.only_if_answer for one in told if not objection(one, listed)):
            found[each.code] = fit
    return found


def broken(question: Question, others: Iterable[Question], *, before: str) -> tuple[str, str]:
    """(what of the question stands in the way, why it can no longer decide whether another is asked); blank if nothing
    does. `before`: the code it had."""
    for each in others:
        if not before or each.only_if != before:
            continue
        wrong = "Keep its code" if question.code != before else objection(each, [question])
        if wrong:
            return _place(question, each, before), f"It decides whether we ask {each.code}. {wrong}"
    return "", ""


def _place(question: Question, asked: Question, before: str) -> str:
    if question.code != before:
        return "code"
    if question.only_if:
        return "only_if"
    if question.is_sealed:
        return "envelope"
    return "lot" if question.answers and question.lot and question.lot != asked.lot else "answers"
