"""FI-1: Altman Z' on the golden cases of the catalog."""

from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Effect, Outcome
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
        (year("4.2,2.1,-10,4,2.5,1.2,6,14"),),
        (year("4.2,2.1,10,-4,2.5,1.2,6,14"),),
    ],
    ids=[
        "none",
        "figure-missing",
        "no-assets",
        "no-liabilities",
        "assets-below-zero",
        "liabilities-below-zero",
    ],
)
def test_fi_1_what_cannot_be_computed_is_referred(years):
    assert finding(*years).outcome == Outcome.REFER
    rule = finances.strength_without_sales
    (found,) = rule.findings(SupplierFacts(legal_name="A", financials=years), rule.params(), on=ON)
    assert found.outcome == Outcome.REFER


def test_fi_1_a_figure_is_shown_on_its_side_of_the_line():
    z = z_prime(year(GREY))
    rule = finances.financial_strength
    supplier = SupplierFacts(legal_name="A", financials=(year(GREY),))
    (found,) = rule.findings(supplier, ZPrimeParams(distress=Decimal(0), safe=z - Decimal("1e-5")), on=ON)
    shown = Decimal(found.message.split()[1])
    assert shown > z - Decimal("1e-5")
    (found,) = rule.findings(supplier, ZPrimeParams(distress=z + Decimal("1e-5"), safe=Decimal(9)), on=ON)
    assert Decimal(found.message.split()[1]) < z + Decimal("1e-5")
    (found,) = rule.findings(
        SupplierFacts(legal_name="A", financials=(year(DISTRESS),)), rule.params(), on=ON
    )
    assert found.message == "Z′ 1.006 for 2025: distress zone, below 1.23. A person will review it."


@pytest.mark.parametrize(
    ("figures", "z", "z2"),
    [
        ("1,0,1,1,0,0,0,0", "0.717", "6.56"),
        ("0,1,1,1,0,0,0,0", "-0.717", "-6.56"),
        ("0,0,1,1,1,0,0,0", "0.847", "3.26"),
        ("0,0,1,1,0,1,0,0", "3.107", "6.72"),
        ("0,0,1,1,0,0,1,0", "0.420", "1.05"),
        ("0,0,1,1,0,0,0,1", "0.998", "0"),
    ],
    ids=["current-assets", "current-liabilities", "retained", "ebit", "equity", "sales"],
)
def test_each_figure_has_its_weight(figures, z, z2):
    assert z_prime(year(figures)) == Decimal(z)
    assert finances.z_double_prime(year(figures)) == Decimal(z2)


GOLDEN = (
    ("4.2", "2.1", "10", "4", "2.5", "1.2", "6", "14", "2.762", "4.574", "safe"),
    ("3", "2.8", "12", "9", ".4", ".3", "3", "9", "1.006", ".736", "distress"),
    ("2", "3", "10", "11", "-2", "-1", "-1", "5", "-.091", "-2.075", "distress"),
)
COLUMNS = (
    "current_assets", "current_liabilities", "total_assets", "total_liabilities", "retained_earnings", "ebit",
    "equity", "sales",
)  # fmt: skip


def golden(values, **more):
    figures = dict(zip(COLUMNS, map(Decimal, values), strict=True))
    return FinancialYearFacts(
        fiscal_year=2025, period_end=date(2025, 12, 31), assurance="audited", **figures, **more
    )


def judged(rule, year, **fields):
    facts = SupplierFacts(legal_name="A", financials=(year,), **{"founded": 1998, **fields})
    return {each.part: each for each in rule.findings(facts, rule.params(), on=date(2026, 5, 12))}


@pytest.mark.parametrize("row", GOLDEN)
def test_fi_2_golden_cases(row):
    year = golden(row[:8])
    assert z_prime(year).quantize(Decimal("0.001")) == Decimal(row[8])
    assert finances.z_double_prime(year).quantize(Decimal("0.001")) == Decimal(row[9])
    found = judged(finances.strength_without_sales, year)[""]
    assert found.numbers["zone"] == row[10]
    assert found.outcome == (Outcome.MET if row[10] == "safe" else Outcome.REFER)


def test_the_lines_of_fi_1_to_fi_4_are_the_catalogs():
    z, z2 = ZPrimeParams(), finances.ZDoublePrimeParams()
    assert (z.distress, z.safe) == (Decimal("1.23"), Decimal("2.90"))
    assert (z2.distress, z2.safe) == (Decimal("1.10"), Decimal("2.60"))
    ratios, statement = finances.RatioParams(), finances.StatementParams()
    assert (ratios.current, ratios.current_near) == (Decimal("1.2"), Decimal(1))
    assert (ratios.debt_to_equity, ratios.interest_cover, ratios.buyer_share) == (2, 2, 40)
    assert (statement.tolerance_pct, statement.months, statement.years_trading) == (Decimal("0.5"), 18, 2)


def test_fi_1_says_between_which_lines_gray_is_and_keeps_four_places():
    found = finding(year(GREY))
    assert found.message == "Z′ 2.762 for 2025: gray zone, between 1.23 and 2.90. A person will review it."
    assert found.numbers["z_prime"] == str(z_prime(year(GREY)).quantize(Decimal("0.0001")))


def test_fi_2_the_boundaries_themselves_are_gray():
    rule = finances.strength_without_sales
    given = golden(GOLDEN[0][:8])
    z, hair = finances.z_double_prime(given), Decimal("1e-12")
    for distress, safe, zone in (
        (z, Decimal(9), "gray"),
        (z + hair, Decimal(9), "distress"),
        (Decimal(0), z, "gray"),
        (Decimal(0), z - hair, "safe"),
    ):
        params = finances.ZDoublePrimeParams(distress=distress, safe=safe)
        (found,) = rule.findings(SupplierFacts(legal_name="A", financials=(given,)), params, on=ON)
        assert found.numbers["zone"] == zone


def test_fi_2_needs_every_figure():
    year = golden(GOLDEN[0][:8])
    missing = FinancialYearFacts(**{**vars(year), "ebit": None})
    assert judged(finances.strength_without_sales, missing)[""].outcome == Outcome.REFER


@pytest.mark.parametrize(
    ("part", "changes", "outcome"),
    [
        ("current", {"current_assets": "12", "current_liabilities": "10"}, "met"),
        ("current", {"current_assets": "11.99", "current_liabilities": "10"}, "refer"),
        ("current", {"current_assets": "10", "current_liabilities": "10"}, "refer"),
        ("current", {"current_assets": "9.99", "current_liabilities": "10"}, "not_met"),
        ("debt", {"total_liabilities": "20", "equity": "10"}, "met"),
        ("debt", {"total_liabilities": "20.01", "equity": "10"}, "not_met"),
        ("debt", {"total_liabilities": "20", "equity": "0"}, "refer"),
        ("interest", {"ebit": "4", "interest_expense": "2"}, "met"),
        ("interest", {"ebit": "3.99", "interest_expense": "2"}, "not_met"),
        ("interest", {"ebit": "4", "interest_expense": "0"}, "met"),
        ("buyer", {"sales": "100", "sales_to_buyer": "40"}, "met"),
        ("buyer", {"sales": "100", "sales_to_buyer": "40.01"}, "not_met"),
        ("buyer", {"sales": "100"}, "not_applicable"),
        ("buyer", {"sales": "0", "sales_to_buyer": "1"}, "refer"),
        ("buyer", {"sales": "100", "sales_to_buyer": "-1"}, "refer"),
        ("buyer", {"sales": "100", "sales_to_buyer": "0"}, "met"),
        ("current", {"current_assets": "3.6", "current_liabilities": "3"}, "met"),
        ("current", {"current_assets": "1", "current_liabilities": "0"}, "met"),
        ("current", {"current_assets": "1", "current_liabilities": "-1"}, "refer"),
        ("current", {"current_assets": "0", "current_liabilities": "1"}, "not_met"),
        ("current", {"current_assets": "-1", "current_liabilities": "1"}, "refer"),
        ("debt", {"total_liabilities": "0", "equity": "1"}, "met"),
        ("debt", {"total_liabilities": "-1", "equity": "1"}, "refer"),
        ("debt", {"total_liabilities": "1", "equity": "-1"}, "refer"),
        ("interest", {"ebit": "-1", "interest_expense": "2"}, "not_met"),
        ("interest", {"ebit": "4", "interest_expense": "-2"}, "refer"),
    ],
)
def test_fi_3_ratios(part, changes, outcome):
    figures = {name: Decimal(value) for name, value in changes.items()}
    year = FinancialYearFacts(**{**vars(golden(GOLDEN[0][:8])), **figures})
    assert judged(finances.ratios, year)[part].outcome == outcome


@pytest.mark.parametrize(
    ("part", "blank"),
    [
        ("current", "current_assets"),
        ("current", "current_liabilities"),
        ("debt", "total_liabilities"),
        ("debt", "equity"),
        ("interest", "ebit"),
        ("interest", "interest_expense"),
    ],
)
def test_fi_3_what_is_missing_is_referred(part, blank):
    full = vars(golden(GOLDEN[0][:8], interest_expense=Decimal(1)))
    year = FinancialYearFacts(**{**full, blank: None})
    assert judged(finances.ratios, year)[part].outcome == "refer"


@pytest.mark.parametrize("rule", [finances.ratios, finances.statement], ids=["FI-3", "FI-4"])
def test_without_a_statement_nothing_is_met(rule):
    (found,) = rule.findings(SupplierFacts(legal_name="A"), rule.params(), on=ON)
    assert found.outcome == "refer"


def test_fi_3_without_sales_the_buyers_share_does_not_apply():
    year = FinancialYearFacts(**{**vars(golden(GOLDEN[0][:8], sales_to_buyer=Decimal(1))), "sales": None})
    assert judged(finances.ratios, year)["buyer"].outcome == "not_applicable"


def test_fi_3_says_the_ratio_and_the_line():
    figures = {
        "current_assets": "11.99",
        "current_liabilities": "10",
        "sales": "100",
        "sales_to_buyer": "40.01",
    }
    year = FinancialYearFacts(
        **{**vars(golden(GOLDEN[0][:8])), **{name: Decimal(value) for name, value in figures.items()}}
    )
    found = judged(finances.ratios, year)
    assert (
        found["current"].message == "Current assets are 1.199 times current liabilities. The minimum is 1.2."
    )
    assert found["buyer"].message == "This buyer accounts for 40.01% of sales. The limit is 40%."


def test_fi_3_the_buyers_share_is_in_the_price_envelope():
    found = judged(finances.ratios, golden(GOLDEN[0][:8]))
    assert {part: each.envelope for part, each in found.items() if each.envelope == "price"} == {
        "buyer": "price"
    }


@pytest.mark.parametrize(
    ("part", "changes", "outcome"),
    [
        ("balance", {}, "met"),
        ("balance", {"equity": Decimal(5)}, "not_met"),
        ("balance", {"equity": Decimal("5.95")}, "met"),
        ("balance", {"equity": Decimal("5.949")}, "not_met"),
        ("balance", {"current_assets": Decimal("10.1")}, "not_met"),
        ("balance", {"equity": None}, "refer"),
        ("balance", {"total_assets": Decimal(0)}, "refer"),
        ("balance", {"total_assets": None}, "refer"),
        ("balance", {"total_liabilities": None}, "refer"),
        ("balance", {"current_assets": None}, "refer"),
        ("balance", {"current_assets": Decimal(10)}, "met"),
        ("balance", {"equity": Decimal("6.05")}, "met"),
        ("balance", {"equity": Decimal("6.051")}, "not_met"),
        ("age", {"period_end": date(2026, 5, 12)}, "met"),
        ("assurance", {"assurance": "audited"}, "met"),
        ("assurance", {"assurance": "reviewed"}, "met"),
        ("assurance", {"assurance": ""}, "refer"),
        ("age", {"period_end": date(2024, 11, 12)}, "met"),
        ("age", {"period_end": date(2024, 11, 11)}, "not_met"),
        ("age", {"period_end": date(2026, 5, 13)}, "not_met"),
        ("age", {"period_end": None}, "refer"),
        ("assurance", {"assurance": "compiled"}, "met"),
        ("assurance", {"assurance": "internal"}, "refer"),
    ],
)
def test_fi_4_the_statement_holds_together(part, changes, outcome):
    year = FinancialYearFacts(**{**vars(golden(GOLDEN[0][:8])), **changes})
    assert judged(finances.statement, year)[part].outcome == outcome


def test_fi_4_says_how_far_the_balance_is_off():
    off = FinancialYearFacts(**{**vars(golden(GOLDEN[0][:8])), "equity": Decimal(5)})
    assert judged(finances.statement, off)["balance"].message == (
        "Assets of $10 million do not equal liabilities and equity of $9 million. "
        "They differ by 10.0%, and 0.5% is allowed."
    )


@pytest.mark.parametrize(
    ("founded", "outcome", "said"),
    [
        (2024, "met", "since 2024"),
        (2025, "refer", "less than 2 years"),
        (2026, "refer", "less than 2 years"),
        (2027, "refer", "in the future"),
        (None, "refer", "is missing"),
    ],
)
def test_fi_4_a_young_firm_is_looked_at(founded, outcome, said):
    found = judged(finances.statement, golden(GOLDEN[0][:8]), founded=founded)["trading"]
    assert found.outcome == outcome
    assert said in found.message
