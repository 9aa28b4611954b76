"""Financial viability from the latest year's statement. Amounts in one unit; the ratios have none."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.compliance import Number, Verdict, met, refer, rule
from suppliers.facts import FinancialYearFacts, SupplierFacts

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
    """Below `distress` the zone is distress, above `safe` it is safe, between them gray."""

    distress: Decimal = Decimal("1.23")
    safe: Decimal = Decimal("2.90")


def z_prime(year: FinancialYearFacts) -> Decimal | None:
    """Altman's Z' for private manufacturers (Altman 1983), or None when a figure is missing or divides by
    zero.

    .717 X1 + .847 X2 + 3.107 X3 + .420 X4 + .998 X5 with X1 = (CA - CL)/TA, X2 = RE/TA, X3 = EBIT/TA,
    X4 = book equity/TL, X5 = sales/TA.
    """
    given: list[Decimal | None] = [getattr(year, name) for name in NEEDED]
    figures = [figure for figure in given if figure is not None]
    if len(figures) < len(given) or not year.total_assets or not year.total_liabilities:
        return None
    ca, cl, ta, tl, re, ebit, equity, sales = figures
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
    legal_effect="Advice: a design default without legal authority.",
)
def financial_strength(facts: SupplierFacts, params: ZPrimeParams, *, on: date) -> Verdict:
    """The latest year's Z′ is in the safe zone; in the gray or distress zone a person looks."""
    if not facts.financials:
        return refer("No financial statement given.", fix="Enter the figures of your latest financial year.")
    latest = max(facts.financials, key=lambda year: year.fiscal_year)
    z = z_prime(latest)
    if z is None:
        return refer(
            f"The figures for {latest.fiscal_year} are incomplete, so Z′ cannot be computed.",
            fix="Enter all eight figures; assets and liabilities must be above zero.",
        )
    shown = z.quantize(Decimal("0.001"))
    zone = "safe" if z > params.safe else "distress" if z < params.distress else "gray"
    numbers: dict[str, Number] = {
        "z_prime": z.quantize(Decimal("0.0001")),
        "fiscal_year": latest.fiscal_year,
        "zone": zone,
    }
    if zone == "safe":
        return met(f"Z′ {shown} for {latest.fiscal_year}: safe, above {params.safe}.", numbers=numbers)
    line = (
        f"below {params.distress}" if zone == "distress" else f"between {params.distress} and {params.safe}"
    )
    return refer(
        f"Z′ {shown} for {latest.fiscal_year}: {zone} zone, {line}; a person will look.",
        fix="You may add a letter from your bank or a parent guarantee.",
        numbers=numbers,
    )
