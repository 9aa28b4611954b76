"""Staff accounts: admins list, invite, change and turn them off."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import actions as accounts_actions
from portal.accounts import queries
from portal.accounts.forms.people import AccountForm, StaffForm
from portal.accounts.fresh import fresh_sign_in
from portal.accounts.models import FactorReset
from portal.kit import clock
from portal.kit import refused as kit_refused
from portal.kit.listing import Column, Empty, Listing, Search
from portal.people.models import Role, User

ACCOUNTS = Listing(
    name="accounts",
    title="Staff accounts",
    route="portal:account_list",
    columns=(
        Column("Name", key="name", sort="name"),
        Column("Role", key="role", sort="role"),
        Column("Two-step sign-in"),
        Column("Last sign-in", key="login", sort="last_login", first="descending"),
        Column("Actions", hidden=True),
    ),
    filters=(Search("Name or email", ("name__icontains", "email__icontains")),),
    rows_template="portal/accounts/account_rows.html",
    nothing=Empty("No accounts yet"),
    nothing_matches=Empty("No matching accounts", "Search for part of a name or email address."),
    then=("pk",),
)


def admin_of(request: HttpRequest) -> User:
    """The admin who asks; nobody else knows that the page exists."""
    user = request.user
    if not isinstance(user, User) or not user.is_admin:
        raise Http404
    return user


@login_required
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    admin_of(request)
    accounts = queries.accounts_visible_to(request.user).order_by("name", "pk")
    waiting = queries.factor_resets_visible_to(request.user).filter(state=FactorReset.State.ASKED).count()
    context = ACCOUNTS.page(request, accounts) | {"resets": waiting}
    return render(request, "portal/accounts/account_list.html", context)


@login_required
@fresh_sign_in
def account_new(request: HttpRequest) -> HttpResponse:
    admin = admin_of(request)
    form = StaffForm(request.POST or None)
    form.cancel = reverse("portal:account_list")
    if request.method == "POST" and form.is_valid():
        login_url = request.build_absolute_uri(reverse("account_request_login_code"))
        user = accounts_actions.invite_staff(
            form.save(commit=False), login_url=login_url, by=admin, at=clock.wall_time()
        )
        messages.success(
            request, f"{user.name} now has an account. We’re sending an invitation to {user.email}."
        )
        return redirect("portal:account_list")
    return render(request, "portal/accounts/account_new.html", {"form": form})


@login_required
@fresh_sign_in
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name or role."""
    admin = admin_of(request)
    account = get_object_or_404(queries.accounts_visible_to(admin), pk=pk)
    form = AccountForm(request.POST or None, instance=account)
    form.cancel = reverse("portal:account_list")
    if request.method == "POST" and form.is_valid():
        try:
            accounts_actions.change_account(
                account,
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
                reason=form.cleaned_data["reason"].strip(),
                by=admin,
                at=clock.wall_time(),
            )
        except kit_refused.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, "Saved. We’re emailing the person and the other admins, officers, and auditors."
            )
            return redirect("portal:account_list")
    waiting = queries.factor_resets_visible_to(admin).filter(person=account, state=FactorReset.State.ASKED)
    context = {"form": form, "account": account, "reset": waiting.first()}
    return render(request, "portal/accounts/account_edit.html", context)


@login_required
@fresh_sign_in
@require_POST
def account_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an account off, or on again."""
    admin = admin_of(request)
    account = get_object_or_404(queries.accounts_visible_to(admin), pk=pk)
    try:
        accounts_actions.set_active(account, active=not account.is_active, by=admin, at=clock.wall_time())
    except kit_refused.Refused as refused:
        messages.error(request, str(refused))
    else:
        words = "can sign in again" if account.is_active else "can no longer sign in"
        messages.success(request, f"{account.name} {words}.")
    return redirect("portal:account_list")
