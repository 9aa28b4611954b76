"""Which questions apply, and what is wrong with a condition: pure, in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfp.conditions import YES_OR_NO, Question, applying, as_answer, broken, objection, offered, possible

CODES = st.sampled_from(["A", "B", "C", "D", ""])
ANSWERS = st.sampled_from(["yes", "no", "cast", "", "true", "YES"])
QUESTIONS = st.lists(
    st.builds(Question, code=st.sampled_from("ABCD"), only_if=CODES, only_if_answer=ANSWERS),
    unique_by=lambda each: each.code,
)
STORED = st.dictionaries(
    CODES, st.one_of(st.none(), st.booleans(), st.integers(), ANSWERS, st.just([{"Company": "X"}]))
)


@given(QUESTIONS, STORED, st.randoms())
def test_what_applies_never_depends_on_order(questions, answers, random) -> None:
    found = applying(questions, answers)
    assert [each for each in questions if each in found] == found
    mixed = list(questions)
    random.shuffle(mixed)
    again = dict(sorted(answers.items(), reverse=True))
    assert {each.code for each in applying(mixed, again)} == {each.code for each in found}
    # What doesn't apply decides nothing, and what always applies is always there.
    assert applying(found, answers) == found
    assert {each.code for each in questions if not each.only_if} <= {each.code for each in found}
    assert set(found) <= set(possible(questions))


@given(QUESTIONS, STORED, STORED)
def test_only_the_answer_it_names_decides(questions, answers, others) -> None:
    for each in questions:
        if each.only_if:
            named = {each.only_if: answers[each.only_if]} if each.only_if in answers else {}
            noise = {code: value for code, value in others.items() if code != each.only_if}
            assert (each in applying(questions, answers)) == (each in applying(questions, noise | named))


@pytest.mark.parametrize(
    ("answer", "applies"),
    [
        (True, True),
        ("yes", True),
        (False, False),
        (None, False),
        ("", False),
        (1, False),
        ("YES", False),
        ([], False),
        ({"yes": 1}, False),
    ],
)
def test_a_yes_is_a_yes_and_nothing_else(answer: object, applies: bool) -> None:
    asks, asked = Question(code="A"), Question(code="B", only_if="A", only_if_answer="yes")
    assert (asked in applying([asked, asks], {"A": answer})) is applies


def test_a_condition_on_nothing_is_never_met() -> None:
    chain = [
        Question(code="A"),
        Question(code="B", only_if="A", only_if_answer="yes"),
        Question(code="C", only_if="B", only_if_answer="yes"),
        Question(code="D", only_if="D", only_if_answer="yes"),
        Question(code="E", only_if="A"),
        Question(code="F", only_if="Z", only_if_answer="yes"),
    ]
    answers = dict.fromkeys("ABCDEFZ", True) | {"A": True}
    assert [each.code for each in applying(chain, answers)] == ["A", "B"]
    assert [each.code for each in applying(chain, {"A": ""})] == ["A"]
    assert [each.code for each in possible(chain)] == ["A", "B", "E"]


ASKS = Question(code="A", answers=YES_OR_NO)
ASKED = Question(code="B", only_if="A", only_if_answer="yes")


@pytest.mark.parametrize(
    ("question", "other", "words"),
    [
        (ASKED, ASKS, ""),
        (replace(ASKED, lot="1"), ASKS, ""),
        (replace(ASKED, lot="1"), replace(ASKS, lot="1"), ""),
        (replace(ASKED, only_if="", only_if_answer=""), ASKS, ""),
        (replace(ASKED, only_if=""), ASKS, "Choose the question that decides"),
        (replace(ASKED, only_if="Z"), ASKS, "There is no requirement Z"),
        (replace(ASKED, only_if="B"), ASKS, "A requirement can’t depend on its own answer"),
        (
            ASKED,
            replace(ASKS, only_if="C", only_if_answer="no"),
            "A is itself asked only if C is no. Choose one we always ask",
        ),
        (
            ASKED,
            replace(ASKS, is_sealed=True),
            "A is answered in the price envelope, so it can’t decide what else is asked",
        ),
        (
            ASKED,
            replace(ASKS, answers=()),
            "A isn’t a yes-or-no question or a choice with an answer of its own",
        ),
        (ASKED, replace(ASKS, lot="1"), "A isn’t asked for all the lots that this requirement is for"),
        (
            replace(ASKED, lot="2"),
            replace(ASKS, lot="1"),
            "A isn’t asked for all the lots that this requirement is for",
        ),
        (replace(ASKED, only_if_answer=""), ASKS, "Choose the answer to A"),
        (replace(ASKED, only_if_answer="maybe"), ASKS, "“maybe” isn’t an answer to A"),
    ],
)
def test_what_is_wrong_with_it_is_said(question: Question, other: Question, words: str) -> None:
    assert objection(question, [question, other]) == words
    assert bool(offered(question, [other])) is (
        not objection(replace(question, only_if="A", only_if_answer="no"), [other])
    )


@pytest.mark.parametrize(
    ("now", "place"),
    [
        (ASKS, ""),
        (replace(ASKS, code="A2"), "code"),
        (replace(ASKS, only_if="C", only_if_answer="yes"), "only_if"),
        (replace(ASKS, is_sealed=True), "envelope"),
        (replace(ASKS, answers=("cast", "forged")), "answers"),
        (replace(ASKS, lot="7"), "lot"),
    ],
)
def test_what_decides_stays_what_decides(now: Question, place: str) -> None:
    found, words = broken(now, [ASKED], before="A")
    assert found == place and bool(words) is bool(place)
    assert broken(now, [ASKED], before="") == ("", "")


def test_typed_answers_are_read() -> None:
    assert [as_answer(text, YES_OR_NO) for text in ("Yes", "TRUE", "false", "no", "maybe")] == [
        "yes",
        "yes",
        "no",
        "no",
        "maybe",
    ]
    assert as_answer("CAST", ("Cast", "cast")) == "Cast"
    assert as_answer("cast", ("Cast", "cast")) == "cast"
