"""Reading screening lists: every source, every way a file can be broken. All names are invented."""

from datetime import date

import pytest

from suppliers.lists import (
    read_files,
    read_ofac,
)
from suppliers.lists.readers.consolidated import list_code
from suppliers.lists.reading import ListError
from suppliers.matching.party import ListedParty
from tests.suppliers.lists.list_files import (
    ALT,
    CSL_NEW,
    DENIED,
    EXCLUDED,
    OFAC,
    ROW,
    SAM_HEADER,
    SDN,
    dpl,
    table,
    upper,
)

CSL_OLD = CSL_NEW.removeprefix("_id,")


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


def test_two_exclusions_under_one_number_get_their_own_records_in_any_order():
    other = {**EXCLUDED, "Excluding Agency": "HHS"}
    there = read_files({"e.csv": table(SAM_HEADER, EXCLUDED, other)}).parties
    back = read_files({"e.csv": table(SAM_HEADER, other, EXCLUDED)}).parties
    assert {party.record_id for party in there} == {"S4MR00001", "S4MR00001-2"}
    assert {party.remarks: party.record_id for party in there} == {p.remarks: p.record_id for p in back}
