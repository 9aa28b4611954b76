"""Where allauth asks us: who registers, and where a person goes after signing in."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.urls import reverse

from portal import clients
from portal.models import Role, User


class AccountAdapter(DefaultAccountAdapter):
    """Whoever registers is a supplier's person, whatever the form sent."""

    def new_user(self, request: Any) -> User:
        user: User = super().new_user(request)
        user.role, user.is_staff, user.is_superuser = Role.SUPPLIER, False, False
        return user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Also for people who have no password and no second step: they sign in again with a code."""
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        request = self.request
        if required and request.user.is_authenticated and not get_reauthentication_flows(request.user):
            records = get_authentication_records(request, request.user)
            if not records or time.time() - records[-1]["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
                raise ReauthenticationRequired
        return required

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        again = {"id": "again", "description": "Use an emailed code", "url": reverse("portal:sign_in_again")}
        return methods or [again]

    def get_client_ip(self, request: Any) -> str:
        """Never a refusal: on a unix socket nobody has an address."""
        return clients.address_of(request) or clients.UNKNOWN
