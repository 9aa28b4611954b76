"""SC-5 named brands, SC-6 forced labor, AT-3 consistency."""

from datetime import date
from decimal import Decimal

import pytest

from portal.compliance import Effect, Envelope, Outcome
from rfp.facts import BomLineFacts, CapacityFacts, DeliveryFacts, DocumentFacts, PriceFacts, ProposalFacts
from rfp.rules import consistency, restricted_parts
from suppliers.facts import (
    AttestationFacts,
    CertificateFacts,
    InsuranceFacts,
    OwnerFacts,
    SiteFacts,
    SupplierFacts,
)

ON = date(2026, 5, 12)
MET, NOT_MET, REFER, NA = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE


def line(number="1", **fields):
    values = {"part": "Part", "qty": Decimal(1), "unit_acquisition_cost": Decimal(10), "origin": "US"}
    return BomLineFacts(line_no=number, **{**values, **fields})


def judged(rule, *bom, supplier=None, **fields):
    facts = ProposalFacts(
        supplier=supplier or SupplierFacts(legal_name="Hock Works LLC"), bom=bom or None, **fields
    )
    return {each.part: each for each in rule.findings(facts, rule.params(), on=ON)}


@pytest.mark.parametrize(
    ("maker", "mpn", "outcome"),
    [
        ("Huawei Technologies", "", NOT_MET),
        ("Shenzhen Distributor", "ZTE-MF283", NOT_MET),
        ("SMIC", "", NOT_MET),
        ("Smicro Inc", "SMX-1", MET),
        ("Dahuan Metals", "", MET),
        ("Honest Works", "YMTC PC300", NOT_MET),
        ("", "", MET),
    ],
)
def test_sc_5_brands_by_whole_words(maker, mpn, outcome):
    found = judged(restricted_parts.named_brands, line(manufacturer=maker, mpn=mpn))["parts"]
    assert (found.outcome, found.effect) == (outcome, Effect.KNOCKOUT)


def test_sc_5_names_at_most_five_lines_and_counts_the_others():
    found = judged(restricted_parts.named_brands, *(line(str(n), manufacturer="ZTE") for n in range(1, 9)))[
        "parts"
    ]
    assert "line 5 " in found.message
    assert "line 6 " not in found.message
    assert "3 more lines" in found.message
    assert found.numbers["lines"] == "8"


@pytest.mark.parametrize(("answer", "outcome"), [(False, MET), (True, REFER), (None, REFER)])
def test_sc_5_use_on_the_premises(answer, outcome):
    signed = AttestationFacts(code="889", answer=answer, favourable=False)
    supplier = SupplierFacts(legal_name="A", attestations=(signed,))
    assert judged(restricted_parts.named_brands, line(), supplier=supplier)["premises"].outcome == outcome


def test_sc_5_without_a_bill_of_materials_nothing_is_met():
    found = judged(restricted_parts.named_brands)
    assert (found["parts"].outcome, found["premises"].outcome) == (REFER, REFER)


TRACED = DocumentFacts(name="Traceability of aluminum.pdf", size=1, extension="pdf")


@pytest.mark.parametrize(
    ("part", "origin", "documents", "outcome"),
    [
        ("Aluminum extrusion", "CN", (), REFER),
        ("Aluminum extrusion", "CN", (TRACED,), MET),
        ("Aluminum extrusion", "US", (), MET),
        ("Plastic knob", "CN", (), MET),
        ("PVC cable duct", "CN", (), REFER),
    ],
)
def test_sc_6_chinese_parts_of_a_sector_are_traced(part, origin, documents, outcome):
    found = judged(restricted_parts.forced_labor, line(part=part, origin=origin), documents=documents)
    assert found[""].outcome == outcome


@pytest.mark.parametrize(
    ("city", "country", "outcome"), [("Urumqi", "CN", NOT_MET), ("Suzhou", "CN", MET), ("Hami", "US", MET)]
)
def test_sc_6_a_site_in_xinjiang(city, country, outcome):
    supplier = SupplierFacts(legal_name="A", sites=(SiteFacts(key="1", city=city, country=country),))
    assert judged(restricted_parts.forced_labor, line(), supplier=supplier)[""].outcome == outcome


def price(amount):
    return PriceFacts(item="L1-A", year=2027, unit_price=Decimal(amount))


@pytest.mark.parametrize(("amount", "outcome"), [("10", MET), ("9.99", REFER)])
def test_at_3_components_above_the_price_are_sealed_and_looked_at(amount, outcome):
    found = judged(consistency.consistency, line(), prices=(price(amount), price("50")))["price"]
    assert (found.outcome, found.envelope) == (outcome, Envelope.PRICE)


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        ("Hock Works, L.L.C.", MET),
        ("HOCK WORKS", MET),
        ("Hock & Sons", REFER),
        ("Old Hock Inc", MET),
        ("", NA),
    ],
)
def test_at_3_papers_name_the_company(named, outcome):
    supplier = SupplierFacts(
        legal_name="Hock Works LLC",
        former_names=("Old Hock Inc",),
        certificates=(CertificateFacts(scheme="ISO 9001", named_company=named),),
        insurance=(InsuranceFacts(kind="cyber", named_company=named),),
    )
    assert judged(consistency.consistency, line(), supplier=supplier)["name"].outcome == outcome


@pytest.mark.parametrize(("units", "outcome"), [(100, MET), (101, REFER)])
def test_at_3_deliveries_stay_within_the_yearly_offer(units, outcome):
    found = judged(
        consistency.consistency,
        line(),
        capacity=CapacityFacts(offered_per_year=Decimal(100)),
        deliveries=(
            DeliveryFacts(item="A", year=2027, units=Decimal(units - 40)),
            DeliveryFacts(item="B", year=2027, units=Decimal(40)),
        ),
    )
    assert found["capacity"].outcome == outcome


@pytest.mark.parametrize(("share", "outcome"), [("100.01", MET), ("100.02", NOT_MET), (None, NA)])
def test_at_3_sum_of_shares(share, outcome):
    held = OwnerFacts(name="A", pct_equity=None if share is None else Decimal(share))
    supplier = SupplierFacts(legal_name="Hock Works LLC", owners=(held,))
    assert judged(consistency.consistency, line(), supplier=supplier)["owners"].outcome == outcome
