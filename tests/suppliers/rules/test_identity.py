"""Identifiers of a company: every worked example, named for its edge."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.kit.compliance import Outcome
from suppliers.facts import SiteFacts, SupplierFacts
from suppliers.rules import identity

ON = date(2026, 5, 12)


def outcomes(rule, **identifiers):
    facts = SupplierFacts(legal_name="Hillside Works LLC", **identifiers)
    return {finding.part: finding.outcome for finding in rule.findings(facts, rule.params(), on=ON)}


@pytest.mark.parametrize(
    ("uei", "outcome"),
    [
        pytest.param("ZQGGHJH74DW7", Outcome.MET, id="real-1"),
        pytest.param("H7PNSVNN5827", Outcome.MET, id="real-2"),
        pytest.param("KC3CH2MSK7Q3", Outcome.MET, id="real-3"),
        pytest.param("ABC123DEF456", Outcome.REFER, id="check-character-off"),
        pytest.param("0QGGHJH74DW7", Outcome.NOT_MET, id="first-is-0"),
        pytest.param("ZQOGHJH74DW7", Outcome.NOT_MET, id="holds-O"),
        pytest.param("ZQIGHJH74DW7", Outcome.NOT_MET, id="holds-I"),
        pytest.param("ZQGGHJH74DW", Outcome.NOT_MET, id="eleven"),
        pytest.param("zqgghjh74dw7", Outcome.NOT_MET, id="lower-case"),
        pytest.param("ZA123456789A", Outcome.NOT_MET, id="nine-digits-in-a-row"),
        pytest.param("2A345HJH74D7", Outcome.NOT_MET, id="begins-like-a-CAGE"),
        pytest.param("", Outcome.NOT_APPLICABLE, id="blank"),
    ],
)
def test_id_1_uei(uei, outcome):
    assert outcomes(identity.uei, uei=uei) == {"": outcome}


@pytest.mark.parametrize(
    ("uei", "said"),
    [
        ("ZQGGHJH74DW", "it has 11 characters, not 12"),
        ("0QGGHJH74DW7", "it starts with 0"),
        ("ZA123456789A", "it has nine digits in a row"),
        ("2A345HJH74D7", "its first five characters are a CAGE code"),
    ],
)
def test_id_1_says_what_is_wrong(uei, said):
    (found,) = identity.uei.findings(SupplierFacts(legal_name="A", uei=uei), identity.uei.params(), on=ON)
    assert found.message == f"{uei} is not a UEI: {said}."


def test_id_1_says_which_check_character_it_expects():
    (finding,) = identity.uei.findings(
        SupplierFacts(legal_name="A", uei="ABC123DEF456"), identity.uei.params(), on=ON
    )
    assert finding.numbers == {"expected": "5"}


@pytest.mark.parametrize(
    ("cage", "outcome"),
    [
        ("27340", Outcome.MET),
        ("2A345", Outcome.MET),
        ("K2345", Outcome.REFER),
        ("2O345", Outcome.NOT_MET),
        ("2A34", Outcome.NOT_MET),
        ("2A34B", Outcome.REFER),
        ("2a345", Outcome.NOT_MET),
        ("2A3I5", Outcome.NOT_MET),
        ("2A3456", Outcome.NOT_MET),
        ("", Outcome.NOT_APPLICABLE),
    ],
)
def test_id_2_cage(cage, outcome):
    assert outcomes(identity.cage, cage=cage, sites=(SiteFacts(key="1"),)) == {"": outcome}


def test_id_2_a_foreign_code_of_a_us_company_or_with_a_us_site_is_looked_at():
    assert outcomes(identity.cage, cage="K2345", country="US") == {"": Outcome.REFER}
    abroad = {"cage": "K2345", "country": "DE"}
    assert outcomes(identity.cage, **abroad, sites=(SiteFacts(key="1", country="US"),)) == {"": Outcome.REFER}
    assert outcomes(identity.cage, **abroad, sites=(SiteFacts(key="1", country="DE"),)) == {"": Outcome.MET}


def test_id_2_a_foreign_code_is_fine_for_a_company_without_us_sites():
    assert outcomes(identity.cage, cage="K2345", country="DE") == {"": Outcome.MET}


@pytest.mark.parametrize(
    ("lei", "outcome"),
    [
        pytest.param("213800KUD8LAJWSQ9D15", Outcome.MET, id="valid"),
        pytest.param("213800KUD8LXJWSQ9D15", Outcome.NOT_MET, id="one-letter-off"),
        pytest.param("ABC81", Outcome.NOT_MET, id="short-but-mod-97-fits"),
        pytest.param("213800kud8lajwsq9d15", Outcome.NOT_MET, id="lower-case"),
        pytest.param("", Outcome.NOT_APPLICABLE, id="blank"),
    ],
)
def test_id_4_lei(lei, outcome):
    assert outcomes(identity.legal_entity_identifier, lei=lei) == {"": outcome}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("334111", Outcome.MET),
        ("335910", Outcome.MET),
        ("335911", Outcome.NOT_MET),
        ("3341", Outcome.NOT_MET),
        ("541512", Outcome.REFER),
    ],
)
def test_id_6_naics(code, outcome):
    assert outcomes(identity.naics, naics=(code,)) == {code: outcome}


def test_id_6_answers_once_a_code_and_refers_when_there_is_none():
    assert outcomes(identity.naics, naics=("334111", "541512", "334111")) == {
        "334111": Outcome.MET,
        "541512": Outcome.REFER,
    }
    assert outcomes(identity.naics) == {"": Outcome.REFER}


@pytest.mark.parametrize(
    ("ein", "outcome"),
    [
        ("", "not_applicable"),
        ("12-3456789", "met"),
        ("123456789", "met"),
        ("07-1234567", "refer"),
        ("12345678", "not_met"),
        ("12A456789", "not_met"),
    ],
)
def test_id_3_ein_is_judged_and_never_shown(ein, outcome):
    rule = identity.ein
    (found,) = rule.findings(SupplierFacts(legal_name="A", ein=ein), rule.params(), on=date(2026, 5, 12))
    assert found.outcome == outcome
    assert not ein or ein not in f"{found.message}{found.fix}{found.numbers}"


@pytest.mark.parametrize(
    ("duns", "outcome"), [("", "not_applicable"), ("123456789", "met"), ("12345678", "not_met")]
)
def test_id_5_duns(duns, outcome):
    rule = identity.duns
    (found,) = rule.findings(SupplierFacts(legal_name="A", duns=duns), rule.params(), on=date(2026, 5, 12))
    assert (found.outcome, found.effect) == (outcome, "advisory")


@pytest.mark.parametrize(
    ("status", "expiry", "outcome"),
    [
        ("", None, "not_applicable"),
        ("active", date(2026, 5, 12), "met"),
        ("active", date(2026, 5, 11), "refer"),
        ("active", None, "refer"),
        ("inactive", date(2027, 1, 1), "refer"),
    ],
)
def test_id_7_sam_registration(status, expiry, outcome):
    rule = identity.sam_registration
    facts = SupplierFacts(legal_name="A", sam_status=status, sam_expiry=expiry)
    (found,) = rule.findings(facts, rule.params(), on=date(2026, 5, 12))
    assert (found.outcome, found.effect) == (outcome, "advisory")


IDENTIFIERS = (
    identity.uei,
    identity.cage,
    identity.ein,
    identity.legal_entity_identifier,
    identity.duns,
    identity.naics,
)
# Anything at all, and what comes close to the right shape.
TYPED = some.one_of(
    some.text(max_size=200),
    some.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- \u0661\u0662٣", max_size=24),
    some.from_regex(r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}", fullmatch=True),
    some.from_regex(r"[A-Z0-9]{18}[0-9]{2}", fullmatch=True),
    some.from_regex(r"[0-9]{2}-?[0-9]{7}", fullmatch=True),
)


@given(TYPED)
def test_identifier_checks_answer_whatever_is_typed(text):
    facts = SupplierFacts(legal_name="A", uei=text, cage=text, ein=text, lei=text, duns=text, naics=(text,))
    for rule in IDENTIFIERS:
        (found,) = rule.findings(facts, rule.params(), on=ON)
        assert found.outcome in Outcome
        assert found.message


@given(some.from_regex(r"[A-HJ-NP-Z][A-HJ-NP-Z0-9]{10}", fullmatch=True))
def test_id_1_one_check_character_of_ten_fits(first_eleven):
    expected = identity.uei_check_character(first_eleven)
    assert expected in "0123456789"
    assert {
        character
        for character in "0123456789"
        if outcomes(identity.uei, uei=first_eleven + character)[""] is Outcome.MET
    } <= {expected}


@given(some.text(max_size=30), some.one_of(some.none(), some.dates()))
def test_id_7_answers_whatever_is_stated(status, expiry):
    rule = identity.sam_registration
    facts = SupplierFacts(legal_name="A", sam_status=status, sam_expiry=expiry)
    (found,) = rule.findings(facts, rule.params(), on=ON)
    assert (found.outcome is Outcome.MET) is (status == "active" and expiry is not None and expiry >= ON)
