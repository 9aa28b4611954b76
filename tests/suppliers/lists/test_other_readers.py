"""Lists in the portal's own template and that of the United Nations."""

from dataclasses import replace
from datetime import date

import pytest

from suppliers.lists import (
    read_custom,
    read_files,
)
from suppliers.lists.reading import ListError
from suppliers.matching.party import ListedParty
from tests.suppliers.lists.list_files import TEMPLATE, UN


@pytest.mark.parametrize("source", ["uflpa", "1260h"])
def test_the_operators_template(source):
    found = read_files({"list.csv": TEMPLATE}, source=source)
    (party,) = found.parties
    assert replace(party, record_id="") == ListedParty(
        record_id="",
        name="Reedwater Cotton Co., Ltd.",
        list_code=source.upper(),
        aliases=("RWC", "Reed Cotton"),
        programme="2(d)(2)(B)(i)",
        parents=("Reedwater Group", "Delta Holding"),
        starts=date(2022, 6, 21),
        ends=date(2024, 8, 2),
        citation="87 FR 9",
    )
    assert found.source == source and found.warnings == ()


@pytest.mark.parametrize(
    ("name", "source"), [("uflpa-2024.csv", "uflpa"), ("Section 1260H.csv", "1260h"), ("mine.csv", "custom")]
)
def test_a_template_without_a_source_is_known_by_its_file_name(name, source):
    assert read_files({name: TEMPLATE}).source == source


def test_a_list_of_our_own_format():
    parties = read_custom(
        b"Name,Aliases,Programme\nSeaglass Metals,SMT; Sea Glass ,Demo\n\nVerdemar Bank,,Demo\n"
    )
    assert [(party.name, party.aliases) for party in parties] == [
        ("Seaglass Metals", ("SMT", "Sea Glass")),
        ("Verdemar Bank", ()),
    ]


def test_all_columns_of_an_own_list():
    data = (
        b"record,name,kind,country,address,starts,ends,citation,remarks,uei\n"
        b'R-1,Seaglass Metals,Individual,Malta; Burma; Kosovo,"1 Quay, Valletta",2020-01-02,01/03/2021,'
        b"Memo 7,Ask first,ZQGGHJH74DW7\n"
    )
    found = read_files({"a.csv": data}, source="Blocked")
    assert found.parties == (
        ListedParty(
            record_id="R-1",
            name="Seaglass Metals",
            list_code="BLOCKED",
            kind="individual",
            countries=("MT", "MM", "Kosovo"),
            addresses=("1 Quay, Valletta",),
            identifiers=(("UEI", "ZQGGHJH74DW7"),),
            starts=date(2020, 1, 2),
            ends=date(2021, 1, 3),
            citation="Memo 7",
            remarks="Ask first",
        ),
    )
    assert found.source == "blocked"


def test_records_of_an_own_list_do_not_depend_on_the_row():
    there = read_custom(b"name\nSeaglass Metals Inc.\nVerdemar Bank\n")
    back = read_custom(b"name\nVerdemar Bank\nSEAGLASS METALS, Inc\n")
    assert [party.record_id for party in there] == [party.record_id for party in reversed(back)]


def test_the_same_name_twice_gets_two_records_that_stay():
    there = read_custom(b"name,remarks\nSeaglass,one\nSeaglass,two\nSeaglass,three\n")
    back = read_custom(b"name,remarks\nSeaglass,three\nSeaglass,two\nSeaglass,one\n")
    assert len({party.record_id for party in there}) == 3
    assert {p.record_id: p.remarks for p in there} == {p.record_id: p.remarks for p in back}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"title\nA\n", "list.csv, row 1: the header row is missing the column name"),
        (b"name,name\nA,B\n", "the column name appears twice"),
        (b"record,name\n1,A\n1,B\n", "list.csv, row 3: record 1 appears twice"),
        (b"name,aliases\nSeaglass, Inc.,SMT\n", "row 2: 3 columns instead of 2 .*quotation marks"),
        (b"name;aliases\nSeaglass;SMT\n", "separated by “;”"),
        (b"name\n\n", "no records"),
        (b"name,aliases\n,SMT\n", "no records"),
    ],
    ids=["no-name", "name-twice", "record-twice", "comma-in-a-name", "semicolons", "empty", "nameless"],
)
def test_own_lists_that_are_refused(data, words):
    with pytest.raises(ListError, match=words):
        read_custom(data)


def test_short_rows_tabs_and_unknown_columns_of_an_own_list_are_taken():
    found = read_files({"x.tsv": b"Name\tAlias\tColour\nSeaglass Metals\tSMT\tblue\nVerdemar\n"})
    assert [(party.name, party.aliases) for party in found.parties] == [
        ("Seaglass Metals", ("SMT",)),
        ("Verdemar", ()),
    ]
    assert found.warnings == ("the column “colour” is not recognized and was skipped.",)


def test_the_list_of_the_united_nations():
    found = read_files({"consolidated.xml": UN.encode()})
    person, company = found.parties
    assert person == ListedParty(
        record_id="6900001",
        name="ANSEL BRIGHT COLE",
        list_code="UN",
        aliases=("Ansel Brite", "Ace"),
        kind="individual",
        programme="DRC",
        countries=("CD",),
        addresses=("Goma, Democratic Republic of the Congo",),
        identifiers=(("UN", "CDi.900"),),
        starts=date(2012, 12, 31),
        citation="CDi.900",
        remarks="Comments: A person. Nationality: Rwanda.",
        weak_aliases=("Ace",),
    )
    assert (company.name, company.kind, company.aliases) == ("Copperleaf Trading & Co", "entity", ("CTC",))
    assert (found.source, found.rows) == ("un", 2)
