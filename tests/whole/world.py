"""One of everything, and one person of every kind: the ground of the permission matrix and the seal tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.files import storing
from portal.kit.compliance import Envelope
from portal.models import Countersignature, FactorReset, Role, User
from rfp.amending import actions as amending
from rfp.amending.changes import KIND
from rfp.curing.models import Clarification, Cure
from rfp.models import Addendum, Finding, Proposal, Question, Solicitation, Window
from rfp.proposals import actions as proposals_actions
from rfp.publishing import actions as publishing_actions
from rfp.reuse import library_actions
from rfp.reuse.models import LibraryEntry
from scoring.models import AssignmentRun, ChairChange, Report
from scoring.panel import actions as panel_actions
from scoring.ranking import order
from scoring.reports import actions as reports_actions
from scoring.reports import pdf
from suppliers.company import actions as supplier_actions
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
from tests.rfp.asking import made as questions
from tests.rfp.controlled import made as controlled
from tests.rfp.curing import made as curing
from tests.rfp.events.made import visit

NOBODY = "nobody"


@dataclass
class World:
    """An RFP with a closed window (technical open, prices sealed), a closed one that nobody opened, and an open one;
    a draft RFP; people. Its text was changed by an addendum, and another, `addendum`, is in work. `hidden` is in the
    unopened window, `received` in the open one."""

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
    lot_reports: list[Report]
    snapshot: Snapshot
    alert: Alert
    standing: Qualification
    viewer: Membership
    invitation: Invitation
    request: JoinRequest
    waiver: Waiver
    settings: RuleSettings
    hidden: Proposal
    received: Proposal
    reset: FactorReset
    countersignature: Countersignature
    chair_change: ChairChange
    run: AssignmentRun
    addendum: Addendum
    question: Question
    cure: Cure
    clarification: Clarification

    @property
    def number(self) -> str:
        return self.solicitation.number

    @property
    def entry(self) -> LibraryEntry:
        return LibraryEntry.objects.get()


LISTED = "Listed Trading Trust"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a sealed proposal says; two of them differ in everything that a supplier writes."""

    title: str = "Rack 21"
    summary: str = "A rack."
    load: str = "1800"
    maker: str = "Cuyahoga Tube"
    statement: str = "Shown by test."
    file: str = "report.txt"
    capex: str = "14"
    new_jobs: int = 58


OTHER_OFFER = Offer(
    title="Frame Zebulon",
    summary="Another thing altogether.",
    load="900",
    maker=LISTED,
    statement="Believe us.",
    file="zebulon-drawing.txt",
    capex="77",
    new_jobs=3,
)


def build(
    *,
    price: str = "120",
    cost_scale: str = "1",
    sealed_offer: Offer = Offer(),
    with_reports: bool = True,
    hides_names: bool = False,
    called: dict[str, Any] | None = None,
    write: Callable[[Proposal], None] = lambda _: None,
    asker: int = 0,
) -> World:
    """`hides_names`: the RFP does; `called`: what the supplier is called; `write`: what else its drafts say.

    `price` and `cost_scale` are the offered price and the scale of every BOM and conversion cost; `sealed_offer` is
    what the two proposals say whose technical envelope is not open; `asker`: which of two companies asks a question."""
    admin = make.make_user(Role.ADMIN, name="Avery Admin")
    solicitation = make.make_solicitation(by=admin, names_hidden=hides_names, nda="Keep this to yourself.")
    _ask_for_money(solicitation)
    people = _people(admin, solicitation)
    supplier = make.make_supplier(people["owner"], **{"legal_name": "Subject Works Inc.", **(called or {})})
    Membership.objects.create(supplier=supplier, user=people["viewer"], level=Membership.Level.VIEWER)
    make.make_supplier(people["stranger"], legal_name="Other Works LLC")
    publishing_actions.add_document(
        solicitation, _file("terms.txt"), title="Terms", by=admin, at=make.NOW - timedelta(days=20)
    )
    closed, at = solicitation.windows.get(), make.NOW - timedelta(days=2)
    proposal = _submitted(solicitation, supplier, write, at=at, price=price, cost_scale=cost_scale)
    knocked = make.make_draft(solicitation, at=at)
    make.draft_of(knocked).responses.filter(requirement__code="R1").update(value="1000")
    write(knocked)
    make.submit(knocked, at=at)
    for each in (proposal, knocked):
        make.assess_and_score(each)
    Window.objects.filter(pk=closed.pk).update(closes_at=make.NOW - timedelta(days=1))
    closed.refresh_from_db()
    second = make.make_window(solicitation, opens_at=closed.closes_at)
    draft = make.make_draft(solicitation, supplier)
    attach(draft, at=make.NOW)
    chair = _panel(solicitation, people)
    make.open_envelope(closed, Envelope.TECHNICAL, chair=chair, admin=admin, declared=False)
    _sign(closed, people, supplier)
    make.mark_all(proposal, [chair])
    order.rank_window(closed)
    reports = _reports(closed, proposal, people["chair"], made=with_reports)
    finding = Finding.objects.get(assessment__revision__proposal=knocked, rule="RQ-1", part="R1")
    snapshot = make.make_list(LISTED)
    controlled.certified(controlled.document(solicitation), supplier)
    visit(solicitation)
    hidden, received = _sealed(solicitation, sealed_offer, price=price, cost_scale=cost_scale)
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
        lot_reports=reports[2:],
        snapshot=snapshot,
        alert=make.screen(make.make_supplier(legal_name=LISTED))[0],
        hidden=hidden,
        received=received,
        reset=FactorReset.objects.create(
            person=people["elsewhere"], reason="A lost phone.", asked_by=admin, asked_at=make.NOW
        ),
        countersignature=_countersignature(people),
        chair_change=panel_actions.propose_chair(
            solicitation, user=people["reviewer"], reason="A trial.", by=admin, at=make.NOW
        ),
        run=AssignmentRun.objects.create(
            window=closed, lots=["L1"], each=1, asked_by=people["chair"], asked_at=make.NOW
        ),
        addendum=(addendum := _addenda(solicitation, admin)),
        question=questions.waiting(solicitation, addendum, asker, colleague=people["reviewer"], by=admin),
        **curing.asked_about(_fresh(proposal), admin),
        **_qualification(people, supplier),
    )


def _addenda(solicitation: Solicitation, admin: User) -> Addendum:
    """One changed the text of the RFP; the one in work changes a question."""
    text = {"title": solicitation.title, "summary": "What we ask for, in other words."}
    for kind, subject, values in ((KIND.TEXT, "", text), (KIND.REQUIREMENT, "R1", {"minimum": "1600"})):
        addendum = amending.start_addendum(solicitation, by=admin, at=make.NOW)
        amending.set_change(addendum, kind=kind, subject=subject, values=values, by=admin, at=make.NOW)
        amending.save_addendum(addendum, why="It was unclear.", standings={}, by=admin, at=make.NOW)
        if kind == KIND.TEXT:
            amending.publish_addendum(addendum, by=admin, at=make.NOW)
    solicitation.refresh_from_db()
    return addendum


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


def _countersignature(people: dict[str, User]) -> Countersignature:
    """One that waits for an officer."""
    return Countersignature.objects.create(
        act="envelope.open",
        about="technical envelope, window 9",
        subjects=["rfp.opening:0"],
        digest="0" * 64,
        args=["rfp-0"],
        first=people["chair"],
        second=people["admin"],
        why="A trial.",
        asked_at=make.NOW,
    )


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
    keys = ("chair", "reviewer", "undeclared", "conflicted")
    return make.seat_panel(solicitation, [people[key] for key in keys], by=people["admin"])[0]


def _sign(window: Window, people: dict[str, User], supplier: Supplier) -> None:
    """Everybody but one signs the window's declaration; one names the supplier."""
    for key in ("chair", "reviewer", "conflicted", "admin"):
        make.declare(window, people[key], *([supplier] if key == "conflicted" else []))


def _submitted(
    solicitation: Solicitation, supplier: Supplier, write: Callable[[Proposal], None], **options: Any
) -> Proposal:
    proposal = make.make_draft(solicitation, supplier, **options)
    write(proposal)
    attach(proposal, at=options["at"])
    owner = make.owner_of(supplier)
    proposals_actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=options["at"])
    make.submit(proposal, at=options["at"])
    return _fresh(proposal)


def _sealed(solicitation: Solicitation, offer: Offer, **prices: str) -> tuple[Proposal, Proposal]:
    """A proposal in a window that has closed and was never opened, and one in the window that is open."""
    early = make.NOW - timedelta(hours=2)
    window = make.make_window(
        solicitation, opens_at=make.NOW - timedelta(hours=23), closes_at=make.NOW + timedelta(hours=1)
    )
    hidden = _offered(solicitation, "Hidden Works Inc.", offer, at=early, **prices)
    Window.objects.filter(pk=window.pk).update(closes_at=make.NOW - timedelta(hours=1))
    received = _offered(solicitation, "Early Works Inc.", offer, at=make.NOW, **prices)
    return hidden, received


def _offered(solicitation: Solicitation, name: str, offer: Offer, *, at: Any, **prices: str) -> Proposal:
    """Written, submitted and assessed by the workers, as everything is that waits for its opening."""
    supplier = make.make_supplier(legal_name=name)
    proposal = make.make_draft(solicitation, supplier, at=at, **prices)
    owner, draft = make.owner_of(supplier), make.draft_of(proposal)
    draft.title, draft.summary, draft.capex_musd = offer.title, offer.summary, Decimal(offer.capex)
    draft.save()
    draft.responses.filter(requirement__code="R1").update(value=offer.load)
    draft.statements.update(text=offer.statement)
    draft.jobs_lines.update(new=offer.new_jobs)
    draft.bom_lines.filter(line_no="1").update(manufacturer=offer.maker)
    attach(proposal, at=at, name=offer.file)
    proposals_actions.attest(proposal, name=owner.name, title="Owner", by=owner, at=at)
    make.submit(proposal, at=at)
    make.assess_and_score(proposal)
    return _fresh(proposal)


def attach(proposal: Proposal, *, at: Any, name: str = "test-report.txt") -> None:
    proposals_actions.attach(
        proposal,
        _file(name),
        requirement=None,
        title="Test report",
        by=make.owner_of(proposal.supplier),
        at=at,
    )


def _file(name: str) -> storing.CheckedFile:
    return storing.check_file(SimpleUploadedFile(name, f"Plain text of {name}.\n".encode()))


def _reports(window: Window, proposal: Proposal, by: User, *, made: bool) -> list[Report]:
    reports = [
        reports_actions.request_summary(_fresh(proposal), by=by, at=make.NOW),
        reports_actions.request_shortlist_report(window, by=by, at=make.NOW),
    ]
    if made:
        lot = window.solicitation.lots.get(code="L1")
        for kind in (Report.Kind.EVALUATION, Report.Kind.DOSSIER):
            reports.append(reports_actions.request_lot_report(kind, window, lot, by=by, at=make.NOW))
        for report in reports:
            pdf.make(report.pk)
            report.refresh_from_db()
    return reports


def _ask_for_money(solicitation: Solicitation) -> None:
    """A question whose answer is sealed with the prices; drafts answer it with the price."""
    asked = {"code": "M1", "text": "Price of a spare part?", "data_type": "number", "effect": "informative"}
    solicitation.requirements.create(lot=solicitation.lots.get(), envelope="price", position=9, **asked)


def _draft_rfp(admin: User) -> Solicitation:
    draft = make.make_solicitation(by=admin, published=False)
    publishing_actions.add_document(draft, _file("draft-terms.txt"), title="Terms", by=admin, at=make.NOW)
    draft.milestones.create(title="Questions close", on=make.NOW.date())
    library_actions.keep(draft, criteria=draft.criteria.filter(code="T"), by=admin, at=make.NOW)
    draft.access_codes.create(
        label="Fair", sha256="0" * 64, ends="WXYZ", expires_at=make.NOW, made_by=admin, made_at=make.NOW
    )
    draft.preferences.create(
        code="PREF-1", title="Small business", basis="Our policy", value=5, claimed_by="R2"
    )
    return draft


def _fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("current_revision", "window", "lot__solicitation").get(
        pk=proposal.pk
    )
