"""Every act is on the record: each audit verb is performed once, and its event says who did what to what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from portal.accounts import actions, reset_actions
from portal.api import tokens
from portal.files.storing import check_file
from portal.kit import refused
from portal.kit.compliance import Outcome
from portal.models import AuditEvent, Countersignature, FactorReset, Notice, Role, User
from portal.record import audit
from portal.record.views import VERBS
from rfp.admitting import actions as admitting
from rfp.admitting.queries import nda_sha256
from rfp.amending import actions as amending_actions
from rfp.amending import ending_actions
from rfp.amending import supplier_actions as proposal_actions
from rfp.amending.supplier_actions import Answer
from rfp.asking import actions as asking_actions
from rfp.controlled import actions as controlled
from rfp.controlled.models import ExportCertification
from rfp.events import actions as events
from rfp.models import AccessCode, Addendum, LibraryEntry, Proposal, Question, Solicitation
from rfp.proposals import actions as proposals_actions
from rfp.publishing import actions as publishing_actions
from rfp.publishing import actions as rfp_setup
from rfp.publishing.preparing import second_look
from rfp.reuse import actions as reuse_actions
from rfp.reuse import library_actions
from rfp.reuse.contents.collecting import as_file
from scoring.board import actions as board_actions
from scoring.comparing import actions as comparing_actions
from scoring.comparing.terms import Terms
from scoring.decisions import actions as decisions_actions
from scoring.decisions import pending, verdict_actions
from scoring.marking import removal_actions
from scoring.models import (
    Assignment,
    AutomaticMark,
    ChairChange,
    Decision,
    Evaluator,
    Handover,
    MarkRemoval,
    PanelMark,
)
from scoring.outcomes import actions as outcomes_actions
from scoring.outcomes import award_actions, scheduled_actions
from scoring.outcomes.models import Outcome as Outcome_
from scoring.panel import actions as panel_actions
from scoring.reading import actions as reading_actions
from scoring.reports import actions as reports_actions
from suppliers import lists
from suppliers.company import actions as company_actions
from suppliers.models import Alert, JoinRequest, Membership, Qualification, RuleSettings, Supplier, Waiver
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import rulebook_actions
from suppliers.qualification.previews import settings
from suppliers.rules import QUALIFICATION
from suppliers.screening import alert_actions, list_actions
from tests import factories as make
from tests.rfp.amending import made as made_addenda
from tests.rfp.asking import made as made_questions
from tests.rfp.controlled import made as controlled_made
from tests.rfp.curing import made as curing
from tests.rfp.events import made as events_made
from tests.scoring.decisions.queue_acts import made_room, missing_room
from tests.scoring.decisions.test_standings import held_room
from tests.scoring.decisions.test_verdicts import fresh
from tests.scoring.drawing.made import drawn, equals, numbers
from tests.scoring.drawing.made import start as start_draw
from tests.scoring.minutes.test_minutes import sign
from tests.scoring.moderation.test_settling import agree, apart, reopen
from tests.scoring.outcomes.test_awards import awarded, begin_end
from tests.scoring.outcomes.test_release import begin, decided, explain, release
from tests.scoring.outcomes.test_scheduled import SOON, scheduled
from tests.scoring.panel.test_conflicts import late_conflict, later
from tests.scoring.rooms import Room, room
from tests.whole.world import attach

pytestmark = pytest.mark.django_db

# What an act leaves: whom it was about, who did it (None: the server), and what else its event says.
Done = tuple[models.Model, User | None, dict[str, Any]]
ACTS: dict[str, Callable[[], Done]] = {}
LISTED = "Zyxtrovic Armaments Trust"
LINK = "https://onshore.example/invitations/{key}/"
LOGIN = "https://onshore.example/accounts/login/"
REASON = "It was read and discussed."


def act(verb: str) -> Callable[[Callable[[], Done]], Callable[[], Done]]:
    def enter(perform: Callable[[], Done]) -> Callable[[], Done]:
        assert verb not in ACTS
        ACTS[verb] = perform
        return perform

    return enter


def admin() -> User:
    return make.make_user(Role.ADMIN)


def officer() -> User:
    return make.make_user(Role.OFFICER)


# ---- accounts -----------------------------------------------------------------------------------------------------


@act("account.created")
def _() -> Done:
    user = make.make_user(Role.REVIEWER)
    actions.complete_signup(user, name="Dana", at=make.NOW)
    return user, user, {"role": "supplier"}


@act("account.invited")
def _() -> Done:
    by, user = admin(), User(email="new@buyer.example", name="New", role=Role.REVIEWER)
    actions.invite_staff(user, login_url=LOGIN, by=by, at=make.NOW)
    return user, by, {"role": "reviewer"}


def changed(**values: Any) -> tuple[User, User]:
    by, user = admin(), make.make_user(Role.REVIEWER, name="Before")
    actions.change_account(
        user, **{"name": "Before", "role": Role.REVIEWER, **values}, reason=REASON, by=by, at=make.NOW
    )
    return user, by


@act("account.renamed")
def _() -> Done:
    return *changed(name="After"), {}


@act("account.role_changed")
def _() -> Done:
    return *changed(role=Role.OFFICER), {"before": "reviewer", "role": "officer"}


@act("token.created")
def _() -> Done:
    by = make.make_user(Role.REVIEWER)
    row, _secret = tokens.create_token(by, name="ERP", scopes=["evaluations"], days=30, at=make.NOW)
    return row, by, {"scopes": ["evaluations"], "days": 30}


@act("token.revoked")
def _() -> Done:
    by = make.make_user(Role.REVIEWER)
    row, _secret = tokens.create_token(by, name="ERP", scopes=["evaluations"], days=30, at=make.NOW)
    tokens.revoke_token(row, by=by, at=make.NOW)
    return row, by, {}


@act("account.switched_off")
def _() -> Done:
    by, user = admin(), make.make_user(Role.REVIEWER)
    actions.set_active(user, active=False, by=by, at=make.NOW)
    return user, by, {}


@act("account.switched_on")
def _() -> Done:
    by, user = admin(), make.make_user(Role.REVIEWER, is_active=False)
    actions.set_active(user, active=True, by=by, at=make.NOW)
    return user, by, {}


@act("account.operator_on")
def _() -> Done:
    user = admin()
    actions.set_operator(user, operator=True, by=None, at=make.NOW)
    return user, None, {}


@act("account.operator_off")
def _() -> Done:
    by, user = admin(), make.make_user(Role.ADMIN, is_staff=True)
    actions.set_operator(user, operator=False, by=by, at=make.NOW)
    return user, by, {}


def asked_reset() -> tuple[FactorReset, User]:
    lost, by = make.make_user(Role.REVIEWER), admin()
    lost.authenticator_set.create(type="totp", data={"secret": ""})
    return reset_actions.ask_factor_reset(lost, reason="A lost phone.", by=by, at=make.NOW), by


@act("account.factor_reset_asked")
def _() -> Done:
    reset, by = asked_reset()
    return reset.person, by, {"reset": reset.pk}


@act("account.factor_reset")
def _() -> Done:
    reset, asked_by = asked_reset()
    by = officer()
    reset_actions.confirm_factor_reset(reset, by=by, at=make.NOW)
    return reset.person, by, {"reset": reset.pk, "asked_by": f"user:{asked_by.pk}"}


@act("account.factor_reset_withdrawn")
def _() -> Done:
    reset, by = asked_reset()
    reset_actions.withdraw_factor_reset(reset, by=by, at=make.NOW)
    return reset.person, by, {"reset": reset.pk}


@act("account.named")
def _() -> Done:
    user = make.make_user(Role.REVIEWER)
    actions.name_officer(user.email, name="", at=make.NOW)
    return user, None, {"before": "reviewer", "role": "officer"}


@act("account.address_changed")
def _() -> Done:
    user = admin()
    actions.address_changed(user, was="before@buyer.example", at=make.NOW)
    return user, user, {}


def asked_pair() -> Countersignature:
    """Two who cannot reset a factor together before an officer countersigns: one invited the other."""
    reset, first = asked_reset()
    second = make.make_user(Role.ADMIN, invited_by=first)
    with pytest.raises(refused.Refused):
        reset_actions.confirm_factor_reset(reset, by=second, at=make.NOW)
    return Countersignature.objects.get()


def about(row: Countersignature) -> dict[str, Any]:
    return {"act": "factor.reset", "first": row.first_id, "second": row.second_id}


@act("pair.asked")
def _() -> Done:
    row = asked_pair()
    return row, row.second, about(row)


@act("pair.countersigned")
def _() -> Done:
    row, by = asked_pair(), officer()
    reset_actions.countersign(row, reason=REASON, by=by, at=make.NOW)
    return row, by, about(row)


# ---- suppliers ----------------------------------------------------------------------------------------------------


@act("supplier.registered")
def _() -> Done:
    by = make.make_user()
    supplier = company_actions.register_supplier(Supplier(legal_name="Own Works Inc."), by=by, at=make.NOW)
    return supplier, by, {}


@act("supplier.changed")
def _() -> Done:
    supplier = make.make_supplier()
    by = make.owner_of(supplier)
    company_actions.change_profile(supplier, supplier.save, part="basics", by=by, at=make.NOW)
    return supplier, by, {"part": "basics"}


@act("team.invited")
def _() -> Done:
    supplier = make.make_supplier()
    row = invited(supplier)
    return supplier, make.owner_of(supplier), {"invitation": row.pk, "level": "editor"}


def invited(supplier: Supplier) -> Any:
    return company_actions.invite(
        supplier,
        email="new@works.example",
        level="editor",
        link=LINK,
        by=make.owner_of(supplier),
        at=make.NOW,
    )


@act("team.uninvited")
def _() -> Done:
    supplier = make.make_supplier()
    row, by = invited(supplier), make.owner_of(supplier)
    pk = row.pk
    company_actions.withdraw_invitation(row, by=by, at=make.NOW)
    return supplier, by, {"invitation": pk}


@act("team.joined")
def _() -> Done:
    supplier = make.make_supplier()
    row, by = invited(supplier), make.make_user(email="new@works.example")
    make.confirm_address(by)
    company_actions.accept_invitation(row, by=by, at=make.NOW)
    return supplier, by, {"invitation": row.pk, "level": "editor"}


@act("team.request_decided")
def _() -> Done:
    supplier = make.make_supplier()
    by, asking = make.owner_of(supplier), make.make_user()
    row = JoinRequest.objects.create(supplier=supplier, user=asking, why="name", at=make.NOW)
    company_actions.decide_join_request(row, approve=True, level="viewer", by=by, at=make.NOW)
    return supplier, by, {"request": row.pk, "approved": True}


def member_of(supplier: Supplier) -> Membership:
    return Membership.objects.create(supplier=supplier, user=make.make_user(), level="editor")


@act("team.level")
def _() -> Done:
    supplier = make.make_supplier()
    member, by = member_of(supplier), make.owner_of(supplier)
    company_actions.change_level(member, level="viewer", by=by, at=make.NOW)
    return supplier, by, {"member": member.user_id, "level": "viewer"}


@act("team.left")
def _() -> Done:
    supplier = make.make_supplier()
    member, by = member_of(supplier), make.owner_of(supplier)
    company_actions.remove_member(member, by=by, at=make.NOW)
    return supplier, by, {"member": member.user_id}


@act("team.appointed")
def _() -> Done:
    supplier, user = make.make_supplier(), make.make_user()
    company_actions.appoint_owner(supplier, user, reason=REASON, at=make.NOW)
    return supplier, None, {"member": user.pk}


# ---- qualification ------------------------------------------------------------------------------------------------


@act("qualification.begun")
def _() -> Done:
    supplier = make.make_supplier()
    by = make.owner_of(supplier)
    row = qualification_actions.begin_qualification(
        supplier, make.make_commodity(), make.make_region(), by=by, at=make.NOW
    )
    return row, by, {}


@act("qualification.moved")
def _() -> Done:
    row, by = make.make_standing(make.make_supplier()), officer()
    today = make.NOW.date()
    Qualification.objects.filter(pk=row.pk).update(status="qualified", valid_from=today, valid_until=today)
    row = make.fresh_standing(row)
    qualification_actions.act_on_standing(row, "suspend", reason=REASON, told="We ask.", by=by, at=make.NOW)
    return row, by, {"before": "qualified", "after": "suspended", "until": None}


@act("qualification.overridden")
def _() -> Done:
    row, by = make.make_standing(make.make_supplier()), officer()
    assert row.latest is not None
    finding = (
        row.latest.findings.filter(outcome__in=["not_met", "refer"])
        .exclude(rule__in=QUALIFICATION.never_waived)
        .first()
    )
    assert finding is not None
    qualification_actions.override_finding(finding, outcome=Outcome.MET, reason=REASON, by=by, at=make.NOW)
    return row, by, {"rule": finding.rule, "part": finding.part, "outcome": "met"}


def given(by: User) -> Waiver:
    until = make.NOW.date() + timedelta(days=30)
    return rulebook_actions.waive(
        "WS-1", supplier=None, commodity=None, reason=REASON, until=until, by=by, at=make.NOW
    )


@act("waiver.given")
def _() -> Done:
    by = officer()
    row = given(by)
    return row, by, {"rule": "WS-1", "until": row.until.isoformat()}


@act("waiver.withdrawn")
def _() -> Done:
    by = officer()
    row = given(by)
    rulebook_actions.withdraw_waiver(row, reason=REASON, by=by, at=make.NOW)
    return row, by, {"rule": "WS-1"}


@act("category.saved")
def _() -> Done:
    by = officer()
    rulebook_actions.save_category(make.make_commodity, by=by, at=make.NOW)
    return make.make_commodity(), by, {"kind": "commodity", "code": "racks"}


def proposed(by: User) -> RuleSettings:
    row = rulebook_actions.propose_settings(
        {"standing": {"by_rule": True}}, reason=REASON, by=by, at=make.NOW
    )
    settings.run(row.pk)
    row.refresh_from_db()
    return row


@act("settings.proposed")
def _() -> Done:
    by = officer()
    row = proposed(by)
    return row, by, {"version": row.version}


@act("settings.previewed")
def _() -> Done:
    by = officer()
    row = proposed(by)
    rulebook_actions.preview_again(row, by=by, at=make.NOW)
    return row, by, {"version": row.version}


@act("settings.in_force")
def _() -> Done:
    by = officer()
    row = proposed(by)
    rulebook_actions.put_in_force(row, by=by, at=make.NOW)
    return row, by, {"version": row.version}


# ---- screening ----------------------------------------------------------------------------------------------------


def staged(by: User) -> Any:
    found = lists.read_files({"list.csv": f"record,name\n1,{LISTED}\n".encode()}, source="house")
    return list_actions.stage_list(found, as_of=make.NOW.date(), at=make.NOW, by=by)


@act("list.loaded")
def _() -> Done:
    by = officer()
    row = staged(by)
    return row, by, {"source": "house", "sha256": row.sha256, "parties": 1}


@act("list.activated")
def _() -> Done:
    by = officer()
    row = make.preview(staged(by))
    list_actions.activate_list(row, by=by, at=make.NOW, confirmed=True, reason=REASON)
    return (
        row,
        by,
        {"source": "house", "sha256": row.sha256, "parties": 1, "replaced": None, "doubts": 0},
    )


def alert() -> Alert:
    make.make_list(LISTED)
    return make.screen(make.make_supplier(legal_name=LISTED))[0]


@act("alert.decided")
def _() -> Done:
    row, by = alert(), officer()
    alert_actions.decide_alert(row, decision="true_match", code="other", reason=REASON, by=by, at=make.NOW)
    row.refresh_from_db()
    return row, by, {"decision": "true_match", "code": "other", "state": row.state}


@act("alert.assigned")
def _() -> Done:
    row, by, day = alert(), officer(), make.NOW.date()
    alert_actions.assign_alert(row, owner=by, due_on=day, by=by, at=make.NOW)
    return row, by, {"owner": by.pk, "due": day.isoformat()}


# ---- RFPs ---------------------------------------------------------------------------------------------------------


@act("solicitation.created")
def _() -> Done:
    by, template = admin(), make.make_solicitation()
    row = rfp_setup.create_solicitation(
        Solicitation(number="new-rfp", title="New", buyer="Buyer"), template=template, by=by, at=make.NOW
    )
    return row, by, {"template": template.number}


class Filled:
    def is_valid(self) -> bool:
        return True

    def save(self) -> None:
        return None


@act("solicitation.changed")
def _() -> Done:
    row = make.make_solicitation(published=False)
    by = row.created_by
    rfp_setup.save_part(row, Filled(), what="lot", by=by, at=make.NOW)
    assert AuditEvent.objects.get(verb="solicitation.changed").facts == {"what": "lot"}
    rfp_setup.remove_part(row, row.windows.get(), what="window", by=by, at=make.NOW)
    return row, by, {"what": "window", "removed": True}


@act("library.kept")
def _() -> Done:
    row, by = make.make_solicitation(), make.make_user(Role.ADMIN)
    library_actions.keep(row, criteria=row.criteria.all(), by=by, at=make.NOW)
    return row, by, {"entries": 3}


@act("library.removed")
def _() -> Done:
    row, by = make.make_solicitation(), make.make_user(Role.ADMIN)
    library_actions.keep(row, criteria=row.criteria.filter(code="T"), by=by, at=make.NOW)
    entry = LibraryEntry.objects.get()
    kept = LibraryEntry.objects.get()
    library_actions.remove(entry, by=by, at=make.NOW)
    return kept, by, {"code": "T"}


@act("solicitation.imported")
def _() -> Done:
    row, by = make.make_solicitation(), make.make_user(Role.ADMIN)
    return reuse_actions.import_solicitation(as_file(row), number="again", by=by, at=make.NOW), by, {}


@act("solicitation.published")
def _() -> Done:
    row = make.make_solicitation(published=False)
    at = make.NOW - timedelta(days=30)
    keys = [point.key for point in second_look.points(row, now=at)]
    publishing_actions.publish_solicitation(row, by=row.created_by, looked=[*keys, "unknown"], at=at)
    return row, row.created_by, {"anyway": keys}


def a_question() -> Question:
    supplier = make.make_supplier()
    return asking_actions.ask(
        make.make_solicitation(),
        supplier,
        text="Does duty count?",
        lot=None,
        requirement=None,
        by=make.owner_of(supplier),
        at=make.NOW,
    )


def an_answer(**more: Any) -> asking_actions.Draft:
    said: dict[str, Any] = {"published_text": "Does duty count?", "answer": "Yes.", "lot": None}
    return asking_actions.Draft(**said, requirement=None, **{"is_private": False, "reason": ""} | more)


@act("question.asked")
def _() -> Done:
    row = a_question()
    return row, None, {"rfp": row.solicitation.number}


@act("question.published")
def _() -> Done:
    row, by = a_question(), make.make_user(Role.ADMIN)
    asking_actions.publish(row, an_answer(), seen="", names_are_fine=False, by=by, at=make.NOW)
    return row, by, {"rfp": row.solicitation.number, "number": 1}


@act("question.addendum_started")
def _() -> Done:
    row, by = a_question(), make.make_user(Role.ADMIN)
    amending_actions.start_addendum_for(row, an_answer(), seen="", names_are_fine=False, by=by, at=make.NOW)
    return row, by, {"rfp": row.solicitation.number, "addendum": 1}


@act("question.advice_asked")
def _() -> Done:
    advice = made_questions.advice_on(a_question())
    return advice.question, advice.asked_by, {"colleague": advice.colleague_id} | rfp_of(advice.question)


@act("question.advice_given")
def _() -> Done:
    advice = made_questions.advice_on(a_question())
    asking_actions.suggest(advice, text="Yes.", by=advice.colleague, at=make.NOW)
    return advice.question, advice.colleague, rfp_of(advice.question)


@act("question.advice_taken")
def _() -> Done:
    advice = made_questions.advice_on(a_question())
    given = asking_actions.suggest(advice, text="Yes.", by=advice.colleague, at=make.NOW)
    row, by = Question.objects.get(pk=given.question_id), make.make_user(Role.ADMIN)
    seen = asking_actions.version_of(row)
    asking_actions.take_suggestion(given, an_answer(), seen=seen, by=by, at=make.NOW)
    return row, by, {"colleague": given.colleague_id} | rfp_of(row)


def rfp_of(question: Question) -> dict[str, str]:
    return {"rfp": question.solicitation.number}


@act("question.answered_privately")
def _() -> Done:
    row, by = a_question(), make.make_user(Role.ADMIN)
    words = an_answer(is_private=True, reason=REASON)
    asking_actions.publish(row, words, seen="", names_are_fine=False, by=by, at=make.NOW)
    return row, by, {"rfp": row.solicitation.number, "reason": REASON}


def merged() -> tuple[Question, Question, User]:
    into, by = a_question(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier()
    row = asking_actions.ask(
        into.solicitation,
        supplier,
        text="Is duty part of it?",
        lot=None,
        requirement=None,
        by=make.owner_of(supplier),
        at=make.NOW,
    )
    asking_actions.merge(row, into, by=by, at=make.NOW)
    return row, into, by


@act("question.merged")
def _() -> Done:
    row, into, by = merged()
    return row, by, {"into": into.pk}


@act("question.separated")
def _() -> Done:
    row, _into, by = merged()
    asking_actions.separate(row, by=by, at=make.NOW)
    return row, by, {}


@act("cure.asked")
def _() -> Done:
    made, proposal = curing.lacking()
    curing.ask(made, proposal, curing.field(proposal, "R1"))
    return proposal, made.admin, {"fields": ["R1 answer"], "hours": 48}


@act("cure.answered")
def _() -> Done:
    made, proposal = curing.lacking()
    named = curing.field(proposal, "R1")
    curing.answer(curing.ask(made, proposal, named), {named.name: "1750"})
    return proposal, make.owner_of(proposal.supplier), {"fields": ["R1 answer"], "revision": 2}


@act("clarification.asked")
def _() -> Done:
    made, proposal, _asked = curing.clarified()
    return proposal, made.admin, {}


@act("clarification.answered")
def _() -> Done:
    _made, proposal, asked = curing.clarified()
    owner = make.owner_of(proposal.supplier)
    curing.actions.answer_clarification(asked, "Our own shop.", by=owner, at=make.NOW)
    return proposal, owner, {}


@act("solicitation.document")
def _() -> Done:
    row, checked = make.make_solicitation(), check_file(SimpleUploadedFile("terms.txt", b"Read this."))
    publishing_actions.add_document(row, checked, title="Terms", by=row.created_by, at=make.NOW)
    return row, row.created_by, {"sha256": checked.sha256}


# ---- who sees an RFP ----------------------------------------------------------------------------------------------


def quiet() -> Solicitation:
    return make.make_solicitation(access="invited", nda="Keep this to yourself.")


def coded() -> tuple[Solicitation, AccessCode, str]:
    rfp = quiet()
    soon = make.NOW + timedelta(days=1)
    code, typed = admitting.make_code(
        rfp, label="Fair", expires_at=soon, most_uses=2, by=rfp.created_by, at=make.NOW
    )
    return rfp, code, typed


@act("supplier.invited_to_rfp")
def _() -> Done:
    rfp, supplier = quiet(), make.make_supplier()
    admitting.invite(rfp, [supplier], by=rfp.created_by, at=make.NOW)
    return rfp, rfp.created_by, {"supplier": supplier.pk}


@act("access_code.made")
def _() -> Done:
    rfp, code, _typed = coded()
    return rfp, rfp.created_by, {"ends": code.ends, "most_uses": 2}


@act("access_code.ended")
def _() -> Done:
    rfp, code, _typed = coded()
    admitting.end_code(code, by=rfp.created_by, at=make.NOW)
    return rfp, rfp.created_by, {"ends": code.ends}


@act("access_code.used")
def _() -> Done:
    rfp, code, typed = coded()
    supplier = make.make_supplier()
    by = make.owner_of(supplier)
    admitting.use_code(typed, supplier=supplier, by=by, at=make.NOW)
    return rfp, by, {"supplier": supplier.pk, "ends": code.ends}


@act("nda.signed")
def _() -> Done:
    rfp, supplier = quiet(), make.make_supplier()
    by, sha256 = make.owner_of(supplier), nda_sha256(rfp)
    admitting.sign_nda(rfp, supplier, signed_name=by.name, sha256=sha256, by=by, at=make.NOW)
    return rfp, by, {"supplier": supplier.pk, "sha256": sha256}


@act("event.signed_up")
def _() -> Done:
    row = events_made.signed_up(events_made.visit(), None, "Alma Reyes", "Bo Chen")
    return row.event.solicitation, row.by, {"event": row.event_id, "supplier": row.supplier_id, "people": 2}


@act("event.canceled")
def _() -> Done:
    row = events_made.signed_up(events_made.visit())
    events.cancel(row.event, row.supplier, by=row.by, at=make.NOW)
    return row.event.solicitation, row.by, {"event": row.event_id, "supplier": row.supplier_id}


def certified() -> ExportCertification:
    return controlled_made.certified(controlled_made.document())


def of(row: ExportCertification) -> dict[str, Any]:
    return {"certification": row.pk, "document": row.document_id}


@act("export.certified")
def _() -> Done:
    row = certified()
    return row.document.solicitation, row.by, of(row)


@act("export.released")
def _() -> Done:
    row, officer = certified(), make.make_user(Role.OFFICER)
    controlled_made.released(row, by=officer)
    return row.document.solicitation, officer, of(row)


@act("export.refused")
def _() -> Done:
    row, officer = certified(), make.make_user(Role.OFFICER)
    controlled.rule(row, release=False, reason="Owned abroad.", by=officer, at=make.NOW)
    return row.document.solicitation, officer, of(row)


@act("export.revoked")
def _() -> Done:
    row, officer = certified(), make.make_user(Role.OFFICER)
    controlled_made.released(row)
    controlled.revoke(row, reason="Sold abroad.", by=officer, at=make.NOW)
    return row.document.solicitation, officer, of(row)


@act("export.downloaded")
def _() -> Done:
    row = certified()
    controlled.log_download(row.document, row, by=row.by, at=make.NOW)
    return row.document.solicitation, row.by, of(row)


# ---- proposals ----------------------------------------------------------------------------------------------------


def by_owner(proposal: Proposal, **facts: Any) -> Done:
    return proposal, make.owner_of(proposal.supplier), facts


@act("proposal.started")
def _() -> Done:
    return by_owner(make.make_draft(filled=False), lot="L1")


@act("proposal.attested")
def _() -> Done:
    return by_owner(make.make_draft(), revision=1)


@act("proposal.submitted")
def _() -> Done:
    proposal = make.make_proposal()
    assert proposal.current_revision is not None
    content = proposal.current_revision.content_sha256
    return by_owner(proposal, revision=1, window=1, content=content)


@act("proposal.revising")
def _() -> Done:
    proposal = make.make_proposal()
    proposals_actions.revise_proposal(proposal, by=make.owner_of(proposal.supplier))
    return by_owner(proposal, revision=2)


@act("proposal.withdrawn")
def _() -> Done:
    proposal = make.make_proposal()
    proposals_actions.withdraw_proposal(proposal, by=make.owner_of(proposal.supplier))
    return by_owner(proposal)


@act("proposal.reconfirmed")
def _() -> Done:
    solicitation = make.make_solicitation()
    proposal = make.make_draft(solicitation)
    made_addenda.publish(solicitation, made_addenda.heavier(solicitation))
    owner, asked = make.owner_of(proposal.supplier), made_addenda.question(solicitation)
    answer = Answer(asked, is_kept=True)
    proposal_actions.reconfirm_draft(made_addenda.fresh(proposal), [answer], by=owner, at=make.NOW)
    return by_owner(proposal, revision=1, kept=["R1"], changed=[])


# ---- addenda ------------------------------------------------------------------------------------------------------


def an_addendum(by: User) -> Addendum:
    solicitation = make.make_solicitation()
    return made_addenda.draft_addendum(solicitation, made_addenda.heavier(solicitation), by=by)


@act("addendum.started")
def _() -> Done:
    by = admin()
    row = an_addendum(by)
    return row, by, {"solicitation": row.solicitation.number}


@act("addendum.changed")
def _() -> Done:
    by = admin()
    row = an_addendum(by)
    amending_actions.remove_change(row.changes.get(), by=by, at=make.NOW)
    return row, by, {"kind": "requirement", "about": "R1"}


@act("addendum.proposed")
def _() -> Done:
    by = admin()
    return amending_actions.propose_addendum(an_addendum(by), by=by, at=make.NOW), by, {}


@act("addendum.taken_back")
def _() -> Done:
    by = admin()
    row = amending_actions.propose_addendum(an_addendum(by), by=by, at=make.NOW)
    amending_actions.take_back_addendum(row, by=by, at=make.NOW)
    return row, by, {}


@act("addendum.published")
def _() -> Done:
    by = admin()
    row = amending_actions.propose_addendum(an_addendum(by), by=by, at=make.NOW)
    second = officer()
    amending_actions.publish_addendum(row, by=second, at=make.NOW)
    return row, second, {"solicitation": row.solicitation.number, "version": 2}


@act("addendum.discarded")
def _() -> Done:
    by = admin()
    row = an_addendum(by)
    amending_actions.discard_addendum(row, by=by, at=make.NOW)
    return row, by, {}


@act("solicitation.ended")
def _() -> Done:
    by = admin()
    solicitation = make.make_solicitation()
    ending_actions.end_solicitation(solicitation, status="cancelled", reason=REASON, by=by, at=make.NOW)
    return solicitation, by, {"status": "cancelled"}


# ---- the panel ----------------------------------------------------------------------------------------------------


@act("panel.seated")
def _() -> Done:
    made = room(opened=False)
    return made.others[0], made.admin, {"chair": False}


@act("panel.unseated")
def _() -> Done:
    made = room(opened=False)
    seat = made.others[0]
    kept = Evaluator(pk=seat.pk)
    panel_actions.unseat_evaluator(seat, by=made.admin, at=make.NOW)
    return kept, made.admin, {"user": seat.user_id}


def asked_chair() -> ChairChange:
    made = room(opened=False)
    return panel_actions.propose_chair(
        made.solicitation, user=made.others[0].user, reason=REASON, by=made.admin, at=make.NOW
    )


@act("panel.chair_asked")
def _() -> Done:
    row = asked_chair()
    return row, row.proposed_by, {"solicitation": row.solicitation.number, "user": row.user_id}


@act("panel.chair_changed")
def _() -> Done:
    row, by = asked_chair(), officer()
    seat = panel_actions.confirm_chair(row, by=by, at=make.NOW)
    return seat, by, {"change": row.pk, "asked_by": row.proposed_by_id}


@act("panel.declared")
def _() -> Done:
    made = room(declared=False)
    person = made.others[0].user
    make.declare(made.window, person, made.proposals[0].supplier)
    return made.window, person, {"conflicts": 1}


@act("panel.conflict_added")
def _() -> Done:
    made = room()
    person, supplier = made.others[0].user, made.proposals[0].supplier
    panel_actions.add_conflict(
        made.solicitation, supplier, statement="My sister works there.", by=person, at=make.NOW
    )
    return made.solicitation, person, {"supplier": supplier.pk}


@act("panel.recused")
def _() -> Done:
    made = room()
    seat, supplier = made.others[0], made.proposals[0].supplier
    panel_actions.recuse(seat, supplier=supplier, reason=REASON, by=made.chair.user, at=make.NOW)
    return seat, made.chair.user, {"supplier": supplier.pk}


def assigned() -> Room:
    made = room()
    board_actions.assign(
        made.window,
        [board_actions.Cell(made.proposals[0], made.others[0])],
        how=Assignment.How.HAND,
        by=made.chair.user,
        at=make.NOW,
    )
    return made


@act("panel.assigned")
def _() -> Done:
    made = assigned()
    return made.window, made.chair.user, {"how": "hand", "added": 1, "removed": []}


def handed_over() -> tuple[Room, Handover]:
    made = assigned()
    handover, _moved, _left = board_actions.hand_over(
        made.window,
        made.others[0],
        made.chair,
        reason=REASON,
        until=None,
        by=made.chair.user,
        at=make.NOW,
    )
    return made, handover


@act("panel.handed_over")
def _() -> Done:
    made, handover = handed_over()
    said = {"giver": made.others[0].pk, "deputy": made.chair.pk, "moved": 1}
    return handover, made.chair.user, said


@act("panel.handed_back")
def _() -> Done:
    made, handover = handed_over()
    board_actions.take_back(handover, by=made.admin, at=make.NOW)
    return handover, made.admin, {"moved": 1}


@act("panel.due_set")
def _() -> Done:
    made = room()
    due = make.NOW + timedelta(days=3)
    board_actions.set_due(made.window, seat=None, due_at=due, reason="", by=made.chair.user, at=make.NOW)
    return made.window, made.chair.user, {"due": due.isoformat()}


@act("panel.expertise_set")
def _() -> Done:
    made = room()
    people = [(made.chair, 5, [])]
    board_actions.set_people(made.window, people, by=made.chair.user, at=make.NOW)
    return made.window, made.chair.user, {"evaluators": [made.chair.pk]}


@act("envelope.proposed")
def _() -> Done:
    made = room()
    said = {"envelope": "technical", "lots": ["L1"], "fewer_marks": False}
    return made.window, made.chair.user, said


@act("envelope.opened")
def _() -> Done:
    made = room()
    return made.window, made.admin, {"envelope": "technical", "lots": ["L1"]}


@act("marks.recorded")
def _() -> Done:
    made = room()
    make.mark_all(made.proposals[0], [made.chair], 3)
    revision = made.proposals[0].current_revision
    assert revision is not None
    return revision, made.chair.user, {"marks": {"T": 3}}


@act("marks.agreed")
def _() -> Done:
    made = apart()
    agree(made, 3)
    return made.proposals[0].current_revision, made.chair.user, {"criterion": "T", "mark": 3}


@act("marks.reopened")
def _() -> Done:
    made = apart()
    reopen(made, made.others[0])
    said = {"criterion": "T", "evaluator": made.others[0].pk}
    return made.proposals[0].current_revision, made.chair.user, said


@act("minutes.signed")
def _() -> Done:
    made = apart()
    agree(made, 3)
    sign(made)
    return made.window, made.chair.user, {"lot": "L1", "number": 1, "settled": 1}


@act("file.released")
def _() -> Done:
    solicitation = make.make_solicitation(names_hidden=True)
    proposal = make.make_draft(solicitation)
    attach(proposal, at=make.NOW)
    attachment = make.draft_of(proposal).attachments.get()
    reading_actions.release_file(attachment, by=solicitation.created_by, at=make.NOW)
    return proposal, solicitation.created_by, {"document": str(attachment.document_id)}


@act("finding.overridden")
def _() -> Done:
    made, finding = made_room()
    found = pending.with_proposal(pending.findings_to_decide(made.window)).get(pk=finding.pk)
    decisions_actions.decide_findings([found], outcome=Outcome.MET, reason=REASON, by=made.admin, at=make.NOW)
    said = {"rule": found.rule, "part": found.part, "outcome": "met", "exception": False}
    return found, made.admin, said


@act("mark.stood_in")
def _() -> Done:
    made = missing_room()
    mark = AutomaticMark.objects.select_related("revision__proposal__window__solicitation").get()
    decisions_actions.stand_in_for_input(
        [(mark.revision, mark.criterion)],
        kind=PanelMark.Kind.PANEL,
        value=Decimal("62.5"),
        reason=REASON,
        by=made.admin,
        at=make.NOW,
    )
    return mark.revision, made.admin, {"criterion": "D", "kind": "panel", "value": "62.5"}


@act("proposal.decided")
def _() -> Done:
    made = room()
    made.open_prices()
    proposal, by = made.proposals[0], made.chair.user
    verdict_actions.decide(proposal, verdict=Decision.Verdict.SHORTLISTED, reason=REASON, by=by, at=make.NOW)
    return proposal, by, {"verdict": "shortlisted"}


@act("preference.refused")
def _() -> Done:
    made = room()
    made.solicitation.preferences.create(
        code="PREF-1", title="Small business", basis="Policy", value=Decimal(5), claimed_by="R2"
    )
    by = made.chair.user
    decisions_actions.refuse_claim(made.proposals[0], "PREF-1", reason=REASON, by=by, at=make.NOW)
    return made.proposals[0], by, {"code": "PREF-1"}


@act("proposal.standing_overridden")
def _() -> Done:
    _made, held = held_room()
    row, by = Alert.objects.get(), officer()
    decisions_actions.override_standing(
        held,
        kind="hold",
        keys=[f"alert:{row.pk}:{row.fingerprint[:16]}"],
        reason=REASON,
        by=by,
        at=make.NOW,
    )
    return held, by, {"kind": "hold"}


def removal() -> tuple[MarkRemoval, User]:
    made, first, _second = late_conflict()
    by = made.chair.user
    return removal_actions.propose_removal(first, made.others[0], reason=REASON, by=by, at=later()), by


@act("marks.removal_proposed")
def _() -> Done:
    row, by = removal()
    return row.proposal, by, {"evaluator": row.evaluator_id}


@act("marks.removed")
def _() -> Done:
    row, _chair = removal()
    by = officer()
    removal_actions.confirm_removal(row, by=by, at=later())
    return row.proposal, by, {"evaluator": row.evaluator_id}


@act("report.requested")
def _() -> Done:
    made = room()
    made.open_prices()
    row = reports_actions.request_summary(made.proposals[0], by=made.admin, at=make.NOW)
    return row, made.admin, {"kind": "summary"}


@act("portfolio.requested")
def _() -> Done:
    made = room()
    made.open_prices()
    lot = made.solicitation.lots.get(code="L1")
    row = comparing_actions.request_portfolio(made.window, lot, Terms(slots=1), by=made.admin, at=make.NOW)
    return row, made.admin, {"window": 1, "lot": "L1"}


# ---- what suppliers are told --------------------------------------------------------------------------------------


@act("letter.changed")
def _() -> Done:
    made = room()
    row = outcomes_actions.change_letter(
        made.solicitation,
        Outcome_.RESERVE,
        subject="On {rfp}",
        body="To {company}",
        by=made.admin,
        at=make.NOW,
    )
    return row, made.admin, {"rfp": made.solicitation.number, "outcome": "reserve"}


@act("debrief.edited")
def _() -> Done:
    made = decided()
    explain(made, 0, "Why.")
    return fresh(made.proposals[0].pk), made.chair.user, {"criterion": "T"}


@act("debrief.accepted")
def _() -> Done:
    made = decided()
    proposal, by = fresh(made.proposals[0].pk), made.chair.user
    said = outcomes_actions.Explanation(
        criterion=made.solicitation.criteria.get(code="T"), text="Why.", mark="80"
    )
    outcomes_actions.answer_for(proposal, edited=[], accepted=[said], by=by, at=make.NOW)
    return proposal, by, {"criteria": ["T"]}


@act("tie.draw_started")
def _() -> Done:
    made = equals()
    return start_draw(made), made.chair.user, {"window": 1, "lot": "L1", "tied": numbers(made)}


@act("tie.drawn")
def _() -> Done:
    made = equals()
    row = drawn(made)
    return row, made.admin, {"window": 1, "lot": "L1", "drawn": row.drawn, "seed": row.seed}


@act("release.proposed")
def _() -> Done:
    made = decided()
    return begin(made), made.chair.user, {"window": 1, "lot": "L1", "letters": 3}


@act("release.scheduled")
def _() -> Done:
    made = decided()
    row = scheduled(made)
    told = {"window": 1, "lot": "L1", "letters": 3, "goes_at": SOON.isoformat()}
    return row, made.admin, told


@act("release.held_back")
def _() -> Done:
    made = decided()
    row = scheduled(made)
    explain(made, 0, "Other words.")
    scheduled_actions.send_due(SOON)
    return row, None, {"window": 1, "lot": "L1"}


@act("release.dropped")
def _() -> Done:
    made = decided()
    row = begin(made)
    outcomes_actions.drop_release(row, by=made.admin, at=make.NOW)
    return row, made.admin, {"window": 1, "lot": "L1"}


@act("release.confirmed")
def _() -> Done:
    made = decided()
    row = begin(made)
    outcomes_actions.confirm_release(row, by=made.admin, at=make.NOW)
    return row, made.admin, {"window": 1, "lot": "L1", "letters": 3}


@act("letter.sent_again")
def _() -> Done:
    made = decided()
    row = release(made)[0]
    Notice.objects.filter(key__startswith=f"{row.key}:").update(refused_at=make.NOW, error="550 no")
    outcomes_actions.send_letter_again(row, by=made.admin, at=make.NOW)
    return row, made.admin, {"copies": 1}


@act("award.final")
def _() -> Done:
    made, row = awarded()
    award_actions.finish_award(row, by=made.admin, at=make.NOW + timedelta(days=20))
    return row.proposal, made.admin, {"letter": row.pk}


@act("award.end_proposed")
def _() -> Done:
    made, row = awarded()
    begin_end(row, made)
    return row.proposal, made.chair.user, {"letter": row.pk}


@act("award.ended")
def _() -> Done:
    made, row = awarded()
    award_actions.confirm_end(begin_end(row, made), by=made.admin, at=make.NOW)
    return row.proposal, made.admin, {"letter": row.pk}


@act("award.end_dropped")
def _() -> Done:
    made, row = awarded()
    award_actions.drop_end(begin_end(row, made), by=made.admin, at=make.NOW)
    return row.proposal, made.admin, {"letter": row.pk}


# ---- the table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(ACTS))
def test_an_act_leaves_an_event_that_says_who_did_what_to_what(verb: str) -> None:
    subject, by, facts = ACTS[verb]()
    event = AuditEvent.objects.filter(verb=verb).latest("seq")
    assert event.subject == audit.subject_of(subject)
    assert event.actor == (f"user:{by.pk}" if by else "system")
    assert event.facts == facts
    assert audit.verify()[1] == []


def test_the_table_holds_every_verb_that_the_audit_log_has_words_for() -> None:
    """And the log has words for every verb that the portal records: see tests/portal/record/test_audit.py."""
    assert set(ACTS) == set(VERBS)
