"""Fixtures of this folder: an admin who is signed in, and a draft."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.models import Role, User
from rfp.models import Solicitation
from tests import factories as make


@pytest.fixture
def admin() -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def client(admin: User) -> Client:
    signed_in = Client()
    signed_in.force_login(admin)
    return signed_in


@pytest.fixture
def draft() -> Solicitation:
    return make.make_solicitation(published=False)
