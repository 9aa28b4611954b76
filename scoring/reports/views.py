"""Reports: asked for, made by a worker, then a link. A report belongs to who asked for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
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
from portal.kit.charts import bars
from portal.kit.requests import Request
from portal.models import User
from rfp.models import Lot, Proposal, Window
from scoring.comparing.views.compare import LEAST, MOST, chosen_rows, refusal
from scoring.decisions.forms import ReportForm
from scoring.decisions.views.ranking import export_links
from scoring.decisions.views.ranking_shown import shown_in
from scoring.minutes.models import Minutes
from scoring.outcomes.views.supplier import own_letter
from scoring.panel.access import proposals_visible_to, viewer_of
from scoring.panel.models import Conflict
from scoring.panel.views.room import Room, in_room, with_proposal
from scoring.ranking.queries import ranking_of
from scoring.reports import actions, files
from scoring.reports.contents import chapters
from scoring.reports.forms import LotReportForm
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
    page = Paginator(found.select_related("window", "proposal", "lot", "document", "minutes__lot"), PAGE)
    return render(
        request,
        "scoring/reports/report_list.html",
        room.context(
            "report_list",
            page=page.get_page(request.GET.get("page")),
            window=window,
            form=shortlist_form(room, window.number) if room.access[window.pk].sees_panel else None,
            lot_form=lot_form(room, window),
            file_links=file_links(room, window),
        ),
    )


def lots_to_report(room: Room, window: Window) -> list[Lot]:
    """Lots with a ranking whose whole evaluation the user may read."""
    ranking = ranking_of(window)
    if ranking is None or ranking.ranked_at is None:
        return []
    ranked = {lot for lot, *_counts in ranking.lots}
    lots = [lot for lot in room.solicitation.lots.all() if lot.pk in ranked]
    return [lot for lot in lots if chapters.may_read(room.viewer, window, lot)]


def lot_form(room: Room, window: Window, data: Any = None) -> LotReportForm | None:
    """None for who may read none of the window's lots whole."""
    lots = lots_to_report(room, window)
    if not lots:
        return None
    form = LotReportForm(data, lots=lots)
    address = reverse("scoring:lot_report_request", args=[room.solicitation.number])
    form.action = f"{address}?window={window.number}"
    return form


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
@in_room
def request_lot_report(request: HttpRequest, room: Room) -> HttpResponse:
    """The evaluation report or the dossier of one lot, for who may read all of it."""
    window = room.window(request.GET.get("window"))
    form = lot_form(room, window, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, "Choose a document and a lot from the lists.")
        return redirect(
            f"{reverse('scoring:report_list', args=[room.solicitation.number])}?window={window.number}"
        )
    lot = next(each for each in lots_to_report(room, window) if each.code == form.cleaned_data["lot"])
    kind = Report.Kind(form.cleaned_data["kind"])
    report = actions.request_lot_report(kind, window, lot, by=room.user, at=clock.wall_time())
    return redirect("scoring:report_detail", pk=report.pk)


@require_POST
@in_room
def request_comparison(request: HttpRequest, room: Room) -> HttpResponse:
    """What the compare page shows, as a PDF; the address names the proposals as the page's does."""
    shown = shown_in(request, room)
    if shown is None:
        raise Http404
    rows = chosen_rows(request, room, shown)
    if not LEAST <= len(rows) <= MOST:
        messages.error(request, refusal(len(rows)))
        address = reverse("scoring:compare", args=[room.solicitation.number])
        return redirect(f"{address}?{request.GET.urlencode()}")
    report = actions.request_comparison(
        shown.window, [row.proposal_id for row in rows], by=room.user, at=clock.wall_time()
    )
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
            "drawing": bars.progress(report.done, report.total) if report.total else None,
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
    found = reports_visible_to(request.user).select_related(
        "window__solicitation", "proposal", "lot", "document"
    )
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
    """Whether a report on a ranking may still be read: the panel is the user's to see, a whole lot is for who may read
    all of it, and no conflict came since."""
    viewer = viewer_of(user, report.window.solicitation)
    if report.lot is not None and not chapters.may_read(viewer, report.window, report.lot):
        return False
    if not viewer.access(report.window, report.window.openings.all()).sees_panel:
        return False
    since = Conflict.objects.filter(
        user=user, solicitation=report.window.solicitation_id, at__gt=report.requested_at
    )
    return not since.exists()
