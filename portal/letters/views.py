"""Notices: everything written to a person, and how often they want it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.kit import clock
from portal.kit.formats import count_of
from portal.kit.listing import Choice, Column, Empty, Listing, Option, Search
from portal.letters import actions, queries
from portal.letters.forms import NoticeSettingsForm
from portal.letters.kinds import KINDS
from portal.people.models import User

NOTICES = Listing(
    name="notices",
    title="Notices",
    route="portal:notice_list",
    columns=(Column("Notice"), Column("Kind"), Column("When"), Column("State")),
    filters=(
        Choice(
            "show",
            "Show",
            fixed={"": Option("Everything"), "unread": Option("Unread", Q(read_at__isnull=True))},
        ),
        Choice(
            "kind",
            "Kind",
            listed=lambda: [(kind.name, kind.title) for kind in KINDS],
            field="kind",
            blank="All kinds",
        ),
        Search("Words", ("subject__icontains", "body__icontains")),
    ),
    then=("-created_at", "-id"),
    rows_template="portal/letters/notice_rows.html",
    nothing=Empty("No notices yet", "Everything we write to you will be here, too."),
    nothing_matches=Empty("No matching notices", "Try other words or another kind."),
)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "login_required stands before this"
    return request.user


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """One's own notices, the newest first."""
    context = NOTICES.page(request, queries.notices_of(request.user))
    titles = {kind.name: kind.title for kind in KINDS}
    context["rows"] = [(each, titles.get(each.kind, "")) for each in context["page"].object_list]
    return render(request, "portal/letters/notice_list.html", context)


@login_required
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice, in full."""
    found = get_object_or_404(queries.notices_of(request.user), pk=pk)
    return render(request, "portal/letters/notice.html", {"notice": found})


@login_required
@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it: from now on it is not new."""
    found = get_object_or_404(queries.notices_of(request.user), pk=pk)
    actions.read(found, at=clock.wall_time())
    return redirect("portal:notice", pk)


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    count = actions.read_all(_user(request), at=clock.wall_time())
    messages.success(request, f"{count_of(count, 'notice')} marked as read.")
    return redirect("portal:notice_list")


@login_required
def notice_settings(request: HttpRequest) -> HttpResponse:
    """How often letters of each kind come, and the reader's time zone."""
    user = _user(request)
    chosen = dict(user.notice_preferences.values_list("kind", "how"))
    form = NoticeSettingsForm(request.POST or None, initial=chosen | {"time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        actions.choose(user, form.hows(), time_zone=form.cleaned_data["time_zone"])
        messages.success(request, "Saved.")
        return redirect("portal:notice_settings")
    context = {"form": form, "always": [kind for kind in KINDS if kind.must_go]}
    return render(request, "portal/letters/notice_settings.html", context)
