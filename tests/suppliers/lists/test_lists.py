"""Reading screening lists: every source, every way a file can be broken. All names are invented."""

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
    read_custom,
    read_files,
    read_ofac,
    read_path,
    records,
    source_of,
)
from suppliers.lists.readers.consolidated import list_code
from suppliers.lists.reading import ListError
from suppliers.lists.sources import ListEffect, code_of, codes_that, short_name, sources_that
from suppliers.matching.match import NameIndex
from suppliers.matching.party import ListedParty
from suppliers.rules.control import OwnershipParams
from suppliers.rules.screening import ListParams

SDN = (
    b'101,"SEAGLASS METALS TRADING CO., LTD.",-0- ,"SDGT] [IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    b'"Tax ID No. 12-3456789 (United States); alt. Registration ID 1027700000001 (Russia); '
    b"D-U-N-S Number 123456789; Legal Entity Number 5493001KJTIIGC8Y1R12; "
    b"Vessel Registration Identification IMO 9000001; a.k.a. 'SMT'; a.k.a. 'GLASS METAL'.\"\r\n"
    b'102,"DELGADO QUIROGA, Marisol",individual,"SDNTK","Manager",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    b'103,"OCEAN LARK",vessel,"IRAN",-0- ,-0- ,"Tanker",-0- ,-0- ,"Korea, North",-0- ,-0- \r\n'
    b"\x1a"
)
ALT = b'101,7,"aka","SMT",-0- \r\n101,8,"fka","BANCO VERDEMAR S.A.",-0- \r\n\x1a'
ADD = (
    b'101,1,"1 Quay Road","Valletta","Malta",-0- \r\n101,2,-0- ,-0- ,"Malta",-0- \r\n'
    b'102,3,-0- ,-0- ,"undetermined",-0- \r\n\x1a'
)
OFAC = {"sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD}

CSL_NEW = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,"
    "gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,"
    "dates_of_birth,nationalities,places_of_birth,source_information_url,ids"
)
CSL_OLD = CSL_NEW.removeprefix("_id,")
DPL_HEADER = (
    "Name\tStreet_Address\tCity\tState\tCountry\tPostal_Code\tEffective_Date\tExpiration_Date\tStandard_Order\t"
    "Last_Update\tAction\tFR_Citation"
)
SAM_HEADER = (
    "Classification,Name,Prefix,First,Middle,Last,Suffix,Address 1,Address 2,Address 3,Address 4,City,"
    "State / Province,Country,Zip Code,Open Data Flag,Unique Entity ID,Exclusion Program,Excluding Agency,"
    "CT Code,Exclusion Type,Additional Comments,Active Date,Termination Date,Record Status,Cross-Reference,"
    "SAM Number,CAGE,NPI"
)


def table(header, *rows, delimiter=","):
    """A file out of a header and rows given as {column: text}; every cell quoted."""
    columns = header.split(delimiter)
    lines = [header, *(delimiter.join(f'"{row.get(each, "")}"' for each in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def dpl(*rows):
    return table(DPL_HEADER, *rows, delimiter="\t")


def of(parties, record):
    return next(party for party in parties if party.record_id == record)


# OFAC


def test_ofac_files_become_parties_with_their_names_places_and_numbers():
    found = read_files(OFAC)
    trading, person, vessel = found.parties
    assert trading == ListedParty(
        record_id="101",
        name="SEAGLASS METALS TRADING CO., LTD.",
        list_code="SDN",
        aliases=("SMT", "BANCO VERDEMAR S.A.", "GLASS METAL"),
        kind="entity",
        programme="SDGT; IRAN",
        countries=("MT",),
        addresses=("1 Quay Road, Valletta, Malta",),
        identifiers=(
            ("EIN", "12-3456789"),
            ("REGISTRATION", "1027700000001"),
            ("DUNS", "123456789"),
            ("LEI", "5493001KJTIIGC8Y1R12"),
            ("IMO", "9000001"),
        ),
        remarks=trading.remarks,
        weak_aliases=("GLASS METAL",),
    )
    assert trading.remarks.startswith("Tax ID No. 12-3456789") and trading.remarks.endswith("'GLASS METAL'.")
    assert (person.kind, person.remarks, person.countries) == ("individual", "Manager.", ())
    assert (vessel.kind, vessel.countries) == ("vessel", ("KP",))
    assert (found.source, found.rows, found.warnings, found.ignored) == ("ofac", 3, (), ())
    assert set(found.files) == {"sdn.csv", "alt.csv", "add.csv"}


def test_ofac_sdn_alone_is_enough():
    assert [party.aliases for party in read_ofac(SDN)] == [("SMT", "GLASS METAL"), (), ()]


@pytest.mark.parametrize(
    ("sdn", "alt", "words"),
    [
        (b'1,"A"\r\n\x1a', b"", "sdn.csv, row 1: 2 columns instead of 12"),
        (SDN.replace(b"102,", b"101,"), b"", "sdn.csv, row 2: record 101 appears twice"),
        (SDN.replace(b"102,", b","), b"", "sdn.csv, row 2: the record number is missing"),
        (SDN, b'101,"aka"\r\n', "alt.csv, row 1: 2 columns instead of 5"),
        (b"\x1a", b"", "no records"),
        (b"", b"", "empty"),
    ],
    ids=["too-few-columns", "record-twice", "no-record", "alt-too-few", "only-the-end-mark", "empty"],
)
def test_ofac_files_of_another_shape_are_refused(sdn, alt, words):
    with pytest.raises(ListError, match=words):
        read_ofac(sdn, alt)


@pytest.mark.parametrize(
    ("programme", "code"),
    [
        ("NS-PLC", "PLC"),
        ("UKRAINE-EO13662", "SSI"),
        ("CMIC-EO13959", "CMIC"),
        ("FSE-IR", "FSE"),
        ("561-Related", "CAP"),
        ("NEWER-EO1", "NONSDN"),
    ],
)
def test_the_non_sdn_list_has_sdn_layouts_and_names_its_part_by_the_programme(programme, code):
    main = b'900,"NORTHLIGHT BANK",-0- ,"%s",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n' % programme.encode()
    found = read_files(
        {"CONS_PRIM.CSV": main, "cons_alt.csv": b'900,1,"aka","NLB",-0- \r\n', "sdn.csv": SDN},
        source="ofac_nonsdn",
    )
    assert [(party.list_code, party.aliases) for party in found.parties] == [(code, ("NLB",))]
    assert (found.source, found.ignored) == ("ofac_nonsdn", ("sdn.csv",))


def test_what_belongs_to_no_record_and_litter_are_warned_of_with_file_and_row():
    found = read_files(
        {
            "sdn.csv": SDN.replace(
                b"\x1a", b'oops\r\n104,"",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- '
            ),
            "alt.csv": ALT + b'\r\n999,9,"aka","STRANGER",-0- ',
        }
    )
    assert found.warnings == (
        "sdn.csv, row 4: skipped a stray line.",
        "sdn.csv: 1 row without a name was skipped (the first is row 5).",
        "alt.csv: other names that do not belong to any record in sdn.csv: 1.",
    )
    assert len(found.parties) == 3 and found.rows == 4


def test_a_file_of_prose_is_no_list_with_stray_lines():
    prose = SDN + b"\nonce upon a time" * 21
    with pytest.raises(ListError, match=r"row 25: more than 20 lines do not have 12 columns"):
        read_ofac(prose)


# The Consolidated Screening List

ROW = {
    "_id": "ab12",
    "source": "Entity List (EL) - Bureau of Industry and Security",
    "name": "Harbour Optics, Ltd.",
    "addresses": "1 Pier, Hong Kong, HK; 2 Lane, Minsk, BY; Nowhere, ZZ",
    "alt_names": "Harbor Optics; and HO Lens; HO Lens",
    "start_date": "2019-05-06",
    "end_date": "2029-05-06",
    "federal_register_notice": "84 FR 1",
    "ids": "Tax ID No., 98-7654321, US; Passport, X1, BY; Registration ID, 77-1, BY",
    "dates_of_birth": "1958",
}


def test_the_consolidated_list_with_29_columns():
    found = read_files({"consolidated.csv": table(CSL_NEW, ROW)})
    assert found.source == "csl"
    assert found.parties == (
        ListedParty(
            record_id="ab12",
            name="Harbour Optics, Ltd.",
            list_code="EL",
            aliases=("Harbor Optics", "HO Lens"),
            countries=("HK", "BY"),
            addresses=("1 Pier, Hong Kong, HK", "2 Lane, Minsk, BY", "Nowhere, ZZ"),
            identifiers=(("EIN", "98-7654321"), ("REGISTRATION", "77-1")),
            starts=date(2019, 5, 6),
            ends=date(2029, 5, 6),
            citation="84 FR 1",
            remarks="Born: 1958.",
        ),
    )


def test_the_consolidated_list_with_28_columns_has_ids_the_other_way_round_and_a_digest_for_a_record():
    old = {**ROW, "ids": "BY, 77-1, Registration ID; US, 98-7654321, Tax ID No."}
    twin = {**old, "name": "HARBOUR  OPTICS, LTD."}
    (party,) = read_files({"a.csv": table(CSL_OLD, old)}).parties
    (same,) = read_files({"b.csv": table(CSL_OLD, twin)}).parties
    assert party.identifiers == (("REGISTRATION", "77-1"), ("EIN", "98-7654321"))
    assert len(party.record_id) == 20 and party.record_id == same.record_id


def test_entity_numbers_are_records_and_columns_are_bound_by_name_in_any_order():
    header = ",".join(reversed(CSL_OLD.split(",")))
    row = {
        **ROW,
        "entity_number": "4711",
        "source": "Specially Designated Nationals (SDN) - Treasury Department",
    }
    (party,) = read_files({"x.csv": table(header, row)}).parties
    assert (party.record_id, party.list_code, party.name) == ("4711", "SDN", "Harbour Optics, Ltd.")


def test_boilerplate_about_successors_is_no_part_of_a_name():
    row = {**ROW, "name": "Sunlight Import; and any successor, sub-unit, or subsidiary thereof"}
    (party,) = read_files({"x.csv": table(CSL_NEW, row)}).parties
    assert party.name == "Sunlight Import" and "subsidiary thereof" in party.remarks


def test_a_state_at_the_end_of_a_denied_persons_address_is_no_country():
    row = {
        **ROW,
        "source": "Denied Persons List (DPL) - BIS",
        "addresses": "3 Road, Fresno, CA; 4 Road, Oslo, NO",
    }
    (party,) = read_files({"x.csv": table(CSL_NEW, row)}).parties
    assert party.countries == ("NO",)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("Specially Designated Nationals (SDN) - Treasury Department", "SDN"),
        ("Entity List (EL) - Bureau of Industry and Security", "EL"),
        ("Denied Persons List (DPL) - Bureau of Industry and Security", "DPL"),
        ("Unverified List (UVL) - Bureau of Industry and Security", "UVL"),
        ("Military End User (MEU) List - Bureau of Industry and Security", "MEU"),
        ("ITAR Debarred (DTC) - State Department", "DTC"),
        ("Nonproliferation Sanctions (ISN) - State Department", "ISN"),
        ("Sectoral Sanctions Identifications List (SSI) - Treasury Department", "SSI"),
        ("Foreign Sanctions Evaders (FSE) - Treasury Department", "FSE"),
        ("Capta List (CAP) - Treasury Department", "CAP"),
        ("Non-SDN Chinese Military-Industrial Complex Companies List (CMIC) - Treasury Department", "CMIC"),
        ("Palestinian Legislative Council List (PLC) - Treasury Department", "PLC"),
        ("Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department", "MBS"),
        ("Some New List (NEW) - Some Office", "NEW"),
        ("", "CSL"),
    ],
)
def test_the_source_column_names_the_list(source, code):
    assert list_code(source) == code


# BIS

DENIED = {
    "Name": " Gale Wind Shipping",
    "Street_Address": "1 Pier",
    "City": "Utrecht",
    "Country": "NL",
    "Effective_Date": "06/19/2020",
    "Expiration_Date": "06/19/2030",
    "FR_Citation": "85 F.R. 100 6/30/20",
}


def test_the_denied_persons_list():
    (party,) = read_files({"dpl.txt": dpl(DENIED)}).parties
    assert (party.name, party.list_code, party.countries) == ("Gale Wind Shipping", "DPL", ("NL",))
    assert party.addresses == ("1 Pier, Utrecht, NL",)
    assert (party.starts, party.ends) == (date(2020, 6, 19), date(2030, 6, 19))


@pytest.mark.parametrize("absurd", ["02/28/2922", "02/30/2022", "01/01/3017", "06/19/0020", "soon"])
def test_an_absurd_date_is_left_out_with_a_warning(absurd):
    found = read_files({"dpl.txt": dpl(DENIED, {**DENIED, "City": "Delft", "Expiration_Date": absurd})})
    assert found.warnings == (f"row 3: the expiration date {absurd} is not valid and was skipped.",)
    assert [party.ends for party in found.parties] == [date(2030, 6, 19), None]


def test_a_renewed_order_keeps_its_record_and_another_address_is_another():
    renewed = {
        **DENIED,
        "FR_Citation": "86 F.R. 7 1/1/21, 85 F.R. 100 6/30/20",
        "Expiration_Date": "06/19/2031",
    }
    moved = {**DENIED, "Street_Address": "2 Pier"}
    (first,) = read_files({"dpl.txt": dpl(DENIED)}).parties
    (again, other) = read_files({"dpl.txt": dpl(renewed, moved)}).parties
    assert first.record_id == again.record_id != other.record_id


# SAM

EXCLUDED = {
    "Classification": "Firm",
    "Name": "TALLOW & SONS, INC.",
    "Address 1": "5 Mill Lane",
    "City": "Dover",
    "State / Province": "DE",
    "Country": "USA",
    "Zip Code": "19901",
    "Unique Entity ID": "ZQGGHJH74DW7",
    "Exclusion Program": "Reciprocal",
    "Excluding Agency": "GSA",
    "CT Code": "R",
    "Exclusion Type": "Ineligible (Proceedings Completed)",
    "Active Date": "03/04/2021",
    "Termination Date": "Indefinite",
    "Record Status": "Active",
    "SAM Number": "S4MR00001",
    "CAGE": "1ABC2",
}


def test_sam_exclusions():
    (party,) = read_files({"extract.csv": table(SAM_HEADER, EXCLUDED)}).parties
    assert party == ListedParty(
        record_id="S4MR00001",
        name="TALLOW & SONS, INC.",
        list_code="SAM",
        programme="Reciprocal: Ineligible (Proceedings Completed)",
        countries=("US",),
        addresses=("5 Mill Lane, Dover, DE, 19901, USA",),
        identifiers=(("UEI", "ZQGGHJH74DW7"), ("CAGE", "1ABC2"), ("SAM", "S4MR00001")),
        starts=date(2021, 3, 4),
        citation="R",
        remarks="Excluding agency: GSA.",
    )


def test_sam_people_have_their_name_in_parts_and_what_is_not_active_is_left_out():
    person = {**EXCLUDED, "Classification": "Individual", "Name": "", "First": "Ada", "Last": "Tallow"}
    over = {**EXCLUDED, "Record Status": "Inactive", "SAM Number": "S2"}
    found = read_files({"extract.csv": table(SAM_HEADER.upper(), upper(person), upper(over))})
    assert [(party.name, party.kind) for party in found.parties] == [("Ada Tallow", "individual")]
    assert found.rows == 2 and found.warnings == (
        "rows skipped because their record status is “Inactive”: 1.",
    )


def upper(row):
    return {column.upper(): text for column, text in row.items()}


def test_two_exclusions_under_one_number_get_their_own_records_in_any_order():
    other = {**EXCLUDED, "Excluding Agency": "HHS"}
    there = read_files({"e.csv": table(SAM_HEADER, EXCLUDED, other)}).parties
    back = read_files({"e.csv": table(SAM_HEADER, other, EXCLUDED)}).parties
    assert {party.record_id for party in there} == {"S4MR00001", "S4MR00001-2"}
    assert {party.remarks: party.record_id for party in there} == {p.remarks: p.record_id for p in back}


# The template and lists of one's own

TEMPLATE = (
    b"name,aliases,parent,section,effective,removed,citation\n"
    b'"Reedwater Cotton Co., Ltd.",RWC; Reed Cotton,Reedwater Group; Delta Holding,2(d)(2)(B)(i),'
    b"2022-06-21,02-Aug-2024,87 FR 9\n"
)


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


# The United Nations

UN = """<?xml version="1.0" encoding="utf-8"?>
<CONSOLIDATED_LIST dateGenerated="2025-01-01"><INDIVIDUALS>
<INDIVIDUAL><DATAID>6900001</DATAID><FIRST_NAME>ANSEL</FIRST_NAME><SECOND_NAME>BRIGHT</SECOND_NAME>
<THIRD_NAME/><FOURTH_NAME>COLE</FOURTH_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>CDi.900</REFERENCE_NUMBER><LISTED_ON>2012-12-31-05:00</LISTED_ON>
<COMMENTS1>A  person.</COMMENTS1><NATIONALITY><VALUE>Rwanda</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ansel Brite</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Ace</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ADDRESS><CITY>Goma</CITY><COUNTRY>Democratic Republic of the Congo</COUNTRY></INDIVIDUAL_ADDRESS>
</INDIVIDUAL></INDIVIDUALS><ENTITIES>
<ENTITY><DATAID>110001</DATAID><FIRST_NAME>Copperleaf Trading &amp; Co</FIRST_NAME>
<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>CTC</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
</ENTITIES></CONSOLIDATED_LIST>"""


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


BOMB = '<!DOCTYPE a [<!ENTITY b "bang"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (UN.replace("<CONS", BOMB + "<CONS", 1), "not allowed"),
        (UN.replace("<CONS", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><CONS', 1), "not allowed"),
        (UN.replace("<CONS", "<!DOCTYPE a><CONS", 1), "not allowed"),
        (UN.replace("</INDIVIDUALS>", ""), "un.xml, row 14: the XML is not valid"),
        (UN[:300], "the XML is not valid"),
        (UN.replace("CONSOLIDATED_LIST", "OTHER"), "Its root is OTHER"),
        (UN.replace("utf-8", "no-such"), "encoding|broken"),
        ("<CONSOLIDATED_LIST/>", "no records"),
        ("<!DOCTYPE html><html><body>404</body></html>", "HTML page"),
        ("name\nA\n", "not valid"),
    ],
    ids=["entities", "external", "dtd", "unbalanced", "cut", "root", "encoding", "empty", "html", "csv"],
)
def test_xml_that_is_refused(data, words):
    with pytest.raises(ListError, match=words):
        read_files({"un.xml": data.encode()}, source="un")


def test_xml_nested_without_end_is_refused_before_it_is_read():
    deep = UN.replace("<THIRD_NAME/>", "<A>" * 20_000)
    with pytest.raises(ListError, match="nested too deeply"):
        read_files({"un.xml": deep.encode()})


# Bytes, quotation marks, junk

CUSTOM = "name,aliases\nSeaglass Metals,SMT\nVerdemar Bank,Café Grün\n"


@pytest.mark.parametrize(
    "data",
    [
        CUSTOM.encode(),
        CUSTOM.encode("utf-8-sig"),
        CUSTOM.encode("utf-16"),
        CUSTOM.encode("utf-16-le"),
        CUSTOM.encode("utf-16-be"),
        CUSTOM.replace("\n", "\r\n").encode(),
        CUSTOM.replace("\n", "\r").encode(),
        CUSTOM.replace("\n", "\r\n", 1).encode(),
        CUSTOM.encode() + b"\x00\x00\x00",
        CUSTOM.encode() + b"\r\n\x1a\r\n",
        b"\n\n" + CUSTOM.replace("\n", "\n\n").encode(),
    ],
    ids=[
        "utf-8",
        "bom",
        "utf-16",
        "16-le",
        "16-be",
        "crlf",
        "cr",
        "mixed",
        "nuls",
        "end-mark",
        "blank-lines",
    ],
)
def test_bytes_that_say_the_same(data):
    found = read_files({"a.csv": data})
    assert [party.aliases for party in found.parties] == [("SMT",), ("Café Grün",)]
    assert found.warnings == ()


def test_windows_1252_is_read_with_a_warning():
    found = read_files({"a.csv": CUSTOM.encode("cp1252")})
    assert found.parties[1].aliases == ("Café Grün",)
    assert found.warnings == ("the text is not UTF-8, so it was read as Windows-1252.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "not .*. It looks like a PDF"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"<html><body>Not found</body></html>", "an HTML page"),
        (b"\n<!DOCTYPE HTML><HTML>", "an HTML page"),
        (b'{"results": []}', "JSON"),
        (b"<a>name</a>", "XML"),
        (b"", "the file is empty"),
        (b"\x1a", "has no records"),
        (b"name\nSea\x00glass\nA\n", "row 2: the text has a NUL byte"),
        (b"hello world\n", "not a list the portal recognizes"),
    ],
    ids=["pdf", "xlsx", "html", "html-upper", "json", "xml", "empty", "end-mark", "nul", "prose"],
)
@pytest.mark.parametrize("source", ["", "custom"])
def test_what_is_no_list_is_named(data, words, source):
    if source and b"hello" in data:
        words = "is missing the column name"
    with pytest.raises(ListError, match=f"^x.csv.*{words}"):
        read_files({"x.csv": data}, source=source)


@pytest.mark.parametrize("source", ["csl", "dpl", "sam", "uflpa", "1260h", "un", "ofac", "ofac_nonsdn"])
def test_every_reader_names_a_web_page(source):
    with pytest.raises(ListError, match=r"x\.csv: this is not .*. It looks like an HTML page"):
        read_files({"x.csv": b"<!doctype html><html>404"}, source=source)


LINES = [f'"Company {n}","alias {n}"' for n in range(2000)]


@pytest.mark.parametrize("swallowed", [0, 5, 1990, 1999], ids=["first", "early", "late", "last"])
def test_a_quotation_mark_never_closed_swallows_no_rows(swallowed):
    lines = [*LINES]
    lines[swallowed] = lines[swallowed].removesuffix('"')
    data = "\n".join(["name,aliases", *lines]).encode()
    with pytest.raises(ListError, match=rf"x\.csv, row {swallowed + 2}: this row .* quotation mark"):
        read_files({"x.csv": data})


def test_a_quotation_mark_never_closed_among_bare_cells_is_found():
    data = b"name,aliases\n" + b'"Seaglass,SMT\n' + b"Verdemar,VM\n" * 500
    with pytest.raises(ListError, match="row 2: this row has an unclosed quotation mark"):
        read_files({"x.csv": data})
    with pytest.raises(ListError, match=r"row 2: this row .* quotation mark"):
        read_files({"x.csv": b'name\n"Seaglass\nVerdemar\n'})


def test_one_line_of_ten_megabytes_is_refused():
    with pytest.raises(ListError, match="row 2: the row has more than 100,000 characters"):
        read_files({"x.csv": b"name\n" + b"x" * 10_000_000})


def test_a_name_over_two_lines_that_is_quoted_well_is_one_name():
    found = read_files({"x.csv": b'name,aliases\n"Seaglass\nMetals",SMT\nVerdemar,\n'})
    assert [party.name for party in found.parties] == ["Seaglass Metals", "Verdemar"]
    assert found.warnings == ("row 2: the name spans several lines.",)


def test_a_stray_quotation_mark_inside_a_cell_is_kept():
    (party,) = read_files({"x.csv": b'name,aliases\nPipe 12" Works,SMT\n'}).parties
    assert party.name == 'Pipe 12" Works'


@pytest.mark.parametrize(
    ("files", "source", "words"),
    [
        ({"x.csv": table(CSL_NEW.replace(",alt_names", ",altnames").replace(",ids", ",id_s"), ROW)}, "csl",
         "x.csv, row 1: the header row is missing the columns alt names, ids"),
        ({"x.csv": table(CSL_NEW, ROW) + b"a,b\n"}, "", "x.csv, row 3: 2 columns instead of 29"),
        ({"d.txt": dpl(DENIED) + b"a\tb\n"}, "", "d.txt, row 3: 2 columns instead of 12"),
        ({"d.txt": dpl(DENIED).replace(b"FR_Citation", b"Notice")}, "dpl", "missing the column fr citation"),
        ({"s.csv": table(SAM_HEADER, EXCLUDED) + b'"Firm"\n' * 21}, "", "s.csv, row 23: more than 20 lines"),
        ({"s.csv": table(SAM_HEADER.replace("Active Date", "When"), EXCLUDED)}, "sam", "the column active date"),
    ],
    ids=["csl-header", "csl-row", "dpl-row", "dpl-header", "sam-rows", "sam-header"],
)  # fmt: skip
def test_damaged_official_files_name_row_and_column(files, source, words):
    with pytest.raises(ListError, match=words):
        read_files(files, source=source)


def test_warnings_are_capped_and_counted():
    rows = [{**DENIED, "City": f"Town {n}", "Expiration_Date": "never"} for n in range(60)]
    found = read_files({"dpl.txt": dpl(*rows)})
    assert len(found.warnings) == 51 and found.warnings[-1] == "and 10 more warnings."


# Files, folders, sources


def test_a_folder_of_ofac_files_names_what_it_does_not_read(tmp_path):
    for name, data in {**OFAC, "sdn_comments.csv": b'101,"more"\n', "readme.pdf": b"%PDF"}.items():
        (tmp_path / name.upper()).write_bytes(data)
    found = read_path(tmp_path)
    assert found.source == "ofac" and len(found.parties) == 3
    assert found.ignored == ("README.PDF", "SDN_COMMENTS.CSV")
    assert of(found.parties, "101").aliases[1] == "BANCO VERDEMAR S.A."


def test_a_file_alone_is_read_alone_and_says_what_lies_beside_it(tmp_path):
    for name, data in OFAC.items():
        (tmp_path / name).write_bytes(data)
    found = read_path(tmp_path / "sdn.csv")
    assert found.parties == read_ofac(SDN)
    assert "alt.csv and add.csv in the same folder were not read" in found.warnings[0]


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


# Two editions


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


# Anything at all

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
