"""Financial viability from the latest year's statement. Amounts in one unit; the ratios have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Envelope, Number, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import day, number, percent, percent_against, plus_months
from portal.kit.parameters import setting
from suppliers.facts import FinancialYearFacts, SupplierFacts

COMPARE = "Check the figures against the statement."
NEEDED = (
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "retained_earnings",
    "ebit",
    "equity",
    "sales",
)


@dataclass(frozen=True, kw_only=True)
class ZPrimeParams:
    """Between the two scores is the gray zone, where a person decides."""

    distress: Decimal = setting(Decimal("1.23"), "Distress below a score of", up_to="safe")
    safe: Decimal = setting(Decimal("2.90"), "Safe above a score of")


def z_prime(year: FinancialYearFacts) -> Decimal | None:
    """Altman's Z' for private manufacturers (Altman 1983), or None when a figure is missing, or assets or
    liabilities are not above zero.

    .717 X1 + .847 X2 + 3.107 X3 + .420 X4 + .998 X5 with X1 = (CA - CL)/TA, X2 = RE/TA, X3 = EBIT/TA,
    X4 = book equity/TL, X5 = sales/TA.
    """
    given: list[Decimal | None] = [getattr(year, name) for name in NEEDED]
    figures = [figure for figure in given if figure is not None]
    if len(figures) < len(given):
        return None
    ca, cl, ta, tl, re, ebit, equity, sales = figures
    if ta <= 0 or tl <= 0:
        return None
    return (
        Decimal("0.717") * (ca - cl) / ta
        + Decimal("0.847") * re / ta
        + Decimal("3.107") * ebit / ta
        + Decimal("0.420") * equity / tl
        + Decimal("0.998") * sales / ta
    )


@rule(
    "FI-1",
    title="Financial strength (Altman Z′)",
    basis="Altman 1983, Z′ for private manufacturers",
    params=ZPrimeParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="financials",
    numbers=("z_prime", "fiscal_year", "zone"),
)
def financial_strength(facts: SupplierFacts, params: ZPrimeParams, *, on: date) -> Verdict:
    """The latest year's Z′ is in the safe zone. In the gray or distress zone, a person decides."""
    latest = latest_year(facts)
    if latest is None:
        return refer("No financial statement on file.", fix="Enter the figures for your latest fiscal year.")
    z = z_prime(latest)
    if z is None:
        return refer(
            f"The figures for {latest.fiscal_year} are incomplete, so we can’t calculate Z′.",
            fix="Enter all eight figures. Assets and liabilities must be above zero.",
        )
    numbers: dict[str, Number] = {"z_prime": z, "fiscal_year": latest.fiscal_year}
    return _zone_verdict("Z′", z, latest, params, numbers)


def _zone_verdict(
    name: str,
    z: Decimal,
    year: FinancialYearFacts,
    params: "ZPrimeParams | ZDoublePrimeParams",
    numbers: dict[str, Number],
) -> Verdict:
    """Both lines belong to the gray zone."""
    zone = "safe" if z > params.safe else "distress" if z < params.distress else "gray"
    shown = _against(z, params.distress if zone == "distress" else params.safe, 3)
    numbers = {key: _short(value) for key, value in numbers.items()} | {"zone": zone}
    if zone == "safe":
        return met(f"{name} {shown} for {year.fiscal_year}: safe, above {params.safe}.", numbers=numbers)
    line = (
        f"below {params.distress}" if zone == "distress" else f"between {params.distress} and {params.safe}"
    )
    return refer(
        f"{name} {shown} for {year.fiscal_year}: {zone} zone, {line}. A person will review it.",
        fix="You can add a letter from your bank or a parent guarantee.",
        numbers=numbers,
    )


def _short(value: Number) -> Number:
    return value.quantize(Decimal("0.0001")) if isinstance(value, Decimal) else value


def _against(ratio: Decimal, line: Decimal, places: int = 2) -> str:
    """A figure with as many decimals as it takes to stay on its side of the line."""
    return percent_against(ratio, line, places).rstrip("%")


@dataclass(frozen=True, kw_only=True)
class ZDoublePrimeParams:
    """Between the two scores is the gray zone, where a person decides."""

    distress: Decimal = setting(Decimal("1.10"), "Distress below a score of", up_to="safe")
    safe: Decimal = setting(Decimal("2.60"), "Safe above a score of")


def z_double_prime(year: FinancialYearFacts) -> Decimal | None:
    """Altman's Z″ without sales, so that industries compare (Altman 1995), or None as for Z'.

    6.56 X1 + 3.26 X2 + 6.72 X3 + 1.05 X4, the X's as in `z_prime`.
    """
    if z_prime(year) is None:
        return None
    ca, cl, ta, tl, re, ebit, equity = (getattr(year, name) for name in NEEDED[:7])
    found: Decimal = (
        Decimal("6.56") * (ca - cl) / ta
        + Decimal("3.26") * re / ta
        + Decimal("6.72") * ebit / ta
        + Decimal("1.05") * equity / tl
    )
    return found


@rule(
    "FI-2",
    title="Financial strength (Altman Z″)",
    basis="Altman 1995, Z″",
    params=ZDoublePrimeParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="financials",
    numbers=("z_double_prime", "zone"),
)
def strength_without_sales(facts: SupplierFacts, params: ZDoublePrimeParams, *, on: date) -> Verdict:
    """The latest year's Z″ is in the safe zone. In the gray or distress zone, a person decides."""
    latest = latest_year(facts)
    if latest is None:
        return refer("No financial statement on file.", fix="Enter the figures for your latest fiscal year.")
    z = z_double_prime(latest)
    if z is None:
        return refer(
            f"The figures for {latest.fiscal_year} are incomplete, so we can’t calculate Z″.",
            fix="Enter all eight figures. Assets and liabilities must be above zero.",
        )
    return _zone_verdict("Z″", z, latest, params, {"z_double_prime": z})


def latest_year(facts: SupplierFacts) -> FinancialYearFacts | None:
    return max(facts.financials, key=lambda year: year.fiscal_year, default=None)


@dataclass(frozen=True, kw_only=True)
class RatioParams:
    """Current assets to current liabilities, liabilities to equity, EBIT to interest; the buyer's percent of sales."""

    current: Decimal = setting(Decimal("1.2"), "Minimum ratio of current assets to current liabilities")
    current_near: Decimal = setting(
        Decimal(1), "Ratio of current assets that triggers a review", up_to="current"
    )
    debt_to_equity: Decimal = setting(Decimal(2), "Maximum ratio of liabilities to equity")
    interest_cover: Decimal = setting(Decimal(2), "Minimum ratio of EBIT to interest")
    buyer_share: Decimal = setting(Decimal(40), "Maximum share of sales to this buyer", unit="%")


@rule(
    "FI-3",
    title="Financial ratios",
    basis="Portal policy",
    params=RatioParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="financials",
    numbers=("current_ratio", "debt_to_equity", "interest_cover", "buyer_share_pct"),
)
def ratios(facts: SupplierFacts, params: RatioParams, *, on: date) -> Sequence[Verdict]:
    """Enough current assets, not too much debt, enough interest coverage, and not too dependent on this buyer."""
    year = latest_year(facts)
    if year is None:
        return [
            refer("No financial statement on file.", fix="Enter the figures for your latest fiscal year.")
        ]
    return [
        _current(year, params).but(part="current", title="Current ratio"),
        _debt(year, params).but(part="debt", title="Debt to equity"),
        _interest(year, params).but(part="interest", title="Interest coverage"),
        # In a proposal the buyer's share is judged with the price: it stays in that envelope.
        _buyer(year, params).but(part="buyer", title="Buyer’s share of sales", envelope=Envelope.PRICE),
    ]


def _current(year: FinancialYearFacts, params: RatioParams) -> Verdict:
    assets, debts = year.current_assets, year.current_liabilities
    if assets is None or debts is None:
        return refer("Current assets or liabilities are missing.", fix="Enter both.")
    if assets < 0 or debts < 0:
        return refer("Current assets or liabilities are negative.", fix=COMPARE)
    if debts == 0:
        return met("There are no current liabilities.")
    ratio = assets / debts
    said = f"Current assets are {_times(ratio, params.current)} current liabilities. The minimum is {params.current}."
    numbers = {"current_ratio": ratio.quantize(Decimal("0.001"))}
    if assets >= params.current * debts:
        return met(said, numbers=numbers)
    fix = "Show a credit line, or explain how you pay short-term debt."
    is_near = assets >= params.current_near * debts
    return (refer if is_near else not_met)(said, fix=fix, numbers=numbers)


def _debt(year: FinancialYearFacts, params: RatioParams) -> Verdict:
    debts, equity = year.total_liabilities, year.equity
    if debts is None or equity is None:
        return refer("Liabilities or equity are missing.", fix="Enter both.")
    if debts < 0:
        return refer("Liabilities are negative.", fix=COMPARE)
    if equity <= 0:
        return refer("There is no equity to offset the debt.", fix="Offer a parent guarantee.")
    ratio = debts / equity
    said = f"Liabilities are {_times(ratio, params.debt_to_equity)} equity. The limit is {params.debt_to_equity}."
    numbers = {"debt_to_equity": ratio.quantize(Decimal("0.001"))}
    if debts <= params.debt_to_equity * equity:
        return met(said, numbers=numbers)
    return not_met(said, fix="Offer a parent guarantee or a letter from your bank.", numbers=numbers)


def _interest(year: FinancialYearFacts, params: RatioParams) -> Verdict:
    ebit, interest = year.ebit, year.interest_expense
    if ebit is None or interest is None:
        return refer("EBIT or interest is missing.", fix="Enter both.")
    if interest < 0:
        return refer("Interest is negative.", fix=COMPARE)
    if interest == 0:
        return met("The company pays no interest.")
    ratio = ebit / interest
    said = f"EBIT is {_times(ratio, params.interest_cover)} interest. The minimum is {params.interest_cover}."
    numbers = {"interest_cover": ratio.quantize(Decimal("0.01"))}
    if ebit >= params.interest_cover * interest:
        return met(said, numbers=numbers)
    return not_met(said, fix="Offer a parent guarantee or a letter from your bank.", numbers=numbers)


def _times(ratio: Decimal, line: Decimal) -> str:
    return f"{_against(ratio, line)} times"


def _buyer(year: FinancialYearFacts, params: RatioParams) -> Verdict:
    to_buyer, sales = year.sales_to_buyer, year.sales
    if to_buyer is None or sales is None:
        return not_applicable("Sales to this buyer are missing.")
    if sales <= 0:
        return refer("There are no sales to compare with.", fix=COMPARE)
    if to_buyer < 0:
        return refer("Sales to this buyer are negative.", fix=COMPARE)
    share = 100 * to_buyer / sales
    shown = percent_against(share, params.buyer_share)
    said = f"This buyer accounts for {shown} of sales. The limit is {params.buyer_share}%."
    numbers = {"buyer_share_pct": share.quantize(Decimal("0.01"))}
    if 100 * to_buyer <= params.buyer_share * sales:
        return met(said, numbers=numbers)
    return not_met(said, fix="Explain how you would manage without this buyer.", numbers=numbers)


@dataclass(frozen=True, kw_only=True)
class StatementParams:
    """How far the balance can be off (percent of total assets), how old a statement and how young a company can be."""

    tolerance_pct: Decimal = setting(Decimal("0.5"), "Maximum imbalance", unit="% of total assets")
    months: int = setting(18, "Maximum age of a statement", unit="months", most=240)
    years_trading: int = setting(2, "Minimum time in business", unit="years", most=50)
    assurances: tuple[str, ...] = setting(
        ("audited", "reviewed", "compiled"), "Kinds of assurance that count"
    )


@rule(
    "FI-4",
    title="Statement checks",
    basis="Portal policy",
    params=StatementParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="financials",
    numbers=("off_musd",),
)
def statement(facts: SupplierFacts, params: StatementParams, *, on: date) -> Sequence[Verdict]:
    """The latest statement balances, is recent, and an accountant compiled, reviewed or audited it. The company has
    been in business two years.
    """
    year = latest_year(facts)
    if year is None:
        return [
            refer("No financial statement on file.", fix="Enter the figures for your latest fiscal year.")
        ]
    return [
        _balance(year, params).but(part="balance", title="Balance"),
        _age(year, params, on).but(part="age", title="Age of the statement"),
        _assurance(year, params).but(part="assurance", title="Audit or review"),
        _trading(facts, params, on).but(part="trading", title="Years in business"),
    ]


def _balance(year: FinancialYearFacts, params: StatementParams) -> Verdict:
    assets, debts, equity, current = (
        year.total_assets,
        year.total_liabilities,
        year.equity,
        year.current_assets,
    )
    if assets is None or debts is None or equity is None or current is None or assets <= 0:
        return refer("The balance sheet is incomplete.", fix="Enter assets, liabilities and equity.")
    off = abs(assets - debts - equity)
    if 100 * off > params.tolerance_pct * assets:
        shown = percent_against(100 * off / assets, params.tolerance_pct)
        return not_met(
            f"Assets of ${number(assets)} million do not equal liabilities and equity of ${number(debts + equity)} "
            f"million. They differ by {shown}, and {percent(params.tolerance_pct, None)} is allowed.",
            fix=COMPARE,
            numbers={"off_musd": off},
        )
    if current > assets:
        return not_met(
            f"Current assets of ${number(current)} million are more than total assets of ${number(assets)} million.",
            fix=COMPARE,
        )
    return met("Assets equal liabilities and equity.")


def _age(year: FinancialYearFacts, params: StatementParams, on: date) -> Verdict:
    if year.period_end is None:
        return refer("The fiscal year end is missing.", fix="Enter it.")
    if year.period_end > on:
        return not_met(
            f"The fiscal year ends on {day(year.period_end)}, which is in the future.",
            fix="Correct the date.",
        )
    if plus_months(year.period_end, params.months) < on:
        return not_met(
            f"The latest statement is dated {day(year.period_end)}, more than {params.months} months ago.",
            fix="Enter your latest fiscal year.",
        )
    return met(f"The latest statement is dated {day(year.period_end)}.")


def _assurance(year: FinancialYearFacts, params: StatementParams) -> Verdict:
    if year.assurance in params.assurances:
        return met(f"The statement is {year.assurance}.")
    return refer(
        "No accountant has compiled, reviewed or audited the statement.",
        fix="Have it compiled, reviewed or audited.",
    )


def _trading(facts: SupplierFacts, params: StatementParams, on: date) -> Verdict:
    if facts.founded is None:
        return refer("The year founded is missing.", fix="Enter it under Identity.")
    if facts.founded > on.year:
        return refer(f"The year founded, {facts.founded}, is in the future.", fix="Correct it.")
    if on.year - facts.founded < params.years_trading:
        return refer(
            f"Founded in {facts.founded}, less than {params.years_trading} years ago.",
            fix="Offer a parent guarantee.",
        )
    return met(f"In business since {facts.founded}.")
