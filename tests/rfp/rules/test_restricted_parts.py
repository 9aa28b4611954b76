"""SC-5 named brands, SC-6 forced labor, AT-3 consistency."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Effect, Envelope, Outcome
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
from suppliers.matching.brands import BRANDS

ON = date(2026, 5, 12)
MET, NOT_MET, REFER, NA = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE


def line(number="1", **fields):
    values = {"part": "Part", "qty": Decimal(1), "unit_acquisition_cost": Decimal(10), "origin": "US"}
    return BomLineFacts(line_no=number, **{**values, **fields})


def price(amount):
    return PriceFacts(item="L1-A", year=2027, unit_price=Decimal(amount))


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
        ("", "HIKVISION-DS2CD", NOT_MET),
        ("Zhongxing Telecom Equipment", "", NOT_MET),
        ("", "长江存储 PC300", NOT_MET),
        ("ZTECH Gears", "", MET),
        ("Hik", "Vision 3", MET),
        ("", "", REFER),
        (" ", " ", REFER),
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


@pytest.mark.parametrize("code", [brand.code for brand in BRANDS])
def test_sc_5_every_brand_of_both_sections_is_looked_for(code):
    found = judged(restricted_parts.named_brands, line("7", manufacturer=f"{code} Ltd"))["parts"]
    assert found.outcome == NOT_MET
    assert f"line 7 Part: {code} (section " in found.message


def test_sc_5_names_the_laws_brands():
    assert {brand.code: brand.section for brand in BRANDS} == {
        **dict.fromkeys(("Huawei", "ZTE", "Hytera", "Hikvision", "Dahua"), "889"),
        **dict.fromkeys(("SMIC", "CXMT", "YMTC"), "5949"),
    }


def test_sc_5_a_line_the_company_makes_needs_no_maker():
    made = line(make_or_buy="make", unit_acquisition_cost=None)
    assert judged(restricted_parts.named_brands, made)["parts"].outcome == MET


def test_sc_5_five_lines_are_named_without_a_rest():
    brands = judged(restricted_parts.named_brands, *(line(str(n), manufacturer="ZTE") for n in range(1, 6)))
    assert brands["parts"].message.endswith("line 5 Part: ZTE (section 889).")
    nameless = judged(restricted_parts.named_brands, *(line(str(n)) for n in range(1, 6)))
    assert nameless["parts"].message.endswith("1, 2, 3, 4, 5.")


def test_sc_5_reads_the_statement_about_equipment_and_no_other():
    mfa = AttestationFacts(code="mfa", answer=True, text_version="1", current_version="1")
    other = SupplierFacts(legal_name="A", attestations=(mfa,))
    assert judged(restricted_parts.named_brands, line(), supplier=other)["premises"].outcome == REFER


def test_sc_5_names_at_most_five_nameless_lines():
    found = judged(restricted_parts.named_brands, *(line(str(n)) for n in range(1, 8)))["parts"]
    assert found.outcome == REFER
    assert "7 bought lines" in found.message
    assert "1, 2, 3, 4, 5 and 2 more" in found.message


@pytest.mark.parametrize(
    ("answer", "version", "outcome"),
    [
        pytest.param(False, "1", MET, id="none-used"),
        pytest.param(True, "1", REFER, id="used"),
        pytest.param(None, "1", REFER, id="not-answered"),
        pytest.param(False, "0", REFER, id="old-wording"),
    ],
)
def test_sc_5_use_on_the_premises(answer, version, outcome):
    signed = AttestationFacts(
        code="889", answer=answer, favourable=False, text_version=version, current_version="1"
    )
    supplier = SupplierFacts(legal_name="A", attestations=(signed,))
    found = judged(restricted_parts.named_brands, line(), supplier=supplier)["premises"]
    assert found.outcome == outcome
    assert ("not signed" in found.message) is (answer is None)


def test_sc_5_without_a_bill_of_materials_nothing_is_met():
    found = judged(restricted_parts.named_brands)
    assert (found["parts"].outcome, found["premises"].outcome) == (REFER, REFER)
    assert found["premises"].effect == Effect.ADVISORY
    empty = ProposalFacts(supplier=SupplierFacts(legal_name="A"), bom=())
    for rule in (restricted_parts.named_brands, restricted_parts.forced_labor):
        assert rule.findings(empty, rule.params(), on=ON)[0].outcome == REFER
    assert judged(restricted_parts.forced_labor)[""].outcome == REFER


TRACED = DocumentFacts(name="Traceability of aluminum.pdf", size=1, extension="pdf")


@pytest.mark.parametrize(
    ("part", "origin", "documents", "outcome"),
    [
        ("Aluminum extrusion", "CN", (), REFER),
        ("Aluminum extrusion", "CN", (TRACED,), MET),
        ("Aluminum extrusion", "US", (), MET),
        ("Plastic knob", "CN", (), MET),
        ("PVC cable duct", "CN", (), REFER),
        ("Aluminum extrusion", "", (), REFER),
        ("Aluminum extrusion", "VN", (), MET),
        ("Plastic knob", "", (), MET),
        ("Aluminum extrusion", "CN", (replace(TRACED, name="Brochure.pdf"),), REFER),
        ("Aluminum extrusion", "CN", (replace(TRACED, opens=False),), REFER),
        ("Aluminum extrusion", "CN", (replace(TRACED, encrypted=True),), REFER),
        ("Silicate paint", "CN", (), MET),
    ],
)
def test_sc_6_chinese_parts_of_a_sector_are_traced(part, origin, documents, outcome):
    found = judged(restricted_parts.forced_labor, line(part=part, origin=origin), documents=documents)
    assert found[""].outcome == outcome


@pytest.mark.parametrize(
    ("city", "country", "outcome"),
    [
        ("Urumqi", "CN", NOT_MET),
        ("Ürümqi", "CN", NOT_MET),
        ("XINJIANG Province", "CN", NOT_MET),
        ("新疆维吾尔自治区", "CN", NOT_MET),
        ("Hotanville", "CN", MET),
        ("Suzhou", "CN", MET),
        ("Hami", "US", MET),
    ],
)
def test_sc_6_a_site_in_xinjiang(city, country, outcome):
    supplier = SupplierFacts(legal_name="A", sites=(SiteFacts(key="1", city=city, country=country),))
    assert judged(restricted_parts.forced_labor, line(), supplier=supplier)[""].outcome == outcome


@pytest.mark.parametrize(("name", "said"), [("Cotton mill", "Cotton mill"), ("", "Urumqi")])
def test_sc_6_names_the_site(name, said):
    supplier = SupplierFacts(
        legal_name="A", sites=(SiteFacts(key="1", name=name, city="Urumqi", country="CN"),)
    )
    found = judged(restricted_parts.forced_labor, line(), supplier=supplier)[""]
    assert found.message == f"The site {said} is in Xinjiang."


def test_sc_6_tells_parts_from_china_from_those_of_an_unknown_origin():
    rule = restricted_parts.forced_labor
    both = judged(rule, line("1", part="Copper", origin="CN"), line("2", part="Copper", origin=""))[""]
    assert "line 1." in both.message
    assert both.numbers == {"lines": "1"}
    unknown = judged(rule, line("2", part="Copper", origin=""))[""]
    assert "with no origin: line 2." in unknown.message


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        pytest.param([line(), line("2", unit_acquisition_cost=None)], REFER, id="a-cost-is-missing"),
        pytest.param([line(), line("2", unit_acquisition_cost=Decimal(-1))], REFER, id="below-zero"),
        pytest.param([line(currency="EUR")], REFER, id="another-currency"),
        pytest.param([line(), line("2", parent_line="9")], REFER, id="no-tree"),
        pytest.param(
            [line(), line("2", parent_line="1", unit_acquisition_cost=None)], MET, id="below-level-1"
        ),
    ],
)
def test_at_3_a_bill_that_does_not_add_up_meets_nothing(lines, outcome):
    found = judged(consistency.consistency, *lines, prices=(price("50"),))["price"]
    assert (found.outcome, found.envelope) == (outcome, Envelope.PRICE)


def test_at_3_without_a_bill_or_a_price_there_is_nothing_to_compare():
    assert judged(consistency.consistency, prices=(price("50"),))["price"].outcome == NA
    assert judged(consistency.consistency, line())["price"].outcome == NA


def test_at_3_no_amount_leaves_the_price_envelope():
    found = judged(
        consistency.consistency, line(unit_acquisition_cost=Decimal("77.77")), prices=(price("88.88"),)
    )
    technical = [each for each in found.values() if each.envelope is not Envelope.PRICE]
    assert not any("77" in f"{each.message}{each.numbers}" for each in technical)
    assert not any("88" in f"{each.message}{each.numbers}" for each in technical)


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
        ("Hock Metals", MET),
        ("霍克工厂", MET),
        ("???", REFER),
        (" ", NA),
        ("", NA),
    ],
)
def test_at_3_papers_name_the_company(named, outcome):
    supplier = SupplierFacts(
        legal_name="Hock Works LLC",
        former_names=("Old Hock Inc",),
        dbas=("Hock Metals",),
        native_name="霍克工厂",
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


@pytest.mark.parametrize(("named", "outcome"), [("???", MET), ("!!!", REFER)])
def test_at_3_names_in_which_nothing_can_be_read_are_compared_as_written(named, outcome):
    policy = InsuranceFacts(kind="cyber", named_company=named)
    supplier = SupplierFacts(legal_name="???", dbas=("",), insurance=(policy,))
    assert judged(consistency.consistency, line(), supplier=supplier)["name"].outcome == outcome


def test_at_3_a_policy_that_names_another_company_is_looked_at():
    supplier = SupplierFacts(
        legal_name="Hock Works LLC",
        certificates=(CertificateFacts(scheme="ISO 9001", named_company="Hock Works"),),
        insurance=(InsuranceFacts(kind="cyber", named_company="Ridge Works"),),
    )
    found = judged(consistency.consistency, line(), supplier=supplier)["name"]
    assert found.outcome == REFER
    assert found.message == "The insurance names “Ridge Works”, not “Hock Works LLC”."


def test_at_3_without_an_offer_or_a_plan_there_is_nothing_to_hold_together():
    planned = (DeliveryFacts(item="A", year=2027, units=Decimal(1)),)
    assert judged(consistency.consistency, line(), deliveries=planned)["capacity"].outcome == NA
    offered = CapacityFacts(offered_per_year=Decimal(1))
    assert judged(consistency.consistency, line(), capacity=offered)["capacity"].outcome == NA


@pytest.mark.parametrize(
    ("share", "outcome"),
    [("100.01", MET), ("100.02", NOT_MET), ("99.99", MET), ("99.98", REFER), (None, NA)],
)
def test_at_3_sum_of_shares(share, outcome):
    held = OwnerFacts(name="A", pct_equity=None if share is None else Decimal(share))
    supplier = SupplierFacts(legal_name="Hock Works LLC", owners=(held,))
    assert judged(consistency.consistency, line(), supplier=supplier)["owners"].outcome == outcome
