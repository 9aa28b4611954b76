"""What a token opens."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions, permissions
from rest_framework.request import Request

from portal.api.models import ApiToken


class HasScope(permissions.BasePermission):
    """The view's `scope` is among the token's."""

    message = "This token may not read that."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            raise exceptions.NotAuthenticated("Send a token: Authorization: Bearer …")
        return view.scope in request.auth.scopes
