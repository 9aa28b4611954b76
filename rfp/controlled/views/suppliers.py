"""How a supplier gets a document that is under export control."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.kit import clock
from portal.models import User
from portal.web.acting import acts_from
from rfp.admitting.queries import must_sign_first
from rfp.admitting.views.suppliers import cannot_sign
from rfp.controlled import actions, queries
from rfp.controlled.forms import CertifyForm
from rfp.publishing.models import SolicitationDocument
from rfp.publishing.queries import published_visible_to
from suppliers.models import Membership


@login_required
def export_document(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """What the control is, where the reader's companies stand, and the statement to sign."""
    solicitation = get_object_or_404(published_visible_to(request.user), number=number)
    document = get_object_or_404(
        SolicitationDocument.objects.select_related("document").exclude(export_control=""),
        pk=pk,
        solicitation=solicitation,
    )
    document.solicitation = solicitation
    user = request.user
    assert isinstance(user, User)
    states = queries.own_states(user, document)
    owned = set(queries.signs_for(user).values_list("pk", flat=True))
    asking = [each.supplier for each in states if each.may_certify and each.supplier.pk in owned]
    form = None
    if asking and not solicitation.final_status:
        form = CertifyForm(user.name, asking, request.POST or None)
        form.cancel = reverse("rfp:solicitation_detail", args=[number])
        if request.method == "POST" and form.is_valid() and _certified(request, document, form, user):
            return redirect("rfp:export_document", number, pk)
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "document": document,
        "states": states,
        "form": form,
        "statements": [(each, actions.statement_for(each)) for each in asking],
        "may_take": queries.handles_controlled(user) or queries.release_for(user, document) is not None,
        "agreement_first": must_sign_first(user, document),
        "needs_owner": any(each.may_certify and each.supplier.pk not in owned for each in states),
        **({} if owned else cannot_sign(user, levels=[Membership.Level.OWNER])),
    }
    return render(request, "rfp/controlled/document.html", context)


def _certified(request: HttpRequest, document: SolicitationDocument, form: CertifyForm, user: User) -> bool:
    def act() -> str:
        actions.certify(
            document,
            form.cleaned_data["supplier"],
            signed_name=form.cleaned_data["signed_name"],
            by=user,
            at=clock.wall_time(),
        )
        return "Signed. A compliance officer decides, and you get an email."

    return acts_from(form, request, act)
