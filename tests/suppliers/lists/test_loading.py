"""Which file is which list, what a list does, and what changed between two of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppliers import lists
from suppliers.facts import HitFacts
from suppliers.lists import (
    SOURCES,
    diff,
    dropped_share,
    drops_too_much,
    read_files,
    read_path,
    records,
    source_of,
)
from suppliers.lists.reading import ListError
from suppliers.lists.sources import ListEffect, code_of, codes_that, short_name, sources_that
from suppliers.matching.match import NameIndex
from suppliers.matching.party import ListedParty
from suppliers.rules.control import OwnershipParams
from suppliers.rules.screening import ListParams
from tests.suppliers.lists.list_files import (
    ADD,
    ALT,
    CSL_NEW,
    CUSTOM,
    DENIED,
    EXCLUDED,
    OFAC,
    ROW,
    SAM_HEADER,
    SDN,
    TEMPLATE,
    UN,
    dpl,
    table,
)


def test_files_of_another_name_are_known_by_their_layout():
    found = read_files({"list (1).csv": SDN, "names.csv": ALT, "places.csv": ADD})
    assert found.parties == read_files(OFAC).parties
    assert read_files({"add.csv": CUSTOM.encode()}).source == "custom"


@pytest.mark.parametrize(
    ("files", "source", "words"),
    [
        ({}, "", "No file to read"),
        ({"alt.csv": ALT}, "", "only part of the list: sdn.csv is missing"),
        ({"alt.csv": ALT, "add.csv": ADD}, "ofac", "The files do not include sdn.csv"),
        ({"sdn.csv": SDN}, "ofac_nonsdn", "belongs to OFAC Specially"),
        ({"sdn.csv": SDN, "my.csv": CUSTOM.encode()}, "", "to several lists"),
        ({"a.csv": SDN, "b.csv": SDN}, "ofac", "a.csv and b.csv are the same part"),
        ({"a.csv": CUSTOM.encode(), "b.csv": CUSTOM.encode()}, "mine", "2 files could be the list"),
        ({"a.csv": table(CSL_NEW, ROW)}, "mine", "Load it as csl"),
        ({"a.csv": SDN, "b.csv": SDN}, "dpl", "None of the 2 files"),
        ({"sdn.csv": CUSTOM.encode()}, "ofac", "sdn.csv, row 1: 2 columns instead of 12"),
    ],
    ids=[
        "none",
        "part",
        "parts",
        "other-ofac",
        "mixed",
        "twice",
        "two",
        "official-as-own",
        "wrong",
        "content",
    ],
)
def test_files_that_are_not_one_list(files, source, words):
    with pytest.raises(ListError, match=words):
        read_files(files, source=source)


def test_paths_that_lead_nowhere(tmp_path):
    with pytest.raises(ListError, match=r"File nothing\.csv does not exist"):
        read_path(tmp_path / "nothing.csv")
    with pytest.raises(ListError, match="has no list files"):
        read_path(tmp_path)
    with pytest.raises(ListError):
        read_path(tmp_path / ("x" * 5000))
    with pytest.raises(ListError):
        read_path(tmp_path / "a\0b")


def test_a_digest_is_of_the_bytes_and_their_part_not_of_names():
    digest = read_files(OFAC).sha256
    assert read_files(dict(reversed(OFAC.items()))).sha256 == digest
    assert read_files({"SDN.CSV": SDN, "alt.csv": ALT, "add.csv": ADD}).sha256 == digest
    assert read_files({"sdn.csv": SDN, "alt.csv": ALT}).sha256 != digest
    there = {"sdn.csv": SDN, "alt.csv": ALT + b"\n"}
    moved = {"sdn.csv": b"\n" + SDN, "alt.csv": ALT}
    assert read_files(there).sha256 != read_files(moved).sha256
    assert len(digest) == 64


def excludes_by_default(source, list_code=""):
    """Whether the rule, as it is built in, lets a confirmed hit on this list exclude."""
    hit = HitFacts(
        name="A",
        role="legal_name",
        source=source,
        record="1",
        matched_name="A",
        programme="",
        score=Decimal(1),
        band="exact",
        list_code=list_code,
    )
    return ListParams().excludes(hit)


def test_sources_say_what_a_confirmed_hit_does():
    assert {code for code in SOURCES if excludes_by_default(code)} == {
        "ofac",
        "sam",
        "uflpa",
        "1260h",
        "custom",
    }
    assert excludes_by_default("csl", "SDN") and not excludes_by_default("csl", "EL")
    assert excludes_by_default("my own") and source_of("my own").code == "custom"
    assert all(source.code == code and source.least_rows >= 1 for code, source in SOURCES.items())


def test_a_difference_names_the_fields():
    old = [ListedParty(record_id=str(n), name=f"Company {n}", list_code="EL") for n in range(3)]
    new = [replace(old[0], name="Renamed", ends=date(2030, 1, 1)), old[1], replace(old[2], list_code="UVL")]
    found = diff(old, new)
    assert (found.added, found.removed) == ((new[2],), (old[2],))
    assert [(each.before, each.after, each.fields) for each in found.changed] == [
        (old[0], new[0], ("name", "ends"))
    ]


@pytest.mark.parametrize(
    ("before", "after", "share", "much"),
    [
        (100, 91, 0.09, False),
        (100, 90, 0.1, True),
        (100, 89, 0.11, True),
        (100, 120, 0, False),
        (0, 0, 0, False),
        (1, 0, 1, True),
    ],
)
def test_a_tenth_fewer_asks_for_confirmation(before, after, share, much):
    assert dropped_share(before, after) == pytest.approx(share)
    assert drops_too_much(before, after) is much


SAMPLES = [
    SDN,
    ALT,
    ADD,
    table(CSL_NEW, ROW),
    dpl(DENIED),
    table(SAM_HEADER, EXCLUDED),
    TEMPLATE,
    UN.encode(),
    CUSTOM.encode("utf-16"),
]


NAMES = st.sampled_from(
    ["sdn.csv", "alt.csv", "add.csv", "cons_prim.csv", "x.csv", "dpl.txt", "un.xml", "../\n"]
)


@st.composite
def damaged(draw):
    """A real layout with a piece cut out and anything put in its place."""
    data = draw(st.sampled_from(SAMPLES))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 40)))
    return data[:start] + draw(st.binary(max_size=20)) + data[end:]


@settings(max_examples=400, deadline=None)
@given(
    files=st.dictionaries(NAMES, st.one_of(damaged(), st.binary(max_size=200)), max_size=3),
    source=st.sampled_from(["", "own", *SOURCES]),
)
def test_nothing_but_a_list_or_a_list_error_comes_of_any_bytes(files, source):
    try:
        found = read_files(files, source=source)
    except ListError as problem:
        assert str(problem)
    else:
        ids = [party.record_id for party in found.parties]
        assert ids and all(ids) and len(set(ids)) == len(ids)
        assert all(party.name and len(party.record_id) <= 64 for party in found.parties)


def test_rows_that_repeat_others_are_left_out_and_told():
    data = b"name,aliases\nOne Foundry,OF\n" + b"Two Foundry,TF\n" * 3 + b"Two Foundry,Other\n"
    found = lists.read_files({"house.csv": data}, source="house")
    assert [party.name for party in found.parties] == ["One Foundry", "Two Foundry", "Two Foundry"]
    assert found.warnings == ("2 duplicate rows were skipped (the first is row 4).",)


def test_thousands_of_rows_with_broken_quotes_are_one_record_and_a_warning():
    data = b"name,aliases,remarks\n" + b'"Foundry "A" of "B,alias\n' * 20_000
    found = lists.read_files({"house.csv": data}, source="house")
    assert len(found.parties) == 1
    assert "19,999 duplicate rows" in found.warnings[-1]


def test_more_records_than_any_list_has_are_refused(monkeypatch):
    monkeypatch.setattr(records, "MOST_RECORDS", 2)
    data = b"name\nOne Foundry\nTwo Foundry\nThree Foundry\n"
    with pytest.raises(lists.ListError, match="more than 2 records"):
        lists.read_files({"house.csv": data}, source="house")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("", "entity"),
        ("Company", "entity"),
        ("Organization", "entity"),
        ("Natural  person", "individual"),
        ("Person", "individual"),
        ("Ship", "vessel"),
        ("Aircraft", "aircraft"),
    ],
)
def test_whatever_a_list_calls_its_parties_companies_and_persons_are_compared(word, kind):
    data = f"name,kind\nZyxtrovic Armaments Trust,{word}\n".encode()
    (found,) = lists.read_files({"list.csv": data}, source="custom").parties
    assert found.kind == kind
    matches = NameIndex([found]).matches("Zyxtrovic Armaments Trust")
    assert bool(matches) is (kind in ("entity", "individual"))


def test_a_stored_record_of_an_unknown_kind_is_compared():
    odd = ListedParty(record_id="1", name="Zyxtrovic Armaments Trust", kind="company")
    assert NameIndex([odd]).matches("Zyxtrovic Armaments Trust")


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_what_a_list_does_it_does_for_records_of_its_own(source):
    """A code that no record of the list has would promise an effect that nobody sees."""
    own = {source.code, source.list_code}
    for codes in source.effects.values():
        assert not source.list_code or own.issuperset(codes)
    assert source.layout in ("", *SOURCES) and "main" in source.parts


def test_the_rules_take_what_a_list_does_from_its_row():
    assert set(codes_that(ListEffect.EXCLUDES)) == set(ListParams().excluding)
    assert (
        set(sources_that(ListEffect.BLOCKS_OWNED))
        == {"ofac", "csl", "custom"}
        == set(OwnershipParams().sources)
    )
    assert (code_of("ofac", ""), code_of("ofac", "SSI"), code_of("house", "")) == ("SDN", "SSI", "")
    assert (short_name("1260h"), short_name("custom"), short_name("EL")) == ("1260H", "custom list", "EL")
