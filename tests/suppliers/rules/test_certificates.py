"""CE-1: validity of certificates."""

from datetime import date

import pytest

from portal.kit.compliance import Outcome
from portal.kit.formats import plus_months
from suppliers.facts import CertificateFacts, CommodityFacts, QualificationFacts, SupplierFacts
from suppliers.rules import certificates
from suppliers.rules.certificates import CertificateParams, certificate_verdict

ON = date(2026, 5, 12)
THROUGH = date(2027, 8, 1)


def certificate(**changes):
    given = {
        "scheme": "ISO 9001",
        "number": "Q-1",
        "issued": date(2025, 1, 14),
        "expires": date(2028, 1, 13),
        "last_surveillance": date(2026, 1, 8),
    }
    return CertificateFacts(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, Outcome.MET, id="in-force"),
        pytest.param(
            {"issued": date(2024, 8, 2), "expires": THROUGH}, Outcome.MET, id="expires-on-the-last-day"
        ),
        pytest.param(
            {"issued": date(2024, 8, 1), "expires": date(2027, 7, 31)}, Outcome.REFER, id="one-day-short"
        ),
        pytest.param({"issued": date(2023, 5, 13), "expires": ON}, Outcome.REFER, id="expires-today"),
        pytest.param(
            {"issued": date(2023, 5, 12), "expires": date(2026, 5, 11)},
            Outcome.NOT_MET,
            id="expired-yesterday",
        ),
        pytest.param(
            {"issued": date(2025, 1, 14), "expires": date(2028, 1, 15)},
            Outcome.MET,
            id="three-years-and-a-day",
        ),
        pytest.param(
            {"issued": date(2025, 1, 14), "expires": date(2028, 1, 16)},
            Outcome.REFER,
            id="longer-than-three-years",
        ),
        pytest.param({"last_surveillance": date(2025, 4, 12)}, Outcome.MET, id="audited-13-months-ago"),
        pytest.param(
            {"last_surveillance": date(2025, 4, 11)}, Outcome.REFER, id="audited-over-13-months-ago"
        ),
        pytest.param({"last_surveillance": ON}, Outcome.MET, id="audited-today"),
        pytest.param({"last_surveillance": date(2026, 5, 13)}, Outcome.MET, id="audited-since"),
        pytest.param({"last_surveillance": None}, Outcome.REFER, id="never-audited-since-16-months"),
        pytest.param(
            {"issued": date(2026, 2, 1), "last_surveillance": None}, Outcome.MET, id="new-not-yet-audited"
        ),
        pytest.param({"issued": date(2026, 5, 13)}, Outcome.REFER, id="dated-tomorrow"),
        pytest.param({"expires": None}, Outcome.REFER, id="no-expiry"),
        pytest.param({"issued": None}, Outcome.REFER, id="no-issue"),
        pytest.param({"issued": ON, "last_surveillance": None}, Outcome.MET, id="dated-today"),
        pytest.param(
            {"scheme": "RoHS", "last_surveillance": None}, Outcome.MET, id="declarations-are-not-audited"
        ),
    ],
)
def test_ce_1_validity(changes, outcome):
    verdict = certificate_verdict(
        certificate(**changes), CertificateParams(), required_through=THROUGH, on=ON
    )
    assert verdict.outcome == outcome


def test_ce_1_answers_once_a_certificate_even_when_numbers_repeat():
    rule = certificates.validity
    other = certificate(scheme="ISO 14001", expires=date(2026, 1, 1))
    found = {
        f.part: f.outcome for f in rule.findings(qualification(certificate(), other), rule.params(), on=ON)
    }
    assert found == {"Q-1": Outcome.MET, "Q-1 #2": Outcome.NOT_MET}


def test_ce_1_a_certificate_numbered_like_a_scheme_hides_nothing():
    rule = certificates.validity
    odd = certificate(scheme="ISO 14001", number="ISO 9001")
    found = rule.findings(qualification(odd, schemes=("ISO 9001",)), rule.params(), on=ON)
    assert {each.part: each.outcome for each in found} == {
        "ISO 9001": Outcome.MET,
        "ISO 9001 #2": Outcome.NOT_MET,
    }


def qualification(*held, schemes=(), keywords=(), states=(), sites=()):
    return QualificationFacts(
        supplier=SupplierFacts(legal_name="A", certificates=held, sites=sites),
        commodity=CommodityFacts(code="racks", title="Racks", schemes=schemes, keywords=keywords),
        region="Ohio",
        states=states,
    )


EXPIRED = {"number": "Q-0", "issued": date(2023, 1, 14), "expires": date(2026, 1, 13)}


@pytest.mark.parametrize(
    ("held", "schemes", "expected"),
    [
        pytest.param((certificate(**EXPIRED),), (), {"Q-0": ("not_met", "advisory")}, id="not-asked-for"),
        pytest.param(
            (certificate(**EXPIRED),), ("ISO 9001",), {"Q-0": ("not_met", "knockout")}, id="asked-for"
        ),
        pytest.param(
            (certificate(**EXPIRED), certificate()),
            ("ISO 9001",),
            {"Q-0": ("not_applicable", "advisory"), "Q-1": ("met", "advisory")},
            id="renewed",
        ),
        pytest.param((), ("ISO 9001",), {"ISO 9001": ("not_met", "knockout")}, id="missing"),
        pytest.param(
            (certificate(scheme="iso9001:2015"),),
            ("ISO 9001",),
            {"Q-1": ("met", "advisory")},
            id="otherwise-written",
        ),
        pytest.param(
            (certificate(**EXPIRED), certificate(scheme="ISO 14001")),
            ("ISO 9001",),
            {"Q-0": ("not_met", "knockout"), "Q-1": ("met", "advisory")},
            id="another-scheme-renews-nothing",
        ),
        pytest.param(
            (certificate(**EXPIRED), certificate(**{**EXPIRED, "number": "Q-9"})),
            ("ISO 9001",),
            {"Q-0": ("not_met", "knockout"), "Q-9": ("not_met", "knockout")},
            id="two-that-ended-on-one-day",
        ),
        pytest.param(
            (certificate(**EXPIRED), certificate(expires=None)),
            ("ISO 9001",),
            {"Q-0": ("not_met", "knockout"), "Q-1": ("refer", "advisory")},
            id="one-without-a-last-day-renews-nothing",
        ),
        pytest.param(
            (certificate(scheme="ISO 27001"),),
            ("ISO/IEC 27001",),
            {"Q-1": ("met", "advisory")},
            id="asked-for-with-iec-and-held-without",
        ),
    ],
)
def test_ce_1_an_expired_or_missing_certificate_that_is_asked_for_excludes(held, schemes, expected):
    rule = certificates.validity
    found = rule.findings(qualification(*held, schemes=schemes), rule.params(), on=ON)
    assert {f.part: (f.outcome, f.effect) for f in found} == expected


def test_ce_1_names_a_part_by_fifty_characters_at_most():
    rule = certificates.validity
    long = "Q" * 60
    (held, missing) = rule.findings(
        qualification(certificate(number=long), schemes=("S" * 60,)), rule.params(), on=ON
    )
    assert (held.part, missing.part) == ("Q" * 50, "S" * 50)


def test_ce_1_without_certificates_does_not_apply():
    rule = certificates.validity
    (finding,) = rule.findings(qualification(), rule.params(), on=ON)
    assert finding.outcome == Outcome.NOT_APPLICABLE


def test_months_end_on_the_last_day_of_a_short_month():
    assert plus_months(date(2025, 1, 31), 13) == date(2026, 2, 28)
    assert plus_months(date(2025, 12, 31), 12) == date(2026, 12, 31)
