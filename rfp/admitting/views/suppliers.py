"""What suppliers do before they respond: use a code, say whether they will, sign the agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from rfp.admitting import actions, queries
from rfp.admitting.forms import IntentForm, NdaForm, UseCodeForm
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import published_visible_to
from suppliers.company.queries import CHANGERS, suppliers_changeable_by
from suppliers.models import Membership


def supplier_of(request: HttpRequest) -> User:
    """The person, who may answer for a company. Raises Http404."""
    user = request.user
    if not isinstance(user, User) or not suppliers_changeable_by(user).exists():
        raise Http404
    return user


def cannot_sign(user: User | AnonymousUser, levels: Sequence[Membership.Level] = CHANGERS) -> dict[str, Any]:
    """Why a person signs for no company, for the page that says so. `levels`: who signs."""
    is_supplier = isinstance(user, User) and user.is_supplier
    return {
        "cannot_sign": True,
        "is_supplier": is_supplier,
        "signers": queries.signers_near(user, levels) if isinstance(user, User) and is_supplier else [],
        "only_owners": Membership.Level.EDITOR not in levels,
    }


def _seen(request: HttpRequest, number: str) -> Solicitation:
    return get_object_or_404(published_visible_to(request.user), number=number)


@login_required
def use_code(request: HttpRequest) -> HttpResponse:
    """Type a code, and see the RFP."""
    user = supplier_of(request)
    form = UseCodeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            solicitation = actions.use_code(
                form.cleaned_data["code"],
                supplier=form.cleaned_data["supplier"],
                by=user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, f"Your company can now see RFP {solicitation.number}.")
            return redirect("rfp:solicitation_detail", solicitation.number)
    return render(request, "rfp/admitting/use_code.html", {"form": form})


@login_required
def intent(request: HttpRequest, number: str) -> HttpResponse:
    """Say whether a company will respond."""
    user, solicitation = supplier_of(request), _seen(request, number)
    form = IntentForm(user, request.POST or None)
    form.cancel = reverse("rfp:solicitation_detail", args=[number])
    if request.method == "POST" and form.is_valid():
        responds = form.cleaned_data["will_respond"] == "yes"
        try:
            actions.say_intent(
                solicitation,
                form.cleaned_data["supplier"],
                will_respond=responds,
                reason=form.cleaned_data["reason"],
                by=user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = (
                "Thank you. The buyer knows that you intend to respond." if responds else "The buyer knows."
            )
            messages.success(request, said)
            return redirect("rfp:solicitation_detail", number)
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "form": form,
        "said": [(supplier, answer) for supplier, answer in queries.answers_of(solicitation, user) if answer],
    }
    return render(request, "rfp/admitting/intent.html", context)


@login_required
def nda(request: HttpRequest, number: str) -> HttpResponse:
    """Read and sign the agreement. Who sees the RFP but can't sign for a company reads why, and who can."""
    solicitation = _seen(request, number)
    if not solicitation.nda.strip():
        raise Http404
    if not suppliers_changeable_by(request.user).exists():
        return render(
            request, "rfp/admitting/nda.html", {"solicitation": solicitation} | cannot_sign(request.user)
        )
    user = supplier_of(request)
    signed = queries.signed_by(user, solicitation)
    if signed is not None and request.method != "POST":
        return render(request, "rfp/admitting/nda.html", {"solicitation": solicitation, "signed": signed})
    form = NdaForm(user, request.POST or None, initial={"sha256": queries.nda_sha256(solicitation)})
    form.cancel = reverse("rfp:solicitation_detail", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_nda(
                solicitation,
                form.cleaned_data["supplier"],
                signed_name=form.cleaned_data["signed_name"],
                sha256=form.cleaned_data["sha256"],
                by=user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error("signed_name", str(refusal))
        else:
            messages.success(request, "Signed. You can download the documents now.")
            return redirect("rfp:solicitation_detail", number)
    return render(request, "rfp/admitting/nda.html", {"solicitation": solicitation, "form": form})
