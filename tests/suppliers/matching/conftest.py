"""Fixtures of this folder."""

import pytest

from suppliers.matching.match import NameIndex
from suppliers.matching.party import ListedParty
from tests.suppliers.matching.names_index import FILLERS, LISTED


@pytest.fixture(scope="module")
def index():
    names = [LISTED, "Zolvarin Export Bank", *FILLERS]
    people = [ListedParty(record_id="p1", name="MARCHETTI, Aurelio Dante", kind="individual")]
    return NameIndex([*(ListedParty(record_id=str(at), name=name) for at, name in enumerate(names)), *people])
