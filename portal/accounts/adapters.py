"""Where allauth asks us: who registers, how one shows again who one is, and how factors are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from django.urls import reverse

from portal.accounts import fresh, two_step
from portal.kit import clients
from portal.people import encryption
from portal.people.models import Role, User

# The ways to confirm who one is, as the pages name them.
WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    """Whoever registers is a supplier's person, whatever the form sent."""

    def new_user(self, request: Any) -> User:
        user: User = super().new_user(request)
        user.role, user.is_staff, user.is_superuser = Role.SUPPLIER, False, False
        return user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in sets up a factor at once, unless somebody else may have set one up since. Who has
        no password and no second step shows with an emailed code who it is, which allauth does not know."""
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        request = self.request
        if not (required and request.user.is_authenticated):
            return required
        is_fresh = fresh.is_fresh(request)
        if not is_fresh and not get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        knows_all = two_step.is_shown(request, request.user) or not two_step.has_factor(request.user)
        return not (app == "allauth.mfa" and is_fresh and knows_all)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = WAYS.get(method["id"], method["description"])
        again = {"id": "again", "description": "Use an emailed code", "url": reverse("portal:sign_in_again")}
        return methods or [again]

    def get_client_ip(self, request: Any) -> str:
        """Never a refusal: on a unix socket nobody has an address."""
        return clients.address_of(request) or clients.UNKNOWN


class MFAAdapter(DefaultMFAAdapter):
    """Seeds of factors are encrypted with the field key, and staff keep a factor where they must have one."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Staff accounts need two-step sign-in, so you can’t turn it off. "
        "You can replace it instead.",
        "incorrect_code": "That code is wrong. Enter the current code from your app.",
        "unverified_email": "Confirm or remove your new email address first. Then set up two-step sign-in.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValueError when it was encrypted with another field key."""
        return encryption.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Where a person must have a factor, the last one stays."""
        user = authenticator.user
        return not two_step.is_required_of(user) or two_step.has_factor(user, besides=authenticator)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Onshore"}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return "My passkey"
