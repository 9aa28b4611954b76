"""Matching against a whole list: the best party first, and nothing left out."""

from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppliers.matching import match
from suppliers.matching.match import LOGGED, NameIndex, compare
from suppliers.matching.names import normalize, variants
from suppliers.matching.party import ListedParty
from tests.suppliers.matching.names_index import FILLERS, found


def test_the_best_name_of_each_party_counts_and_the_best_party_comes_first():
    index = NameIndex(
        [
            ListedParty(record_id="1", name="Larkmead Ironvale Ostranders"),
            ListedParty(
                record_id="2",
                name="Larkmead Ironvale Ostrand",
                aliases=("Larkmead Ironvale Ostrander", "Larkmead Ironvale Ostrandr"),
            ),
        ]
    )
    first, second = index.matches("Larkmead Ironvale Ostrander")
    assert (first.party.record_id, first.matched_name) == ("2", "Larkmead Ironvale Ostrander")
    assert (first.band, second.party.record_id, second.band) == ("exact", "1", "strong")


@pytest.mark.parametrize("raw", ["Turbine Industries Verkhomir", "Verkhomir TurbineIndustries"])
def test_the_same_words_reordered_or_written_together_are_exact(index, raw):
    assert index.matches(raw)[0].band == "exact"


def test_a_word_of_many_listed_names_says_little():
    names = ["Zolvarin Larkmead", *(f"{filler.split()[0]} Larkmead" for filler in FILLERS)]
    index = NameIndex([ListedParty(record_id=str(at), name=name) for at, name in enumerate(names)])
    scores = {each.party.record_id: each.score for each in index.matches("Zolvarin", floor=Decimal(0))}
    assert scores["0"] > compare("Zolvarin", "Zolvarin Larkmead").score
    assert found(index, "Larkmead Quill") == []


def test_ships_are_not_screened_against():
    index = NameIndex([ListedParty(record_id="v", name="Marchetti Frigate", kind="vessel")])
    assert len(index) == 0
    assert found(index, "Marchetti Frigate") == []


def test_a_name_with_every_word_misspelled_is_found_by_its_pieces(index):
    assert "0" in found(index, "Verkhomirr Turbinne Industrryes")


def test_a_list_of_three_behaves(index):
    small = NameIndex([ListedParty(record_id=str(at), name=name) for at, name in enumerate(FILLERS[:3])])
    assert found(small, FILLERS[1]) == ["1", *[each for each in found(small, FILLERS[1]) if each != "1"]]
    assert found(small, "Hockhollow Rackworks") == []


def test_every_match_says_why(index):
    (best, *_) = index.matches("Verkhomir Tubrine Industries")
    assert "tubrine ~ turbine" in best.why and "verkhomir in both" in best.why
    assert compare("Larkmead Ironvale Quill", "Larkmead Ironvale Ostrander").why == (
        "larkmead in both, ironvale in both, quill only here, ostrander only on the list"
    )


def test_an_empty_list_and_a_very_long_name_are_no_trouble(index):
    assert NameIndex([]).matches("Anything") == ()
    assert found(index, "x" * 100_000) == []
    assert found(index, "(" * 50_000) == []


# Words of which names are made, so that forms, letters and numbers meet more often than in any text.
NAME_PARTS = st.lists(
    st.sampled_from(
        ["A", "S.", "& ", "and", "/", "Co.", "S.A.", "de", "C.V.", "GmbH", "LLC", "(Iran)", "First", "IV", "Group",
         "Ltd", "O'", "Joint Stock Company", "Lark", "mead", "1", "2nd", "y", "The", "of",
         "branch", "-", "ООО", "Ir0nvale"]
    ),
    max_size=9,
).map(" ".join)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=80), NAME_PARTS))
def test_normalizing_never_fails_and_twice_is_once(text):
    once = normalize(text)
    assert normalize(" ".join(once.tokens)).tokens == once.tokens
    assert all(variant.tokens for variant in variants(text))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_a_score_is_between_nothing_and_all(one, other):
    score = compare(one, other).score
    assert 0 <= score <= 1
    if normalize(one).tokens:
        assert compare(one, one).score == 1


WORDS = st.sampled_from(
    ["larkmead", "quillstone", "zolvarin", "ostrander", "steel", "trading", "bank", "export", "ironvale"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=4, unique=True), min_size=1, max_size=12), st.data())
def test_the_index_leaves_out_nothing_that_a_scan_would_find(names, data):
    parties = [ListedParty(record_id=str(at), name=" ".join(words)) for at, words in enumerate(names)]
    index = NameIndex(parties)
    query = " ".join(data.draw(st.permutations(data.draw(st.sampled_from(names)))))
    with patch.object(match, "LEAST_SHARED", 0), patch.object(match, "MOST_CANDIDATES", len(parties)):
        everything = found(index, query, floor=LOGGED)
    assert everything
    assert found(index, query, floor=LOGGED) == everything
