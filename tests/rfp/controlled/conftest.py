"""A document under export control, and a company that wants it."""

from __future__ import annotations

import pytest

from rfp.models import SolicitationDocument
from suppliers.models import Supplier
from tests import factories as make
from tests.rfp.controlled import made


@pytest.fixture
def document() -> SolicitationDocument:
    return made.document()


@pytest.fixture
def supplier() -> Supplier:
    return make.make_supplier(legal_name="Antenna Works Inc.")
