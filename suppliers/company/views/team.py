"""Who works for a company: its members, invitations and requests; and the page an invitation leads to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from suppliers.company import actions as company_actions
from suppliers.company import queries
from suppliers.company.forms.team import InviteForm, LevelForm
from suppliers.company.models import Invitation, JoinRequest, Membership, Supplier
from suppliers.company.views.company import person


@login_required
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody with access. Owners invite, let in, change and remove."""
    user = person(request)
    supplier = get_object_or_404(queries.suppliers_of(user), pk=pk)
    is_owner = queries.may_attest(user, supplier)
    form = InviteForm(request.POST or None) if is_owner else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _invited(request, supplier, form, user):
            return redirect("suppliers:team", pk)
    context: dict[str, Any] = {
        "supplier": supplier,
        "form": form,
        "is_owner": is_owner,
        "members": sorted(
            supplier.memberships.select_related("user").order_by("user__name", "pk"),
            key=lambda each: Membership.Level.values.index(each.level),
        ),
        "levels": Membership.Level.choices,
        "here": "team",
    }
    owners = [
        each for each in context["members"] if each.level == Membership.Level.OWNER and each.user.is_active
    ]
    # The only owner can neither leave nor become less: there is nothing to press.
    context["last_owner"] = owners[0].pk if len(owners) == 1 else None
    if is_owner:
        now = clock.wall_time()
        context |= {
            "invitations": supplier.invitations.filter(
                accepted_at=None, withdrawn_at=None, expires_at__gt=now
            ),
            "requests": supplier.join_requests.filter(state=JoinRequest.State.OPEN).select_related("user"),
        }
    return render(request, "suppliers/company/team.html", context)


def _invited(request: HttpRequest, supplier: Supplier, form: InviteForm, user: User) -> bool:
    path = reverse("suppliers:invitation", args=[UUID(int=0)])
    link = request.build_absolute_uri(path).replace(str(UUID(int=0)), "{key}")
    try:
        company_actions.invite(supplier, **form.cleaned_data, link=link, by=user, at=clock.wall_time())
    except Refused as refused:
        form.add_error("email", str(refused))
        return False
    messages.success(request, f"We sent an invitation to {form.cleaned_data['email']}.")
    return True


def _owned(request: HttpRequest, pk: int) -> Supplier:
    """The company, for one of its owners; nobody else may do what follows."""
    user = person(request)
    supplier = get_object_or_404(queries.suppliers_of(user), pk=pk)
    if not queries.may_attest(user, supplier):
        raise Http404
    return supplier


def _done(request: HttpRequest, pk: int, doing: Any, words: str) -> HttpResponse:
    try:
        doing()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    if not queries.suppliers_of(person(request)).filter(pk=pk).exists():
        return redirect("suppliers:company")
    return redirect("suppliers:team", pk)


@login_required
@require_POST
def member_level(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    member = get_object_or_404(_owned(request, pk).memberships.select_related("supplier"), pk=row)
    form = LevelForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose owner, editor or viewer.")
        return redirect("suppliers:team", pk)
    level, user = form.cleaned_data["level"], person(request)
    return _done(
        request,
        pk,
        lambda: company_actions.change_level(member, level=level, by=user, at=clock.wall_time()),
        "Access changed.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def member_remove(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """An owner takes somebody out; everybody may leave. Asked first, on a page of its own."""
    user = person(request)
    supplier = get_object_or_404(queries.suppliers_of(user), pk=pk)
    members = supplier.memberships.select_related("supplier", "user")
    if not queries.may_attest(user, supplier):
        members = members.filter(user=user)
    member = get_object_or_404(members, pk=row)
    if request.method == "GET":
        context = {"supplier": supplier, "member": member, "is_self": member.user_id == user.pk}
        return render(request, "suppliers/company/member_remove.html", context)
    return _done(
        request,
        pk,
        lambda: company_actions.remove_member(member, by=user, at=clock.wall_time()),
        f"You have left the {supplier.legal_name} team."
        if member.user_id == user.pk
        else f"{member.user} no longer has access.",
    )


@login_required
@require_POST
def invitation_withdraw(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    invitation = get_object_or_404(_owned(request, pk).invitations, pk=row)
    user = person(request)
    return _done(
        request,
        pk,
        lambda: company_actions.withdraw_invitation(invitation, by=user, at=clock.wall_time()),
        "Invitation canceled.",
    )


@login_required
@require_POST
def request_decide(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    asked = get_object_or_404(_owned(request, pk).join_requests, pk=row)
    approve = request.POST.get("answer") == "yes"
    level = request.POST.get("level", Membership.Level.VIEWER)
    if level not in Membership.Level.values:
        level = Membership.Level.VIEWER
    user = person(request)
    return _done(
        request,
        pk,
        lambda: company_actions.decide_join_request(
            asked, approve=approve, level=level, by=user, at=clock.wall_time()
        ),
        "They’re now on your team." if approve else "Declined. We won’t notify them.",
    )


@login_required
def invitation(request: HttpRequest, key: UUID) -> HttpResponse:
    """The place offered, for the address it was sent to; everybody else reads the same refusal."""
    user = person(request)
    row = Invitation.objects.select_related("supplier", "by").filter(key=key).first()
    if row is None or not queries.may_accept(user, row):
        return render(request, "suppliers/company/registering/invitation_other.html", status=404)
    if request.method == "POST":
        try:
            company_actions.accept_invitation(row, by=user, at=clock.wall_time())
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("suppliers:invitation", key)
        messages.success(request, f"You are now on the {row.supplier.legal_name} team.")
        return redirect("suppliers:company_overview", row.supplier_id)
    holds = row.accepted_at is None and row.withdrawn_at is None and row.expires_at > clock.wall_time()
    is_member = queries.suppliers_of(user).filter(pk=row.supplier_id).exists()
    context = {"invitation": row, "holds": holds and not is_member, "is_member": is_member}
    return render(request, "suppliers/company/registering/invitation.html", context)
