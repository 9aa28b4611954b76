"""SC-4 and SC-7: who controls a supplier, by ownership."""

from datetime import date

import pytest

from portal.kit.compliance import Audience, Effect, Outcome
from suppliers.facts import (
    ListFacts,
)
from suppliers.rules import control
from suppliers.rules.control import AffiliateParams
from tests.suppliers.owned import MET, NOT_MET, ON, REFER, facts, found, hit, owner, supplier


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
