"""What an RFP asks as a workbook, and back: a preview first, then what it showed. For admins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.kit import clock
from portal.kit.refused import Refused
from portal.kit.tables import SHEET
from rfp.publishing.models import Solicitation
from rfp.publishing.views.setup_frame import admin_of, changeable, frame, readable
from rfp.reuse import workbook_actions, workbooks
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.reuse.forms.workbook import WorkbookForm
from rfp.reuse.workbooks import Read

SALT = "rfp.reuse.workbook"
KEPT_SECONDS = 24 * 3600
SHOWN = 200
# Characters of a preview, which comes back as a field of a form.
MOST_SIGNED = 2_000_000


@login_required
@require_GET
def setup_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Lots, items, criteria and requirements as XLSX."""
    solicitation = readable(request, pk)
    answer = HttpResponse(workbooks.written(solicitation), content_type=SHEET)
    answer["Content-Disposition"] = f'attachment; filename="rfp-{solicitation.number}.xlsx"'
    return answer


@login_required
def setup_workbook_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload a workbook, see what it would change, and store it."""
    solicitation = changeable(request, pk)
    if "plan" in request.POST:
        return _store(request, solicitation)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    form.cancel = reverse("rfp:setup_reuse", args=[pk])
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            rows = workbook_actions.open_workbook(form.cleaned_data["file"].read())
            context = _preview(solicitation, rows)
        except FileWrong as wrong:
            form.add_error("file", "Nothing was changed. See what is wrong with the workbook below")
            context = {"problems": wrong.shown}
    return _page(request, solicitation, context | {"form": form})


def _store(request: HttpRequest, solicitation: Solicitation) -> HttpResponse:
    try:
        told = signing.loads(request.POST["plan"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        told = None
    if told is None or told["rfp"] != solicitation.pk:
        messages.error(request, "The preview is too old. Upload the workbook again.")
        return redirect("rfp:setup_workbook_in", solicitation.pk)
    rows = workbooks.unpacked(told["rows"])
    try:
        workbook_actions.store(
            solicitation, rows, as_seen=told["seen"], by=admin_of(request), at=clock.wall_time()
        )
    except Refused as refused:
        messages.error(request, str(refused))
    except FileWrong as wrong:
        return _page(request, solicitation, {"form": WorkbookForm(), "problems": wrong.shown})
    else:
        messages.success(request, "The workbook’s changes are stored.")
        return redirect("rfp:setup_reuse", solicitation.pk)
    return redirect("rfp:setup_workbook_in", solicitation.pk)


def _preview(solicitation: Solicitation, rows: list[Read]) -> dict[str, Any]:
    """What the page shows of a workbook that will do. Raises FileWrong."""
    changes = workbook_actions.preview(solicitation, rows).changes
    plan = {
        "rfp": solicitation.pk,
        "rows": workbooks.packed(rows),
        "seen": workbook_actions.seen(changes),
    }
    signed = signing.dumps(plan, salt=SALT, compress=True)
    if len(signed) > MOST_SIGNED:
        raise FileWrong(
            [Problem("The file", "It has too much text for one upload. Upload fewer rows at once.")]
        )
    return {
        "is_read": True,
        "changes": changes[:SHOWN],
        "count": len(changes),
        "more": max(0, len(changes) - SHOWN),
        "new": sum(change.is_new for change in changes),
        "rows_read": len(rows),
        "plan": signed,
    }


def _page(request: HttpRequest, solicitation: Solicitation, context: dict[str, Any]) -> HttpResponse:
    return render(request, "rfp/reuse/workbook.html", frame(solicitation, "reuse") | context)
