"""Reports: asked for, made by a worker, then a link. A report belongs to who asked for it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import access
from portal.accounts.models import AccessEvent
from portal.files.storing import hand_out
from portal.kit import clock
from portal.kit.requests import Request
from portal.models import User
from rfp.models import Proposal, Window
from scoring.decisions.forms import ReportForm
from scoring.decisions.views.ranking import export_links
from scoring.minutes.models import Minutes
from scoring.outcomes.views.supplier import own_letter
from scoring.panel.access import proposals_visible_to, viewer_of
from scoring.panel.models import Conflict
from scoring.panel.views.room import Room, in_room, with_proposal
from scoring.reports import actions, files
from scoring.reports.models import Report
from scoring.reports.queries import reports_visible_to
from scoring.reports.summaries import may_read_minutes

PAGE = 50
SEALED = "sealed"
SETTLED = (Report.State.DONE, Report.State.FAILED)


@in_room
def report_list(request: HttpRequest, room: Room) -> HttpResponse:
    """The user's own reports on this RFP, the newest first."""
    window = room.window(request.GET.get("window"))
    found = reports_visible_to(room.user).filter(window__in=room.windows)
    page = Paginator(found.select_related("window", "proposal", "document", "minutes__lot"), PAGE)
    return render(
        request,
        "scoring/reports/report_list.html",
        room.context(
            "report_list",
            page=page.get_page(request.GET.get("page")),
            window=window,
            form=shortlist_form(room, window.number) if room.access[window.pk].sees_panel else None,
            file_links=file_links(room, window),
        ),
    )


def file_links(room: Room, window: Window) -> list[tuple[str, str]]:
    """(words, address) of the evaluation files that the user may export."""
    access = room.access[window.pk]
    found = {
        is_open: bool(files.lots_for(room.viewer, window, access, price_open=is_open))
        for is_open in (True, False)
    }
    return export_links(room, window, with_prices=found[True], sealed=found[False])


def shortlist_form(room: Room, window: int) -> ReportForm:
    address = reverse("scoring:shortlist_request", args=[room.solicitation.number])
    return ReportForm(
        submit=f"Create shortlist report for window {window}", action=f"{address}?window={window}"
    )


@in_room
def evaluation_file(request: HttpRequest, room: Room) -> HttpResponse:
    """The evaluation file of the window's lots with open prices; of those that are sealed if asked for, or if none is
    open."""
    window = room.window(request.GET.get("window"))
    asked = (False,) if request.GET.get("prices") == SEALED else (True, False)
    for price_open in asked:
        lots = files.lots_for(room.viewer, window, room.access[window.pk], price_open=price_open)
        if lots:
            break
    if not lots:
        raise Http404
    written = files.whole(window, lots, price_open=price_open)
    name = files.file_name(window, price_open=price_open)
    access.record(AccessEvent.Kind.DOWNLOAD, request, user=room.user, about=f"evaluation file {name}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(written.content, content_type="application/json", headers=headers)


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
@in_room
def request_minutes(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """The PDF of signed minutes."""
    found = get_object_or_404(
        Minutes.objects.select_related("window__solicitation"), pk=pk, window__in=room.windows
    )
    if not may_read_minutes(found, room.user):
        raise Http404
    report = actions.request_minutes(found, by=room.user, at=clock.wall_time())
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
