"""Handing in: frozen, once, in time; and what stands in the way of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role
from portal.record import audit
from rfp.models import Response, Revision
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries
from tests import factories as make
from tests.conftest import as_owner

pytestmark = pytest.mark.django_db


def test_submission_freezes_the_draft_with_the_supplier_as_it_was() -> None:
    proposal = make.make_draft()
    revision = make.submit(proposal)
    proposal.refresh_from_db()
    assert (proposal.current_revision_id, proposal.window_id) == (
        revision.pk,
        proposal.lot.solicitation.windows.get().pk,
    )
    assert revision.supplier_snapshot["legal_name"] == proposal.supplier.legal_name
    assert len(revision.content_sha256) == 64
    assert Notice.objects.filter(to__suppliers=proposal.supplier).count() == 1
    assert AuditEvent.objects.latest("seq").verb == "proposal.submitted"


@pytest.mark.parametrize("change", ["revision", "child", "new child", "delete"])
def test_database_refuses_to_change_what_was_received(change: str) -> None:
    revision = make.submit(make.make_draft())
    response = revision.responses.first()
    assert response is not None
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        if change == "revision":
            Revision.objects.filter(pk=revision.pk).update(title="Other")
        elif change == "child":
            Response.objects.filter(pk=response.pk).update(value="9999")
        elif change == "new child":
            revision.jobs_lines.create(state="TX", new=1)
        else:
            response.delete()


@pytest.mark.parametrize("rows", ["responses", "price_lines", "bom_lines", "jobs_lines", "delivery_lines"])
@pytest.mark.parametrize("way", ["out", "in"])
def test_database_refuses_to_move_rows_out_of_what_was_received_or_into_it(way: str, rows: str) -> None:
    received, draft = make.submit(make.make_draft()), make.draft_of(make.make_draft())
    source, target = (received, draft) if way == "out" else (draft, received)
    moved = getattr(source, rows).all()
    before = moved.count()
    assert before
    refusal = rf"^revision {received.pk} is frozen: UPDATE of {moved.model._meta.db_table} refused"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        moved.update(revision=target)
    assert moved.count() == before


def test_second_submission_of_the_same_draft_is_refused() -> None:
    proposal = make.make_draft()
    make.submit(proposal)
    with pytest.raises(proposals_actions.AlreadySubmitted):
        make.submit(proposal)
    assert Revision.objects.filter(proposal=proposal).count() == 1


def test_incomplete_draft_names_what_is_missing() -> None:
    proposal = make.make_draft(filled=False)
    with pytest.raises(proposals_actions.Incomplete) as refused:
        make.submit(proposal)
    said = [gap.text for _section, gap in refused.value.gaps]
    assert said == [
        "Name your product",
        "Choose what you offer",
        "Choose the final manufacturing site",
        "Add your delivery plan by year",
        "Enter your prices",
        "Sign the attestation",
    ]


@pytest.mark.parametrize(("late_by", "accepted"), [(-1, True), (0, False), (1, False)])
def test_closing_time_is_exclusive(late_by: int, accepted: bool) -> None:
    proposal = make.make_draft()
    closes = proposal.lot.solicitation.windows.get().closes_at
    moment = closes + timedelta(microseconds=late_by)
    if accepted:
        assert make.submit(proposal, at=moment).received_at == moment
    else:
        with pytest.raises(proposals_actions.TooLate):
            make.submit(proposal, at=moment)


def test_changed_draft_must_be_signed_again() -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    proposals_actions.replace_bom(proposal, make.bom_lines(), name="new.csv", by=owner, at=make.NOW)
    with pytest.raises(proposals_actions.Incomplete):
        make.submit(proposal)


def test_revision_keeps_the_old_one_submitted_until_it_is_itself() -> None:
    proposal = make.make_proposal()
    owner = make.owner_of(proposal.supplier)
    first = proposal.current_revision
    draft = proposals_actions.revise_proposal(proposal, by=owner)
    proposal.refresh_from_db()
    assert (draft.number, proposal.current_revision) == (2, first)
    assert draft.bom_lines.count() == 2
    assert draft.attested_at is None
    assert proposals_actions.revise_proposal(proposal, by=owner) == draft
    proposals_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=make.NOW)
    second = make.submit(proposal)
    proposal.refresh_from_db()
    assert proposal.current_revision == second


def test_withdrawn_proposal_can_be_submitted_again_until_the_window_closes() -> None:
    proposal = make.make_proposal()
    owner = make.owner_of(proposal.supplier)
    proposals_actions.withdraw_proposal(proposal, by=owner)
    proposal.refresh_from_db()
    assert not proposal.is_submitted
    assert not queries.opened_proposals().filter(pk=proposal.pk).exists()
    proposals_actions.revise_proposal(proposal, by=owner)
    proposals_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=make.NOW)
    make.submit(proposal)
    proposal.refresh_from_db()
    assert proposal.is_submitted


@pytest.mark.parametrize("verb", ["revise", "withdraw"])
def test_nothing_changes_after_the_window_closed(verb: str) -> None:
    proposal = make.make_proposal()
    assert proposal.window is not None
    owner = make.owner_of(proposal.supplier)
    act = {"revise": proposals_actions.revise_proposal, "withdraw": proposals_actions.withdraw_proposal}[verb]
    with pytest.raises(proposals_actions.TooLate):
        act(proposal, by=owner, at=proposal.window.closes_at)


@pytest.mark.parametrize("level", ["viewer", "editor"])
def test_only_owners_submit(level: str) -> None:
    proposal = make.make_draft()
    other = make.make_user()
    proposal.supplier.memberships.create(user=other, level=level)
    with pytest.raises(Refused, match="owner"):
        proposals_actions.submit_proposal(proposal, by=other)


def test_viewers_change_nothing() -> None:
    draft, submitted = make.make_draft(), make.make_proposal()
    for proposal in (draft, submitted):
        viewer = make.make_user()
        proposal.supplier.memberships.create(user=viewer, level="viewer")
        with pytest.raises(Refused):
            proposals_actions.replace_bom(proposal, [], name="x.csv", by=viewer, at=make.NOW)
        with pytest.raises(Refused):
            proposals_actions.revise_proposal(proposal, by=viewer)
    assert draft.revisions.get().bom_lines.count() == 2
    assert submitted.revisions.count() == 1


def test_staff_and_strangers_cannot_act_for_a_supplier() -> None:
    proposal = make.make_draft()
    for stranger in (make.make_user(), make.make_user(Role.ADMIN)):
        with pytest.raises(Refused):
            proposals_actions.submit_proposal(proposal, by=stranger)


def test_same_content_gives_the_same_fingerprint_and_a_changed_answer_another() -> None:
    proposal = make.make_proposal()
    owner = make.owner_of(proposal.supplier)
    first = proposal.current_revision
    assert first is not None
    draft = proposals_actions.revise_proposal(proposal, by=owner)
    draft.responses.filter(requirement__code="R1").update(value="1900")
    proposals_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=make.NOW)
    assert make.submit(proposal).content_sha256 != first.content_sha256


@pytest.mark.django_db(transaction=True)
def test_audit_chain_holds_over_a_proposal_and_shows_a_changed_row() -> None:
    make.make_proposal()
    count, breaks = audit.verify()
    assert count >= 3
    assert breaks == []
    with as_owner() as cursor:
        cursor.execute("UPDATE portal_auditevent SET verb = 'proposal.lost' WHERE seq = 2")
    assert [(found.seq, found.reason) for found in audit.verify()[1]] == [(2, "its content was changed")]
