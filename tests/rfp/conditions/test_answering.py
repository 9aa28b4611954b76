"""A question asked only if another has an answer, from the draft to what rules and reviewers read."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from rfp.compliance import assessment
from rfp.drafting.forms import offline
from rfp.facing import qualifying
from rfp.models import Proposal, Response, Revision, Solicitation
from rfp.proposals import actions, completeness, manifest, revision_facts
from rfp.rules import responses
from scoring.reading.answers import answers_of
from suppliers.company import profiles
from tests import factories as make
from tests.rfp.drafting.draft_pages import address, draft

pytestmark = pytest.mark.django_db
LATER = {"S2", "S3", "S4"}


@pytest.fixture
def proposal(rfp: Solicitation) -> Proposal:
    return make.make_draft(rfp)


@pytest.fixture
def supplier(client: Client, proposal: Proposal) -> Client:
    client.force_login(make.owner_of(proposal.supplier))
    return client


def name_of(proposal: Proposal, code: str) -> str:
    return f"requirement-{proposal.lot.requirements.get(code=code).pk}"


def typed(proposal: Proposal, **answers: str) -> dict[str, str]:
    """The answers section as a browser sends it: hidden fields, too."""
    found = {"R1": "1800", "R2": "true", "R3": "listed", "S1": "", "S4": "35"} | answers
    return {name_of(proposal, code): value for code, value in found.items()} | {
        f"{name_of(proposal, 'S2')}-0-0": "Anvil & Sons"
    }


def gaps(proposal: Proposal) -> set[str]:
    revision = revision_facts.revision_for_facts(draft(proposal).pk)
    return {gap.text for section in completeness.sections_of(revision) for gap in section.gaps}


def sign_and_submit(supplier: Client, proposal: Proposal) -> Revision:
    owner = make.owner_of(proposal.supplier)
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=make.NOW)
    supplier.post(reverse("rfp:proposal_submit", args=[proposal.pk]), {"version": "1"})
    proposal.refresh_from_db()
    assert proposal.current_revision is not None
    return revision_facts.revision_for_facts(proposal.current_revision.pk)


def found_in(revision: Revision) -> dict[str, str]:
    """Part of RQ-1 and AT-2 → outcome."""
    assessed = assessment.assess(revision)
    return {
        each.part: each.outcome
        for each in assessed.findings.filter(rule__in=(responses.requirements.code, "AT-2"))
        if each.part in LATER | {"S1"}
    }


def test_no_asks_nothing_more_and_yes_asks_everything(supplier: Client, proposal: Proposal) -> None:
    page = supplier.get(address(proposal, "answers")).content.decode()
    assert page.count("Only if “Do you use subcontractors?” is yes.") == 2
    assert f'data-only-if="{name_of(proposal, "S1")}" data-only-if-answer="true"' in page
    assert "conditions.js" in page
    assert "Answer S1" in gaps(proposal) and not {"Answer S2", "Answer S4", "Attach: Their insurance"} & gaps(
        proposal
    )
    supplier.post(address(proposal, "answers"), typed(proposal, S1="true", S4=""))
    assert {"Answer S4", "Attach: Their insurance"} <= gaps(proposal)
    assert "Their insurance" in supplier.get(address(proposal, "documents")).content.decode()
    supplier.post(address(proposal, "answers"), typed(proposal, S1="false", S4="99"))
    assert not {"Answer S1", "Answer S2", "Answer S4", "Attach: Their insurance"} & gaps(proposal)
    assert "Their insurance" not in supplier.get(address(proposal, "documents")).content.decode()
    # What was typed is kept.
    assert draft(proposal).responses.get(requirement__code="S4").value == "99"
    assert draft(proposal).responses.get(requirement__code="S2").value == [{"Company": "Anvil & Sons"}]


def test_with_no_what_was_typed_is_not_received(supplier: Client, proposal: Proposal) -> None:
    supplier.post(address(proposal, "answers"), typed(proposal, S1="false", S4="99"))
    revision = sign_and_submit(supplier, proposal)
    assert found_in(revision) == {"S1": "met"}
    answers = {each.code: each.value for each in answers_of(revision, price_open=True)}
    assert answers["S1"] == "No" and not LATER & set(answers)
    page = supplier.get(
        reverse("rfp:proposal_revision", args=[proposal.pk, revision.number])
    ).content.decode()
    assert "subcontractors" in page and "Anvil" not in page and "Their share" not in page
    again = actions.revise_proposal(proposal, by=make.owner_of(proposal.supplier))
    assert again.responses.get(requirement__code="S4").value == "99"


def test_with_yes_it_is_received_and_checked(supplier: Client, proposal: Proposal) -> None:
    supplier.post(address(proposal, "answers"), typed(proposal, S1="true", S4="99"))
    revision = sign_and_submit(supplier, proposal)
    assert found_in(revision) == {"S1": "met", "S2": "met", "S3": "not_met", "S4": "not_met"}
    answers = {each.code: each for each in answers_of(revision, price_open=True)}
    assert answers["S2"].rows == (("Company",), ("Anvil & Sons",)) and answers["S4"].value == "99"


def prints(proposal: Proposal, s1: bool, s4: str) -> str:
    row = draft(proposal)
    for code, value in (("S1", s1), ("S4", s4)):
        Response.objects.update_or_create(
            revision=row, requirement=proposal.lot.requirements.get(code=code), defaults={"value": value}
        )
    facts = profiles.supplier_facts(proposal.supplier)
    return manifest.fingerprint_of(revision_facts.revision_for_facts(row.pk), facts)


def test_the_fingerprint_covers_what_is_received(proposal: Proposal) -> None:
    assert prints(proposal, False, "99") == prints(proposal, False, "1")
    assert prints(proposal, True, "99") != prints(proposal, True, "1")
    assert prints(proposal, False, "1") != prints(proposal, True, "1")


def test_a_file_for_what_is_not_asked_is_one_for_nothing_in_particular(
    supplier: Client, proposal: Proposal
) -> None:
    supplier.post(address(proposal, "answers"), typed(proposal, S1="true"))
    s3 = proposal.lot.requirements.get(code="S3")
    sent = {"requirement": s3.pk, "file": SimpleUploadedFile("insured.txt", b"Insured by Slate Mutual.\n")}
    assert supplier.post(address(proposal, "documents"), sent).status_code == 302

    def facts() -> Any:
        revision = revision_facts.revision_for_facts(draft(proposal).pk)
        told = profiles.supplier_facts(proposal.supplier)
        return revision_facts.facts_about(revision, supplier=told, screening=Any, window=None)

    assert [(each.requirement, each.mandatory) for each in facts().documents] == [("S3", True)]
    supplier.post(address(proposal, "answers"), typed(proposal, S1="false"))
    assert [(each.requirement, each.mandatory) for each in facts().documents] == [("", False)]
    assert facts().required_documents == ()


def test_offline_and_public_pages_say_when(supplier: Client, proposal: Proposal) -> None:
    row = draft(proposal)
    row.proposal = proposal
    page = load_workbook(io.BytesIO(offline.written(row)))["Answers"]
    asks = {
        line[0].value: line[offline.HEADS.index("What we ask for")].value
        for line in page.iter_rows(min_row=2)
    }
    assert asks["S4"] == "At most 40\nOnly if “Do you use subcontractors?” is yes" and not asks["S1"]
    lot = reverse("rfp:lot_detail", args=[proposal.lot.solicitation.number, "L1"])
    text = supplier.get(lot).content.decode()
    assert text.count("Only if “Do you use subcontractors?” is yes.") == 3
    pdf = supplier.get(reverse("rfp:questionnaire", args=[proposal.pk, "pdf"]))
    assert pdf.status_code == 200


def test_hostile_answers_decide_nothing(supplier: Client, proposal: Proposal) -> None:
    for value in ("yes", "TRUE", "1", "true\x00", "S1=yes", "on", "['true']"):
        supplier.post(address(proposal, "answers"), typed(proposal, S1=value, S4=""))
        assert "Answer S4" not in gaps(proposal), value


def test_see_if_you_qualify(rfp: Solicitation, client: Client) -> None:
    asked = qualifying.questions(rfp.lots.get())

    def states(**answers: str) -> dict[str, str]:
        told = qualifying.verdicts(asked, {f"q-{code}": text for code, text in answers.items()})
        return {each.asked.code: each.state for each in told if each.asked.code != "R1"}

    assert states() == dict.fromkeys(("S1", "S2", "S3", "S4"), "open")
    assert states(S1="false", S4="99") == {"S1": "met"}
    assert states(S1="true", S4="99") == {"S1": "met", "S2": "open", "S3": "open", "S4": "not"}
    page = client.get(reverse("rfp:qualify_lot", args=[rfp.number, "L1"])).content.decode()
    assert page.count("Only if “Do you use subcontractors?” is yes.") == 3
