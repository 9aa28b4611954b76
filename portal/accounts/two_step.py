"""Two-step sign-in of staff: what a session still owes before staff pages open to it.

A second step counts for the session that showed it. A session from before the factor was set up, here or by somebody
else with the same mailbox, is asked for a code first.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from portal.people.models import User

# Where a person wanted to go before setting up the second step; a path on this host.
NEXT = "after_two_step"
# Staff without a factor, where none is required: the banner shows.
BANNER = "two_step_banner"


class Owes(Enum):
    """What the session owes: nothing, a first factor, or a code of the factor that its person has."""

    NOTHING = "nothing"
    SET_UP = "set_up"
    CODE = "code"


def has_factor(user: User, *, besides: Authenticator | None = None) -> bool:
    """Whether the person has a second step that is asked for at sign-in, one `besides` another when it is given;
    recovery codes alone are none."""
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return (factors.exclude(pk=besides.pk) if besides is not None else factors).exists()


def is_shown(request: HttpRequest, user: User) -> bool:
    """Whether this session showed a factor, at sign-in, since, or by setting it up."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, user))


def is_required_of(user: Any) -> bool:
    """Whether this person may not do without: staff, where the setting says so."""
    return settings.STAFF_MFA == "required" and isinstance(user, User) and not user.is_supplier


def owed(request: HttpRequest) -> Owes:
    """What the session owes before any page is shown; one query for staff where it is required, else none."""
    user = request.user
    if not is_required_of(user):
        return Owes.NOTHING
    assert isinstance(user, User)
    if not has_factor(user):
        return Owes.SET_UP
    return Owes.NOTHING if is_shown(request, user) else Owes.CODE


def keep_next(request: HttpRequest) -> None:
    """Remember `next` of the address, when it leads to a page of this host."""
    target = request.GET.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        request.session[NEXT] = target


def remind(request: HttpRequest, user: User) -> None:
    """Have the banner shown in this session or not: asked at sign-in and at each change, not on every page."""
    if settings.STAFF_MFA == "offered" and not user.is_supplier and not has_factor(user):
        request.session[BANNER] = True
    else:
        request.session.pop(BANNER, None)
