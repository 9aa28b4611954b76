"""The rules engine and the codec beneath it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.codec import CodecError, dump, load
from portal.kit.compliance import (
    Audience,
    Effect,
    Envelope,
    Outcome,
    Rulebook,
    UnknownNumber,
    assess,
    input_hash,
    may_read,
    met,
    not_met,
    rule,
    sealed,
)
from portal.kit.parameters import ParamsError, default_params, params_from_json, params_to_json

ON = date(2026, 5, 12)


@dataclass(frozen=True, kw_only=True)
class Limit:
    percent: Decimal = Decimal(65)


@rule("X-1", title="Share", basis="Test 1", effect=Effect.KNOCKOUT, params=Limit, numbers=("share",))
def share(facts, params, *, on):
    """The share exceeds the limit."""
    if facts["share"] > params.percent:
        return met("Enough.", numbers={"share": facts["share"]})
    return not_met("Too little.", fix="Add some.").but(effect=Effect.ADVISORY)


@rule(
    "X-2", title="Years", basis="Test 2", audience=Audience.CHAIR, envelope=Envelope.PRICE, numbers=("gap",)
)
def years(facts, params, *, on):
    return [met("Fine.", part="2027"), not_met("Short.", part="2028", fix="More.", numbers={"gap": 3})]


@rule("X-3", title="Broken", basis="Test 3")
def broken(facts, params, *, on):
    raise RuntimeError(f"secret {facts['share']}")


@rule("X-4", title="Twice", basis="Test 4")
def twice(facts, params, *, on):
    return [met("a"), met("b")]


BOOK = Rulebook("test-1", (share, years, broken, twice))
FACTS = {"share": Decimal("65.5")}


def test_findings_carry_what_the_rule_declares_unless_the_answer_says_otherwise():
    first, second, third, *_ = assess(BOOK.rules, FACTS, default_params(BOOK), on=ON)
    assert (first.rule, first.part, first.outcome, first.effect) == ("X-1", "", Outcome.MET, Effect.KNOCKOUT)
    assert (first.title, first.basis, first.numbers) == ("Share", "Test 1", {"share": "65.5"})
    assert [second.part, third.part] == ["2027", "2028"]
    assert (third.audience, third.envelope, third.numbers) == (
        Audience.CHAIR,
        Envelope.PRICE,
        {"gap": "3"},
    )
    (low, *_) = assess([share], {"share": Decimal(65)}, default_params(BOOK), on=ON)
    assert (low.outcome, low.effect) == (Outcome.NOT_MET, Effect.ADVISORY)


@pytest.mark.parametrize("rule_that_fails", [broken, twice], ids=["crash", "two answers for one part"])
def test_a_rule_that_cannot_be_computed_is_referred_and_logged_without_its_content(rule_that_fails, caplog):
    (finding,) = assess([rule_that_fails], FACTS, default_params(BOOK), on=ON)
    assert finding.outcome == Outcome.REFER
    assert "A person will review it" in finding.message
    assert rule_that_fails.code in caplog.text
    assert "secret" not in caplog.text and "65.5" not in caplog.text


def test_parameters_survive_json_and_overlay_the_defaults():
    params = params_from_json(BOOK, {"X-1": {"percent": "70"}})
    assert params["X-1"] == Limit(percent=Decimal(70))
    assert params_from_json(BOOK, params_to_json(params)) == params


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"X-1": {"percentage": "70"}}, "percentage"),
        ({"X-9": {}}, "X-9"),
        ({"X-1": {"percent": 70.5}}, "percent"),
        ({"X-1": {"percent": "NaN"}}, "percent"),
        ({"X-1": ["percent"]}, "X-1"),
    ],
    ids=["unknown setting", "unknown rule", "float", "not a number", "not a table"],
)
def test_wrong_parameters_are_refused_by_name(data, named):
    with pytest.raises(ParamsError, match=named):
        params_from_json(BOOK, data)


def test_the_input_hash_covers_everything_that_decides():
    params = default_params(BOOK)
    base = input_hash(BOOK, FACTS, params, ON, {"ofac": "1"})
    assert base == input_hash(BOOK, dict(FACTS), params_from_json(BOOK, {}), ON, {"ofac": "1"})
    others = {
        input_hash(Rulebook("test-2", BOOK.rules), FACTS, params, ON, {"ofac": "1"}),
        input_hash(BOOK, {"share": Decimal("65.6")}, params, ON, {"ofac": "1"}),
        input_hash(BOOK, FACTS, params_from_json(BOOK, {"X-1": {"percent": "70"}}), ON, {"ofac": "1"}),
        input_hash(BOOK, FACTS, params, date(2026, 5, 13), {"ofac": "1"}),
        input_hash(BOOK, FACTS, params, ON, {"ofac": "2"}),
    }
    assert len(others | {base}) == 6


def test_a_rulebook_names_each_rule_once():
    with pytest.raises(ValueError, match="once"):
        Rulebook("test-1", (share, share))
    assert BOOK["X-2"] is years
    with pytest.raises(KeyError):
        BOOK["X-9"]


def test_a_sealed_finding_keeps_its_outcome_only():
    _, finding = years.findings(FACTS, None, on=ON)
    hidden = sealed(finding)
    assert (hidden.message, hidden.fix, hidden.numbers) == ("", "", {})
    assert (hidden.outcome, hidden.rule, hidden.part) == (finding.outcome, "X-2", "2028")


@rule(
    "X-5", title="Loose", basis="Test 5", numbers=("told",), markable={"told": "Told"}, automatic={"told": 1}
)
def loose(facts, params, *, on):
    return met("Fine.", numbers={"untold": 1})


def test_a_number_that_nobody_declared_is_an_error_for_who_gives_it_and_for_who_asks():
    with pytest.raises(UnknownNumber, match="X-5 does not publish a number called untold"):
        loose.findings(FACTS, None, on=ON)
    assert (loose.number("told"), loose.key("told")) == ("told", "X-5.told")
    for ask in (loose.number, loose.key, years.key):
        with pytest.raises(UnknownNumber):
            ask("untold")


def test_a_declaration_that_contradicts_itself_fails_where_it_stands():
    for words in (
        {"markable": {"gap": "Gap"}},
        {"automatic": {"gap": 1}},
        {"numbers": None, "markable": {"a": "A"}},
    ):
        with pytest.raises(UnknownNumber):
            rule("X-6", title="Wrong", basis="Test 6", **words)(lambda facts, params, *, on: met("Fine."))


def test_the_rulebook_answers_for_its_rules():
    strict = replace(share, waivable=False)
    book = Rulebook("test-2", (strict, years, loose))
    assert book.never_waived == {"X-1"}
    assert book.markable == (("X-5.told", "Told (X-5)"),)
    assert {each.code: each.automatic for each in book.rules} == {
        "X-1": None,
        "X-2": None,
        "X-5": {"told": "1"},
    }


@pytest.mark.parametrize(
    ("reader", "sees"),
    [(Audience.SUPPLIER, 1), (Audience.BUYER, 2), (Audience.CHAIR, 3)],
)
def test_each_reader_sees_what_is_meant_for_it_and_below(reader, sees):
    assert sum(may_read(reader, audience) for audience in Audience) == sees


def test_the_same_rule_reads_wider_facts():
    (finding,) = share.seen_from(lambda proposal: proposal["inner"]).findings(
        {"inner": FACTS}, Limit(), on=ON
    )
    assert finding.outcome == Outcome.MET
    assert share.seen_from(lambda proposal: proposal).description == "The share exceeds the limit."


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    amount: Decimal
    on: date | None
    color: Color


@dataclass(frozen=True)
class Outer:
    name: str
    count: int
    flag: bool | None
    at: datetime
    inner: tuple[Inner, ...]
    table: Mapping[str, Inner]


amounts = st.decimals(allow_nan=False, allow_infinity=False)
inners = st.builds(Inner, amount=amounts, on=st.none() | st.dates(), color=st.sampled_from(Color))
outers = st.builds(
    Outer,
    name=st.text(),
    count=st.integers(),
    flag=st.none() | st.booleans(),
    at=st.datetimes(timezones=st.just(UTC)),
    inner=st.lists(inners, max_size=3).map(tuple),
    table=st.dictionaries(st.text(max_size=4), inners, max_size=2),
)


@given(outers)
def test_what_is_dumped_loads_again_exactly(value):
    loaded = load(Outer, dump(value))
    assert loaded == value
    assert [str(each.amount) for each in loaded.inner] == [str(each.amount) for each in value.inner]


@pytest.mark.parametrize(
    "data",
    [
        {"amount": 1.5, "on": None, "color": "red"},
        {"amount": "1.5", "on": None, "color": "green"},
        {"amount": "1.5", "on": "12 May", "color": "red"},
        {"amount": "1.5", "on": None, "color": "red", "more": 1},
        {"amount": "1.5", "color": "red"},
        {"amount": True, "on": None, "color": "red"},
    ],
    ids=["float", "unknown choice", "not ISO", "unknown key", "missing key", "bool for a number"],
)
def test_what_does_not_fit_is_refused(data):
    with pytest.raises(CodecError):
        load(Inner, data)
