"""One's own second step: the way to it where it is required, another app in its place, and an emailed code instead."""

from __future__ import annotations

import base64
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, resume_request
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts import access, two_step
from portal.accounts.forms.codes import EmailedCode
from portal.accounts.fresh import fresh_sign_in
from portal.accounts.models import AccessEvent
from portal.accounts.two_step import Owes
from portal.people.models import User


@login_required
@require_GET
def two_step_page(request: HttpRequest) -> HttpResponse:
    """Why staff need a second step, and where to set it up; who has it goes on to where they wanted to go."""
    two_step.keep_next(request)
    owed = two_step.owed(request)
    if owed is Owes.SET_UP:
        return render(request, "portal/accounts/two_step.html")
    target = request.session.pop(two_step.NEXT, "/")
    if owed is Owes.CODE:
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': target})}")
    return redirect(target)


@login_required
@fresh_sign_in(reading=True)
def replace(request: HttpRequest) -> HttpResponse:
    """Another authenticator app in place of the one in use, which works until the new one's code is right."""
    user = cast(User, request.user)
    row = get_object_or_404(Authenticator, user=user, type=Authenticator.Type.TOTP)
    form = ActivateTOTPForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        adapter = get_mfa_adapter()
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=row.pk)
            row.data = {"secret": adapter.encrypt(form.secret)}
            row.save(update_fields=["data"])
        clear_totp_secret(request)
        record_authentication(request, user, "mfa", id=row.pk, type=row.type)
        signals.authenticator_reset.send(sender=Authenticator, request=request, user=user, authenticator=row)
        messages.success(request, "Your new app is set up. Codes from the old one no longer work.")
        return redirect("mfa_index")
    return render(
        request,
        "mfa/totp/activate_form.html",
        {"form": form, "replaces": True, **_picture(user, form.secret)},
    )


class RemovePasskey(RemoveWebAuthnView):
    """allauth's, which does not ask whether the last factor may go."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        return answer


def _picture(user: User, secret: str) -> dict[str, Any]:
    """The QR code, as an address that holds its picture."""
    adapter = get_mfa_adapter()
    drawn = adapter.build_totp_svg(adapter.build_totp_url(user, secret)).encode()
    return {"totp_svg_data_uri": f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"}


@login_required
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """For who has neither password nor second step: confirm with an emailed code, then go on."""
    user = cast(User, request.user)
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    if get_reauthentication_flows(user):
        place = get_adapter(request).get_reauthentication_methods(user)[0]["url"]
        return redirect(f"{place}?{urlencode({'next': target})}")
    code = EmailedCode.sent_before(request)
    if request.method == "GET":
        return _again(request, code)
    if "code" not in request.POST:
        return _again(request, EmailedCode.send_to(user, request))
    if code is None:
        return _again(request, None, problem="That code has expired. Request a new one.")
    if not code.accepts(request.POST.get("code", "")):
        access.record(AccessEvent.Kind.FAILURE, request, user=user, about="code")
        words = "That code is wrong. Enter the one from the latest email."
        return _again(request, EmailedCode.sent_before(request), problem=words)
    record_authentication(request, user, method="code", email=user.email, reauthenticated=True)
    answer: HttpResponse = resume_request(request) or redirect(target)
    return answer


def _again(request: HttpRequest, code: EmailedCode | None, *, problem: str = "") -> HttpResponse:
    context = {
        "is_sent": code is not None,
        "problem": problem,
        "held_back": code is not None and code.held_back,
    }
    return render(request, "portal/accounts/sign_in_again.html", context)
