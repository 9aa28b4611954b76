"""Registering: the same work whether or not the address has an account, so that the time does not tell."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts import actions
from portal.kit import clock
from portal.people.models import User


class SignupForm(AllauthSignupForm):
    """allauth's form. For an address that is known it does what a new account takes, and undoes it."""

    def try_save(self, request: Any) -> Any:
        if self.account_already_exists:
            with transaction.atomic():
                self._do_the_same_work()
                transaction.set_rollback(True)
        return super().try_save(request)

    def _do_the_same_work(self) -> None:
        """One hash of a password, one account, one address, one event."""
        stranger = User.objects.create_user(f"{uuid.uuid4()}@invalid", self.cleaned_data["password1"])
        EmailAddress.objects.create(user=stranger, email=stranger.email, primary=True)
        actions.complete_signup(stranger, name=self.cleaned_data["name"], at=clock.wall_time())
