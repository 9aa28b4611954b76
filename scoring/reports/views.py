"""Reports: asked for, made by a worker, then a link. A report belongs to who asked for it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.files.storing import hand_out
from portal.kit import clock
from portal.kit.requests import Request
from portal.models import User
from rfp.models import Proposal
from scoring.decisions.forms import ReportForm
from scoring.outcomes.views.supplier import own_letter
from scoring.panel.access import proposals_visible_to, viewer_of
from scoring.panel.models import Conflict
from scoring.panel.views.room import Room, in_room, with_proposal
from scoring.reports import actions
from scoring.reports.models import Report
from scoring.reports.queries import reports_visible_to

PAGE = 50
SETTLED = (Report.State.DONE, Report.State.FAILED)


@in_room
def report_list(request: HttpRequest, room: Room) -> HttpResponse:
    """The user's own reports on this RFP, the newest first."""
    window = room.window(request.GET.get("window"))
    found = reports_visible_to(room.user).filter(window__in=room.windows)
    page = Paginator(found.select_related("window", "proposal", "document"), PAGE)
    return render(
        request,
        "scoring/reports/report_list.html",
        room.context(
            "report_list",
            page=page.get_page(request.GET.get("page")),
            window=window,
            form=shortlist_form(room, window.number) if room.access[window.pk].sees_panel else None,
        ),
    )


def shortlist_form(room: Room, window: int) -> ReportForm:
    address = reverse("scoring:shortlist_request", args=[room.solicitation.number])
    return ReportForm(
        submit=f"Create shortlist report for window {window}", action=f"{address}?window={window}"
    )


@require_POST
@in_room
def request_shortlist(request: HttpRequest, room: Room) -> HttpResponse:
    window = room.window(request.GET.get("window"))
    if not room.access[window.pk].sees_panel:
        raise Http404
    report = actions.request_shortlist_report(window, by=room.user, at=clock.wall_time())
    return redirect("scoring:report_detail", pk=report.pk)


@require_POST
@with_proposal
def request_summary(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    report = actions.request_summary(proposal, by=room.user, at=clock.wall_time())
    return redirect("scoring:report_detail", pk=report.pk)


@require_POST
@login_required
def request_debrief(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The PDF of a released debrief, for the supplier."""
    letter = own_letter(request, pk)
    assert isinstance(request.user, User), "login_required stands before this"
    report = actions.request_debrief(letter.proposal, by=request.user, at=clock.wall_time())
    return redirect("scoring:report_detail", pk=report.pk)


@login_required
def detail(request: Request, pk: int) -> HttpResponse:
    """Progress, then the link; the fragment asks again until the worker is done."""
    report = _own(request, pk)
    template = "scoring/reports/report_detail.html"
    if request.htmx:
        template = "scoring/reports/report_state.html"
    solicitation = report.window.solicitation
    return render(
        request,
        template,
        {
            "report": report,
            "zone": solicitation.time_zone,
            "solicitation": solicitation,
            "is_settled": report.state in SETTLED,
        },
    )


@login_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    report = _own(request, pk)
    if report.document is None or report.state != Report.State.DONE:
        raise Http404
    return hand_out(report.document, request)


def _own(request: HttpRequest, pk: int) -> Report:
    """The user's own report, while its page is the user's to read: a summary with its proposal, a shortlist report with
    the ranking. Raises Http404."""
    found = reports_visible_to(request.user).select_related("window__solicitation", "proposal", "document")
    report = get_object_or_404(found, pk=pk)
    assert isinstance(request.user, User), "login_required stands before this"
    if request.user.is_supplier:
        return report
    if report.proposal_id is not None:
        get_object_or_404(proposals_visible_to(request.user), pk=report.proposal_id)
    elif report.document_id is not None and not _still_theirs(report, request.user):
        raise Http404
    return report


def _still_theirs(report: Report, user: User) -> bool:
    """Whether a shortlist report may still be read: the panel is the user's to see, and no conflict came since."""
    viewer = viewer_of(user, report.window.solicitation)
    if not viewer.access(report.window, report.window.openings.all()).sees_panel:
        return False
    since = Conflict.objects.filter(
        user=user, solicitation=report.window.solicitation_id, at__gt=report.requested_at
    )
    return not since.exists()
