"""FA-2 for planned sites, FA-4 and FA-5: what is not there yet, and when it will be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Outcome
from rfp.facts import (
    ProposalFacts,
    RampPeriodFacts,
    RequirementFacts,
    ResponseFacts,
)
from rfp.rules import facilities
from tests.rfp.rules.facility_facts import MET, NOT_MET, ON, REFER, steps, supplier_with

READY = {
    "status": "planned",
    "start_date": ON,
    "land_control": True,
    "permits_in_hand": True,
    "power_mw": Decimal(3),
}


@pytest.mark.parametrize("missing", ["start_date", "land_control", "permits_in_hand", "power_mw"])
def test_fa_2_a_planned_site_needs_four_things(missing):
    assert steps(("US", 1, True), site=READY)["1"].outcome == MET
    assert steps(("US", 1, True), site={**READY, missing: None})["1"].outcome == REFER
    assert steps(("US", 1, True), site={**READY, "power_mw": Decimal(0)})["1"].outcome == REFER
    assert "1" not in steps(("US", 1, True), site={**READY, "status": "existing", missing: None})


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("start_date", "the start date"),
        ("land_control", "control of the land"),
        ("permits_in_hand", "the permits"),
        ("power_mw", "the power in MW"),
    ],
)
def test_fa_2_says_what_a_planned_site_lacks(missing, said):
    found = steps(("US", 1, True), site={**READY, missing: None})["1"]
    assert found.message == f"The planned site is missing {said}."


def ramp(demand, capacity, stock=0):
    periods = tuple(
        RampPeriodFacts(period=f"P{n}", demand=Decimal(wanted), capacity=Decimal(made))
        for n, (wanted, made) in enumerate(zip(demand, capacity, strict=True))
    )
    opening = None if stock is None else Decimal(stock)
    facts = ProposalFacts(supplier=supplier_with(), ramp=periods, opening_stock=opening)
    rule = facilities.ramp
    (found,) = rule.findings(facts, rule.params(), on=ON)
    return found


@pytest.mark.parametrize(
    ("demand", "capacity", "gaps", "outcome"),
    [
        ((1000, 3000, 6000, 9000), (1500, 2500, 6500, 10000), (500, 0, 500, 1500), MET),
        ((0, 500, 1500, 3000, 4000), (0, 400, 1500, 3300, 4500), (0, -100, -100, 200, 700), NOT_MET),
        ((1000, 1000), (950, 1050), (-50, 0), REFER),
        ((1000, 1000), (949, 1051), (-51, 0), NOT_MET),
        ((1000, 1000), (950, 1049), (-50, -1), NOT_MET),
        ((1000, 1000, 1000), (950, 1049, 1006), (-50, -1, 5), NOT_MET),
        ((1000,), (990,), (-10,), NOT_MET),
        ((1000, 1000, 1000), (950, 1050, 900), (-50, 0, -100), NOT_MET),
        ((1000, 1000, 1000), (1000, 900, 1100), (0, -100, 0), REFER),
        ((1000, 1000, 1000), (1000, 899, 1101), (0, -101, 0), NOT_MET),
    ],
)
def test_fa_4_ramp(demand, capacity, gaps, outcome):
    found = ramp(demand, capacity)
    assert tuple(map(Decimal, found.numbers.values())) == gaps
    assert found.outcome == outcome


def test_fa_4_stock_counts_and_a_blank_is_referred():
    assert ramp((1000,), (900,), stock=100).outcome == MET
    blank = ProposalFacts(supplier=supplier_with(), ramp=(RampPeriodFacts(period="P", demand=Decimal(1)),))
    rule = facilities.ramp
    assert rule.findings(blank, rule.params(), on=ON)[0].outcome == REFER
    nothing = ProposalFacts(supplier=supplier_with())
    assert rule.findings(nothing, rule.params(), on=ON)[0].outcome == Outcome.NOT_APPLICABLE


def test_fa_4_without_a_stock_told_the_first_period_stands_alone():
    assert ramp((1000,), (1000,), stock=None).outcome == MET
    assert ramp((1000,), (999,), stock=None).outcome == NOT_MET


def test_fa_4_the_slack_is_of_the_demand_alone():
    assert ramp((20, 20), (19, 21)).outcome == REFER
    assert ramp((20, 20), ("18.96", "21.04")).outcome == NOT_MET


@pytest.mark.parametrize("blank", ["demand", "capacity"])
def test_fa_4_one_blank_among_whole_periods_is_referred(blank):
    whole = RampPeriodFacts(period="P0", demand=Decimal(1), capacity=Decimal(1))
    periods = (whole, replace(whole, **{blank: None}))
    rule = facilities.ramp
    (found,) = rule.findings(ProposalFacts(supplier=supplier_with(), ramp=periods), rule.params(), on=ON)
    assert found.outcome == REFER


def test_fa_4_names_the_period_that_lacks_most():
    assert ramp((10, 10, 10), (9, 7, 11)).message == "You are 4 units short in P1."


def test_fa_4_periods_without_a_name_keep_a_figure_each():
    blank = RampPeriodFacts(period="", demand=Decimal(9), capacity=Decimal(8))
    rule = facilities.ramp
    facts = ProposalFacts(supplier=supplier_with(), ramp=(blank, blank))
    (found,) = rule.findings(facts, rule.params(), on=ON)
    assert found.numbers == {"0": "-1", "1": "-2"}
    assert list(ramp((1,), (1,)).numbers) == ["P0"]


def test_fa_4_a_period_without_a_name_and_an_rfp_that_asks_for_a_ramp():
    rule = facilities.ramp
    blank = RampPeriodFacts(period="", demand=Decimal(9), capacity=Decimal(1))
    (found,) = rule.findings(ProposalFacts(supplier=supplier_with(), ramp=(blank,)), rule.params(), on=ON)
    assert found.message == "You are 8 units short in period 1."
    asked = (ResponseFacts(requirement=RequirementFacts(code="R", answered_by="ramp")),)
    (found,) = rule.findings(ProposalFacts(supplier=supplier_with(), responses=asked), rule.params(), on=ON)
    assert found.outcome == REFER


def lead(**given):
    facts = ProposalFacts(supplier=supplier_with(), **given)
    rule = facilities.lead_time
    return {each.part: each.outcome for each in rule.findings(facts, rule.params(), on=ON)}


@pytest.mark.parametrize(
    ("days", "longest", "outcome"),
    [
        (84, 84, MET),
        (85, 84, REFER),
        (92, 84, REFER),
        (93, 84, NOT_MET),
        (110, 100, REFER),
        (111, 100, NOT_MET),
        (None, 84, REFER),
        (9, None, "not_applicable"),
    ],
)
def test_fa_5_lead_time(days, longest, outcome):
    assert lead(lead_time_days=days, lead_time_days_max=longest)[""] == outcome


def asked_by(day):
    requirement = RequirementFacts(code="R", answered_by="start_of_production", maximum=day)
    return (ResponseFacts(requirement=requirement),)


@pytest.mark.parametrize(
    ("start", "outcome"), [(date(2027, 6, 30), MET), (date(2027, 7, 1), NOT_MET), (None, REFER)]
)
def test_fa_5_start_of_production(start, outcome):
    assert lead(start_of_production=start, responses=asked_by("2027-06-30"))["start"] == outcome
    assert lead(start_of_production=start)["start"] == "not_applicable"


def test_fa_5_of_several_latest_starts_the_earliest_counts():
    other = RequirementFacts(code="Q", answered_by="first_article", maximum="2027-01-31")
    blank = RequirementFacts(code="B", answered_by="start_of_production")
    asked = (*asked_by("2027-06-30"), *asked_by("2027-05-31"))
    asked += (ResponseFacts(requirement=other), ResponseFacts(requirement=blank))
    assert lead(start_of_production=date(2027, 5, 31), responses=asked)["start"] == MET
    assert lead(start_of_production=date(2027, 6, 1), responses=asked)["start"] == NOT_MET


@pytest.mark.parametrize(("first", "outcome"), [(date(2027, 5, 31), MET), (date(2027, 6, 1), NOT_MET)])
def test_fa_5_the_first_article_comes_before_production(first, outcome):
    assert lead(first_article=first, start_of_production=date(2027, 6, 1))["first article"] == outcome
    assert lead(first_article=first)["first article"] == REFER
    assert lead(start_of_production=first)["first article"] == "not_applicable"
