"""Who asks, with what every page says of them."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from portal.kit import along
from portal.letters.queries import with_unread
from portal.people.models import User


class Backend(AuthenticationBackend):
    """allauth's. The count on the bell comes along with the person, so that no page asks for it."""

    def get_user(self, user_id: Any) -> User | None:
        asked = along.kept_sql("person", lambda pk: with_unread(User.objects.filter(pk=pk)), [int(user_id)])
        found = next(iter(asked), None)
        return found if found is not None and self.user_can_authenticate(found) else None
