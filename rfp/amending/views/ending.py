"""Cancel or close an RFP."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.kit.refused import Refused
from rfp.amending import ending_actions
from rfp.amending.forms.ending import EndForm
from rfp.amending.views.admin import person_of, writable


@login_required
@fresh_sign_in
def solicitation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how and why; then it is over."""
    solicitation = writable(request, pk)
    if solicitation.final_status:
        raise Http404
    form = EndForm(request.POST or None)
    form.cancel = reverse("rfp:addendum_list", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            ended = ending_actions.end_solicitation(
                solicitation,
                status=form.cleaned_data["status"],
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal).rstrip("."))
        else:
            words = ended.get_final_status_display().lower()
            messages.success(request, f"{solicitation.title} is {words}. Suppliers have a letter.")
            return redirect("rfp:solicitation_detail", solicitation.number)
    return render(request, "rfp/amending/admin/end.html", {"solicitation": solicitation, "form": form})
