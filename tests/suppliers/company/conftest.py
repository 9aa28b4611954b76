"""Fixtures of this folder."""

import pytest

from tests import factories as make


@pytest.fixture
def supplier():
    return make.make_supplier(legal_name="Hock Works LLC", uei="ZQGGHJH74DW7")
