"""SC-3, SC-4, SC-7, SC-8 and the graph under them: worked examples, and what holds for every graph."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.kit.compliance import Audience, Effect, Outcome, may_read
from suppliers import ownership
from suppliers.facts import (
    HitFacts,
    ListFacts,
    OwnerFacts,
    QualificationFacts,
    ScreeningFacts,
    SiteFacts,
    SupplierFacts,
)
from suppliers.ownership import Stake, blocked
from suppliers.rules import control, covered_nations
from suppliers.rules.control import AffiliateParams

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


def owner(name, pct=None, *, owns="", country="US", **more):
    share = None if pct is None else Decimal(str(pct))
    return OwnerFacts(name=name, owns=owns, country=country, pct_equity=share, **more)


def supplier(*owners, **fields):
    return SupplierFacts(legal_name="Hock Works LLC", owners=owners, **fields)


def hit(name, *, state="true_match", source="ofac", code="SDN", role="owner", band="exact", **more):
    return HitFacts(
        name=name,
        role=role,
        source=source,
        record="1",
        matched_name=name.upper(),
        programme="",
        score=Decimal(1),
        band=band,
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
    assert (finding.effect is Effect.KNOCKOUT) is (outcome is NOT_MET)
    assert finding.message.startswith("BIS-listed parties hold 50%") is (state == "true_match")
    assert "May 1, 2026" in finding.message


@pytest.mark.parametrize(
    ("owners", "code", "outcome", "words"),
    [
        pytest.param([owner("E", "49.99"), owner("B", "50.01")], "EL", MET, "50% or more", id="below-half"),
        pytest.param([owner("E", 50), owner("B", 50)], "MEU", REFER, "hold 50%", id="military-end-user"),
        pytest.param([owner("E", 50), owner("B", 50)], "UVL", MET, "50% or more", id="another-list"),
        pytest.param([owner("E"), owner("B", 50)], "EL", REFER, "undisclosed", id="share-not-told"),
        pytest.param([owner("B", 100, parent="E")], "EL", REFER, "undisclosed", id="parent-in-free-text"),
        pytest.param(
            [owner("A", 50), owner("B", 50), owner("E", 50, owns="A")], "EL", REFER, "hold 50%", id="chain"
        ),
        pytest.param([], "EL", REFER, "No owner", id="no-owner"),
    ],
)
def test_sc_4_follows_the_same_fixpoint(owners, code, outcome, words):
    finding = found(control.affiliates, facts(supplier(*owners), hit("E", source="csl", code=code)))
    assert (finding.outcome, finding.effect) == (outcome, Effect.ADVISORY)
    assert words in finding.message


def test_sc_4_a_blocked_party_of_ofac_is_none_of_bis():
    given = facts(supplier(owner("E", 50), owner("B", 50)), hit("E", source="ofac", code=""))
    assert found(control.affiliates, given).outcome == MET


def test_sc_4_does_not_call_a_close_name_listed():
    given = facts(supplier(owner("E", 50)), hit("E", state="open", source="csl", code="EL"))
    assert "names similar to" in found(control.affiliates, given).message


@pytest.mark.parametrize(
    ("rule", "code"), [(control.affiliates, "EL"), (control.listed_parent, "1260H")], ids=["SC-4", "SC-7"]
)
def test_a_hit_counts_whatever_list_it_came_from(rule, code):
    lists = (ListFacts(source="custom", snapshot="1", as_of=ON),)
    listed = hit("E", source="custom", code=code)
    assert found(rule, facts(supplier(owner("E", 50)), listed, lists=lists)).outcome in (REFER, NOT_MET)


@pytest.mark.parametrize(
    ("rule", "source"), [(control.affiliates, "csl"), (control.listed_parent, "1260h")], ids=["SC-4", "SC-7"]
)
@pytest.mark.parametrize(
    ("as_of", "outcome"), [(date(2026, 4, 12), MET), (date(2026, 4, 11), REFER)], ids=["30-days", "31-days"]
)
def test_nothing_is_met_by_a_stale_list(rule, source, as_of, outcome):
    lists = (
        ListFacts(source=source, snapshot="1", as_of=as_of),
        ListFacts(source="sam", snapshot="2", as_of=date(2025, 1, 1)),
    )
    assert found(rule, facts(supplier(owner("A", 100)), lists=lists)).outcome == outcome


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
        pytest.param("49.999", "true_match", REFER, id="just-below-half"),
        pytest.param(None, "true_match", REFER, id="share-not-told"),
        pytest.param(10, "escalated", REFER, id="escalated"),
    ],
)
def test_sc_7_parents(pct, state, outcome):
    listed = hit("P", source="1260h", code="", state=state)
    finding = found(control.listed_parent, facts(supplier(owner("P", pct)), listed))
    assert (finding.outcome, finding.audience, finding.effect) == (outcome, Audience.CHAIR, Effect.KNOCKOUT)
    assert ("listed, or owned by a listed party" in finding.message) is (pct is None)


@pytest.mark.parametrize(("name", "role"), [("A", "owner"), ("Hock Works LLC", "legal_name")])
def test_sc_7_a_hit_of_another_list_is_none_of_1260h(name, role):
    given = facts(supplier(owner("A", 100)), hit(name, role=role, source="ofac", code="SDN"))
    assert found(control.listed_parent, given).outcome == MET


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, NOT_MET, id="confirmed"),
        pytest.param({"state": "open"}, REFER, id="exact-name-only"),
        pytest.param({"state": "open", "band": "strong"}, REFER, id="strong"),
        pytest.param({"state": "open", "band": "possible"}, REFER, id="possible"),
        pytest.param({"state": "open", "band": "logged"}, MET, id="logged"),
        pytest.param({"state": "false_positive"}, MET, id="cleared"),
        pytest.param({"ended": date(2026, 5, 11)}, MET, id="ended"),
        pytest.param({"role": "former_name"}, NOT_MET, id="former-name"),
        pytest.param({"role": "officer"}, MET, id="an-officer-does-not-make-the-company-listed"),
    ],
)
def test_sc_7_the_company_itself(changes, outcome):
    listed = hit("Hock Works", source="csl", code="1260H", **{"role": "legal_name", **changes})
    assert found(control.listed_parent, facts(supplier(owner("A", 100)), listed)).outcome == outcome


def test_sc_7_without_owners_nothing_is_met():
    assert found(control.listed_parent, facts(supplier())).outcome == REFER


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
        pytest.param(
            supplier(
                *(owner(f"S{n}", 1, board_seats=1, board_size=12, **STATE) for n in range(3)), owner("A", 97)
            ),
            NOT_MET,
            id="three-seats-of-twelve-are-a-quarter",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=1, board_size=5, **STATE), owner("A", 95)),
            MET,
            id="a-fifth-of-seats",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=25, board_size=101, **STATE), owner("A", 95)),
            MET,
            id="just-below-a-quarter-of-seats",
        ),
        pytest.param(
            supplier(
                owner("S", 12, **STATE),
                owner("T", 10, board_seats=1, board_size=7, **STATE),
                owner("A", 78),
            ),
            MET,
            id="equity-is-no-seat-on-the-companys-board",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7),
                owner("B", 90),
                owner("S", 100, owns="A", **STATE),
            ),
            NOT_MET,
            id="equity-stands-for-seats-further-up",
        ),
        pytest.param(
            supplier(owner("A", 80), owner("B"), owner("S", 5, **STATE)),
            MET,
            id="an-unknown-share-of-a-domestic-owner",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7),
                owner("B", 90),
                owner("S", 10, owns="A", pct_votes=Decimal(90), **STATE),
            ),
            NOT_MET,
            id="votes-stand-for-seats-further-up",
        ),
        pytest.param(
            supplier(owner("S", 5, board_seats=1, **STATE), owner("A", 95)), REFER, id="board-of-unknown-size"
        ),
        pytest.param(
            supplier(
                owner("A", 10, pct_votes=Decimal(30)),
                owner("B", 90, pct_votes=Decimal(70)),
                owner("S", 100, owns="A", **STATE),
            ),
            NOT_MET,
            id="votes-through-another",
        ),
        pytest.param(
            supplier(
                owner("A", 10, board_seats=2, board_size=7), owner("B", 90), owner("S", 51, owns="A", **STATE)
            ),
            REFER,
            id="seats-through-a-majority-only",
        ),
        pytest.param(
            supplier(
                owner("A", 30), owner("B", 70), owner("S", 10, owns="A", pct_votes=Decimal(60), **STATE)
            ),
            REFER,
            id="a-majority-of-votes-in-the-parent",
        ),
        pytest.param(
            supplier(owner("A", 30), owner("B", 70), owner("S", 0, owns="A", controls=True, **STATE)),
            NOT_MET,
            id="control-of-the-parent-by-contract",
        ),
        pytest.param(
            supplier(owner("A", 5, controls=True), owner("B", 95), owner("S", 50, owns="A", **STATE)),
            NOT_MET,
            id="contract-with-whom-a-government-holds",
        ),
        pytest.param(supplier(owner("A", 5, controls=True), owner("B", 95)), MET, id="domestic-contract"),
        pytest.param(
            supplier(owner("S", 15, **STATE), owner("A", 85), owner("T", 20, owns="A", **STATE)),
            REFER,
            id="direct-and-multiplied-together",
        ),
        pytest.param(
            supplier(
                owner("S", 15, **STATE), owner("A", 10), owner("B", 75), owner("T", 100, owns="A", **STATE)
            ),
            NOT_MET,
            id="direct-and-through-a-parent-together",
        ),
        pytest.param(
            supplier(owner("S", 100, **STATE), owner("T", 10, owns="S", **STATE)),
            NOT_MET,
            id="a-government-held-by-another-counts-whole",
        ),
        pytest.param(
            supplier(owner("P", 15, country="CN"), owner("Q", 10, country="RU"), owner("A", 75)),
            REFER,
            id="private-owners-together",
        ),
        pytest.param(
            supplier(owner("S", 20, **STATE), owner("P", 5, country="CN"), owner("A", 75)),
            REFER,
            id="a-government-and-a-private-owner-together",
        ),
        pytest.param(
            supplier(owner("A", 10), owner("B", 90), owner("P", 60, owns="A", country="CN")),
            MET,
            id="private-owner-of-a-small-owner",
        ),
        pytest.param(
            supplier(owner("S", None, **STATE), owner("A", 90)), REFER, id="share-of-a-government-not-told"
        ),
        pytest.param(
            supplier(owner("A"), owner("B", 90), owner("S", 40, owns="A", **STATE)),
            REFER,
            id="share-not-told-below-a-government",
        ),
        pytest.param(supplier(owner("A", 75), owner("B", 25, country="")), REFER, id="country-not-told"),
        pytest.param(
            supplier(owner("A", "75.1"), owner("B", "24.9", country="")), MET, id="country-not-told-of-less"
        ),
        pytest.param(supplier(owner("A", 100, parent="Q")), REFER, id="a-parent-named-only"),
        pytest.param(
            supplier(owner("A", 100), owner("B", 10, owns="A", country="")),
            MET,
            id="country-not-told-of-a-tenth-further-up",
        ),
        pytest.param(
            supplier(owner("A", 100), owner("B", 25, owns="A", country="")),
            REFER,
            id="country-not-told-of-a-quarter-further-up",
        ),
        pytest.param(
            supplier(owner("A", 80), owner("B", country="")), MET, id="neither-country-nor-share-of-a-fifth"
        ),
        pytest.param(
            supplier(owner("A", 100, parent="Q"), owner("Q", 100, owns="A")), MET, id="a-parent-told-in-full"
        ),
        pytest.param(supplier(owner("A", 100, board_seats=3)), MET, id="a-domestic-board-of-unknown-size"),
        pytest.param(supplier(owner("A", 75)), REFER, id="a-quarter-not-told"),
        pytest.param(supplier(owner("A", "75.1")), MET, id="less-than-a-quarter-not-told"),
        pytest.param(supplier(owner("A", "75.1"), country="KP"), NOT_MET, id="organized-in-north-korea"),
        pytest.param(
            supplier(owner("A", 100), owner("S", 100, owns="A", country="TW", is_government=True)),
            MET,
            id="another-government",
        ),
        pytest.param(
            supplier(owner("A", 60), owner("B", 60, owns="A"), owner("A", 60, owns="B"), owner("C", 40)),
            MET,
            id="a-circle-of-domestic-owners",
        ),
        pytest.param(
            supplier(owner("A", 70), owner("M", 30), owner("U", owns="M")),
            MET,
            id="share-not-told-of-a-domestic-owner-further-up",
        ),
        pytest.param(
            supplier(owner("A", 70), owner("M", 30), owner("U", owns="M", country="")),
            REFER,
            id="share-not-told-of-one-without-a-country-further-up",
        ),
    ],
)
def test_sc_8_foreign_entity_of_concern(given, outcome):
    finding = found(covered_nations.foreign_entity, facts(given))
    assert (finding.outcome, finding.effect) == (outcome, Effect.KNOCKOUT)


@pytest.mark.parametrize("country", ["CN", "HK", "MO", "RU", "IR", "KP"])
def test_sc_8_names_every_covered_nation(country):
    organized = facts(supplier(owner("A", 100), country=country))
    held = facts(supplier(owner("S", 25, country=country, is_government=True), owner("A", 75)))
    for each in (organized, held):
        assert found(covered_nations.foreign_entity, each).outcome == NOT_MET


@pytest.mark.parametrize(
    ("stakes", "said"),
    [
        ({"pct": 25}, "25.0% of the equity"),
        ({"pct": 1, "pct_votes": Decimal("25.04")}, "25.04% of the votes"),
        ({"pct": 1, "pct_votes": Decimal(1), "board_seats": 2, "board_size": 7}, "28.6% of the seats"),
    ],
)
def test_sc_8_says_of_what_and_the_line(stakes, said):
    finding = found(
        covered_nations.foreign_entity, facts(supplier(owner("S", **stakes, **STATE), owner("A", 70)))
    )
    assert finding.message == (
        f"Governments of covered nations hold, directly or through others, {said}. The limit is 25%."
    )


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (
            [owner("P", 30, country="CN")],
            "P is from China and holds 30.0%. The limit for governments is 25%.",
        ),
        (
            [owner("P", 15, country="CN"), owner("Q", 10, country="RU"), owner("A", 75)],
            "P and others from covered nations hold 25.0%. The limit for governments is 25%.",
        ),
        (
            [owner("A", 70), owner("P", 30, country="CN")],
            "P is from China and holds 30.0%. The limit for governments is 25%.",
        ),
        (
            [owner("A", 75)],
            "Owners of 25% are undisclosed. The limit for governments of covered nations is 25%.",
        ),
        (
            [owner("A")],
            "Owners of 100% are undisclosed. The limit for governments of covered nations is 25%.",
        ),
        ([], "No owners are listed."),
        ([owner("A", 100, parent="Q")], "The country of Q is missing."),
        ([owner("A", 75), owner("B", 25, country="")], "The country of B is missing."),
        (
            [owner("S", 5, board_seats=1, **STATE), owner("A", 95)],
            "S holds 1 board seat on a board of unknown size.",
        ),
        (
            [owner("S", **STATE), owner("A", 95)],
            "S is from a covered nation, or owned from there, and holds an undisclosed share.",
        ),
    ],
)
def test_sc_8_says_what_cannot_be_told(owners, said):
    assert found(covered_nations.foreign_entity, facts(supplier(*owners))).message == said


def test_sc_8_numbers_are_of_each_kind_and_each_way():
    subject = supplier(
        owner("A", 40, pct_votes=Decimal(30)), owner("B", 60), owner("S", 51, owns="A", **STATE)
    )
    finding = found(covered_nations.foreign_entity, facts(subject))
    assert finding.outcome == REFER
    assert finding.numbers == {
        "equity_pct": "40.000",
        "votes_pct": "30.000",
        "seats_pct": "0.000",
        "equity_multiplied_pct": "20.400",
        "votes_multiplied_pct": "15.300",
        "seats_multiplied_pct": "0.000",
    }
    assert "20.4% of the equity when shares are multiplied and 40.0% when majorities" in finding.message


def test_sc_8_a_product_on_the_line_is_told_in_both_ways():
    subject = supplier(owner("A", "62.5"), owner("B", "37.5"), owner("S", 40, owns="A", **STATE))
    message = found(covered_nations.foreign_entity, facts(subject)).message
    assert "25.0% of the equity when shares are multiplied and 0.0% when majorities are followed" in message


def test_a_board_without_seats_of_an_owner_is_no_seat():
    subject = supplier(owner("S", 10, board_size=7, **STATE), owner("A", 90))
    assert ownership.holdings(subject, "seats") == {"hock works llc": {"s": Decimal(0), "a": Decimal(0)}}


def test_ways_are_cut_after_as_many_as_are_asked_for():
    graph = ownership.graph_of(supplier(*(owner(f"Owner {number}", 1) for number in range(50))))
    assert len(ownership.paths(graph)) == 40
    assert len(ownership.paths(graph, most=7)) == 7


def test_what_a_supplier_reads_of_ownership_never_depends_on_hits():
    subject = supplier(owner("X", 50), owner("B", 50))

    def read(*hits):
        rules = (
            control.fifty_percent,
            control.affiliates,
            control.listed_parent,
            covered_nations.foreign_entity,
        )
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


def test_shares_multiply_along_each_way():
    subject = supplier(owner("A", 50), owner("B", 50), owner("S", 60, owns="A"), owner("S", 20, owns="B"))
    held = ownership.holdings(subject, "equity")
    assert ownership.multiplied(held, "hock works llc", {"s"}) == Decimal(40)
    assert len(ownership.paths(ownership.graph_of(subject))) == 2


def test_shares_multiply_along_more_ways_than_can_be_walked():
    layers = [supplier_layer(depth) for depth in range(12)]
    subject = supplier(
        owner("0 left", 50), owner("0 right", 50), *(each for layer in layers for each in layer)
    )
    held = ownership.holdings(subject, "equity")
    assert ownership.multiplied(held, "hock works llc", {"12 left", "12 right"}) == Decimal(100)


def supplier_layer(depth):
    return [
        owner(f"{depth + 1} {above}", 50, owns=f"{depth} {below}")
        for above in ("left", "right")
        for below in ("left", "right")
    ]


def test_a_circle_of_owners_is_counted_to_an_end():
    subject = supplier(
        owner("A", 100), owner("B", 50, owns="A"), owner("A", 50, owns="B"), owner("S", 30, owns="A")
    )
    held = ownership.holdings(subject, "equity")
    # 30 + 25% of it again, and again: near 40 and never beyond.
    assert Decimal(37) < ownership.multiplied(held, "hock works llc", {"s"}) <= Decimal(40)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ridge Holding, L.L.C.", "RIDGE  HOLDING LLC", True),
        ("O’Brien Works", "OBrien Works", True),
        ("Ridge-Holding", "Ridge Holding", True),
        ("Ｒｉｄｇｅ", "ridge", True),
        ("Ridge Holding LLC", "Ridge Holding LP", False),
        ("कि", "की", False),
        ("!!!", "???", False),
    ],
)
def test_one_party_however_it_is_punctuated(one, other, same):
    assert (ownership.party(one) == ownership.party(other)) is same
