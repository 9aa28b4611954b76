"""Fixtures of this folder."""

import pytest

from portal.models import Role
from tests import factories as make
from tests.suppliers.qualification.standing_acts import pending


@pytest.fixture
def desk_officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


@pytest.fixture
def officer():
    return make.make_user(Role.OFFICER)


@pytest.fixture
def row(officer):
    """Handed in, looked at, and waiting for an officer."""
    make.make_list("Somebody Else Trading")
    return pending()
