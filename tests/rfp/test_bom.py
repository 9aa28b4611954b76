"""Reading bills of materials as suppliers send them."""

from decimal import Decimal

import pytest

from rfp.bom import read_bom
from rfp.bom.columns import guess_columns
from rfp.bom.reading import decode, to_decimal
from suppliers.reference.countries import country_code

OURS = """line_no,parent_line,part,qty,make_or_buy,unit_acquisition_cost,inbound_freight,duty,materials,direct_labor,\
allocable_overhead,profit,origin,us_manufactured,is_iron_steel,is_cots_fastener,manufacturer,mpn
1,,"Frame, welded",1,make,,0,,496.64,205,148,0,US,true,true,false,Hillside,HS-1
2,1,Steel tube,68,buy,4.85,0.20,0,,,,,US,true,true,false,Cuyahoga,T-50
3,,Coupling,2,buy,"1,234.50",1,2.5,,,,,DE,false,false,true,Ostmark,K-9
"""


def read(text, encoding="utf-8"):
    return read_bom(text.encode(encoding))


def errors(reading):
    return [(error.row, error.column, error.message) for error in reading.errors]


def test_our_own_columns_are_read_as_they_are():
    reading = read(OURS)
    frame, tube, coupling = reading.lines
    assert errors(reading) == [] and reading.notes == () and reading.unmapped == ()
    assert (frame.part, frame.make_or_buy, frame.materials, frame.profit) == (
        "Frame, welded",
        "make",
        Decimal("496.64"),
        Decimal(0),
    )
    assert (frame.unit_acquisition_cost, frame.us_manufactured, frame.is_iron_steel) == (None, True, True)
    assert (tube.parent_line, tube.qty) == ("1", Decimal(68))
    assert (coupling.unit_acquisition_cost, coupling.origin, coupling.is_cots_fastener) == (
        Decimal("1234.50"),
        "DE",
        True,
    )
    assert (reading.delimiter, reading.encoding, reading.header_row) == (",", "utf-8", 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_the_delimiter_is_found(delimiter):
    rows = [["ID", "Name", "Quantity", "Price"], ["1", "Bracket, left; short", "4", "0.25"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    reading = read(text)
    assert reading.delimiter == delimiter
    assert [(line.part, line.qty, line.unit_acquisition_cost) for line in reading.lines] == [
        ("Bracket, left; short", Decimal(4), Decimal("0.25"))
    ]


def test_a_spreadsheets_own_hint_names_the_delimiter():
    reading = read("sep=;\nPart;Qty\nBolt;4\n")
    assert [(line.part, line.qty) for line in reading.lines] == [("Bolt", Decimal(4))]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found(encoding, found):
    reading = read("Part,Qty\nKondensator 470 µF für Gehäuse,4\n", encoding)
    assert [line.part for line in reading.lines] == ["Kondensator 470 µF für Gehäuse"]
    assert reading.encoding == found


def test_an_east_asian_file_is_not_read_as_latin():
    text = (
        "Part,Qty,Manufacturer\n" + "外壳组件和支架,4,上海精密机械制造\n蜂鸣器和电容器,2,深圳电子元件\n" * 5
    )
    decoded, _ = decode(text.encode("gb18030"))
    assert decoded == text


def test_a_byte_that_no_windows_code_page_has_is_latin_1():
    assert decode(b"Part\x81,1") == ("Part\x81,1", "latin-1")


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            "Item No.,Description,Qty,Unit Price (USD),Country of Origin",
            "line_no part qty unit_acquisition_cost origin",
        ),
        ("#,Part Name,QTY,MFR,MPN,COO", "line_no part qty manufacturer mpn origin"),
        ("Pos,Designation,Part,Quantity per gearbox,Ext. Price", "line_no part qty line_cost"),
        (
            "Find No,Part Number,Description,Qty Per Assembly,Each",
            "line_no mpn part qty unit_acquisition_cost",
        ),
        ("LineNo,PartName,UnitCost,MadeInUS", "line_no part unit_acquisition_cost us_manufactured"),
        (
            "Make/Buy,Component,Freight,Duty,Labor,Overhead",
            "make_or_buy part inbound_freight duty direct_labor allocable_overhead",
        ),
    ],
    ids=["usual", "short", "per-product", "engineering", "camel", "costs"],
)
def test_common_headers_are_understood(header, mapping):
    columns = guess_columns(header.split(","))
    assert set(mapping.split()) <= set(columns)


def test_a_component_column_of_running_numbers_is_the_line_number():
    reading = read("Component,Description,Qty\n1,Bracket,2\n2,Bolt,8\n")
    assert [(line.line_no, line.part) for line in reading.lines] == [("1", "Bracket"), ("2", "Bolt")]
    named = read("Component,Qty\nBracket,2\nBolt,8\n")
    assert [(line.line_no, line.part) for line in named.lines] == [("1", "Bracket"), ("2", "Bolt")]


def test_a_header_below_a_title_is_found_and_said():
    reading = read("Hillside Works LLC,,\nBill of materials rev C,,\n,,\nPart,Qty,Unit cost\nBolt,8,0.1\n")
    assert reading.header_row == 4 and len(reading.lines) == 1
    assert "The header was found in row 4; what stands above it was left out." in reading.notes


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1,234.50", ".", "1234.50"),
        ("$3.76 ", ".", "3.76"),
        ("1 234,50", ",", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("0,5 €", ",", "0.5"),
        ("(12.5)", ".", "-12.5"),
        ("1,234,567", ".", "1234567"),
        ("1'234.5", ".", "1234.5"),
        (".5", ".", "0.5"),
        ("2.5e-3", ".", "0.0025"),
    ],
)
def test_numbers_as_people_write_them(cell, mark, value):
    assert to_decimal(cell, mark) == Decimal(value)


@pytest.mark.parametrize(
    "cell", ["1,23,4", "1.2.3", "12,50.5", "ten", "1e999", "NaN", "=1+1", "--1", "", "٣"]
)
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError):
        to_decimal(cell)


def test_a_decimal_comma_is_guessed_from_the_cells_that_tell():
    reading = read('Part;Qty;Unit cost\nBolt;"1.250";"0,10"\nNut;2;"3,5"\n')
    assert reading.decimal_mark == ","
    assert [(line.qty, line.unit_acquisition_cost) for line in reading.lines] == [
        (Decimal(1250), Decimal("0.10")),
        (Decimal(2), Decimal("3.5")),
    ]
    assert "decimal comma" in reading.notes[0]
    assert read('Part,Qty\nBolt,"1,250"\n').lines[0].qty == Decimal(1250)


def test_every_bad_cell_is_named_and_the_rest_is_kept():
    reading = read(
        "Line,Part,Qty,Unit cost,Origin,Made in US,Make or buy\n"
        "1,Bolt,four,0.10,US,yes,buy\n"
        "2,,1,0.20,Narnia,maybe,rent\n"
        "3,Nut,1,-1,DE,no,buy\n"
        "4,Pin,1,0.1,US,yes,buy,stray\n"
        "4,Cap,1,9999999999999,US,yes,buy\n"
    )
    assert errors(reading) == [
        (2, "Qty", "“four” is not a number."),
        (3, "Made in US", "“maybe” is neither yes nor no."),
        (3, "Part", "The part has no name."),
        (3, "Make or buy", "“rent” is neither make nor buy."),
        (3, "Origin", "“Narnia” is not a country we know; write its two-letter code."),
        (4, "Unit cost", "“-1” is below zero."),
        (5, "", "This row has more cells than the header; check for a stray delimiter."),
        (6, "Unit cost", "“9999999999999” is too large."),
        (0, "", "Line number 4 stands more than once."),
    ]
    bolt, nameless, nut, *_ = reading.lines
    assert (bolt.qty, bolt.unit_acquisition_cost, bolt.us_manufactured) == (None, Decimal("0.10"), True)
    assert (nameless.origin, nameless.us_manufactured) == ("", None)
    assert nut.unit_acquisition_cost == Decimal(-1)


def test_blank_rows_and_totals_are_left_out_and_totals_are_said():
    reading = read("Part,Qty,Unit cost\nBolt,8,0.1\n,,\n\nTotal,,0.8\n")
    assert [line.part for line in reading.lines] == ["Bolt"]
    assert "Row 5 looks like a total and was left out." in reading.notes


def test_a_cost_of_the_whole_line_is_divided_or_taken_as_one():
    divided = read("Part,Qty,Extended price\nBolt,8,2\n")
    assert divided.lines[0].unit_acquisition_cost == Decimal("0.25")
    single = read("Component,Subtotal\nBolt,$3.76\n")
    assert (single.lines[0].qty, single.lines[0].unit_acquisition_cost) == (Decimal(1), Decimal("3.76"))
    assert any("quantity 1" in note for note in single.notes)


def test_currencies_are_kept_from_a_column_or_a_sign():
    reading = read("Part,Qty,Unit cost\nBolt,1,€3.10\nNut,1,$3\nPin,1,2\n")
    assert [line.currency for line in reading.lines] == ["EUR", "USD", "USD"]
    assert [line.currency for line in read("Part,Qty,Currency\nBolt,1,gbp\n").lines] == ["GBP"]


def test_parents_are_taken_from_levels_or_dotted_numbers():
    levels = read("Line,Level,Part,Qty\n1,1,Frame,1\n2,2,Tube,4\n3,3,Weld,1\n4,2,Plate,1\n5,1,Door,1\n")
    assert [line.parent_line for line in levels.lines] == ["", "1", "2", "1", ""]
    dotted = read("Line,Part,Qty\n1,Frame,1\n1.1,Tube,4\n1.1.1,Weld,1\n2,Door,1\n")
    assert [line.parent_line for line in dotted.lines] == ["", "1", "1.1", ""]
    assert any("1.2 belongs to 1" in note for note in dotted.notes)


def test_a_file_without_a_header_is_refused_in_words():
    for data in (b"", b"\x00\x01\x02", b"a,b,c\n1,2,3\n", "Bolt,8\n".encode("utf-16")):
        reading = read_bom(data)
        assert reading.lines == () and reading.header_row == 0
        assert "No header row" in reading.errors[0].message


def test_text_is_cut_to_what_is_stored_and_said():
    reading = read(f"Part,Qty\n{'x' * 400},1\n")
    assert len(reading.lines[0].part) == 300
    assert "longer than 300" in reading.errors[0].message


def test_more_than_the_limit_of_lines_is_said():
    reading = read("Part,Qty\n" + "Bolt,1\n" * 50_001)
    assert len(reading.lines) == 50_000
    assert "more than 50,000 lines" in reading.errors[0].message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("u.s.a.", "US"),
        ("United States", "US"),
        ("KOR", "KR"),
        ("Taiwan", "TW"),
        ("", ""),
        ("Narnia", None),
    ],
)
def test_countries_by_code_or_name(text, code):
    assert country_code(text) == code
