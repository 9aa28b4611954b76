"""Whatever a proposal holds, the rules of sites, capacity, parts and consistency answer."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal.kit.compliance import assess
from portal.kit.parameters import default_params
from rfp.facts import (
    BomLineFacts,
    CapacityFacts,
    DeliveryFacts,
    DocumentFacts,
    PriceFacts,
    ProcessStepFacts,
    ProposalFacts,
    RampPeriodFacts,
    RequirementFacts,
    ResponseFacts,
)
from rfp.rules import RULEBOOK
from suppliers.facts import CertificateFacts, InsuranceFacts, OwnerFacts, SiteFacts, SupplierFacts

ON = date(2026, 5, 12)
CODES = ("FA-1", "FA-2", "FA-3", "FA-4", "FA-5", "SC-5", "SC-6", "AT-3", "CE-1")
# Nothing, zero, below zero, next to nothing, and as much as a column holds.
AMOUNTS = some.sampled_from(
    (None, *map(Decimal, ("0", "-1", "0.0001", "1", "75", "2147483647", "9999999999.9999")))
)
DAYS = some.sampled_from((None, date.min, ON, date(2027, 6, 1), date(9999, 1, 1)))
WORDS = some.sampled_from(("", " ", "A", "1", "Aluminum", "ZTE", "???", "霍克", "新疆", "x" * 400))
COUNTRIES = some.sampled_from(("US", "CN", "", "ZZ"))

sites = some.builds(
    SiteFacts, key=some.sampled_from(("1", "2")), name=WORDS, street=WORDS, city=WORDS, country=COUNTRIES,
    status=some.sampled_from(("existing", "planned")), power_mw=AMOUNTS, start_date=DAYS,
    state=some.sampled_from(("", "OH")), zip=some.sampled_from(("", "43215", "00000", "x")),
)  # fmt: skip
suppliers = some.builds(
    SupplierFacts,
    legal_name=WORDS,
    native_name=WORDS,
    sites=some.lists(sites, max_size=2, unique_by=lambda each: each.key).map(tuple),
    owners=some.lists(some.builds(OwnerFacts, name=WORDS, owns=WORDS, pct_equity=AMOUNTS), max_size=3).map(
        tuple
    ),
    insurance=some.lists(
        some.builds(InsuranceFacts, kind=some.just("cyber"), named_company=WORDS), max_size=2
    ).map(tuple),
    certificates=some.lists(
        some.builds(
            CertificateFacts,
            scheme=some.just("ISO 9001"),
            number=WORDS,
            named_company=WORDS,
            issued=DAYS,
            expires=DAYS,
        ),
        max_size=2,
    ).map(tuple),
)
lines = some.builds(
    BomLineFacts, line_no=some.sampled_from(("", "1", "2", "3")), parent_line=some.sampled_from(("", "1", "2", "9")),
    part=WORDS, qty=AMOUNTS, make_or_buy=some.sampled_from(("make", "buy", "")), unit_acquisition_cost=AMOUNTS,
    materials=AMOUNTS, origin=COUNTRIES, manufacturer=WORDS, mpn=WORDS,
    currency=some.sampled_from(("USD", "EUR", "")), final_assembly=some.booleans(),
)  # fmt: skip
capacities = some.builds(
    CapacityFacts, lines=AMOUNTS, shifts=AMOUNTS, hours_per_shift=AMOUNTS, days_per_year=AMOUNTS,
    cycle_seconds=AMOUNTS, availability=some.sampled_from((None, Decimal("0.0001"), Decimal(1), Decimal(2))),
    yield_rate=some.sampled_from((None, Decimal("0.0001"), Decimal(1))), committed_per_year=AMOUNTS,
    offered_per_year=AMOUNTS, nameplate_per_year=AMOUNTS,
)  # fmt: skip
RELIES_ON = ResponseFacts(requirement=RequirementFacts(code="C-07"), value="ISO 9001")

proposals = some.builds(
    ProposalFacts,
    supplier=suppliers,
    final_site=some.sampled_from(("", "1", "9")),
    responses=some.sampled_from(((), (RELIES_ON,))),
    capacity=some.one_of(some.none(), capacities),
    deliveries=some.lists(
        some.builds(DeliveryFacts, item=WORDS, year=some.just(2027), units=AMOUNTS.filter(bool)), max_size=2
    ).map(tuple),
    opening_stock=AMOUNTS,
    ramp=some.lists(
        some.builds(RampPeriodFacts, period=WORDS, demand=AMOUNTS, capacity=AMOUNTS), max_size=3
    ).map(tuple),
    process_steps=some.lists(
        some.builds(
            ProcessStepFacts,
            name=WORDS,
            country=COUNTRIES,
            site=some.sampled_from(("", "1", "9")),
            conversion_cost=AMOUNTS,
            is_transforming=some.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    bom=some.one_of(some.none(), some.lists(lines, max_size=4).map(tuple)),
    prices=some.lists(
        some.builds(PriceFacts, item=WORDS, year=some.just(2027), unit_price=AMOUNTS.filter(bool)), max_size=2
    ).map(tuple),
    documents=some.lists(
        some.builds(DocumentFacts, name=WORDS, size=some.just(0), extension=some.just("pdf")), max_size=1
    ).map(tuple),
    first_article=DAYS,
    start_of_production=DAYS,
    lead_time_days=some.sampled_from((None, 0, -1, 10**9)),
    lead_time_days_max=some.sampled_from((None, 0, 84)),
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(proposals)
def test_every_rule_answers_whatever_the_proposal_holds(proposal):
    rules = tuple(rule for rule in RULEBOOK.rules if rule.code in CODES)
    found = assess(rules, proposal, default_params(RULEBOOK), on=ON)
    assert {each.rule for each in found} == set(CODES)
    assert [each.rule for each in found if "could not be computed" in each.message] == []
