"""FI-1: Altman Z' on the golden cases of the catalog."""

from datetime import date
from decimal import Decimal

import pytest

from portal.compliance import Effect, Outcome
from suppliers.facts import FinancialYearFacts, SupplierFacts
from suppliers.rules import finances
from suppliers.rules.finances import ZPrimeParams, z_prime

ON = date(2026, 5, 12)
NAMES = (
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "retained_earnings",
    "ebit",
    "equity",
    "sales",
)


def year(figures, fiscal_year=2025):
    amounts = (Decimal(each) if each else None for each in figures.split(","))
    return FinancialYearFacts(fiscal_year=fiscal_year, **dict(zip(NAMES, amounts, strict=True)))


def finding(*years):
    rule = finances.financial_strength
    (found,) = rule.findings(SupplierFacts(legal_name="A", financials=years), rule.params(), on=ON)
    return found


GREY = "4.2,2.1,10,4,2.5,1.2,6,14"
DISTRESS = "3,2.8,12,9,.4,.3,3,9"
SAFE = "92,38,168,70,61,27.5,98,268"


@pytest.mark.parametrize(
    ("figures", "z", "zone", "outcome"),
    [
        pytest.param(GREY, "2.762", "gray", Outcome.REFER, id="grey"),
        pytest.param(DISTRESS, "1.006", "distress", Outcome.REFER, id="distress"),
        pytest.param("2,3,10,11,-2,-1,-1,5", "-0.091", "distress", Outcome.REFER, id="negative-equity"),
        pytest.param(SAFE, "3.227", "safe", Outcome.MET, id="safe"),
    ],
)
def test_fi_1_golden_cases(figures, z, zone, outcome):
    found = finding(year(figures))
    assert z_prime(year(figures)).quantize(Decimal("0.001")) == Decimal(z)
    assert (found.numbers["zone"], found.outcome, found.effect) == (zone, outcome, Effect.ADVISORY)


def test_fi_1_zones_are_cut_at_the_exact_value():
    rule = finances.financial_strength
    supplier = SupplierFacts(legal_name="A", financials=(year(GREY),))
    z, hair = z_prime(year(GREY)), Decimal("1e-12")
    for params, zone in (
        (ZPrimeParams(distress=z + hair, safe=Decimal(9)), "distress"),
        (ZPrimeParams(distress=Decimal(0), safe=z - hair), "safe"),
    ):
        (found,) = rule.findings(supplier, params, on=ON)
        assert found.numbers["zone"] == zone


def test_fi_1_the_boundaries_themselves_are_grey():
    rule = finances.financial_strength
    z = z_prime(year(GREY))
    for params in (ZPrimeParams(distress=z, safe=Decimal(9)), ZPrimeParams(distress=Decimal(0), safe=z)):
        (found,) = rule.findings(SupplierFacts(legal_name="A", financials=(year(GREY),)), params, on=ON)
        assert found.numbers["zone"] == "gray"


def test_fi_1_reads_the_latest_year_only():
    assert finding(year(DISTRESS, 2023), year(SAFE, 2025), year(DISTRESS, 2024)).outcome == Outcome.MET


@pytest.mark.parametrize(
    "years",
    [
        (),
        (year(",2.1,10,4,2.5,1.2,6,14"),),
        (year("4.2,2.1,0,4,2.5,1.2,6,14"),),
        (year("4.2,2.1,10,0,2.5,1.2,6,14"),),
    ],
    ids=["none", "figure-missing", "no-assets", "no-liabilities"],
)
def test_fi_1_what_cannot_be_computed_is_referred(years):
    assert finding(*years).outcome == Outcome.REFER
