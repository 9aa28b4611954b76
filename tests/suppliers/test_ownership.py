"""SC-3, SC-4, SC-7, SC-8 and the graph under them: worked examples, and what holds for every graph."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.kit.compliance import Audience, Effect
from suppliers import ownership
from suppliers.facts import (
    ListFacts,
)
from suppliers.ownership import Stake, blocked
from suppliers.rules import control, covered_nations
from tests.suppliers.owned import MET, NOT_MET, ON, REFER, facts, found, hit, owner, supplier


def stake(owner, owned, pct):
    return Stake(owner=owner, owned=owned, pct=None if pct is None else Decimal(pct))


def edges(*triples):
    return [stake(*each) for each in triples]


@pytest.mark.parametrize(
    ("stakes", "seeds", "expected"),
    [
        pytest.param([("x", "a", 50), ("a", "b", 50)], {"x"}, {"a", "b"}, id="a-chain-of-halves"),
        pytest.param(
            [("x", "a", 50), ("x", "b", 50), ("a", "c", 25), ("b", "c", 25)],
            {"x"},
            {"a", "b", "c"},
            id="two-quarters",
        ),
        pytest.param([("x", "a", 50), ("x", "b", 10), ("a", "b", 40)], {"x"}, {"a", "b"}, id="ten-and-forty"),
        pytest.param(
            [("x", "a", 25), ("x", "b", 25), ("a", "c", 50), ("b", "c", 50)],
            {"x"},
            set(),
            id="quarters-block-nobody",
        ),
        pytest.param([("x", "c", 25), ("y", "c", 25)], {"x", "y"}, {"c"}, id="two-listed-parties-add-up"),
        pytest.param([("x", "a", "49.99"), ("a", "b", 100)], {"x"}, set(), id="just-below-half"),
        pytest.param([("x", "a", None), ("a", "b", 100)], {"x"}, set(), id="unknown-counts-nothing"),
        pytest.param([("a", "b", 60), ("b", "a", 60), ("x", "a", 50)], {"x"}, {"a", "b"}, id="a-circle-ends"),
        pytest.param([("a", "a", 100)], set(), set(), id="nobody-listed"),
    ],
)
def test_the_fifty_percent_rule(stakes, seeds, expected):
    assert set(blocked(edges(*stakes), seeds)) == expected


def test_what_a_party_holds_of_itself_adds_nothing():
    assert blocked(edges(("x", "a", 50), ("a", "a", 30)), {"x"}) == {"a": Decimal(50)}


PARTIES = some.sampled_from("abcdefgh")


STAKES = some.lists(
    some.builds(stake, PARTIES, PARTIES, some.one_of(some.none(), some.integers(min_value=0, max_value=100))),
    max_size=25,
)


@given(STAKES, some.sets(PARTIES), some.sets(PARTIES))
def test_more_listed_parties_never_block_fewer(stakes, listed, more):
    assert set(blocked(stakes, listed)) - set(blocked(stakes, listed | more)) == set()


@given(STAKES, STAKES, some.sets(PARTIES))
def test_more_stakes_never_block_fewer(stakes, more, listed):
    assert set(blocked(stakes, listed)) - set(blocked(stakes + more, listed)) == set()


@given(
    STAKES.flatmap(lambda stakes: some.tuples(some.just(stakes), some.permutations(stakes))),
    some.sets(PARTIES),
)
def test_neither_the_order_of_stakes_nor_of_parties_matters(both, listed):
    stakes, shuffled = both
    assert blocked(stakes, listed) == blocked(shuffled, sorted(listed, reverse=True))


@given(STAKES, some.sets(PARTIES))
def test_it_is_a_fixpoint(stakes, listed):
    found = blocked(stakes, listed)
    sums = ownership.held_by(stakes, listed | found.keys())
    assert found == {owned: pct for owned, pct in sums.items() if pct >= 50}


@given(STAKES, some.sets(PARTIES))
def test_shares_below_zero_unblock_nobody(stakes, listed):
    less = [stake(each, other, -50) for each in "abcdefgh" for other in "abcdefgh"]
    assert blocked(stakes, listed) == blocked(stakes + less, listed)


@pytest.mark.parametrize(
    ("owners", "outcome", "words"),
    [
        pytest.param([owner("A", 60), owner("B", 40)], MET, "All owners", id="complete"),
        pytest.param([owner("A", 60), owner("B", "39.99")], MET, "All owners", id="rounded"),
        pytest.param([owner("A", 88)], REFER, "12% is missing", id="gap"),
        pytest.param([owner("A", 60), owner("B", "40.01")], MET, "All owners", id="rounded-up"),
        pytest.param([owner("A", 60), owner("B", "40.02")], NOT_MET, "100.02%", id="too-much"),
        pytest.param([owner("A")], REFER, "No ownership shares", id="no-share"),
        pytest.param([], REFER, "No ownership shares", id="no-owner"),
        pytest.param(
            [owner("A", 100), owner("B", 60, owns="A"), owner("A", 60, owns="B")],
            REFER,
            "loop",
            id="circle",
        ),
        pytest.param(
            [owner("A", 100), owner("B", 70, owns="A"), owner("C", 70, owns="A")],
            NOT_MET,
            "140%",
            id="above-too-much",
        ),
        pytest.param(
            [owner("A", 60), owner("B", "39.98")], REFER, "0.02% is missing", id="gap-beyond-rounding"
        ),
        pytest.param([owner("A", "33.33") for _ in range(3)], MET, "All owners", id="three-rows-of-a-third"),
        pytest.param(
            [owner("A", 100), owner("B", 30, owns="A")], REFER, "hold 30% of A", id="gap-above-the-owner"
        ),
        pytest.param(
            [owner("A", 100, parent="Q")], MET, "All owners", id="a-parent-of-an-unknown-share-is-no-gap"
        ),
        pytest.param([owner("Hock Works LLC", 100)], REFER, "loop", id="the-company-owns-itself"),
    ],
)
def test_sc_3_tells_gaps_sums_and_circles_to_everybody(owners, outcome, words):
    told = found(control.fifty_percent, facts(supplier(*owners)), "told")
    assert (told.outcome, told.audience, told.effect) == (outcome, Audience.SUPPLIER, Effect.ADVISORY)
    assert words in told.message


@pytest.mark.parametrize(
    ("owners", "hits", "outcome"),
    [
        pytest.param([owner("X", 50), owner("B", 50)], [hit("X")], NOT_MET, id="half"),
        pytest.param([owner("x ", 50), owner("B", 50)], [hit("X")], NOT_MET, id="name-as-written"),
        pytest.param([owner("X", "49.99"), owner("B", "50.01")], [hit("X")], REFER, id="below-half"),
        pytest.param([owner("X", 25), owner("B", 75)], [hit("X")], REFER, id="a-quarter"),
        pytest.param([owner("X", "24.99"), owner("B", "75.01")], [hit("X")], MET, id="below-a-quarter"),
        pytest.param(
            [owner("X", 25), owner("Y", 25), owner("B", 50)], [hit("X"), hit("Y")], NOT_MET, id="together"
        ),
        pytest.param(
            [owner("A", 50), owner("B", 50), owner("X", 50, owns="A")],
            [hit("X")],
            NOT_MET,
            id="through-another",
        ),
        pytest.param(
            [owner("A", 60), owner("B", 40, parent="X")], [hit("X", role="parent")], REFER, id="unknown-share"
        ),
        pytest.param([owner("X", 50), owner("B", 50)], [hit("X", state="open")], REFER, id="not-decided"),
        pytest.param([owner("X", 50), owner("B", 50)], [hit("X", state="false_positive")], MET, id="cleared"),
        pytest.param(
            [owner("X", 50), owner("B", 50)], [hit("X", code="UVL", source="csl")], MET, id="another-list"
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)], [hit("X", ended=date(2026, 5, 1))], MET, id="listing-ended"
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)], [hit("X", ended=ON)], NOT_MET, id="listing-ends-today"
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)],
            [hit("X", state="open", band="logged")],
            MET,
            id="a-distant-name-is-only-logged",
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)],
            [hit("X", role="officer")],
            NOT_MET,
            id="an-owner-screened-as-an-officer",
        ),
        pytest.param(
            [owner("A", 100, parent="X Fund, L.P."), owner("X Fund LP", 50, owns="A")],
            [hit("X Fund, L.P.", role="parent")],
            NOT_MET,
            id="a-parent-in-free-text-whose-share-is-told-elsewhere",
        ),
        pytest.param(
            [owner("A", 100), owner("B", 100, owns="A", parent="X")],
            [hit("X", role="parent")],
            REFER,
            id="a-parent-two-steps-up-of-an-unknown-share",
        ),
        pytest.param(
            [owner("A"), owner("B", 40), owner("X", 50, owns="A")],
            [hit("X")],
            REFER,
            id="a-blocked-owner-of-an-unknown-share",
        ),
        pytest.param(
            [
                owner("A", 50),
                owner("B", 50),
                owner("B", 60, owns="A"),
                owner("A", 60, owns="B"),
                owner("X", 40, owns="A"),
            ],
            [hit("X")],
            MET,
            id="owners-of-each-other-without-half-listed",
        ),
        pytest.param(
            [
                owner("A", 50),
                owner("B", 50),
                owner("B", 50, owns="A"),
                owner("A", 50, owns="B"),
                owner("X", 50, owns="A"),
            ],
            [hit("X")],
            NOT_MET,
            id="owners-of-each-other-and-half-listed",
        ),
        pytest.param(
            [owner("A", 100)], [hit("Hock Works LLC", role="legal_name")], MET, id="the-company-is-no-owner"
        ),
        pytest.param(
            [owner("A", 100)],
            [hit("Hock Works LLC", role="legal_name", state="open")],
            MET,
            id="an-open-name-of-the-company-itself",
        ),
        pytest.param(
            [owner("A", 100)],
            [hit("Pat", role="officer", state="open")],
            MET,
            id="an-officer-who-owns-nothing",
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)], [hit("X", code="SSI")], MET, id="another-list-of-ofac"
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)], [hit("X", code="")], NOT_MET, id="ofac-without-a-code"
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)],
            [hit("X", source="1260h", code="")],
            MET,
            id="a-list-of-nobody-blocked-without-a-code",
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)],
            [hit("X", state="open"), hit("X")],
            NOT_MET,
            id="confirmed-after-open",
        ),
        pytest.param(
            [owner("X", 50), owner("B", 50)],
            [hit("X"), hit("X", state="open")],
            NOT_MET,
            id="confirmed-before-open",
        ),
        pytest.param([owner("X", 10), owner("B")], [hit("X")], MET, id="an-unknown-share-of-another"),
        pytest.param(
            [owner("A", 100), owner("X", owns="Elsewhere")], [hit("X")], MET, id="an-unknown-share-elsewhere"
        ),
        pytest.param(
            [owner("X", 30), owner("X", 20), owner("B", 50)], [hit("X")], NOT_MET, id="two-rows-add-up"
        ),
    ],
)
def test_sc_3_listed_owners(owners, hits, outcome):
    listed = found(control.fifty_percent, facts(supplier(*owners), *hits), "listed")
    assert (listed.outcome, listed.audience, listed.effect) == (outcome, Audience.CHAIR, Effect.KNOCKOUT)


NAMES = some.sampled_from(("A", "B", "C", "D", "E"))


OWNERS = some.lists(
    some.builds(
        lambda name, pct, owns, parent: owner(name, pct, owns=owns, parent=parent),
        NAMES,
        some.one_of(some.none(), some.integers(min_value=0, max_value=100)),
        some.one_of(some.just(""), NAMES),
        some.one_of(some.just(""), NAMES),
    ),
    max_size=8,
)


def is_blocked(owners, listed):
    given = facts(supplier(*owners), *(hit(name) for name in sorted(listed)))
    return found(control.fifty_percent, given, "listed").outcome == NOT_MET


@given(OWNERS, OWNERS, some.sets(NAMES), some.sets(NAMES))
def test_sc_3_more_owners_and_more_listed_parties_never_unblock(owners, more, listed, others):
    if is_blocked(owners, listed):
        assert is_blocked(owners + more, listed)
        assert is_blocked(owners, listed | others)


@given(OWNERS.flatmap(lambda rows: some.tuples(some.just(rows), some.permutations(rows))), some.sets(NAMES))
def test_sc_3_the_order_of_owners_does_not_matter(both, listed):
    hits = [hit(name) for name in sorted(listed)]
    one, other = (facts(supplier(*rows), *hits) for rows in both)
    for rule in (control.fifty_percent, covered_nations.foreign_entity, control.listed_parent):
        assert [each.outcome for each in rule.findings(one, rule.params(), on=ON)] == [
            each.outcome for each in rule.findings(other, rule.params(), on=ON)
        ]


@given(OWNERS, OWNERS)
def test_sc_8_more_owners_never_lessen_what_a_government_holds(owners, more):
    for kind in ownership.KINDS:
        before, after = (ownership.holdings(supplier(*rows), kind) for rows in (owners, owners + more))
        company = "hock works llc"
        assert ownership.multiplied(before, company, {"a"}) <= ownership.multiplied(after, company, {"a"})
        assert ownership.controlled_by(supplier(*owners), {"a"}) <= ownership.controlled_by(
            supplier(*owners, *more), {"a"}
        )


def test_sc_3_says_how_little_listed_parties_hold():
    finding = found(control.fifty_percent, facts(supplier(owner("A", 100))), "listed")
    assert finding.message == "Listed parties hold 0%, below 25%."


def test_sc_3_says_the_way_in_words():
    given = facts(
        supplier(owner("Ridge Holding", 55), owner("X Fund", 60, owns="Ridge Holding")), hit("X Fund")
    )
    message = found(control.fifty_percent, given, "listed").message
    assert "X Fund holds 60% of Ridge Holding, which holds 55% of Hock Works LLC" in message


def test_sc_3_the_way_begins_at_the_listed_party_and_other_ways_are_left_out():
    owners = (
        owner("Ridge Holding", 55),
        owner("B", 45),
        owner("X Fund", 60, owns="Ridge Holding"),
        owner("Upper Trust", 10, owns="X Fund"),
    )
    message = found(control.fifty_percent, facts(supplier(*owners), hit("X Fund")), "listed").message
    assert message == (
        "Blocked: listed parties hold 55%. X Fund holds 60% of Ridge Holding, which holds 55% of Hock Works LLC."
    )


@pytest.mark.parametrize(
    "lists",
    [
        pytest.param((), id="no-list"),
        pytest.param((ListFacts(source="1260h", snapshot="1", as_of=ON),), id="no-list-of-blocked-parties"),
        pytest.param((ListFacts(source="ofac", snapshot="1", as_of=date(2026, 4, 11)),), id="31-days-old"),
    ],
)
def test_sc_3_without_a_usable_list_nothing_is_met_and_what_was_found_stands(lists):
    empty = found(control.fifty_percent, facts(supplier(owner("A", 100)), lists=lists), "listed")
    words = {"": "no list is loaded", "1260h": "no list of OFAC", "ofac": "more than 30 days old"}
    assert words["".join(each.source for each in lists)] in empty.message
    assert (
        found(control.fifty_percent, facts(supplier(owner("X", 100)), lists=lists), "listed").outcome == REFER
    )
    confirmed = facts(supplier(owner("X", 100)), hit("X"), lists=lists)
    assert found(control.fifty_percent, confirmed, "listed").outcome == NOT_MET


@pytest.mark.parametrize("source", ["ofac", "csl", "custom", "house"])
def test_sc_3_is_met_by_any_list_of_blocked_parties(source):
    lists = (ListFacts(source=source, snapshot="1", as_of=date(2026, 4, 12)),)
    assert (
        found(control.fifty_percent, facts(supplier(owner("A", 100)), lists=lists), "listed").outcome == MET
    )
