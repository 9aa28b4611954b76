"""FA-1 and FA-3: the site and its capacity."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.kit.compliance import Effect
from rfp.facts import (
    CapacityFacts,
    ProcessStepFacts,
    ProposalFacts,
)
from rfp.rules import facilities
from rfp.rules.facilities import SiteParams, yearly_capacity
from suppliers.facts import QualificationFacts, SiteFacts, SupplierFacts
from suppliers.rules.sites import sites_in_the_region
from tests.rfp.rules.facility_facts import MET, NOT_MET, ON, REFER, steps, supplier_with


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
        pytest.param({"state": "TX"}, NOT_MET, "is in OH, not TX", id="another-state"),
        pytest.param({"zip": "4321"}, NOT_MET, "not a ZIP code", id="four-digits"),
        pytest.param({"zip": "43215-12"}, NOT_MET, "not a ZIP code", id="plus-two"),
        pytest.param({"zip": "４３２１５"}, NOT_MET, "not a ZIP code", id="full-width-digits"),
        pytest.param({"zip": ""}, NOT_MET, "missing", id="no-zip"),
        pytest.param({"zip": "00000"}, REFER, "not in our table", id="unknown-zip"),
        pytest.param({"zip": "09012", "state": "AE"}, NOT_MET, "military", id="military"),
        pytest.param({"street": "P.O. Box 12"}, NOT_MET, "post office box", id="po-box-street"),
        pytest.param({"street": "PO BOX 12"}, NOT_MET, "post office box", id="po-box-capitals"),
        pytest.param({"street": "PO Box12"}, NOT_MET, "post office box", id="po-box-without-a-blank"),
        pytest.param({"street": "P. O. Box #4"}, NOT_MET, "post office box", id="po-box-with-blanks"),
        pytest.param({"street": "Post Office Box 4"}, NOT_MET, "post office box", id="post-office-box"),
        pytest.param({"street": "POB 12"}, NOT_MET, "post office box", id="pob"),
        pytest.param({"street": "12 Pobble Lane"}, MET, "Columbus", id="pobble-is-no-box"),
        pytest.param({"street": " "}, REFER, "street address is missing", id="no-street"),
        pytest.param({"state": ""}, NOT_MET, "not a blank state", id="no-state"),
        pytest.param({"country": ""}, NOT_MET, "unnamed country", id="no-country"),
        pytest.param({"city": "Washington", "state": "DC", "zip": "20001"}, MET, "DC", id="the-district"),
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


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ({"state": "TX", "zip": "43215-1234"}, "ZIP code 43215 is in OH, not TX."),
        ({"zip": "00000"}, "ZIP code 00000 is not in our table. A person will review it."),
        ({"zip": "09012", "state": "AE"}, "ZIP code 09012 is a military mail address."),
        ({"zip": "43216"}, "ZIP code 43216 serves post office boxes only."),
        ({"country": "MX"}, "The site is in MX, not in the U.S."),
        ({"zip": "4321"}, "“4321” is not a ZIP code."),
    ],
)
def test_fa_1_says_the_value_and_what_is_wrong(site, said):
    assert fa_1(**site).message == said


def test_fa_1_without_a_region_every_us_site_is_looked_at_by_its_name():
    ohio = SiteFacts(key="1", name="Main plant", street="1 Mill St", city="Columbus", state="OH", zip="43215")
    texas = SiteFacts(key="2", street="1 Mill St", city="Dallas", state="TX", zip="75201")
    facts = QualificationFacts(supplier=SupplierFacts(legal_name="A", sites=(ohio, texas)))
    found = sites_in_the_region.findings(facts, SiteParams(), on=ON)
    assert [(each.title, each.outcome) for each in found] == [
        ("Site: Main plant", MET),
        ("Site: Dallas", MET),
    ]


def test_fa_1_territories_can_be_left_out():
    found = fa_1(SiteParams(territories=False), city="San Juan", state="PR", zip="00907")
    assert found.outcome == NOT_MET


@pytest.mark.parametrize(
    ("zips", "expected"),
    [
        pytest.param(
            ("43215", "43215"), {"1": (MET, Effect.ADVISORY), "2": (MET, Effect.ADVISORY)}, id="both"
        ),
        pytest.param(
            ("43215", "4321"),
            {"1": (MET, Effect.ADVISORY), "2": (NOT_MET, Effect.ADVISORY)},
            id="one-is-enough",
        ),
        pytest.param(
            ("00000", "4321"),
            {"1": (REFER, Effect.ADVISORY), "2": (NOT_MET, Effect.ADVISORY)},
            id="one-in-doubt",
        ),
        pytest.param(
            ("75201", "4321"), {"1": (NOT_MET, Effect.KNOCKOUT), "2": (NOT_MET, Effect.KNOCKOUT)}, id="none"
        ),
        pytest.param((), {"": (NOT_MET, Effect.KNOCKOUT)}, id="no-site"),
    ],
)
def test_fa_1_a_qualification_needs_one_good_site_in_its_region(zips, expected):
    given = tuple(
        SiteFacts(key=str(n), street="1 Mill St", city="Columbus", state="OH", zip=code)
        for n, code in enumerate(zips, start=1)
    )
    texas = SiteFacts(key="9", street="1 Mill St", city="Dallas", state="TX", zip="75201")
    abroad = SiteFacts(key="8", street="1 Mill St", city="Toledo", state="OH", zip="43604", country="ES")
    rule = sites_in_the_region
    facts = QualificationFacts(
        supplier=SupplierFacts(legal_name="A", sites=(*given, texas, abroad)), region="Ohio", states=("OH",)
    )
    found = rule.findings(facts, rule.params(), on=ON)
    assert {each.part: (each.outcome, each.effect) for each in found} == expected


@pytest.mark.parametrize(
    ("region", "states", "said"),
    [("Ohio", ("OH",), "No site in Ohio."), ("", (), "No site in the United States.")],
)
def test_fa_1_names_the_region(region, states, said):
    facts = QualificationFacts(supplier=SupplierFacts(legal_name="A"), region=region, states=states)
    (found,) = sites_in_the_region.findings(facts, SiteParams(), on=ON)
    assert (found.message, found.effect) == (said, Effect.KNOCKOUT)


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
    assert yearly_capacity(replace(SHEET, yield_rate=Decimal("0.9"))) == 162_000


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
    ("offered", "said"),
    [
        pytest.param(60_000, "83.3% of the 180,000", id="83-percent"),
        pytest.param(63_001, "85.001% of the 180,000", id="just-over-85"),
        pytest.param(90_000, "100.0% of the 180,000", id="100-percent-exactly"),
        pytest.param(90_001, "100.001% of the 180,000", id="just-over-100"),
    ],
)
def test_fa_3_says_a_percentage_that_is_on_its_side_of_the_line(offered, said):
    assert said in fa_3(offered_per_year=offered)[""].message


@pytest.mark.parametrize(
    ("nameplate", "percent", "outcome"),
    [
        pytest.param(198_000, "110.00", MET, id="110-percent"),
        pytest.param(198_001, "110.00", REFER, id="just-over-110"),
        pytest.param(216_000, "120.00", REFER, id="120-percent"),
    ],
)
def test_fa_3_nameplate(nameplate, percent, outcome):
    found = fa_3(nameplate_per_year=nameplate)["nameplate"]
    assert (found.outcome, found.numbers) == (outcome, {"nameplate_pct": percent})


def test_fa_3_nothing_promised_elsewhere_is_a_figure():
    found = fa_3(committed_per_year=0)[""]
    assert (found.outcome, found.numbers["promised"]) == (MET, "60000")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lines": None, "cycle_seconds": None}, "The capacity sheet is incomplete: lines, cycle seconds."),
        ({"availability": 0}, "The capacity sheet is empty."),
    ],
)
def test_fa_3_says_what_the_sheet_lacks(changes, said):
    assert fa_3(**changes)[""].message == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"availability": "75"}, "Availability is 75, more than 1"),
        ({"availability": "1.001"}, "Availability is 1.001, more than 1"),
        ({"yield_rate": 98}, "Yield is 98, more than 1"),
        ({"lines": -2, "shifts": -2}, "Lines is −2, which is negative"),
        ({"committed_per_year": -1}, "Committed per year is −1, which is negative"),
    ],
)
def test_fa_3_what_cannot_be_is_referred(changes, said):
    found = fa_3(**changes, nameplate_per_year=10)
    assert [each.outcome for each in found.values()] == [REFER]
    assert said in found[""].message


def test_fa_3_a_whole_availability_is_not_too_much():
    assert fa_3(availability=1, offered_per_year=63_000)[""].outcome == MET


def test_fa_3_a_capacity_next_to_nothing_is_not_met():
    found = fa_3(
        cycle_seconds="9999999999", availability="0.0001", hours_per_shift="0.01", offered_per_year=10**9
    )
    assert found[""].outcome == NOT_MET


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


@pytest.mark.parametrize(
    ("here", "outcome"),
    [(50, MET), ("49.999", REFER), (25, REFER), ("24.999", NOT_MET), (0, NOT_MET)],
)
def test_fa_2_half_of_the_conversion_cost(here, outcome):
    found = steps(("US", here, True), ("MX", 100 - Decimal(here), True))
    assert found[""].outcome == outcome
    assert (found["steps"].outcome, found["steps"].effect) == (MET, Effect.KNOCKOUT)


@pytest.mark.parametrize(
    ("here", "percent", "said"),
    [
        (50, 50, "50.0% of conversion cost is in the U.S."),
        ("49.999", "49.999", "49.999% of conversion cost is in the U.S. 50% meets the rule."),
        (25, 25, "25.0% of conversion cost is in the U.S. 50% meets the rule."),
        ("24.999", "24.999", "24.999% of conversion cost is in the U.S. 25% is the minimum."),
    ],
)
def test_fa_2_says_a_percentage_that_is_on_its_side_of_the_line(here, percent, said):
    found = steps(("US", here, True), ("MX", 100 - Decimal(here), True))[""]
    assert Decimal(found.numbers["us_conversion_pct"]) == Decimal(percent)
    assert found.message == said


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        pytest.param([("US", 90, False), ("MX", 10, True)], NOT_MET, id="only-packing-here"),
        pytest.param([("US", 90, True)], MET, id="a-step-here"),
        pytest.param([], REFER, id="no-steps"),
    ],
)
def test_fa_2_a_step_that_changes_the_product(given, outcome):
    assert steps(*given)["steps"].outcome == outcome


def test_fa_2_a_missing_cost_is_referred_and_no_amount_is_told():
    assert steps(("US", None, True))[""].outcome == REFER
    found = steps(("US", "77.77", True), ("MX", "22.23", True))[""]
    assert "77.77" not in found.message.replace("77.8%", "")
    assert list(found.numbers) == ["us_conversion_pct"]


@pytest.mark.parametrize(
    ("costs", "said"),
    [((100, -60), "is negative"), ((0, 0), "add up to zero"), ((None, 5), "missing")],
    ids=["below-zero", "nothing", "blank"],
)
def test_fa_2_costs_that_give_no_share_are_referred(costs, said):
    found = steps(("US", costs[0], True), ("MX", costs[1], True))[""]
    assert found.outcome == REFER
    assert said in found.message


@pytest.mark.parametrize(("said", "country", "outcome"), [("US", "MX", NOT_MET), ("MX", "US", MET)])
def test_fa_2_a_step_is_where_its_site_is(said, country, outcome):
    made = (
        ProcessStepFacts(
            name="press", country=said, site="1", is_transforming=True, conversion_cost=Decimal(1)
        ),
    )
    facts = ProposalFacts(supplier=supplier_with(country=country), process_steps=made)
    rule = facilities.substantial_manufacture
    assert {each.part: each.outcome for each in rule.findings(facts, rule.params(), on=ON)} == {
        "steps": outcome,
        "": outcome,
    }
