"""Where allauth asks us: who registers, and where a person goes after signing in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from portal import clients
from portal.models import Role, User


class AccountAdapter(DefaultAccountAdapter):
    """Whoever registers is a supplier's person, whatever the form sent."""

    def new_user(self, request: Any) -> User:
        user: User = super().new_user(request)
        user.role, user.is_staff, user.is_superuser = Role.SUPPLIER, False, False
        return user

    def get_client_ip(self, request: Any) -> str:
        """Never a refusal: on a unix socket nobody has an address."""
        return clients.address_of(request) or clients.UNKNOWN
