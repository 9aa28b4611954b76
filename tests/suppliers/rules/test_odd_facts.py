"""Whatever a profile holds, every rule answers; and what is not there meets nothing."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal.kit.compliance import Outcome, assess
from portal.kit.parameters import default_params
from suppliers.facts import (
    CertificateFacts,
    CommodityFacts,
    FinancialYearFacts,
    InsuranceFacts,
    OwnerFacts,
    QualificationFacts,
    SafetyYearFacts,
    ScreeningFacts,
    SiteFacts,
    SupplierFacts,
)
from suppliers.rules import QUALIFICATION

ON = date(2026, 5, 12)
# Nothing, zero, below zero, next to nothing, and as much as a column holds.
AMOUNTS = some.sampled_from((None, *map(Decimal, ("0", "-1", "0.000001", "1", "2.5", "99999999.999999"))))
SHARES = some.sampled_from((None, *map(Decimal, ("0", "-5", "0.001", "25", "50", "99.999", "100", "1000"))))
COUNTS = some.sampled_from((None, 0, -1, 1, 7, 100_000))
HOURS = some.sampled_from((None, *map(Decimal, ("0", "-1", "1", "99999", "999999999999"))))
DAYS = some.sampled_from(
    (None, date.min, date(2025, 4, 12), ON, date(2026, 5, 13), date(2029, 1, 1), date.max)
)
WORDS = some.sampled_from(("", " ", "A", "B", "Hock Works LLC", "???", "霍克", "ISO 9001", "6.5", "x" * 400))
COUNTRIES = some.sampled_from(("US", "CN", "HK", "", "ZZ", "us"))
SCHEMES = some.sampled_from(
    (
        "ISO 9001",
        "iso9001:2015",
        "IATF 16949",
        "NRTL",
        "CE",
        "ISO/IEC 17025",
        "CMMC",
        "RoHS",
        "REACH",
        "CMRT",
        "ITAR",
    )
)

owners = some.builds(
    OwnerFacts, name=WORDS, owns=WORDS, kind=some.sampled_from(("", "person", "government")), country=COUNTRIES,
    pct_equity=SHARES, pct_votes=SHARES, board_seats=COUNTS, board_size=COUNTS, is_government=some.booleans(),
    controls=some.booleans(), parent=WORDS,
)  # fmt: skip
sites = some.builds(
    SiteFacts, key=some.sampled_from(("1", "2")), name=WORDS, street=WORDS, city=WORDS, country=COUNTRIES,
    state=some.sampled_from(("", "OH", "oh", "ZZ")), zip=some.sampled_from(("", "43215", "00000", "x")),
)  # fmt: skip
certificates = some.builds(
    CertificateFacts, scheme=SCHEMES, number=WORDS, edition=WORDS, certification_body=WORDS, accreditation_body=WORDS,
    issued=DAYS, expires=DAYS, last_surveillance=DAYS, scope=WORDS, registry_id=WORDS, assessed_score=COUNTS,
    smelters=COUNTS, lead_pct=SHARES, cadmium_pct=SHARES, svhc_pct=SHARES,
    sites=some.lists(some.sampled_from(("1", "9")), max_size=2).map(tuple),
)  # fmt: skip
policies = some.builds(
    InsuranceFacts, kind=some.sampled_from(("general", "umbrella", "workers", "cyber", "other")),
    per_occurrence=AMOUNTS, aggregate=AMOUNTS, effective=DAYS, expires=DAYS,
)  # fmt: skip
years = some.builds(
    FinancialYearFacts, fiscal_year=some.sampled_from((1990, 2025)), period_end=DAYS, assurance=WORDS,
    current_assets=AMOUNTS, current_liabilities=AMOUNTS, total_assets=AMOUNTS, total_liabilities=AMOUNTS,
    retained_earnings=AMOUNTS, ebit=AMOUNTS, equity=AMOUNTS, sales=AMOUNTS, interest_expense=AMOUNTS,
    sales_to_buyer=AMOUNTS,
)  # fmt: skip
safety = some.builds(
    SafetyYearFacts, year=some.sampled_from((2023, 2024, 2025)), deaths=COUNTS, days_away=COUNTS, restricted=COUNTS,
    other=COUNTS, hours=HOURS,
)  # fmt: skip


def few(rows, *, unique=None):
    return some.lists(rows, max_size=4, unique_by=unique).map(tuple)


suppliers = some.builds(
    SupplierFacts,
    legal_name=WORDS,
    country=COUNTRIES,
    founded=some.sampled_from((None, 0, 1998, 2026, 9999)),
    owners=few(owners),
    sites=few(sites, unique=lambda each: each.key),
    certificates=few(certificates),
    insurance=few(policies),
    financials=few(years),
    safety=few(safety, unique=lambda each: each.year),
)
COMMODITY = CommodityFacts(code="racks", title="Racks", keywords=("rack",), schemes=("ISO 9001", "CMMC"))


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(suppliers, some.sampled_from((None, COMMODITY)))
def test_every_rule_answers_whatever_the_profile_holds(supplier, commodity):
    facts = QualificationFacts(supplier=supplier, commodity=commodity, screening=ScreeningFacts())
    found = assess(QUALIFICATION.rules, facts, default_params(QUALIFICATION), on=ON)
    assert [each.rule for each in found if "could not be computed" in each.message] == []
    assert all(each.message for each in found)


def test_an_empty_profile_meets_nothing_by_omission():
    facts = QualificationFacts(supplier=SupplierFacts(legal_name=""), commodity=COMMODITY)
    found = assess(QUALIFICATION.rules, facts, default_params(QUALIFICATION), on=ON)
    assert {each.rule for each in found} == {rule.code for rule in QUALIFICATION.rules}
    assert [(each.rule, each.part) for each in found if each.outcome is Outcome.MET] == []
