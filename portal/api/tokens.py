"""Making and revoking tokens, and whose a token is."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from portal.api.models import ApiToken
from portal.kit.refused import Refused
from portal.people.models import User
from portal.record import audit

MARK = "onshore_"
MOST_LIVE = 20
MOST_DAYS = 365
SCOPE = ApiToken.Scope


def scopes_for(user: User) -> list[tuple[str, str]]:
    """What a token of the person can be for."""
    scope = SCOPE.PROPOSALS if user.is_supplier else SCOPE.EVALUATIONS
    return [(scope.value, str(scope.label))]


def digest_of(secret: str) -> str:
    # It has 256 random bits: nothing to stretch.
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    user: User, *, name: str, scopes: Sequence[str], days: int, at: datetime
) -> tuple[ApiToken, str]:
    """The token's row, and the token, which is nowhere else. Raises Refused."""
    if not set(scopes) or not set(scopes) <= {scope for scope, _words in scopes_for(user)}:
        raise Refused("Choose what the token may read.")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token lasts between 1 and {MOST_DAYS} days.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if user.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=at).count() >= MOST_LIVE:
            raise Refused(f"You have {MOST_LIVE} tokens. Revoke one first.")
        secret = MARK + secrets.token_urlsafe(32)
        row = ApiToken.objects.create(
            user=user,
            name=name,
            digest=digest_of(secret),
            hint=secret[: len(MARK) + 4],
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        audit.record("token.created", row, by=user, at=at, scopes=row.scopes, days=days)
        return row, secret


def revoke_token(token: ApiToken, *, by: User, at: datetime) -> None:
    """It opens nothing anymore. Raises Refused."""
    with transaction.atomic():
        locked = ApiToken.objects.select_for_update().get(pk=token.pk)
        if locked.revoked_at is not None:
            raise Refused("This token is revoked already.")
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        audit.record("token.revoked", locked, by=by, at=at)


def owner_of(secret: str, *, at: datetime) -> ApiToken | None:
    """The live token, with its owner; None for any other text."""
    found = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
    return found if found is not None and found.is_live(at) and found.user.is_active else None
