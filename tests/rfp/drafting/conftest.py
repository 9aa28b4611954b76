"""Fixtures of this folder."""

import pytest

from tests import factories as make


@pytest.fixture
def proposal():
    return make.make_draft()


@pytest.fixture
def supplier_client(client, proposal):
    client.force_login(make.owner_of(proposal.supplier))
    return client
