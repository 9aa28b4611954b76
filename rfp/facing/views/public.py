"""The public face of an RFP, beside its page: see if you qualify, and watch it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from rfp.drafting.views.public import lot_called
from rfp.facing import qualifying, watching
from rfp.facing.forms import QualifyForm
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import published_visible_to


def published(request: HttpRequest, number: str) -> Solicitation:
    """Raises Http404."""
    return get_object_or_404(published_visible_to(request.user), number=number)


@require_http_methods(["GET", "HEAD", "POST"])
def qualify(request: HttpRequest, number: str, code: str = "") -> HttpResponse:
    """A lot's knock-outs as questions. POST says what the rules would, and keeps nothing."""
    solicitation = published(request, number)
    lots = list(solicitation.lots.filter(withdrawn_at__isnull=True))
    if not lots:
        raise Http404
    lot = lot_called(code, solicitation.lots.filter(withdrawn_at__isnull=True)) if code else lots[0]
    lot.solicitation = solicitation
    asked = qualifying.questions(lot)
    form = QualifyForm(request.POST if request.method == "POST" else None, asked=asked)
    said = qualifying.verdicts(asked, form.answers()) if form.is_bound and form.is_valid() else []
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "lot": lot,
        "lots": lots,
        "form": form,
        "asked": asked,
        "said": said,
        "failed": [each for each in said if each.state == "not"],
        "unknown": [each for each in said if each.state == "open"],
    }
    return render(request, "rfp/facing/qualify.html", context)


@login_required
@require_POST
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """Begin to watch, or stop."""
    solicitation = published(request, number)
    assert isinstance(request.user, User), "login_required stands before this"
    if not request.user.is_supplier:
        raise Http404
    try:
        if request.POST.get("stop"):
            watching.stop(solicitation, by=request.user)
            messages.success(request, "You no longer watch this RFP.")
        else:
            watching.watch(solicitation, by=request.user, at=clock.wall_time())
            messages.success(request, "You’ll get an email when this RFP changes or questions are answered.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("rfp:solicitation_detail", number)
