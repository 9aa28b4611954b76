"""The audit log: filtered, paged, verified."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.kit import formats
from portal.kit.listing import Choice, Column, Empty, Listing, Search
from portal.people.models import User
from portal.record import audit, queries
from portal.record.models import AuditEvent

# What happened, in words. A verb that is not here reads as it is stored.
VERBS = {
    "token.created": "API token created",
    "token.revoked": "API token revoked",
    "account.address_changed": "Staff email address changed",
    "account.created": "Account created",
    "account.factor_reset": "Two-step sign-in reset",
    "account.factor_reset_asked": "Two-step sign-in reset requested",
    "account.factor_reset_withdrawn": "Two-step sign-in reset withdrawn",
    "account.invited": "Account invited",
    "account.named": "Compliance officer named on the server",
    "account.operator_off": "Operator access removed",
    "account.operator_on": "Operator access granted",
    "account.renamed": "Account renamed",
    "account.role_changed": "Role changed",
    "account.switched_off": "Account turned off",
    "account.switched_on": "Account turned on",
    "addendum.changed": "Addendum draft changed",
    "addendum.discarded": "Addendum discarded",
    "addendum.proposed": "Addendum given to a second person",
    "addendum.published": "Addendum published",
    "addendum.started": "Addendum started",
    "addendum.taken_back": "Addendum taken back for changes",
    "award.end_dropped": "End of an award taken back",
    "award.end_proposed": "End of an award started",
    "award.ended": "Award ended",
    "award.final": "Award made final",
    "clarification.answered": "Clarification answered",
    "clarification.asked": "Clarification asked",
    "cure.answered": "Missing answers received",
    "cure.asked": "Missing answers asked for",
    "debrief.accepted": "Draft explanations accepted for a debrief",
    "debrief.edited": "Debrief edited",
    "letter.changed": "Letter wording changed",
    "letter.sent_again": "Letter sent again",
    "release.confirmed": "Decisions released to suppliers",
    "release.dropped": "Release taken back",
    "release.held_back": "Scheduled letters held back",
    "release.proposed": "Release started",
    "release.scheduled": "Letters scheduled",
    "alert.assigned": "Alert assigned to an officer",
    "envelope.opened": "Envelope opened",
    "envelope.proposed": "Opening started",
    "tie.draw_started": "Draw of a tie started",
    "tie.drawn": "Tie drawn",
    "mark.stood_in": "Missing input decided",
    "marks.agreed": "Panel agreed on a mark",
    "marks.reopened": "Criterion opened again for a reviewer",
    "marks.removal_proposed": "Removal of marks requested",
    "marks.removed": "Marks removed from a total",
    "pair.asked": "Countersignature requested",
    "pair.countersigned": "Countersigned by an officer",
    "panel.assigned": "Reviewers assigned",
    "panel.chair_asked": "New chair proposed",
    "panel.chair_changed": "Chair changed",
    "panel.conflict_added": "Conflict added",
    "panel.due_set": "Due date of marks set",
    "panel.expertise_set": "Reviewers’ limits and expertise changed",
    "panel.handed_back": "Handed-over work given back",
    "panel.handed_over": "Work handed over to a deputy",
    "panel.recused": "Reviewer recused",
    "proposal.standing_overridden": "Hold overridden",
    "minutes.signed": "Minutes signed",
    "file.released": "File released to reviewers",
    "finding.overridden": "Finding decided",
    "list.loaded": "Screening list loaded",
    "list.activated": "Screening list activated",
    "alert.decided": "Screening alert decided",
    "marks.recorded": "Marks recorded",
    "panel.declared": "Conflicts declared",
    "panel.seated": "Reviewer added to panel",
    "panel.unseated": "Reviewer removed from panel",
    "portfolio.requested": "Portfolio requested",
    "proposal.attested": "Proposal signed",
    "proposal.decided": "Decision recorded",
    "proposal.reconfirmed": "Changed answers reconfirmed",
    "proposal.revising": "Revision started",
    "proposal.started": "Proposal started",
    "proposal.submitted": "Proposal submitted",
    "proposal.withdrawn": "Proposal withdrawn",
    "report.requested": "Report requested",
    "solicitation.changed": "RFP changed",
    "solicitation.created": "RFP created",
    "solicitation.document": "RFP document added",
    "solicitation.ended": "RFP ended",
    "solicitation.published": "RFP published",
    "library.kept": "Requirements or criteria kept in the library",
    "library.removed": "Library entry removed",
    "solicitation.imported": "RFP imported from a file",
    "question.addendum_started": "Addendum started from a question",
    "question.advice_asked": "Colleague asked about a question",
    "question.advice_given": "Answer suggested by a colleague",
    "question.advice_taken": "Suggested answer used in a draft",
    "question.answered_privately": "Question answered privately",
    "question.asked": "Question asked privately",
    "question.merged": "Question merged with another",
    "question.published": "Answer published",
    "question.separated": "Merged question separated",
    "supplier.changed": "Company profile changed",
    "supplier.registered": "Company registered",
    "qualification.begun": "Qualification started",
    "qualification.moved": "Qualification changed",
    "qualification.overridden": "Qualification finding decided",
    "preference.refused": "Preference not counted",
    "supplier.invited_to_rfp": "Company invited to an RFP",
    "access_code.made": "Access code made",
    "access_code.ended": "Access code ended",
    "access_code.used": "Access code used",
    "nda.signed": "Non-disclosure agreement signed",
    "event.signed_up": "Company signed up for an event",
    "event.canceled": "Company canceled its sign-up for an event",
    "export.certified": "Company certified for an export-controlled document",
    "export.released": "Export-controlled document released to a company",
    "export.refused": "Export-controlled document refused to a company",
    "export.revoked": "Release of an export-controlled document revoked",
    "export.downloaded": "Export-controlled document downloaded",
    "waiver.given": "Waiver granted",
    "waiver.withdrawn": "Waiver withdrawn",
    "settings.proposed": "Rule settings proposed",
    "settings.previewed": "Rule settings preview recalculated",
    "settings.in_force": "Rule settings put into effect",
    "category.saved": "Commodity or region saved",
    "team.appointed": "Owner appointed by operators",
    "team.invited": "Invitation sent",
    "team.uninvited": "Invitation canceled",
    "team.joined": "Invitation accepted",
    "team.request_decided": "Request to join decided",
    "team.level": "Access changed",
    "team.left": "Member removed",
}

AUDIT = Listing(
    name="audit",
    title="Audit",
    route="portal:audit_list",
    columns=(Column("No.", css="num"), Column("When"), Column("What"), Column("Who"), Column("Subject")),
    filters=(
        # Every kind of event, whatever happened: a choice that comes and goes would tell of sealed events.
        Choice(
            "verb",
            "What",
            listed=lambda: sorted(VERBS.items(), key=itemgetter(1)),
            field="verb",
            blank="Everything",
        ),
        Search(
            "Subject",
            ("subject__icontains",),
            also=lambda words: Q(subject__in=queries.subjects_numbered(words)),
        ),
    ),
    rows_template="portal/record/audit_rows.jinja",
    nothing=Empty("No events yet", "The first action will appear here."),
    nothing_matches=Empty("No matching events", "Try a different search."),
    fetch=lambda keys: AuditEvent.objects.filter(pk__in=keys),
    per_page=100,
)


def reader_of(request: HttpRequest) -> User:
    """The auditor or admin who asks; nobody else knows that the page exists."""
    user = request.user
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        raise Http404
    return user


@login_required
@require_GET
def audit_list(request: HttpRequest) -> HttpResponse:
    reader_of(request)
    events = queries.events_visible_to(request.user)
    if AUDIT.is_narrowed(AUDIT.values(request)):
        context = AUDIT.page(request, audit.unsealed(events))
    else:
        # The chain has no gaps: its last number is its length.
        last = AuditEvent.objects.aggregate(last=Max("seq"))["last"] or 0
        context = AUDIT.page(request, events, count=last)
    context["rows"] = rows_of(list(context["page"].object_list))
    return render(request, "portal/record/audit_list.html", context)


def rows_of(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """Events with who acted, on what, in words; of sealed ones only that they happened. A fixed number of queries."""
    sealed = audit.sealed_among(events)
    told = [event for event in events if event.subject not in sealed]
    actors, subjects = queries.actors_of(told), queries.numbers_of(told)
    return [
        {
            "event": event,
            "is_sealed": event.subject in sealed,
            "words": in_words(event.verb),
            "actor": actors.get(event.actor),
            "number": subjects.get(event.subject, ""),
            "facts": _facts(event),
        }
        for event in events
    ]


@login_required
@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Read the whole chain and say whether it holds."""
    reader_of(request)
    count, breaks = audit.verify()
    read = formats.count_of(count, "event")
    if breaks:
        named = "; ".join(str(found) for found in breaks[:20])
        more = f" And {len(breaks) - 20} more." if len(breaks) > 20 else ""
        messages.error(request, f"{read} read. The chain is broken. {named}.{more}")
    else:
        messages.success(request, f"{read} read. The chain is intact. {audit.compared()}")
    return redirect("portal:audit_list")


def in_words(verb: str) -> str:
    """ "proposal.submitted" → "Proposal submitted"."""
    return VERBS.get(verb, verb)


def _facts(event: AuditEvent) -> str:
    """The event's facts in one line: "revision 1, window 2, marks T1 4 D3 5"."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_words(value)}" for name, value in audit.open_facts(event).items()
    )


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_words(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    return "none" if value is None else str(value)
