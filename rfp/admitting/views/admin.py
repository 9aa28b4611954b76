"""Who can see an RFP: its setting, the companies that are invited, and codes. For admins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.web.acting import act_and_say
from rfp.admitting import actions, queries
from rfp.admitting.forms import AccessForm, CodeForm, InviteForm
from rfp.publishing.models import Solicitation
from rfp.publishing.views.setup import keep
from rfp.publishing.views.setup_frame import admin_of, changeable, frame, readable

PER_PAGE = 50


@login_required
def setup_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Who can see it, and everyone who is invited or answered."""
    if request.method == "POST":
        solicitation = changeable(request, pk)
        form = AccessForm(request.POST, instance=changeable(request, pk))
        if keep(request, solicitation, form, what="access"):
            messages.success(request, "Saved.")
            return redirect("rfp:setup_access", pk)
        return _page(request, solicitation, form=form)
    return _page(request, readable(request, pk))


def _page(request: HttpRequest, solicitation: Solicitation, **given: Any) -> HttpResponse:
    now = clock.wall_time()
    context = frame(solicitation, "access") | {
        "form": AccessForm(instance=solicitation),
        "invite_form": InviteForm(),
        "code_form": CodeForm(solicitation, now),
        "codes": [
            (code, code.ended_at is None and code.expires_at > now)
            for code in solicitation.access_codes.annotate(used=Count("admissions"))
        ],
        "page": asked.page_of(
            request, queries.companies_of(solicitation).order_by("legal_name", "pk"), PER_PAGE
        ),
        **given,
    }
    return render(request, "rfp/admitting/access.html", context)


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite companies, before publication or after."""
    solicitation = readable(request, pk)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, solicitation, invite_form=form)

    def act() -> str:
        new = actions.invite(solicitation, form.found, by=admin_of(request), at=clock.wall_time())
        told = (
            "They get an email now." if solicitation.is_published else "They get an email when you publish."
        )
        return f"{count_of(new, 'company', 'companies')} invited. {told}"

    act_and_say(request, act)
    return redirect("rfp:setup_access", pk)


@login_required
@require_POST
@fresh_sign_in
def make_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a code; the page shows it this once."""
    solicitation = readable(request, pk)
    now = clock.wall_time()
    form = CodeForm(solicitation, now, request.POST)
    if not form.is_valid():
        return _page(request, solicitation, code_form=form)
    try:
        code, typed = actions.make_code(
            solicitation,
            label=form.cleaned_data["label"],
            expires_at=form.cleaned_data["expires_at"],
            most_uses=form.cleaned_data["most_uses"],
            by=admin_of(request),
            at=now,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:setup_access", pk)
    return _page(request, solicitation, made=code, typed=typed)


@login_required
@require_POST
def end_code(request: HttpRequest, pk: int, code: int) -> HttpResponse:
    """Nobody is admitted with it anymore."""
    solicitation = readable(request, pk)
    row = get_object_or_404(solicitation.access_codes, pk=code)

    def act() -> str:
        actions.end_code(row, by=admin_of(request), at=clock.wall_time())
        return f"Code …{row.ends} ended. Companies that used it keep access."

    act_and_say(request, act)
    return redirect("rfp:setup_access", pk)
