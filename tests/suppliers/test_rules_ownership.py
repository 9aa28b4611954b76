"""SC-3, SC-4, SC-7, SC-8 and the graph under them: worked examples, and what holds for every graph."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.compliance import Audience, Effect, Outcome, may_read
from suppliers.facts import (
    HitFacts,
    ListFacts,
    OwnerFacts,
    QualificationFacts,
    ScreeningFacts,
    SiteFacts,
    SupplierFacts,
)
from suppliers.rules import control, ownership
from suppliers.rules.control import AffiliateParams
from suppliers.rules.ownership import Stake, blocked

ON = date(2026, 5, 12)
MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


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


def owner(name, pct=None, *, owns="", **more):
    return OwnerFacts(name=name, owns=owns, pct_equity=None if pct is None else Decimal(str(pct)), **more)


def supplier(*owners, **fields):
    return SupplierFacts(legal_name="Hock Works LLC", owners=owners, **fields)


def hit(name, *, state="true_match", source="ofac", code="SDN", role="owner", **more):
    return HitFacts(
        name=name,
        role=role,
        source=source,
        record="1",
        matched_name=name.upper(),
        programme="",
        score=Decimal(1),
        band="exact",
        disposition=state,
        list_code=code,
        **more,
    )


LISTS = tuple(ListFacts(source=source, snapshot="1", as_of=ON) for source in ("ofac", "csl", "1260h"))


def facts(given_supplier, *hits, lists=LISTS):
    screened = ScreeningFacts(screened=(given_supplier.legal_name,), lists=lists, hits=hits)
    return QualificationFacts(supplier=given_supplier, screening=screened)


def found(rule, given, part="", params=None):
    rows = {each.part: each for each in rule.findings(given, params or rule.params(), on=ON)}
    return rows[part]


@pytest.mark.parametrize(
    ("owners", "outcome", "words"),
    [
        pytest.param([owner("A", 60), owner("B", 40)], MET, "whole company", id="complete"),
        pytest.param([owner("A", 60), owner("B", "39.99")], MET, "whole company", id="rounded"),
        pytest.param([owner("A", 88)], REFER, "12% is missing", id="gap"),
        pytest.param([owner("A", 60), owner("B", "40.01")], MET, "whole company", id="rounded-up"),
        pytest.param([owner("A", 60), owner("B", "40.02")], NOT_MET, "100.02%", id="too-much"),
        pytest.param([owner("A")], REFER, "No owner’s share", id="no-share"),
        pytest.param([], REFER, "No owner’s share", id="no-owner"),
        pytest.param(
            [owner("A", 100), owner("B", 60, owns="A"), owner("A", 60, owns="B")],
            REFER,
            "circle",
            id="circle",
        ),
        pytest.param(
            [owner("A", 100), owner("B", 70, owns="A"), owner("C", 70, owns="A")],
            NOT_MET,
            "140%",
            id="above-too-much",
        ),
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
    ],
)
def test_sc_3_listed_owners(owners, hits, outcome):
    listed = found(control.fifty_percent, facts(supplier(*owners), *hits), "listed")
    assert (listed.outcome, listed.audience, listed.effect) == (outcome, Audience.CHAIR, Effect.KNOCKOUT)


def test_sc_3_says_the_way_in_words():
    given = facts(
        supplier(owner("Ridge Holding", 55), owner("X Fund", 60, owns="Ridge Holding")), hit("X Fund")
    )
    message = found(control.fifty_percent, given, "listed").message
    assert "X Fund holds 60% of Ridge Holding, which holds 55% of Hock Works LLC" in message


def test_sc_3_without_a_list_nothing_is_met():
    given = facts(supplier(owner("A", 100)), lists=())
    assert found(control.fifty_percent, given, "listed").outcome == REFER


@pytest.mark.parametrize(
    ("state", "mode", "outcome"),
    [
        ("true_match", "red_flag", REFER),
        ("true_match", "enforce", NOT_MET),
        ("open", "enforce", REFER),
        ("false_positive", "enforce", MET),
    ],
)
def test_sc_4_affiliates(state, mode, outcome):
    given = facts(supplier(owner("E", 50), owner("B", 50)), hit("E", state=state, source="csl", code="EL"))
    finding = found(control.affiliates, given, params=AffiliateParams(mode=mode))
    assert (finding.outcome, finding.audience) == (outcome, Audience.CHAIR)
    assert "May 1, 2026" in finding.message


@pytest.mark.parametrize("rule", [control.affiliates, control.listed_parent], ids=["SC-4", "SC-7"])
def test_what_was_not_loaded_was_not_compared(rule):
    lists = (ListFacts(source="ofac", snapshot="1", as_of=ON),)
    assert found(rule, facts(supplier(owner("A", 100)), lists=lists)).outcome == Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("pct", "state", "outcome"),
    [
        pytest.param(50, "true_match", NOT_MET, id="half"),
        pytest.param(49, "true_match", REFER, id="less"),
        pytest.param(50, "open", REFER, id="open"),
        pytest.param(50, "false_positive", MET, id="cleared"),
    ],
)
def test_sc_7_parents(pct, state, outcome):
    listed = hit("P", source="1260h", code="1260H", state=state)
    assert found(control.listed_parent, facts(supplier(owner("P", pct)), listed)).outcome == outcome


def test_sc_7_the_company_itself():
    listed = hit("Hock Works LLC", source="1260h", code="1260H", role="legal_name")
    assert found(control.listed_parent, facts(supplier(owner("A", 100)), listed)).outcome == NOT_MET


STATE = {"country": "CN", "is_government": True}


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        pytest.param(
            supplier(owner("S", 25, **STATE), owner("A", 75)), NOT_MET, id="a-quarter-of-the-equity"
        ),
        pytest.param(supplier(owner("S", "24.9", **STATE), owner("A", "75.1")), MET, id="just-below"),
        pytest.param(
            supplier(owner("S", "24.9", board_seats=2, board_size=7, **STATE), owner("A", "75.1")),
            NOT_MET,
            id="seats",
        ),
        pytest.param(
            supplier(owner("S", 10, pct_votes=Decimal(30), **STATE), owner("A", 90)), NOT_MET, id="votes"
        ),
        pytest.param(
            supplier(
                owner("S", 15, **STATE), owner("T", 10, country="RU", kind="government"), owner("A", 75)
            ),
            NOT_MET,
            id="two-governments-together",
        ),
        pytest.param(supplier(owner("P", 30, country="CN"), owner("A", 70)), REFER, id="private-owner"),
        pytest.param(supplier(owner("P", 24, country="CN"), owner("A", 76)), MET, id="small-private-owner"),
        pytest.param(
            supplier(owner("P", 0, country="CN", controls=True), owner("A", 100)),
            NOT_MET,
            id="license-or-contract",
        ),
        pytest.param(supplier(owner("A", 100), country="CN"), NOT_MET, id="organized-there"),
        pytest.param(supplier(owner("A", 100), headquarters_country="HK"), NOT_MET, id="led-from-there"),
        pytest.param(
            supplier(owner("A", 100), sites=(SiteFacts(key="1", city="Suzhou", country="CN"),)),
            NOT_MET,
            id="at-work",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 40), owner("S", 50, owns="A", **STATE)),
            NOT_MET,
            id="both-ways-agree",
        ),
        pytest.param(
            supplier(owner("A", 40), owner("B", 60), owner("S", 51, owns="A", **STATE)),
            REFER,
            id="majority-only",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 40), owner("S", 49, owns="A", **STATE)),
            REFER,
            id="multiplied-only",
        ),
        pytest.param(supplier(), REFER, id="no-owners"),
        pytest.param(supplier(owner("A", 100)), MET, id="domestic"),
    ],
)
def test_sc_8_foreign_entity_of_concern(given, outcome):
    finding = found(control.foreign_entity, facts(given))
    assert (finding.outcome, finding.effect) == (outcome, Effect.KNOCKOUT)


def test_what_a_supplier_reads_of_ownership_never_depends_on_hits():
    subject = supplier(owner("X", 50), owner("B", 50))

    def read(*hits):
        rules = (control.fifty_percent, control.affiliates, control.listed_parent, control.foreign_entity)
        given = facts(subject, *hits)
        findings = [each for rule in rules for each in rule.findings(given, rule.params(), on=ON)]
        return [each for each in findings if may_read(Audience.SUPPLIER, each.audience)]

    assert (
        read()
        == read(hit("X"))
        == read(hit("X", state="open"))
        == read(hit("X", source="1260h", code="1260H"))
    )
    assert read() != []


def test_proportional_shares_multiply_along_each_way():
    graph = ownership.graph_of(
        supplier(owner("A", 50), owner("B", 50), owner("S", 60, owns="A"), owner("S", 20, owns="B"))
    )
    assert ownership.proportional(graph, {"s": Decimal(100)}) == Decimal(40)
    assert len(ownership.paths(graph)) == 2
