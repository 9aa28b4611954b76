"""Fixtures of this folder."""

import pytest

from portal.models import Role
from tests import factories as make
from tests.suppliers.screening.alerts.alert_acts import LISTED


@pytest.fixture
def supplier():
    return make.make_supplier(legal_name=LISTED)


@pytest.fixture
def officer():
    return make.make_user(Role.OFFICER)


@pytest.fixture
def desk_officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


@pytest.fixture
def auditor(client):
    user = make.make_user(Role.AUDITOR)
    client.force_login(user)
    return user
