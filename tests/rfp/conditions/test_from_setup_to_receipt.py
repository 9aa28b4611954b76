"""The whole way: two questions set up, published, answered yes or no, submitted, assessed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.models import Role
from rfp.compliance import assessment
from rfp.proposals import actions, revision_facts
from rfp.publishing import actions as publishing_actions
from tests import factories as make
from tests.rfp.drafting.draft_pages import address
from tests.rfp.publishing.setup.setup_pages import keys_of, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("answer", "found"),
    [("true", {"Q1": "met", "Q2": "refer"}), ("false", {"Q1": "met"}), ("", {"Q1": "refer"})],
)
def test_asked_only_if_from_setup_to_receipt(answer: str, found: dict[str, str]) -> None:
    admin, rfp = make.make_user(Role.ADMIN), make.make_solicitation(published=False)
    staff, supplier = Client(), Client()
    staff.force_login(admin)
    common = {
        "lot": "",
        "answered_by": "response",
        "effect": "knockout",
        "why": "We pay them.",
        "position": "1",
    }
    for row in (
        {"code": "Q1", "text": "Do you use subcontractors?", "data_type": "boolean"},
        {
            "code": "Q2",
            "text": "List them.",
            "data_type": "table",
            "columns": "Company",
            "asked_if": "Q1=yes",
        },
    ):
        assert staff.post(url("requirement_new", rfp.pk), common | row).status_code == 302
    now = make.NOW
    publishing_actions.publish_solicitation(rfp, by=admin, looked=keys_of(rfp, at=now), at=now)

    proposal = make.make_draft(rfp)
    owner = make.owner_of(proposal.supplier)
    supplier.force_login(owner)
    name = f"requirement-{rfp.requirements.get(code='Q1').pk}"
    assert supplier.post(address(proposal, "answers"), {name: answer}).status_code == 302
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=now)
    supplier.post(reverse("rfp:proposal_submit", args=[proposal.pk]), {"version": "1"})
    proposal.refresh_from_db()
    assert proposal.current_revision is not None
    assessed = assessment.assess(revision_facts.revision_for_facts(proposal.current_revision.pk))
    told = {each.part: each.outcome for each in assessed.findings.filter(rule="RQ-1", part__startswith="Q")}
    assert told == found
