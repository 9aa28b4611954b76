"""FA-1 and FA-3: the site and its capacity."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.compliance import Effect, Outcome
from rfp.facts import CapacityFacts, ProposalFacts
from rfp.rules import facilities
from rfp.rules.facilities import SiteParams, yearly_capacity
from suppliers.facts import SiteFacts, SupplierFacts

ON = date(2026, 5, 12)
MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


def fa_1(params=None, final_site="1", **site):
    given = {"street": "2210 Spur Road", "city": "Columbus", "state": "OH", "zip": "43215", **site}
    supplier = SupplierFacts(legal_name="A", sites=(SiteFacts(key="1", **given),))
    rule = facilities.site_in_the_united_states
    facts = ProposalFacts(supplier=supplier, final_site=final_site)
    (found,) = rule.findings(facts, params or rule.params(), on=ON)
    return found


@pytest.mark.parametrize(
    ("site", "outcome", "said"),
    [
        pytest.param({}, MET, "Columbus, OH 43215", id="belongs-to-its-state"),
        pytest.param({"zip": "43215-1234"}, MET, "43215-1234", id="zip-plus-four"),
        pytest.param({"state": "TX"}, NOT_MET, "belongs to OH, not TX", id="another-state"),
        pytest.param({"zip": "4321"}, NOT_MET, "not a ZIP code", id="four-digits"),
        pytest.param({"zip": "43215-12"}, NOT_MET, "not a ZIP code", id="plus-two"),
        pytest.param({"zip": "４３２１５"}, NOT_MET, "not a ZIP code", id="full-width-digits"),
        pytest.param({"zip": ""}, NOT_MET, "missing", id="no-zip"),
        pytest.param({"zip": "00000"}, REFER, "not in the table", id="unknown-zip"),
        pytest.param({"zip": "09012", "state": "AE"}, NOT_MET, "military", id="military"),
        pytest.param({"street": "P.O. Box 12"}, NOT_MET, "post office box", id="po-box-street"),
        pytest.param({"street": "PO BOX 12"}, NOT_MET, "post office box", id="po-box-capitals"),
        pytest.param({"street": "12 Boxwood Post Road"}, MET, "Columbus", id="boxwood-is-no-box"),
        pytest.param({"zip": "43216"}, REFER, "post office boxes only", id="po-box-zip"),
        pytest.param({"country": "MX"}, NOT_MET, "not in the U.S.", id="abroad"),
        pytest.param({"city": "San Juan", "state": "PR", "zip": "00907"}, MET, "PR", id="territory"),
    ],
)
def test_fa_1_site(site, outcome, said):
    found = fa_1(**site)
    assert (found.outcome, found.effect) == (outcome, Effect.KNOCKOUT)
    assert said in found.message


def test_fa_1_territories_can_be_left_out():
    found = fa_1(SiteParams(territories=False), city="San Juan", state="PR", zip="00907")
    assert found.outcome == NOT_MET


@pytest.mark.parametrize("final_site", ["", "2"], ids=["none-chosen", "no-such-site"])
def test_fa_1_without_a_site_is_referred(final_site):
    assert fa_1(final_site=final_site).outcome == REFER


SHEET = CapacityFacts(
    lines=Decimal(2),
    shifts=Decimal(2),
    hours_per_shift=Decimal(8),
    days_per_year=Decimal(250),
    cycle_seconds=Decimal(120),
    availability=Decimal("0.75"),
    yield_rate=Decimal(1),
    committed_per_year=Decimal(90_000),
    offered_per_year=Decimal(60_000),
)


def fa_3(**changes):
    rule = facilities.capacity_for_the_offer
    sheet = replace(SHEET, **{name: Decimal(v) if v is not None else None for name, v in changes.items()})
    facts = ProposalFacts(supplier=SupplierFacts(legal_name="A"), capacity=sheet)
    return {each.part: each for each in rule.findings(facts, rule.params(), on=ON)}


def test_fa_3_capacity_of_the_worked_example():
    assert yearly_capacity(SHEET) == 180_000


@pytest.mark.parametrize(
    ("offered", "utilization", "outcome"),
    [
        pytest.param(60_000, "83.333", MET, id="83-percent"),
        pytest.param(63_000, "85.000", MET, id="85-percent-exactly"),
        pytest.param(63_001, "85.001", REFER, id="just-over-85"),
        pytest.param(75_000, "91.667", REFER, id="92-percent"),
        pytest.param(90_000, "100.000", REFER, id="100-percent-exactly"),
        pytest.param(90_001, "100.001", NOT_MET, id="just-over-100"),
        pytest.param(100_000, "105.556", NOT_MET, id="106-percent"),
    ],
)
def test_fa_3_utilization(offered, utilization, outcome):
    found = fa_3(offered_per_year=offered)[""]
    assert (found.outcome, f"{Decimal(found.numbers['utilization_pct']):.3f}") == (outcome, utilization)


@pytest.mark.parametrize(
    ("nameplate", "outcome"), [(198_000, MET), (198_001, REFER)], ids=["110-percent", "just-over-110"]
)
def test_fa_3_nameplate(nameplate, outcome):
    assert fa_3(nameplate_per_year=nameplate)["nameplate"].outcome == outcome


@pytest.mark.parametrize(
    "changes",
    [{"lines": None}, {"committed_per_year": None}, {"cycle_seconds": 0}, {"availability": 0}],
    ids=["blank", "promised-blank", "no-cycle", "never-available"],
)
def test_fa_3_an_incomplete_sheet_is_referred(changes):
    assert {part: each.outcome for part, each in fa_3(**changes).items()} == {"": REFER}


def test_fa_3_without_a_sheet_is_referred():
    rule = facilities.capacity_for_the_offer
    facts = ProposalFacts(supplier=SupplierFacts(legal_name="A"))
    assert [f.outcome for f in rule.findings(facts, rule.params(), on=ON)] == [REFER]
