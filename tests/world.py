"""One of everything, and one person of every kind: the ground of the permission matrix and the seal tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portal import files
from portal.compliance import Envelope
from portal.models import Role, User
from rfp import actions
from rfp.models import Finding, Proposal, Solicitation, Window
from scoring import actions as scoring_actions
from scoring import evaluation, pdf
from scoring.models import Report
from suppliers import actions as supplier_actions
from suppliers.models import (
    Alert,
    Invitation,
    JoinRequest,
    Membership,
    Qualification,
    RuleSettings,
    Snapshot,
    Supplier,
    Waiver,
)
from tests import factories as make

NOBODY = "nobody"


@dataclass
class World:
    """An RFP with a closed window (technical open, prices sealed) and an open one; a draft RFP; people."""

    people: dict[str, User]
    solicitation: Solicitation
    closed: Window
    open: Window
    draft_rfp: Solicitation
    supplier: Supplier
    proposal: Proposal
    knocked: Proposal
    draft: Proposal
    finding: Finding
    report: Report
    shortlist: Report
    snapshot: Snapshot
    alert: Alert
    standing: Qualification
    viewer: Membership
    invitation: Invitation
    request: JoinRequest
    waiver: Waiver
    settings: RuleSettings

    @property
    def number(self) -> str:
        return self.solicitation.number


def build(*, price: str = "120", cost_scale: str = "1", with_reports: bool = True) -> World:
    """`price` and `cost_scale` are the offered price and the scale of every BOM and conversion cost."""
    admin = make.make_user(Role.ADMIN, name="Avery Admin")
    solicitation = make.make_solicitation(by=admin)
    people = _people(admin, solicitation)
    supplier = make.make_supplier(people["owner"], legal_name="Subject Works Inc.")
    Membership.objects.create(supplier=supplier, user=people["viewer"], level=Membership.Level.VIEWER)
    make.make_supplier(people["stranger"], legal_name="Other Works LLC")
    actions.add_document(
        solicitation, _file("terms.txt"), title="Terms", by=admin, at=make.NOW - timedelta(days=20)
    )
    closed, at = solicitation.windows.get(), make.NOW - timedelta(days=2)
    proposal = _submitted(solicitation, supplier, at=at, price=price, cost_scale=cost_scale)
    knocked = make.make_draft(solicitation, at=at)
    make.draft_of(knocked).responses.filter(requirement__code="R1").update(value="1000")
    make.submit(knocked, at=at)
    for each in (proposal, knocked):
        make.assess_and_score(each)
    Window.objects.filter(pk=closed.pk).update(closes_at=make.NOW - timedelta(days=1))
    closed.refresh_from_db()
    second = make.make_window(solicitation, opens_at=closed.closes_at)
    draft = make.make_draft(solicitation, supplier)
    _attach(draft, at=make.NOW)
    chair = _panel(solicitation, people)
    make.open_envelope(closed, Envelope.TECHNICAL, chair=chair, admin=admin, declared=False)
    _sign(closed, people, supplier)
    make.mark_all(proposal, [chair])
    evaluation.rank_window(closed)
    reports = _reports(closed, proposal, people["chair"], made=with_reports)
    finding = Finding.objects.get(assessment__revision__proposal=knocked, rule="RQ-1", part="R1")
    return World(
        people=people,
        solicitation=solicitation,
        closed=closed,
        open=second,
        draft_rfp=_draft_rfp(admin),
        supplier=supplier,
        proposal=_fresh(proposal),
        knocked=_fresh(knocked),
        draft=draft,
        finding=finding,
        report=reports[0],
        shortlist=reports[1],
        snapshot=make.make_list("Listed Trading Trust"),
        alert=make.screen(make.make_supplier(legal_name="Listed Trading Trust"))[0],
        **_qualification(people, supplier),
    )


def _qualification(people: dict[str, User], supplier: Supplier) -> dict[str, Any]:
    """A standing with its findings, and one row of everything around it."""
    make.confirm_address(people["newcomer"])
    invitation = supplier_actions.invite(
        supplier,
        email=people["newcomer"].email,
        level="editor",
        link="https://onshore.example/{key}",
        by=people["owner"],
        at=make.NOW,
    )
    return {
        "standing": make.make_standing(supplier),
        "viewer": supplier.memberships.get(user=people["viewer"]),
        "invitation": invitation,
        "request": JoinRequest.objects.create(
            supplier=supplier, user=people["stranger"], why="name", at=make.NOW
        ),
        "waiver": Waiver.objects.create(
            rule="ID-6", reason="A trial.", until=make.NOW.date(), by=people["officer"], at=make.NOW
        ),
        "settings": RuleSettings.objects.create(
            version=1, reason="A trial.", by=people["officer"], at=make.NOW
        ),
    }


def _people(admin: User, solicitation: Solicitation) -> dict[str, User]:
    people = {"admin": admin, "auditor": make.make_user(Role.AUDITOR)}
    people |= {key: make.make_user(Role.OFFICER) for key in ("officer", "officer2")}
    people |= {key: make.make_user() for key in ("owner", "viewer", "stranger", "newcomer")}
    people |= {
        key: make.make_user(Role.REVIEWER)
        for key in ("chair", "reviewer", "undeclared", "conflicted", "elsewhere")
    }
    return people


def _panel(solicitation: Solicitation, people: dict[str, User]) -> Any:
    """Seats for the four reviewers; the chair's."""
    seats = {
        key: scoring_actions.seat_evaluator(
            solicitation, user=people[key], is_chair=key == "chair", by=people["admin"], at=make.NOW
        )
        for key in ("chair", "reviewer", "undeclared", "conflicted")
    }
    return seats["chair"]


def _sign(window: Window, people: dict[str, User], supplier: Supplier) -> None:
    """Everybody but one signs the window's declaration; one names the supplier."""
    for key in ("chair", "reviewer", "conflicted", "admin"):
        make.declare(window, people[key], *([supplier] if key == "conflicted" else []))


def _submitted(solicitation: Solicitation, supplier: Supplier, **options: Any) -> Proposal:
    proposal = make.make_draft(solicitation, supplier, **options)
    _attach(proposal, at=options["at"])
    owner = make.owner_of(supplier)
    actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=options["at"])
    make.submit(proposal, at=options["at"])
    return _fresh(proposal)


def _attach(proposal: Proposal, *, at: Any) -> None:
    actions.attach(
        proposal,
        _file("test-report.txt"),
        requirement=None,
        title="Test report",
        by=make.owner_of(proposal.supplier),
        at=at,
    )


def _file(name: str) -> files.CheckedFile:
    return files.check_file(SimpleUploadedFile(name, b"Plain text.\n"))


def _reports(window: Window, proposal: Proposal, by: User, *, made: bool) -> list[Report]:
    reports = [
        scoring_actions.request_summary(_fresh(proposal), by=by, at=make.NOW),
        scoring_actions.request_shortlist_report(window, by=by, at=make.NOW),
    ]
    if made:
        for report in reports:
            pdf.make(report.pk)
            report.refresh_from_db()
    return reports


def _draft_rfp(admin: User) -> Solicitation:
    draft = make.make_solicitation(by=admin, published=False)
    actions.add_document(draft, _file("draft-terms.txt"), title="Terms", by=admin, at=make.NOW)
    draft.milestones.create(title="Questions close", on=make.NOW.date())
    return draft


def _fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("current_revision", "window", "lot__solicitation").get(
        pk=proposal.pk
    )
