"""AT-2, AT-4, WS-2, CE-1 of a proposal, and the rulebook as a whole."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal.kit.codec import dump, load
from portal.kit.compliance import Audience, Effect, Outcome, assess, may_read
from portal.kit.parameters import default_params
from rfp.facts import (
    DocumentFacts,
    JobsLineFacts,
    ProposalFacts,
    RequiredDocumentFacts,
    RequirementFacts,
    ResponseFacts,
)
from rfp.rules import RULEBOOK, attestations, certificates, documents, jobs
from suppliers.facts import CertificateFacts, SiteFacts, SupplierFacts
from suppliers.rules import QUALIFICATION

ON = date(2026, 6, 30)
NEW_YORK = ZoneInfo("America/New_York")
CLOSES = datetime(2026, 7, 1, tzinfo=NEW_YORK)
SUPPLIER = SupplierFacts(legal_name="Hillside Works LLC")
MET, NOT_MET, REFER = Outcome.MET, Outcome.NOT_MET, Outcome.REFER


def findings(rule, **facts):
    given = ProposalFacts(**{"supplier": SUPPLIER, **facts})
    return {each.part: each for each in rule.findings(given, rule.params(), on=ON)}


@pytest.mark.parametrize(
    ("received", "outcome"),
    [
        pytest.param(CLOSES - timedelta(seconds=1), MET, id="last-second-of-the-day"),
        pytest.param(CLOSES - timedelta(microseconds=1), MET, id="last-microsecond"),
        pytest.param(CLOSES, NOT_MET, id="midnight"),
        pytest.param(datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC), MET, id="same-second-in-UTC"),
        pytest.param(datetime(2026, 7, 1, 4, 0, tzinfo=UTC), NOT_MET, id="same-midnight-in-UTC"),
        pytest.param(None, Outcome.NOT_APPLICABLE, id="draft"),
    ],
)
def test_at_4_deadline(received, outcome):
    found = findings(attestations.dates, received_at=received, closes_at=CLOSES)[""]
    assert (found.outcome, found.effect) == (outcome, Effect.KNOCKOUT)
    assert "June 30, 2026, 11:59:59 pm ET" in found.message


def test_at_4_without_a_window_is_referred():
    assert findings(attestations.dates, received_at=CLOSES)[""].outcome == REFER


@pytest.mark.parametrize(
    ("signed", "outcome"),
    [
        pytest.param(datetime(2026, 7, 1, 3, 59, tzinfo=UTC), MET, id="still-june-30-in-New-York"),
        pytest.param(datetime(2026, 7, 1, 4, 1, tzinfo=UTC), NOT_MET, id="tomorrow"),
        pytest.param(None, REFER, id="unsigned"),
    ],
)
def test_at_4_dates_are_not_later_than_the_assessment(signed, outcome):
    found = findings(attestations.dates, attested_at=signed)["dates"]
    assert (found.outcome, found.effect) == (outcome, Effect.ADVISORY)


def test_at_4_names_the_date_that_lies_in_the_future():
    found = findings(attestations.dates, attested_dates={"audit": date(2026, 7, 2), "test": ON})["dates"]
    assert (
        found.outcome == NOT_MET and "audit (July 2, 2026)" in found.message and "test" not in found.message
    )


PDF = DocumentFacts(
    name="report.pdf", size=38_400, extension="pdf", sniffed="pdf", opens=True, pages=4, requirement="L3-R08"
)
ASKED = (RequiredDocumentFacts(code="L3-R08", title="Wetted materials"),)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, MET, id="fine"),
        pytest.param({"encrypted": True}, NOT_MET, id="password"),
        pytest.param({"opens": False}, NOT_MET, id="damaged"),
        pytest.param({"pages": 0}, NOT_MET, id="no-pages"),
        pytest.param({"size": 0}, NOT_MET, id="empty"),
        pytest.param({"size": 50_000_001}, NOT_MET, id="too-large"),
        pytest.param({"sniffed": "zip"}, NOT_MET, id="another-kind-inside"),
        pytest.param({"sniffed": ""}, REFER, id="kind-unknown"),
        pytest.param({"opens": None}, REFER, id="not-checked"),
        pytest.param({"extension": "JPEG", "sniffed": "jpg", "pages": None}, MET, id="two-names-of-one-kind"),
    ],
)
def test_at_2_a_mandatory_file(changes, outcome):
    found = findings(documents.documents, documents=(replace(PDF, **changes),), required_documents=ASKED)
    assert (found["L3-R08"].outcome, found["L3-R08"].effect) == (outcome, Effect.KNOCKOUT)


def test_at_2_a_file_that_was_not_sent():
    found = findings(documents.documents, required_documents=ASKED)["L3-R08"]
    assert (found.outcome, found.effect, found.title) == (NOT_MET, Effect.KNOCKOUT, "Wetted materials")
    wanted = (replace(ASKED[0], mandatory=False),)
    assert findings(documents.documents, required_documents=wanted)["L3-R08"].effect == Effect.ADVISORY


def test_at_2_a_free_attachment_never_excludes():
    found = findings(documents.documents, documents=(replace(PDF, requirement="", opens=False),))
    assert (found["report.pdf"].outcome, found["report.pdf"].effect) == (NOT_MET, Effect.ADVISORY)


def test_at_2_the_same_file_from_another_supplier_is_the_buyers_to_know():
    shared = replace(PDF, shared_with_other_supplier=True)
    flagged = findings(documents.documents, documents=(shared,))
    alone = findings(documents.documents, documents=(PDF,))
    assert (flagged["same file"].outcome, flagged["same file"].audience) == (REFER, Audience.BUYER)

    def supplier_reads(found):
        return [each for each in found.values() if may_read(Audience.SUPPLIER, each.audience)]

    assert supplier_reads(flagged) == supplier_reads(alone)


def test_at_2_answers_once_a_file():
    found = findings(documents.documents, documents=(PDF, PDF, replace(PDF, requirement="", name="x" * 200)))
    assert list(found) == ["L3-R08", "L3-R08 #2", "x" * 50]
    assert {part: f.outcome for part, f in findings(documents.documents).items()} == {
        "": Outcome.NOT_APPLICABLE
    }


OHIO = JobsLineFacts(state="OH", new=Decimal(58), retained=Decimal(30))


def test_ws_2_counts_new_and_kept_places_apart():
    found = findings(jobs.jobs_and_wages, jobs=(OHIO,), capex_musd=Decimal(14))[""]
    assert found.outcome == MET
    assert found.numbers == {"new_fte": "58", "retained_fte": "30", "fte_per_musd": "4.142857142857"}
    assert found.message == "58 new full-time jobs in OH, 30 kept. 4.1 new jobs per $1 million invested."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "No jobs"),
        ({"jobs": (OHIO,)}, "investment is missing"),
        ({"jobs": (OHIO,), "capex_musd": Decimal(0)}, "missing"),
    ],
    ids=["no-table", "no-investment", "investment-of-zero"],
)
def test_ws_2_what_is_missing_is_referred(facts, said):
    found = findings(jobs.jobs_and_wages, **facts)[""]
    assert found.outcome == REFER and said in found.message


@pytest.mark.parametrize(
    ("wage", "outcome"),
    [("25.00", MET), ("24.99", REFER), ("22.50", REFER), ("22.49", NOT_MET)],
    ids=["at-the-benchmark", "just-below", "at-nine-tenths", "below-nine-tenths"],
)
def test_ws_2_wages_against_the_local_benchmark(wage, outcome):
    line = replace(OHIO, wage=Decimal(wage), wage_benchmark=Decimal(25))
    found = findings(jobs.jobs_and_wages, jobs=(line,), capex_musd=Decimal(14))
    assert {part: each.outcome for part, each in found.items()} == {"": MET, "OH": outcome}


def certificate(number, expires, sites=("1",), scheme="ISO 9001"):
    return CertificateFacts(
        scheme=scheme,
        number=number,
        issued=expires - timedelta(days=1000),
        expires=expires,
        last_surveillance=date(2026, 2, 1),
        sites=sites,
    )


def ce_1(value, *held, effect="knockout", start=date(2027, 5, 3)):
    named = ResponseFacts(requirement=RequirementFacts(code="C-07", effect=effect), value=value)
    supplier = replace(SUPPLIER, sites=(SiteFacts(key="1"),), certificates=held)
    return findings(
        certificates.validity,
        supplier=supplier,
        final_site="1",
        responses=(named,),
        start_of_production=start,
    )


@pytest.mark.parametrize(
    ("expires", "outcome"),
    [
        pytest.param(date(2027, 8, 1), MET, id="start-plus-90-days"),
        pytest.param(date(2027, 7, 31), REFER, id="start-plus-89-days"),
        pytest.param(ON, REFER, id="today"),
        pytest.param(date(2026, 6, 29), NOT_MET, id="expired"),
    ],
)
def test_ce_1_holds_past_the_start_of_production(expires, outcome):
    found = ce_1("ISO 9001", certificate("Q-1", expires))
    assert {part: (each.outcome, each.effect) for part, each in found.items()} == {
        "Q-1": (outcome, Effect.KNOCKOUT)
    }


def test_ce_1_takes_the_certificate_of_the_site_first_and_then_the_longest():
    elsewhere = certificate("Q-2", date(2028, 1, 1), sites=("2",))
    here = certificate("Q-1", date(2027, 9, 1))
    other = certificate("E-1", date(2028, 1, 1), scheme="ISO 14001")
    assert list(ce_1("ISO 9001", elsewhere, here, other)) == ["Q-1"]
    assert list(ce_1("ISO 9001", certificate("Q-4", date(2028, 1, 1), scheme="iso 9001"))) == ["Q-4"]
    assert list(ce_1("ISO 9001", certificate("Q-3", date(2027, 1, 1), sites=("2",)), elsewhere)) == ["Q-2"]


def test_ce_1_is_advice_when_the_certificate_is_not_mandatory():
    assert ce_1("ISO 9001", certificate("Q-1", ON), effect="scored")["Q-1"].effect == Effect.ADVISORY


def test_ce_1_what_is_missing_is_referred():
    assert ce_1("none")[""].outcome == REFER
    assert ce_1("ISO 9001")["ISO 9001"].outcome == REFER
    assert ce_1("ISO 9001", certificate("Q-1", ON), start=None)[""].outcome == REFER


def test_an_empty_draft_is_assessed_without_a_crash_and_meets_nothing_by_omission():
    found = assess(
        RULEBOOK.rules, ProposalFacts(supplier=SupplierFacts(legal_name="")), default_params(RULEBOOK), on=ON
    )
    assert {each.rule for each in found} == {rule.code for rule in RULEBOOK.rules}
    assert [each for each in found if "could not be computed" in each.message] == []
    assert [each.rule for each in found if each.outcome == MET] == []


def test_what_is_stored_fits_its_columns():
    found = assess(RULEBOOK.rules, ProposalFacts(supplier=SUPPLIER), default_params(RULEBOOK), on=ON)
    assert max(len(each.part) for each in found) <= 60
    assert max(len(each.basis) for each in found) <= 200
    assert max(len(each.legal_effect) for each in found) <= 200
    assert all(len(rule.title) <= 120 and len(rule.code) <= 10 for rule in RULEBOOK.rules)
    assert len(RULEBOOK.version) <= 20 and len(QUALIFICATION.version) <= 20
    assert all(rule.description for rule in (*RULEBOOK.rules, *QUALIFICATION.rules))


def test_facts_survive_storage():
    facts = ProposalFacts(
        supplier=replace(SUPPLIER, certificates=(certificate("Q-1", ON),)),
        jobs=(OHIO,),
        documents=(PDF,),
        required_documents=ASKED,
        received_at=CLOSES,
        attested_dates={"audit": ON},
    )
    assert load(ProposalFacts, dump(facts)) == facts
