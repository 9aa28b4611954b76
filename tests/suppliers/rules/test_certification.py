"""CE-2 to CE-5: accreditation, scope and site, edition, what a scheme asks for."""

from datetime import date
from decimal import Decimal

import pytest

from portal.kit.compliance import Effect, Outcome
from suppliers.facts import CertificateFacts, CommodityFacts, QualificationFacts, SiteFacts, SupplierFacts
from suppliers.rules import certification, schemes

ON = date(2026, 5, 12)
MET, NOT_MET, REFER, NA = Outcome.MET, Outcome.NOT_MET, Outcome.REFER, Outcome.NOT_APPLICABLE
OHIO = SiteFacts(key="1", name="Main plant", state="OH")
OTHER = SiteFacts(key="2", name="Second plant", state="OH")
TEXAS = SiteFacts(key="3", name="Texas plant", state="TX")


def judged(rule, *held, schemes=(), keywords=("rack",), sites=(OHIO,), states=("OH",)):
    given = QualificationFacts(
        supplier=SupplierFacts(legal_name="A", certificates=held, sites=sites),
        commodity=CommodityFacts(code="racks", title="Racks", schemes=schemes, keywords=keywords),
        region="Ohio",
        states=states,
    )
    return rule.findings(given, rule.params(), on=ON)


def outcome(rule, *held, **more):
    return judged(rule, *held, **more)[0].outcome


def certificate(scheme="ISO 9001", **fields):
    values = {
        "number": "Q-1",
        "certification_body": "Registrar",
        "sites": ("1",),
        "scope": "Manufacture of racks",
    }
    return CertificateFacts(scheme=scheme, **{**values, **fields})


@pytest.mark.parametrize(
    ("body", "asked", "expected"),
    [
        ("ANAB", True, MET),
        ("anab", False, MET),
        ("UKAS (0001)", False, MET),
        ("Honest Stamps", True, NOT_MET),
        ("Honest Stamps", False, REFER),
        ("JAS-ANZ", False, MET),
        ("ANAB-accredited", False, MET),
        ("JAS-ANZ (C0001)", False, MET),
        ("IAF MLA", True, MET),
        ("ILAC-MRA", True, MET),
        ("ANABOLIC", True, NOT_MET),
        ("", True, NOT_MET),
        ("", False, REFER),
        (" ", True, NOT_MET),
    ],
)
def test_ce_2_accreditation(body, asked, expected):
    schemes = ("ISO 9001",) if asked else ()
    assert (
        outcome(certification.accreditation, certificate(accreditation_body=body), schemes=schemes)
        == expected
    )


def test_ce_2_is_a_whole_sentence_without_a_registrar():
    (found,) = judged(certification.accreditation, certificate(certification_body=" "))
    assert found.message == "ISO 9001: the accreditation of its registrar is missing."


@pytest.mark.parametrize("rule", [certification.accreditation, certification.scope], ids=["CE-2", "CE-3"])
def test_without_certificates_nothing_applies(rule):
    assert [each.outcome for each in judged(rule)] == [NA]
    assert [each.outcome for each in judged(certification.edition)] == [NA]


@pytest.mark.parametrize("scheme", ["RoHS", "rohs", "CMRT", "ITAR", "CMMC", "UL"])
def test_ce_2_does_not_concern_declarations(scheme):
    assert outcome(certification.accreditation, certificate(scheme)) == NA


@pytest.mark.parametrize(
    ("fields", "sites", "keywords", "expected"),
    [
        pytest.param({}, (OHIO,), ("rack",), MET, id="site-and-scope"),
        pytest.param({"sites": ("3",)}, (OHIO, TEXAS), ("rack",), NOT_MET, id="other-site"),
        pytest.param({"sites": ()}, (OHIO,), ("rack",), REFER, id="no-site-named"),
        pytest.param({"sites": ("1",)}, (OHIO, OTHER), ("rack",), REFER, id="headquarters-only"),
        pytest.param({"sites": ("1", "2")}, (OHIO, OTHER), ("rack",), MET, id="every-site"),
        pytest.param({"scope": "Baking of bread"}, (OHIO,), ("rack",), REFER, id="other-scope"),
        pytest.param({"scope": "Brackets"}, (OHIO,), ("rack",), REFER, id="inside-another-word"),
        pytest.param({"scope": ""}, (OHIO,), ("rack",), REFER, id="no-scope"),
        pytest.param({"scope": " "}, (OHIO,), ("rack",), REFER, id="blank-scope"),
        pytest.param({"scope": "Server RACKS"}, (OHIO,), ("oven", "rack"), MET, id="one-keyword-of-two"),
        pytest.param(
            {"scope": "Cold-plate making"}, (OHIO,), ("cold plate",), MET, id="two-words-hyphenated"
        ),
        pytest.param({}, (OHIO,), ("Rack",), MET, id="a-keyword-in-capitals"),
        pytest.param({"scope": "Baking"}, (OHIO,), ("???",), REFER, id="a-keyword-without-letters"),
        pytest.param({"sites": ("9",)}, (OHIO,), ("rack",), NOT_MET, id="a-site-that-is-not-there"),
        pytest.param({"sites": ("1", "3")}, (OHIO, OTHER, TEXAS), ("rack",), MET, id="two-of-three-sites"),
        pytest.param({"scope": "Baking of bread"}, (OHIO,), (), MET, id="no-product-to-compare"),
    ],
)
def test_ce_3_scope_and_site(fields, sites, keywords, expected):
    assert outcome(certification.scope, certificate(**fields), sites=sites, keywords=keywords) == expected


def test_ce_3_without_a_region_every_site_is_wanted():
    held = certificate(sites=("1", "3"))
    assert outcome(certification.scope, held, sites=(OHIO, TEXAS), states=()) == MET
    assert outcome(certification.scope, certificate(), sites=(OHIO, TEXAS), states=()) == REFER


@pytest.mark.parametrize(
    ("scheme", "edition", "expected"),
    [
        ("ISO 9001", "2015", MET),
        ("ISO 14001", "2015", MET),
        ("ISO/IEC 27001", "2013", NOT_MET),
        ("ISO 9001", "2008", NOT_MET),
        ("ISO 9001", "1999", REFER),
        ("ISO 9001", "", REFER),
        ("House rules", "2020", NA),
    ],
)
def test_ce_4_edition(scheme, edition, expected):
    assert outcome(certification.edition, certificate(scheme, edition=edition)) == expected


@pytest.mark.parametrize("scheme", ["iso 9001", "ISO9001", "ISO 9001:2015"])
def test_ce_4_knows_a_scheme_however_it_is_written(scheme):
    assert outcome(certification.edition, certificate(scheme, edition=" 2015 ")) == MET
    assert outcome(certification.edition, certificate("ISO 27001", edition="2013")) == NOT_MET


@pytest.mark.parametrize("edition", ["D", "d", " d "])
def test_ce_4_an_edition_is_known_in_small_letters(edition):
    assert outcome(certification.edition, certificate("AS9100", edition=edition)) == MET


def test_ce_4_a_line_that_names_no_state_is_passed_over():
    given = QualificationFacts(
        supplier=SupplierFacts(legal_name="A", certificates=(certificate(edition="2015"),))
    )
    params = certification.EditionParams(editions=("ISO 9001 2015", "ISO 9001 2015: current"))
    assert [each.outcome for each in certification.edition.findings(given, params, on=ON)] == [MET]


def test_ce_3_does_not_concern_declarations():
    assert outcome(certification.scope, certificate("RoHS", sites=())) == NA


def test_ce_4_an_edition_that_is_being_replaced_is_accepted_with_a_note():
    (finding,) = judged(certification.edition, certificate("ISO 14001", edition="2015"))
    assert "newer edition" in finding.message


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(certificate("IATF 16949", registry_id="0123"), MET, id="iatf-number"),
        pytest.param(certificate("AS9100"), REFER, id="no-oasis-id"),
        pytest.param(certificate("NRTL", certification_body="UL Solutions"), MET, id="nrtl"),
        pytest.param(certificate("NRTL", certification_body="TÜV Rheinland"), MET, id="nrtl-umlaut"),
        pytest.param(certificate("NRTL", certification_body="Ultra Tests"), NOT_MET, id="no-nrtl"),
        pytest.param(
            certificate("NRTL", certification_body="Intertek Ohio"), MET, id="an-office-of-a-laboratory"
        ),
        pytest.param(
            certificate("NRTL", certification_body="Intertekno"), NOT_MET, id="begins-like-a-laboratory"
        ),
        pytest.param(certificate("UL 891", certification_body="UL LLC"), MET, id="ul-with-its-standard"),
        pytest.param(certificate("UL", certification_body="Ultra Tests"), NOT_MET, id="ul-of-another"),
        pytest.param(certificate("NRTL", certification_body=" "), REFER, id="nrtl-not-named"),
        pytest.param(certificate("IATF 16949", registry_id=" "), REFER, id="blank-iatf-number"),
        pytest.param(certificate("CE"), NOT_MET, id="ce-mark-alone"),
        pytest.param(certificate("CE "), NOT_MET, id="ce-mark-alone-and-a-blank"),
        pytest.param(certificate("ISO/IEC 17025", methods=("Rack load test",)), MET, id="method"),
        pytest.param(certificate("ISO/IEC 17025", methods=("Water hardness",)), REFER, id="other-method"),
        pytest.param(certificate("ISO/IEC 17025"), REFER, id="no-method"),
        pytest.param(certificate("CMMC", assessed_score=110), MET, id="cmmc-110"),
        pytest.param(certificate("CMMC", assessed_score=109), REFER, id="cmmc-109"),
        pytest.param(certificate("CMMC", assessed_score=88), REFER, id="cmmc-88"),
        pytest.param(certificate("CMMC", assessed_score=87), NOT_MET, id="cmmc-87"),
        pytest.param(certificate("CMMC", assessed_score=111), NOT_MET, id="cmmc-cannot-be"),
        pytest.param(certificate("CMMC"), REFER, id="cmmc-no-score"),
        pytest.param(certificate("CMMC", assessed_score=-203), NOT_MET, id="cmmc-lowest"),
        pytest.param(certificate("ITAR"), NA, id="itar-without-munitions"),
        pytest.param(certificate("RoHS", lead_pct=Decimal(1)), NOT_MET, id="too-much-lead-cadmium-not-given"),
        pytest.param(certificate("REACH"), REFER, id="svhc-not-given"),
        pytest.param(
            certificate("CMRT", edition="6.31", issued=date(2026, 1, 1), smelters=3),
            NOT_MET,
            id="cmrt-6.31-is-older-than-6.5",
        ),
        pytest.param(
            certificate("CMRT", edition="latest", issued=date(2026, 1, 1), smelters=3),
            REFER,
            id="cmrt-no-version",
        ),
        pytest.param(certificate("CMRT", edition="6.5", smelters=3), REFER, id="cmrt-no-day"),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=date(2026, 5, 13), smelters=3),
            REFER,
            id="cmrt-of-tomorrow",
        ),
        pytest.param(certificate("CMRT", edition="6.5", issued=ON, smelters=3), MET, id="cmrt-of-today"),
        pytest.param(
            certificate("CMRT", edition=" 6.5 ", issued=ON, smelters=1), MET, id="cmrt-version-with-blanks"
        ),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=ON, smelters=-1), REFER, id="cmrt-smelters-below-none"
        ),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=date(2026, 1, 1), smelters=0),
            REFER,
            id="cmrt-0-smelters",
        ),
        pytest.param(
            certificate("RoHS", lead_pct=Decimal("0.1"), cadmium_pct=Decimal("0.01")),
            MET,
            id="rohs-at-the-limits",
        ),
        pytest.param(
            certificate("RoHS", lead_pct=Decimal("0.101"), cadmium_pct=Decimal(0)),
            NOT_MET,
            id="too-much-lead",
        ),
        pytest.param(
            certificate("RoHS", lead_pct=Decimal(0), cadmium_pct=Decimal("0.011")),
            NOT_MET,
            id="too-much-cadmium",
        ),
        pytest.param(certificate("RoHS", lead_pct=Decimal(0)), REFER, id="cadmium-not-given"),
        pytest.param(certificate("REACH", svhc_pct=Decimal("0.1")), MET, id="svhc-at-the-line"),
        pytest.param(certificate("REACH", svhc_pct=Decimal("0.11")), REFER, id="svhc-to-disclose"),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=date(2025, 5, 12), smelters=3),
            MET,
            id="cmrt-a-year-old",
        ),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=date(2025, 5, 11), smelters=3),
            NOT_MET,
            id="cmrt-too-old",
        ),
        pytest.param(
            certificate("CMRT", edition="6.4", issued=date(2026, 1, 1), smelters=3),
            NOT_MET,
            id="cmrt-old-form",
        ),
        pytest.param(
            certificate("CMRT", edition="6.5", issued=date(2026, 1, 1)), REFER, id="cmrt-no-smelter"
        ),
        pytest.param(certificate("ISO 9001"), NA, id="nothing-besides"),
    ],
)
def test_ce_5_what_schemes_ask_for(held, expected):
    assert outcome(schemes.scheme, held) == expected


@pytest.mark.parametrize(
    ("methods", "keywords", "expected"),
    [
        pytest.param((), (), REFER, id="no-method-and-nothing-to-compare"),
        pytest.param(("Water hardness",), (), MET, id="nothing-to-compare"),
        pytest.param(("Rack load test",), ("oven", "rack"), MET, id="one-keyword-of-two"),
        pytest.param(("rack load test",), ("Rack",), MET, id="a-keyword-in-capitals"),
    ],
)
def test_ce_5_a_laboratory_names_a_method_for_what_is_made(methods, keywords, expected):
    held = certificate("ISO/IEC 17025", methods=methods)
    assert outcome(schemes.scheme, held, keywords=keywords) == expected


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({"lead_pct": Decimal("0.2"), "cadmium_pct": Decimal(0)}, "Lead is 0.2%. The RoHS limit is 0.1%."),
        (
            {"lead_pct": Decimal(0), "cadmium_pct": Decimal("0.1")},
            "Cadmium is 0.1%. The RoHS limit is 0.01%.",
        ),
    ],
)
def test_ce_5_says_which_substance_is_too_much(contents, said):
    assert judged(schemes.scheme, certificate("RoHS", **contents))[0].message == said


@pytest.mark.parametrize("scheme", ["NRTL", "ul 891", " UL 891"])
def test_ce_5_a_listing_stands_beside_a_ce_mark_however_it_is_written(scheme):
    listing = certificate(scheme, number="N", certification_body="Intertek")
    assert outcome(schemes.scheme, certificate("CE", number="C"), listing) == NA


def test_ce_5_a_ce_mark_beside_a_listing_is_fine():
    found = {
        each.part: each.outcome
        for each in judged(
            schemes.scheme,
            certificate("CE", number="C"),
            certificate("NRTL", number="N", certification_body="Intertek"),
        )
    }
    assert found == {"C": NA, "N": MET}


def besides(*held, commodity="racks", **params):
    given = QualificationFacts(
        supplier=SupplierFacts(legal_name="A", certificates=held),
        commodity=CommodityFacts(code=commodity, title="Racks"),
    )
    rule = schemes.scheme
    found = rule.findings(given, schemes.SchemeParams(**params), on=ON)
    return {each.part: (each.outcome, each.effect) for each in found}


CMMC = certificate("CMMC", assessed_score=87)


@pytest.mark.parametrize(
    ("held", "commodity", "expected"),
    [
        pytest.param((CMMC,), "racks", {"Q-1": (NOT_MET, Effect.KNOCKOUT)}, id="too-few-points"),
        pytest.param((CMMC,), "cooling", {"Q-1": (NOT_MET, Effect.ADVISORY)}, id="another-commodity"),
        pytest.param((), "racks", {"no CMMC": (NOT_MET, Effect.KNOCKOUT)}, id="no-certificate"),
        pytest.param((), "cooling", {"": (NA, Effect.ADVISORY)}, id="nothing-asked"),
    ],
)
def test_ce_5_cmmc_excludes_only_with_controlled_information(held, commodity, expected):
    assert besides(*held, commodity=commodity, cui_commodities=("racks",)) == expected


@pytest.mark.parametrize("scheme", ["cmmc", " CMMC", "CMMC level 2"])
def test_ce_5_a_cmmc_paper_is_there_however_it_is_written(scheme):
    found = besides(certificate(scheme, assessed_score=110), cui_commodities=("racks",))
    assert found == {"Q-1": (MET, Effect.KNOCKOUT)}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param((certificate("ITAR"),), {"Q-1": (MET, Effect.ADVISORY)}, id="registered"),
        pytest.param((certificate("ITAR", number=" "),), {"ITAR": (REFER, Effect.ADVISORY)}, id="no-number"),
        pytest.param((), {"no ITAR": (NOT_MET, Effect.ADVISORY)}, id="not-registered"),
    ],
)
def test_ce_5_itar_counts_only_for_munitions(held, expected):
    assert besides(*held, munitions_commodities=("racks",)) == expected
