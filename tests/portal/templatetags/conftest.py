"""The page that draws every part once."""

import pytest

from tests.portal import gallery


@pytest.fixture(scope="module")
def kit_page():
    return gallery.page(query="?sort=-score&page=2&lot=3")
