"""An invited RFP with an agreement, a company that is invited, and one that isn't."""

from __future__ import annotations

import pytest

from portal.models import User
from rfp.admitting import actions
from rfp.models import Solicitation
from suppliers.models import Supplier
from tests import factories as make


@pytest.fixture
def rfp() -> Solicitation:
    return make.make_solicitation(
        access="invited", title="Quiet battery modules", nda="Keep this to yourself."
    )


@pytest.fixture
def admin(rfp: Solicitation) -> User:
    return rfp.created_by


@pytest.fixture
def guest(rfp: Solicitation, admin: User) -> Supplier:
    """A company that is invited."""
    supplier = make.make_supplier(legal_name="Guest Works Inc.")
    actions.invite(rfp, [supplier], by=admin, at=make.NOW)
    return supplier


@pytest.fixture
def stranger() -> Supplier:
    return make.make_supplier(legal_name="Stranger Works Inc.")
