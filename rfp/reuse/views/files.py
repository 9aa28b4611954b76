"""An RFP as a JSON file, and a new RFP from one. For admins."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.kit import clock
from rfp.publishing.views.setup_frame import admin_of, frame, readable
from rfp.reuse import actions
from rfp.reuse.contents.collecting import as_file
from rfp.reuse.contents.problems import FileWrong
from rfp.reuse.forms.importing import ImportForm


@login_required
@require_GET
def setup_reuse(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be taken out of an RFP, and brought into a draft."""
    solicitation = readable(request, pk)
    return render(request, "rfp/reuse/reuse.html", frame(solicitation, "reuse"))


@login_required
@require_GET
def setup_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The contents of an RFP as a JSON file."""
    solicitation = readable(request, pk)
    answer = HttpResponse(as_file(solicitation), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="rfp-{solicitation.number}.json"'
    return answer


@login_required
def setup_import(request: HttpRequest) -> HttpResponse:
    """A new draft from a file; everything that is wrong with it, or nothing, is shown."""
    admin = admin_of(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    form.cancel = reverse("rfp:setup_list")
    problems: object = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.import_solicitation(
                form.cleaned_data["file"].read(),
                number=form.cleaned_data["number"],
                title=form.cleaned_data["title"],
                by=admin,
                at=clock.wall_time(),
            )
        except FileWrong as wrong:
            form.add_error("file", "Nothing was imported. See what is wrong with the file below")
            problems = wrong.shown
        else:
            messages.success(request, f"{made.title} imported as a draft.")
            return redirect("rfp:setup_basics", made.pk)
    return render(request, "rfp/reuse/import.html", {"form": form, "problems": problems})
