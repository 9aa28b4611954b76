"""The page that draws every part once."""

import pytest

from tests.portal import kit


@pytest.fixture(scope="module")
def kit_page():
    return kit.page(query="?sort=-score&page=2&lot=3")
