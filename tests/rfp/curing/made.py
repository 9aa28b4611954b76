"""Rooms in which a proposal lacks an answer and a file, and who asks for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.files.storing import CheckedFile, check_file
from portal.kit.compliance import Envelope
from portal.models import User
from rfp.curing import actions
from rfp.curing.models import Clarification, Cure, CureField
from rfp.curing.queries import Field
from rfp.models import Proposal, Requirement, Revision, Solicitation, Window
from scoring.curing import actions as asking
from tests import factories as make
from tests.scoring.rooms import Room

NOTE = "A scan is fine."


def lacking(*, with_file: bool = True, **options: Any) -> tuple[Room, Proposal]:
    """An opened window with two proposals of two companies; the first has no answer to R1 and, `with_file`, no file
    for R4. Prices are sealed."""
    solicitation = make.make_solicitation(**options)
    if with_file:
        _asks_for_a_file(solicitation)
    proposals = [_received(solicitation, blank=blank, with_file=with_file) for blank in (True, False)]
    window = solicitation.windows.get()
    Window.objects.filter(pk=window.pk).update(closes_at=make.NOW - timedelta(days=8))
    window.refresh_from_db()
    chair, others = make.make_panel(solicitation, reviewers=1)
    room = Room(solicitation, window, solicitation.created_by, chair, others, proposals)
    room.open(Envelope.TECHNICAL)
    return room, fresh(proposals[0])


def _asks_for_a_file(solicitation: Solicitation) -> None:
    Requirement.objects.create(
        solicitation=solicitation,
        lot=solicitation.lots.get(),
        code="R4",
        text="Test report",
        data_type="file",
        effect="knockout",
        position=3,
    )


def _received(solicitation: Solicitation, *, blank: bool, with_file: bool) -> Proposal:
    at = make.NOW - timedelta(days=9)
    proposal = make.make_draft(solicitation, at=at)
    draft = make.draft_of(proposal)
    if blank:
        draft.responses.filter(requirement__code="R1").delete()
    elif with_file:
        required = solicitation.requirements.get(code="R4")
        by = make.owner_of(proposal.supplier)
        make.actions.attach(proposal, file(), requirement=required, title="", by=by, at=at)
    owner = make.owner_of(proposal.supplier)
    make.actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=at)
    make.submit(proposal, at=at)
    make.assess_and_score(proposal)
    return fresh(proposal)


def fresh(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_related(
        "lot__solicitation", "supplier", "window", "current_revision__score"
    )
    return rows.get(pk=proposal.pk)


def field(proposal: Proposal, code: str, *, is_file: bool = False) -> Field:
    return Field(proposal.lot.solicitation.requirements.get(code=code), is_file)


def ask(room: Room, proposal: Proposal, *fields: Field, hours: int = 48, at: datetime | None = None) -> Cure:
    now = at or timezone.now()
    return asking.ask_to_cure(proposal, fields, hours=hours, text=NOTE, by=room.admin, at=now)


def answer(cure: Cure, answers: dict[str, Any], *, at: datetime | None = None, by: Any = None) -> Revision:
    owner = by or make.owner_of(cure.proposal.supplier)
    return actions.answer_cure(cure, answers, signer_name=owner.name, signer_title="Owner", by=owner, at=at)


def file(name: str = "report.txt", text: bytes = b"Tested to 1,900 kg.") -> CheckedFile:
    return check_file(SimpleUploadedFile(name, text))


def clarified(*, at: datetime = make.NOW) -> tuple[Room, Proposal, Clarification]:
    """A room, its proposal, and a question about it that waits for two days."""
    room, proposal = lacking()
    due = at + timedelta(days=2)
    asked = asking.ask_to_clarify(proposal, text="Who makes the frame?", due_at=due, by=room.admin, at=at)
    return room, proposal, asked


def asked_about(proposal: Proposal, admin: User) -> dict[str, Any]:
    """What was asked about an opened proposal, in time and without an answer."""
    at = make.NOW - timedelta(hours=40)
    said: dict[str, Any] = {"asked_by": admin, "asked_at": at, "due_at": at + timedelta(hours=24)}
    about = {"proposal": proposal, "revision": proposal.current_revision}
    cure = Cure.objects.create(**about, **said)
    CureField.objects.create(cure=cure, requirement=proposal.lot.solicitation.requirements.get(code="R1"))
    return {
        "cure": cure,
        "clarification": Clarification.objects.create(**about, **said, text="Who makes the frame?"),
    }
