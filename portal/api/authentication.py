"""Who asks: the owner of the token that was sent."""

from __future__ import annotations

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from portal.accounts import access
from portal.accounts.models import AccessEvent
from portal.api import tokens
from portal.api.models import ApiToken
from portal.kit import clock
from portal.people.models import User

LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`. Sessions open nothing here: a page of another site can't ask in one's name."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = tokens.owner_of(secret.strip()[:LONGEST], at=clock.wall_time())
        if found is None:
            raise exceptions.AuthenticationFailed(
                "This token is not valid. It may have ended or been revoked."
            )
        if not found.user.is_supplier:
            # Of suppliers nothing is logged: who reads the log must not learn who prepares a proposal.
            about = f"API {request.path}"
            access.record(AccessEvent.Kind.API, request._request, user=found.user, about=about)
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
