"""Odd queries on the staff's own pages."""

import pytest

from portal.models import Role
from tests import factories
from tests.scoring.rooms import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query", ["q=%00", "verb=%00", "page=%00", "page=999999", "q=" + "a" * 5000, "verb=%F0%9F%92%A3"]
)
def test_the_audit_page_stands_odd_queries(query):
    assert signed_in(factories.make_user(Role.AUDITOR)).get(f"/audit/?{query}").status_code == 200


@pytest.mark.parametrize("number", ["2147483648", "9" * 30])
def test_an_account_out_of_range_is_not_found(number):
    client = signed_in(factories.make_user(Role.ADMIN))
    assert client.post(f"/setup/accounts/{number}/switch/").status_code == 404
