"""Every route × every kind of person. A route that is not here fails the test; so does a page too many or too few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from rfp.controlled.models import ExportCertification
from tests.whole import world
from tests.whole.world import NOBODY, World

EVERYBODY = (
    NOBODY,
    "newcomer",
    "owner",
    "viewer",
    "stranger",
    "reviewer",
    "undeclared",
    "conflicted",
    "elsewhere",
    "chair",
    "admin",
    "officer",
    "auditor",
)
SUPPLIERS = {"newcomer", "owner", "viewer", "stranger"}
PANEL = {"chair", "reviewer", "conflicted"}
OVERSIGHT = {"admin", "auditor"}
# Who reads screening and the rules behind a standing; officers alone decide there.
COMPLIANCE = OVERSIGHT | {"officer"}
BUYERS = set(EVERYBODY) - SUPPLIERS - {NOBODY}
SIGNED_IN = set(EVERYBODY) - {NOBODY}
# Third parties’ own pages: sign-in, second factors, the operators’ admin (tests/portal/accounts/test_admin.py).
FOREIGN = ("account_", "mfa_", "admin:", "socialaccount_", "usersessions_", "headless")

OK, GO, NOT_FOUND = 200, 302, 404
Status = int | frozenset[int]
DONE, EITHER, AWAY = frozenset({OK, GO, 422}), frozenset({OK, GO}), frozenset({GO, NOT_FOUND})


@dataclass(frozen=True)
class Route:
    """How to ask for a route, and what each kind of person gets; who is not named gets 404, nobody the sign-in page."""

    args: Callable[[World], list[Any]]
    answers: dict[str, Status]
    method: str = "get"
    query: str = ""

    def expected(self, who: str) -> Status:
        return self.answers.get(who, GO if who == NOBODY else NOT_FOUND)


def none(_: World) -> list[Any]:
    return []


def pages(
    who: set[str], args: Callable[[World], list[Any]] = none, *, query: str = "", **others: Status
) -> Route:
    """A page that these people read."""
    return Route(args, {**dict.fromkeys(who, OK), **others}, query=query)


def acts(who: set[str], args: Callable[[World], list[Any]] = none, **others: Status) -> Route:
    """A POST that these people may make: it answers with a page that names what is wrong, or sends them on."""
    return Route(args, {**dict.fromkeys(who, DONE), **others}, method="post")


ROOM = {"undeclared": GO}  # a seat without a signed declaration is sent to the declaration


def by_number(w: World) -> list[Any]:
    return [w.number]


def by_proposal(w: World) -> list[Any]:
    return [w.proposal.pk]


def by_seat(w: World) -> list[Any]:
    return [w.number, w.solicitation.evaluators.last().pk]  # type: ignore[union-attr]


def by_event(w: World) -> list[Any]:
    return [w.number, w.solicitation.milestones.get().pk]


def by_visit(w: World) -> list[Any]:
    return [w.solicitation.pk, w.solicitation.milestones.get().pk]


def certification() -> ExportCertification:
    return ExportCertification.objects.get()


def by_certification(_: World) -> list[Any]:
    return [certification().pk]


def by_draft(w: World) -> list[Any]:
    return [w.draft.pk]


def by_company(w: World) -> list[Any]:
    return [w.supplier.pk]


def by_notice(w: World) -> list[Any]:
    return [w.people["owner"].notices.order_by("pk")[0].pk]


def by_setup(w: World) -> list[Any]:
    return [w.draft_rfp.pk]


def part(name: str) -> Callable[[World], list[Any]]:
    return lambda w: [w.draft_rfp.pk, getattr(w.draft_rfp, name).first().pk]


def setup_parts(kind: str, many: str) -> dict[str, Route]:
    return {
        f"rfp:setup_{kind}_new": pages({"admin"}, by_setup),
        f"rfp:setup_{kind}": pages({"admin"}, part(many)),
        f"rfp:setup_{kind}_remove": acts({"admin"}, part(many)),
    }


def by_published(w: World) -> list[Any]:
    return [w.solicitation.pk]


def by_addendum(*more: Any) -> Callable[[World], list[Any]]:
    return lambda w: [w.solicitation.pk, w.addendum.number, *more]


PUBLIC = set(EVERYBODY)
MEMBERS = {"owner", "viewer"}

MATRIX: dict[str, Route] = {
    "portal:accessibility": pages(PUBLIC),
    "portal:about": pages(PUBLIC),
    "portal:account_list": pages({"admin"}),
    "portal:account_new": pages({"admin"}),
    "portal:account_edit": pages({"admin"}, lambda w: [w.people["elsewhere"].pk]),
    "portal:account_switch": acts({"admin"}, lambda w: [w.people["elsewhere"].pk]),
    "portal:countersign_list": pages(COMPLIANCE),
    "portal:countersign": pages({"officer"}, lambda w: [w.countersignature.pk]),
    "portal:notice_list": pages(SIGNED_IN),
    "portal:notices_read": acts(SIGNED_IN),
    "portal:notice_settings": pages(SIGNED_IN),
    "portal:notice": pages({"owner"}, by_notice),
    "portal:notice_open": acts({"owner"}, by_notice),
    "portal:session_list": pages(SIGNED_IN),
    "portal:token_list": pages(SIGNED_IN),
    "portal:token_revoke": acts(set(), lambda w: [0]),
    "portal:api_schema": pages(PUBLIC),
    # The API knows no sessions; tests/rfp/opendata/test_api.py has what tokens open.
    "rfp:api_rfps": pages(PUBLIC),
    "rfp:api_rfp": pages(PUBLIC, by_number),
    "rfp:api_proposals": pages(set(), **dict.fromkeys(EVERYBODY, 401)),
    "rfp:api_proposal": pages(set(), by_proposal, **dict.fromkeys(EVERYBODY, 401)),
    "scoring:api_evaluations": pages(set(), **dict.fromkeys(EVERYBODY, 401)),
    "portal:session_end": acts(SIGNED_IN, lambda w: [0]),
    # Who has a password is sent to confirm with it; tests/portal/accounts/test_two_step.py has those without.
    "portal:sign_in_again": pages(set(), **dict.fromkeys(SIGNED_IN, EITHER)),
    # Who owes nothing goes on; without a factor there is none to replace. More: tests/portal/accounts/test_two_step.py.
    "portal:two_step": pages(set(), **dict.fromkeys(SIGNED_IN, EITHER)),
    "portal:two_step_replace": pages(set()),
    "portal:factor_reset_ask": pages({"admin"}, lambda w: [w.people["elsewhere"].pk]),
    "portal:factor_reset_list": pages({"admin", "officer"}),
    "portal:factor_reset_confirm": acts({"admin", "officer"}, lambda w: [w.reset.pk]),
    "portal:factor_reset_withdraw": acts({"admin", "officer"}, lambda w: [w.reset.pk]),
    "portal:access_list": pages(OVERSIGHT),
    "portal:audit_list": pages(OVERSIGHT),
    "portal:audit_verify": acts(OVERSIGHT),
    "suppliers:company": pages(set(), **dict.fromkeys(SUPPLIERS, EITHER)),
    "suppliers:register": pages({"newcomer"}, **dict.fromkeys(SUPPLIERS - {"newcomer"}, AWAY)),
    "suppliers:industries": pages(SUPPLIERS, query="?industry=rack"),
    "suppliers:company_overview": pages(MEMBERS, by_company),
    "suppliers:company_edit": pages({"owner"}, by_company),
    "suppliers:part_file": pages(
        set(),
        lambda w: [w.supplier.pk, "certificates", w.supplier.certificates.first().pk],  # type: ignore[union-attr]
    ),
    "suppliers:part_add": pages({"owner"}, lambda w: [w.supplier.pk, "sites"]),
    "suppliers:part_edit": pages(
        {"owner"},
        lambda w: [w.supplier.pk, "sites", w.supplier.sites.first().pk],  # type: ignore[union-attr]
    ),
    "suppliers:part_delete": pages(
        {"owner"},
        lambda w: [w.supplier.pk, "sites", w.supplier.sites.first().pk],  # type: ignore[union-attr]
    ),
    "suppliers:standing_list": pages(MEMBERS, by_company),
    "suppliers:standing": pages(MEMBERS, lambda w: [w.supplier.pk, w.standing.pk]),
    "suppliers:statements": pages(MEMBERS, by_company),
    "suppliers:team": pages(MEMBERS, by_company),
    "suppliers:member_level": acts({"owner"}, lambda w: [w.supplier.pk, w.viewer.pk]),
    "suppliers:member_remove": acts({"owner", "viewer"}, lambda w: [w.supplier.pk, w.viewer.pk]),
    "suppliers:invitation_withdraw": acts({"owner"}, lambda w: [w.supplier.pk, w.invitation.pk]),
    "suppliers:request_decide": acts({"owner"}, lambda w: [w.supplier.pk, w.request.pk]),
    # Sent to the newcomer's address: everybody else reads that it is not theirs, with the status of a missing page.
    "suppliers:invitation": pages({"newcomer"}, lambda w: [w.invitation.key]),
    "suppliers:supplier_list": pages(BUYERS),
    "suppliers:supplier_export": pages(BUYERS, lambda w: ["csv"]),
    "suppliers:supplier_detail": pages(BUYERS, by_company),
    "suppliers:standing_detail": pages(BUYERS, lambda w: [w.standing.pk]),
    "suppliers:standing_finding": pages(
        {"officer"}, lambda w: [w.standing.latest.findings.filter(outcome="not_met").first().pk]
    ),
    "suppliers:waiver_list": pages(COMPLIANCE),
    "suppliers:waiver_new": pages({"officer"}),
    "suppliers:waiver_export": pages(COMPLIANCE, lambda w: ["csv"]),
    "suppliers:waiver_withdraw": pages({"officer"}, lambda w: [w.waiver.pk]),
    "suppliers:settings_list": pages(COMPLIANCE),
    "suppliers:settings_new": pages({"officer"}),
    "suppliers:settings_detail": pages(COMPLIANCE, lambda w: [w.settings.pk]),
    "suppliers:category_list": pages(COMPLIANCE),
    "suppliers:category_new": pages({"officer"}, lambda w: ["commodities"]),
    "suppliers:category_edit": pages({"officer"}, lambda w: ["regions", w.standing.region.pk]),
    "suppliers:alert_list": pages(COMPLIANCE),
    "suppliers:alert_export": pages(COMPLIANCE, lambda w: ["csv"]),
    "suppliers:alert_detail": pages(COMPLIANCE, lambda w: [w.alert.pk]),
    "suppliers:alert_assign": acts({"officer"}, lambda w: [w.alert.pk]),
    "suppliers:list_preview": acts({"officer"}, lambda w: [w.snapshot.pk]),
    "suppliers:list_index": pages(COMPLIANCE),
    "suppliers:list_load": pages({"officer"}),
    "suppliers:list_detail": pages(COMPLIANCE, lambda w: [w.snapshot.pk]),
    "suppliers:list_activate": acts({"officer"}, lambda w: [w.snapshot.pk]),
    "suppliers:run_progress": pages(COMPLIANCE, lambda w: [w.snapshot.runs.get().pk]),
    "rfp:home": pages(set(), **dict.fromkeys(PUBLIC, EITHER)),
    "rfp:rules": pages(PUBLIC),
    "rfp:solicitation_list": pages(PUBLIC),
    "rfp:solicitation_detail": pages(PUBLIC, by_number),
    "rfp:solicitation_document": pages(
        PUBLIC,
        lambda w: [w.number, w.solicitation.documents.get(title="Terms").pk],
    ),
    "rfp:event": pages(SIGNED_IN, by_event),
    # Without a company there is nothing to cancel; more: tests/rfp/events/test_sign_ups.py.
    "rfp:event_cancel": acts(set(), by_event),
    "rfp:event_sign_ups": pages({"admin"}, by_visit),
    "rfp:event_sign_ups_file": pages({"admin"}, lambda w: [*by_visit(w), "csv"]),
    "rfp:export_document": pages(SIGNED_IN, lambda w: [w.number, certification().document_id]),
    "rfp:export_list": pages(COMPLIANCE),
    "rfp:export_list_file": pages(COMPLIANCE, lambda w: ["csv"]),
    "rfp:export_certification": pages(COMPLIANCE, by_certification),
    "rfp:export_rule": acts({"officer"}, by_certification),
    "rfp:export_revoke": acts({"officer"}, by_certification),
    "rfp:question_list": pages(PUBLIC, by_number),
    "rfp:question_export": pages(PUBLIC, lambda w: [w.number, "csv"]),
    "rfp:question_ask": acts({"owner", "stranger"}, by_number),
    "rfp:question_queue": pages({"admin"}, by_number),
    "rfp:question_detail": pages({"admin"}, lambda w: [w.question.pk]),
    "rfp:question_advice": acts({"admin"}, lambda w: [w.question.pk]),
    "rfp:advice": pages({"reviewer"}, lambda w: [w.question.advice.get().pk]),
    "rfp:advice_take": acts({"admin"}, lambda w: [w.question.advice.get().pk]),
    "rfp:question_merge": acts({"admin"}, lambda w: [w.question.pk, w.question.pk]),
    "rfp:question_separate": acts({"admin"}, lambda w: [w.question.pk]),
    "rfp:lot_detail": pages(PUBLIC, lambda w: [w.number, "L1"]),
    "rfp:proposal_start": acts(
        {"owner", "stranger"}, lambda w: [w.number, "L1"], viewer=DONE | AWAY, newcomer=AWAY
    ),
    "rfp:ocds": pages(PUBLIC, by_number),
    "rfp:dates": pages(PUBLIC, by_number),
    "rfp:feed": pages(PUBLIC, lambda w: ["atom"]),
    "rfp:feed_of_rfp": pages(PUBLIC, lambda w: [w.number, "json"]),
    "rfp:qualify": pages(PUBLIC, by_number),
    "rfp:qualify_lot": pages(PUBLIC, lambda w: [w.number, "L1"]),
    "rfp:watch": acts(SUPPLIERS, by_number),
    "rfp:rfp_changes": pages(PUBLIC, by_number),
    "rfp:rfp_version": pages(PUBLIC, lambda w: [w.number, 1]),
    "rfp:addendum_for_question": acts({"admin"}, lambda w: [w.question.pk]),
    "rfp:addendum_list": pages({"admin", "officer"}, by_published),
    "rfp:addendum": pages({"admin", "officer"}, by_addendum()),
    "rfp:addendum_add": pages({"admin"}, by_addendum()),
    "rfp:addendum_change": pages({"admin"}, by_addendum("requirement", "R1")),
    "rfp:addendum_remove": acts(
        {"admin"}, lambda w: [w.solicitation.pk, w.addendum.number, w.addendum.changes.get().pk]
    ),
    "rfp:addendum_propose": acts({"admin"}, by_addendum()),
    "rfp:addendum_take_back": acts({"admin"}, by_addendum()),
    "rfp:addendum_publish": acts({"admin", "officer"}, by_addendum()),
    "rfp:addendum_discard": acts({"admin"}, by_addendum()),
    "rfp:solicitation_end": pages({"admin"}, by_published),
    # Nothing waits for its supplier; tests/rfp/amending/ has proposals with answers to look at again.
    "rfp:proposal_reconfirm": pages(set(), by_draft, **dict.fromkeys(MEMBERS, GO)),
    "rfp:cure": pages(MEMBERS, lambda w: [w.proposal.pk, w.cure.pk]),
    "rfp:clarification": pages(MEMBERS, lambda w: [w.proposal.pk, w.clarification.pk]),
    "rfp:proposal_list": pages(SUPPLIERS),
    "rfp:proposal_detail": pages(MEMBERS, by_proposal),
    "rfp:proposal_progress": pages(MEMBERS, by_proposal),
    "rfp:proposal_revision": pages(MEMBERS, lambda w: [w.proposal.pk, 1]),
    "rfp:attachment": pages(
        MEMBERS, lambda w: [w.proposal.pk, w.proposal.current_revision.attachments.first().pk]
    ),  # type: ignore[union-attr]
    "rfp:draft": pages(set(), by_draft, **dict.fromkeys(MEMBERS, EITHER)),
    "rfp:offline": pages(MEMBERS, by_draft),
    "rfp:questionnaire": pages(MEMBERS, lambda w: [w.draft.pk, "xlsx"]),
    "rfp:draft_section": pages(MEMBERS, lambda w: [w.draft.pk, "product"]),
    "rfp:draft_documents": pages(MEMBERS, by_draft),
    "rfp:draft_attestation": pages(MEMBERS, by_draft),
    # A viewer may read these drafts, so a change is refused in words, not with 404.
    "rfp:bom_template": pages(SUPPLIERS, none),
    "rfp:bom_share": pages(MEMBERS, by_draft),
    "rfp:bom_upload": acts(MEMBERS, by_draft),
    "rfp:bom_preview": pages(set(), lambda w: [w.draft.pk, "6f1d6a0e-3c0b-4d7e-9d59-0a4d1f1c7b52"]),
    "rfp:detach": acts(MEMBERS, lambda w: [w.draft.pk, w.draft.revisions.get().attachments.first().pk]),
    "rfp:proposal_submit": pages(MEMBERS, by_draft),
    "rfp:proposal_revise": acts(MEMBERS, by_draft),
    "rfp:proposal_withdraw": pages(set(), by_proposal, **dict.fromkeys(MEMBERS, GO)),
    "rfp:setup_list": pages({"admin"}),
    "rfp:setup_new": pages({"admin"}),
    "rfp:setup_import": pages({"admin"}),
    "rfp:library": pages({"admin"}),
    "rfp:library_remove": acts({"admin"}, lambda w: [w.entry.pk]),
    "rfp:setup_library": pages({"admin"}, by_setup),
    "rfp:setup_keep": pages({"admin"}, by_setup),
    "rfp:setup_workbook": pages({"admin"}, by_setup),
    "rfp:setup_workbook_in": pages({"admin"}, by_setup),
    "rfp:setup_reuse": pages({"admin"}, by_setup),
    "rfp:setup_export": pages({"admin"}, by_setup),
    "rfp:setup_basics": pages({"admin"}, by_setup),
    "rfp:setup_dates": pages({"admin"}, by_setup),
    "rfp:setup_lots": pages({"admin"}, by_setup),
    "rfp:setup_criteria": pages({"admin"}, by_setup),
    "rfp:setup_scoring": pages({"admin"}, by_setup),
    "rfp:setup_requirements": pages({"admin"}, by_setup),
    "rfp:setup_documents": pages({"admin"}, by_setup),
    "rfp:setup_document": pages({"admin"}, part("documents")),
    "rfp:setup_document_remove": acts({"admin"}, part("documents")),
    "rfp:setup_sections": pages({"admin"}, by_setup),
    "rfp:setup_access": pages({"admin"}, by_setup),
    "rfp:access_invite": acts({"admin"}, by_setup),
    "rfp:access_code_make": acts({"admin"}, by_setup),
    "rfp:access_code_end": acts({"admin"}, part("access_codes")),
    "rfp:access_code": pages({"owner", "stranger"}),
    "rfp:intent": pages({"owner", "stranger"}, by_number),
    "rfp:nda": pages(SIGNED_IN, by_number),
    "rfp:setup_rules": pages({"admin"}, by_setup),
    "rfp:setup_rule": pages({"admin"}, lambda w: [w.draft_rfp.pk, "FA-3"]),
    "rfp:setup_preview": pages({"admin"}, by_setup),
    "rfp:setup_publish": pages({"admin"}, by_setup),
    **setup_parts("window", "windows"),
    **setup_parts("milestone", "milestones"),
    **setup_parts("lot", "lots"),
    **setup_parts("criterion", "criteria"),
    **setup_parts("requirement", "requirements"),
    **setup_parts("preference", "preferences"),
    "scoring:panel": pages({"admin"}, by_setup),
    "scoring:chair_change": acts({"admin"}, lambda w: [w.solicitation.pk]),
    "scoring:chair_confirm": acts({"admin", "officer"}, lambda w: [w.number, w.chair_change.pk]),
    "scoring:panel_chair": acts(
        {"admin"}, lambda w: [w.solicitation.pk, w.solicitation.evaluators.first().pk]
    ),
    "scoring:panel_remove": acts(
        {"admin"}, lambda w: [w.solicitation.pk, w.solicitation.evaluators.first().pk]
    ),
    "scoring:rfp_list": pages(BUYERS),
    "scoring:overview": pages(PANEL | COMPLIANCE | {"undeclared"}, by_number),
    # Who has signed for every opened window is sent to the list of conflicts.
    "scoring:declare": pages({"undeclared"}, by_number, **dict.fromkeys(PANEL | {"admin"}, GO)),
    "scoring:proposal_list": pages(PANEL | COMPLIANCE, by_number, **ROOM),
    "scoring:proposal_detail": pages({"chair", "reviewer"} | COMPLIANCE, by_proposal, **ROOM),
    "scoring:proposal_asked": pages({"chair", "reviewer"} | COMPLIANCE, by_proposal, **ROOM),
    "scoring:proposal_cure": pages({"chair", "admin"}, by_proposal, **ROOM),
    "scoring:asked_list": pages({"chair", "reviewer", "conflicted"} | COMPLIANCE, by_number, **ROOM),
    "scoring:proposal_trace": pages({"chair"} | COMPLIANCE, by_proposal, **ROOM),
    "scoring:proposal_decide": acts({"chair", "admin"}, by_proposal, **ROOM),
    "scoring:proposal_file": pages(
        {"chair", "reviewer"} | COMPLIANCE,
        lambda w: [w.proposal.pk, w.proposal.current_revision.attachments.first().pk],  # type: ignore[union-attr]
        **ROOM,
    ),
    "scoring:file_release": acts(
        {"admin"},
        lambda w: [w.proposal.pk, w.proposal.current_revision.attachments.first().pk],  # type: ignore[union-attr]
        **ROOM,
    ),
    "scoring:proposal_mark": pages({"chair", "reviewer"}, by_proposal, **ROOM),
    "scoring:summary_request": acts({"chair", "reviewer"} | COMPLIANCE, by_proposal, **ROOM),
    "scoring:report_detail": pages({"chair"}, lambda w: [w.report.pk]),
    "scoring:report_file": pages({"chair"}, lambda w: [w.report.pk]),
    "scoring:queue": pages(PANEL, by_number, **ROOM),
    "scoring:mark_criterion": pages(PANEL, lambda w: [w.number, "T"], query="?window=1", **ROOM),
    "scoring:panel_board": pages({"chair"} | COMPLIANCE, by_number, query="?window=1"),
    "scoring:panel_by_hand": acts({"chair", "admin"}, by_number),
    "scoring:panel_remind": acts({"chair", "admin"}, by_seat),
    "scoring:panel_automatic": pages({"chair", "admin"}, by_number, query="?window=1"),
    "scoring:panel_run": pages({"chair", "admin"}, lambda w: [w.number, w.run.pk], query="?window=1"),
    "scoring:panel_run_apply": acts({"chair", "admin"}, lambda w: [w.number, w.run.pk]),
    "scoring:panel_file": pages({"chair", "admin"}, by_number, query="?window=1"),
    "scoring:panel_due": pages({"chair", "admin"}, by_number, query="?window=1"),
    "scoring:panel_hand_over": pages({"chair", "admin"}, by_seat, query="?window=1"),
    "scoring:moderation_list": pages({"chair"} | COMPLIANCE, by_number, query="?window=1"),
    "scoring:minutes": pages({"chair"} | COMPLIANCE, by_number, query="?window=1"),
    # Nothing is signed in this world; more: tests/scoring/minutes/test_minutes.py.
    "scoring:minutes_request": acts(set(), lambda w: [w.number, 0]),
    "scoring:moderate": pages({"chair"} | COMPLIANCE, by_proposal, **ROOM),
    "scoring:mark_agree": acts({"chair"}, lambda w: [w.proposal.pk, "T"], **ROOM),
    "scoring:mark_take_back": acts({"chair"}, lambda w: [w.proposal.pk, "T"], **ROOM),
    "scoring:mark_reopen": acts({"chair"}, lambda w: [w.proposal.pk, "T"], **ROOM),
    # Nothing is handed over in this world; more: tests/scoring/board/test_handing_over.py.
    "scoring:panel_take_back": acts(set(), lambda w: [w.number, 0]),
    "scoring:conflict_list": pages(PANEL | COMPLIANCE | {"undeclared"}, by_number),
    "scoring:conflict_add": acts(PANEL | {"admin"}, by_number),
    "scoring:recuse": acts({"chair"}, by_number),
    "scoring:decision_list": pages(PANEL | COMPLIANCE, by_number, **ROOM),
    "scoring:decision_findings": acts({"chair", "admin"}, by_number),
    "scoring:decision_inputs": acts({"chair", "admin"}, by_number),
    "scoring:decision_evidence": pages(
        PANEL | COMPLIANCE, lambda w: [w.number, "finding", w.finding.pk], **ROOM
    ),
    "scoring:claim_refuse": acts({"chair", "admin"}, lambda w: [w.proposal.pk, "PREF-1"], **ROOM),
    "scoring:standing_override": acts({"officer"}, by_proposal, **ROOM),
    "scoring:marks_remove": acts(
        {"chair", "officer"}, lambda w: [w.proposal.pk, w.solicitation.evaluators.last().pk], **ROOM
    ),
    "scoring:home": pages(SIGNED_IN),
    # Prices are sealed in this world: nothing is decided, released or told. See tests/scoring/outcomes/.
    "scoring:letter_list": pages({"chair"} | COMPLIANCE, by_number, query="?window=1"),
    "scoring:letter_words": pages({"chair", "admin"}, lambda w: [w.number, "reserve"]),
    "scoring:letter_preview": pages(set(), by_proposal, **ROOM),
    "scoring:debrief_edit": pages(set(), by_proposal, **ROOM),
    "scoring:letter_again": acts(set(), lambda w: [w.number, 0]),
    "scoring:award_final": acts(set(), lambda w: [w.number, 0]),
    "scoring:award_end": acts(set(), lambda w: [w.number, 0]),
    "scoring:award_end_confirm": acts(set(), lambda w: [w.number, 0]),
    "scoring:award_end_drop": acts(set(), lambda w: [w.number, 0]),
    "scoring:award_notices": pages(PUBLIC, by_number),
    "scoring:handoff": pages({"chair", "admin"}, by_number, query="?window=1"),
    "scoring:handoff_export": pages({"chair", "admin"}, lambda w: [w.number, "json"], query="?window=1"),
    "scoring:tie_draw": acts(set(), lambda w: [w.number, w.closed.number, "L1"]),
    "scoring:release_start": acts({"chair", "admin", "officer"}, lambda w: [w.number, w.closed.number, "L1"]),
    "scoring:release_confirm": acts(set(), lambda w: [w.number, 0]),
    "scoring:release_drop": acts(set(), lambda w: [w.number, 0]),
    "scoring:outcome": pages(set(), by_proposal),
    "scoring:debrief_request": acts(set(), by_proposal),
    "scoring:opening_list": pages(PANEL | COMPLIANCE | {"undeclared"}, by_number),
    "scoring:opening_act": acts({"chair", "admin"}, lambda w: [w.number, w.closed.number, "technical"]),
    # Reviewers are told when the ranking opens to them; test_seal.py holds that nothing of it is there.
    "scoring:ranking": pages(PANEL | COMPLIANCE, by_number, query="?window=1", **ROOM),
    # Without a choice, who decides is sent back to the ranking; more: tests/scoring/decisions/test_verdicts.py.
    "scoring:verdicts": pages(set(), by_number, query="?window=1", chair=GO, admin=GO),
    "scoring:ranking_export": pages(
        {"chair"} | COMPLIANCE, lambda w: [w.number, "csv"], query="?window=1", **ROOM
    ),
    "scoring:evaluation_file": pages({"chair"} | COMPLIANCE, by_number, query="?window=1", **ROOM),
    # Without a choice it says how many can be compared; more: tests/scoring/comparing/test_compare.py.
    "scoring:compare": pages({"chair"} | COMPLIANCE, by_number, query="?window=1&lot=L1", **ROOM),
    # Who may not read a ranking is told when coverage opens; test_seal.py holds that nothing of it is there.
    "scoring:coverage": pages(PANEL | COMPLIANCE, by_number, query="?window=1", **ROOM),
    # Prices are sealed in this world: who decides is told so, and nothing is computed.
    "scoring:portfolio_request": acts({"chair", "admin"}, by_number),
    "scoring:ranking_changes": pages({"chair"} | COMPLIANCE, by_number, query="?window=1&lot=L1", **ROOM),
    "scoring:tie_list": pages(PANEL | COMPLIANCE, by_number, query="?window=1", **ROOM),
    "scoring:ranking_columns": acts({"chair"} | COMPLIANCE, by_number, **ROOM),
    "scoring:ranking_view_remove": acts(set(), lambda w: [w.number, 0]),
    "scoring:what_if": pages({"chair"} | COMPLIANCE, by_number, query="?window=1&lot=L1", **ROOM),
    "scoring:report_list": pages(PANEL | COMPLIANCE, by_number, **ROOM),
    # A lot and a choice that aren't there send who may ask back to the page.
    "scoring:lot_report_request": acts({"chair"} | COMPLIANCE, by_number, **ROOM),
    "scoring:comparison_request": acts({"chair"} | COMPLIANCE, by_number, **ROOM),
    "scoring:shortlist_request": acts({"chair"} | COMPLIANCE, by_number, **ROOM),
}


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from routes(pattern, namespace + inner)


def own_routes() -> set[str]:
    return {name for name in routes(get_resolver()) if not name.startswith(FOREIGN)}


def test_every_route_is_in_the_matrix() -> None:
    assert own_routes() == set(MATRIX)


@pytest.mark.django_db
@pytest.mark.slow
def test_each_person_gets_what_the_matrix_says() -> None:
    made = world.build()
    clients = {who: client_of(made, who) for who in EVERYBODY}
    wrong = [found for name, route in MATRIX.items() for found in _wrong(made, clients, name, route)]
    assert wrong == [], "\n" + "\n".join(wrong)


def client_of(made: World, who: str) -> Client:
    client = Client()
    if who != NOBODY:
        client.force_login(made.people[who])
    return client


def _wrong(made: World, clients: dict[str, Client], name: str, route: Route) -> Iterator[str]:
    url = reverse(name, args=route.args(made)) + route.query
    for who, client in clients.items():
        # Whatever one person's request changes is undone before the next one asks.
        with transaction.atomic():
            answer = getattr(client, route.method)(url)
            transaction.set_rollback(True)
        expected = route.expected(who)
        place = answer.headers.get("Location", "")
        if answer.status_code not in (expected if isinstance(expected, frozenset) else {expected}):
            yield f"{route.method.upper()} {name} {who}: {answer.status_code}, not {expected} {place}"
        if who == NOBODY and answer.status_code == GO and "/accounts/" not in place:
            yield f"{name}: nobody is sent to {place}"
        if who == "undeclared" and route.answers.get(who) == GO and "/declare/?window=" not in place:
            yield f"{name}: without a declaration one is sent to {place}"


@pytest.mark.django_db
def test_nothing_is_changed_by_following_a_link() -> None:
    made = world.build(with_reports=False)
    client = client_of(made, "admin")
    posts = {name: route for name, route in MATRIX.items() if route.method == "post"}
    answers = {
        name: client.get(reverse(name, args=route.args(made))).status_code for name, route in posts.items()
    }
    assert {name: code for name, code in answers.items() if code not in (404, 405)} == {}


@pytest.mark.django_db
def test_a_null_character_in_a_search_breaks_no_page() -> None:
    """The database takes none, so a page that hands one on fails."""
    made = world.build(with_reports=False)
    broken = []
    for who in ("admin", "officer", "owner", "reviewer"):
        client = client_of(made, who)
        client.raise_request_exception = False
        for name, route in MATRIX.items():
            if route.method == "get" and route.answers.get(who) == OK:
                url = reverse(name, args=route.args(made))
                status = client.get(
                    f"{url}?q=%00&list=%00&state=%00&lot=%00&show=%00&page=%00&sort=%00"
                ).status_code
                if status >= 500:
                    broken.append(f"{who} {name}: {status}")
    assert broken == []
