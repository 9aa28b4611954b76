"""Bills of materials that used to be misread: what each file says, line by line."""

from decimal import Decimal
from pathlib import Path

import pytest

from rfp.bom.costs import roll_up
from rfp.bom.reading import read_bom
from rfp.bom.report import as_json

CASES = Path(__file__).parent / "cases"


def read(name):
    return read_bom((CASES / name).read_bytes())


def lines(reading, *keys):
    """The chosen keys of each line, as the command prints them."""
    return [tuple(line[key] for key in keys) for line in as_json(reading)["lines"]]


def kinds(reading):
    return [question.kind for question in reading.questions]


def left_out(reading):
    return [each.row for each in reading.left_out]


def errors(reading):
    return [(error.row, error.column) for error in reading.errors]


SIMPLE = [
    ("bom30-same-part-two-lines.csv", 2, "1.20"),
    ("bom36-old-mac-line-ends.csv", 2, "700"),
    ("bom10-altium-numbered-columns.csv", 2, "25.03"),
    ("bom13-spanish-headers.csv", 2, "2570.88"),
    ("bom37-subtotal-with-qty.csv", 2, "600"),
    ("bom07-item-name-sparse-description.csv", 2, "77.97"),
    ("bom09-first-header-blank.csv", 2, "19.12"),
    ("total.csv", 5, "7302.61"),
    ("total2.csv", 5, "7302.61"),
    ("semi.csv", 5, "7302.61"),
    ("odd.csv", 2, "200"),
    ("uc.csv", 2, "200"),
    ("formula.xlsx", 5, "7302.61"),
    ("bom34-unbalanced-quote.csv", 4, "604"),
    ("bom35-inch-marks.csv", 3, "108.60"),
    ("bom16-dotted-level.csv", 5, "190"),
    ("bom06-item-name-and-description.csv", 4, "150"),
    ("bom01-price-eur-in-header.csv", 2, "99.62"),
    ("bom39-parent-part-number.csv", 3, "700"),
    ("bom21-level-zero-root-foreign-parts.csv", 3, "1000"),
    ("bom22-qty-per-assembly.csv", 4, "500"),
]


@pytest.mark.parametrize(("name", "count", "total"), SIMPLE, ids=[case[0].split(".")[0] for case in SIMPLE])
def test_lines_and_total(name, count, total):
    reading = read(name)
    assert (len(reading.lines), reading.total) == (count, Decimal(total))


def test_a_currency_in_the_heading_is_the_currency_of_every_line():
    reading = read("bom01-price-eur-in-header.csv")
    assert {line.facts.currency for line in reading.lines} == {"EUR"}
    assert kinds(reading) == ["foreign_currency"]
    assert roll_up(reading.facts).other_currency == ("1", "2")


def test_a_currency_in_a_column_of_its_own_is_the_currency_of_its_line():
    reading = read("bom02-price-unit-gbp.csv")
    assert lines(reading, "currency", "mpn", "manufacturer") == [
        ("USD", "SW-17", "Spraywright Co."),
        ("GBP", "RT-115", "Railterm"),
        ("GBP", "RT-116", "Railterm"),
    ]
    assert reading.total is None and as_json(reading)["total"] is None


def test_kicad_grouped_by_value():
    reading = read("bom04-kicad-qnty.csv")
    assert lines(reading, "name", "qty", "manufacturer", "row") == [
        ("Unpolarized capacitor, 10n", 4, None, 7),
        ("Unpolarized capacitor, 100n", 17, None, 8),
    ]
    assert any("Vendor" in note for note in reading.notes)


def test_kicad_board_editor():
    assert lines(read("bom05-kicad-pcb-designation.csv"), "name", "qty") == [
        ("End stop B", 1),
        ("Conn 1x2", 3),
    ]


def test_numbers_with_points_make_the_tree_and_a_name_fills_the_gaps_of_another():
    reading = read("bom06-item-name-and-description.csv")
    assert [line.facts.line_no for line in reading.lines] == ["1", "2", "2.1", "2.2"]
    assert lines(reading, "row", "level", "parent") == [(2, 1, None), (3, 1, None), (4, 2, 3), (5, 2, 3)]
    assert reading.lines[1].facts.part == "IR heating system"


def test_a_heading_in_the_rows_is_left_out_and_said():
    reading = read("bom07-item-name-sparse-description.csv")
    assert lines(reading, "name") == [("PLA white",), ("Bearing 608",)]
    assert left_out(reading) == [2] and "heading_row" in kinds(reading)


def test_a_column_without_a_heading_is_offered_as_the_name():
    reading = read("bom09-first-header-blank.csv")
    assert lines(reading, "name") == [("Barrel connector",), ("Power supply",)]
    assert left_out(reading) == [2, 5]
    assert "Is column A the name?" in [question.words for question in reading.questions]


def test_altium_numbers_its_columns():
    assert lines(read("bom10-altium-numbered-columns.csv"), "manufacturer", "mpn", "unit_cost", "qty") == [
        ("Hualun Dianzi", "HL-0402-104", 0.01, 3),
        ("Logicworks", "LW-100", 25, 1),
    ]


def test_russian_in_windows_1251():
    reading = read("bom14-russian-cp1251.csv")
    assert (reading.encoding, reading.delimiter) == ("windows-1251", ";")
    assert lines(reading, "name", "qty") == [("10uF", 2), ("1R", 1)]


def test_outline_levels():
    assert lines(read("bom16-dotted-level.csv"), "part_number", "level", "parent", "qty") == [
        ("ASSY-001", 1, None, 1),
        ("PART-001", 2, 2, 2),
        ("SUB-100", 2, 2, 1),
        ("PART-003", 3, 4, 4),
        ("ASSY-400", 1, None, 3),
    ]


def test_country_names():
    found = [origin for (origin,) in lines(read("bom18-country-names.csv"), "origin")]
    assert found == [
        "CN",
        "HK",
        "TR",
        "NL",
        "CI",
        "US",
        "KR",
        "RU",
        "KR",
        "GB",
        "CN",
        "CN",
        "US",
        "GB",
        "TW",
        "SK",
    ]


def test_prices_as_people_write_them():
    reading = read("bom20-price-forms.csv")
    found = {
        name: (cost, currency) for name, cost, currency in lines(reading, "name", "unit_cost", "currency")
    }
    assert found == {
        "A": (1.2, "USD"),
        "B": (1.2, "USD"),
        "C": (1234.56, "USD"),
        "D": (3.5, "USD"),
        "E": (1.2, "USD"),
        "F": (1.2, "USD"),
        "G": (1.2, "CAD"),
        "H": (1.2, "CHF"),
        "I": (120, "JPY"),
        "J": (1234.5, "USD"),
        "K": (1234.5, "EUR"),
        "L": (None, "USD"),
        "M": (None, "USD"),
        "N": (None, "USD"),
        "O": (None, "USD"),
    }
    said = {error.row: error.why for error in reading.errors}
    assert "is not a price" in said[13] and "is not a price" in said[14]
    assert "error in your spreadsheet" in said[15] and "error in your spreadsheet" in said[16]
    assert {"approximate", "foreign_currency", "currency_sign"} == set(kinds(reading))


def test_a_row_of_level_0_is_the_product():
    reading = read("bom21-level-zero-root-foreign-parts.csv")
    assert lines(reading, "part_number", "origin", "level") == [
        ("FR-1", "CN", 1),
        ("BB-1", "MX", 1),
        ("LB-1", "US", 1),
    ]
    rolled = roll_up(reading.facts)
    assert (rolled.us, rolled.total) == (100, 1000)
    assert left_out(reading) == [2] and reading.product == "Finished rack"
    assert [(q.kind, q.rows, q.default) for q in reading.questions] == [("product", (2,), "product")]


def test_quantities_per_assembly_are_multiplied():
    reading = read("bom22-qty-per-assembly.csv")
    assert lines(reading, "part_number", "qty", "level") == [
        ("PSU-1", 2, 1),
        ("BRD-1", 2, 2),
        ("CSE-1", 2, 2),
        ("FR-1", 1, 1),
    ]
    own = roll_up(reading.facts).own
    assert [own[number] for number in ("1", "2", "3", "4")] == [0, 300, 100, 100]
    assert kinds(reading) == ["quantity_basis"]


def test_sap_levels_with_points_in_front():
    assert lines(read("bom23-sap-dotted-indent-level.csv"), "name", "qty", "level", "parent") == [
        ("Casing", 1, 1, None),
        ("Slug for casing", 4, 2, 2),
        ("Flat gasket", 1, 2, 2),
        ("Fly wheel", 1, 1, None),
    ]


def test_a_quote_that_is_never_closed_is_an_error_with_its_row():
    reading = read("bom34-unbalanced-quote.csv")
    assert errors(reading) == [(2, "Part")] and reading.is_broken
    assert [name for (name,) in lines(reading, "name")] == ["Panel 24 in", "Busbar", "Frame", 'Clip "A"']
    assert reading.errors[0].near[1] == (2, '"Panel 24 in,1,100,US')


def test_inch_marks_stay_where_they_were_typed():
    found = [name for (name,) in lines(read("bom35-inch-marks.csv"), "name")]
    assert found == ['19" rack', "Pipe 1/2\" x 10'", 'Bolt 3/8"-16']


def test_totals_with_quantities_are_left_out():
    reading = read("bom37-subtotal-with-qty.csv")
    assert left_out(reading) == [3, 5] and kinds(reading) == []
    assert left_out(read("total.csv")) == [7]
    assert [each.why for each in read("total2.csv").left_out] == [
        "“Total material cost” is a total without a part number."
    ]


def test_parents_by_part_number():
    reading = read("bom39-parent-part-number.csv")
    assert lines(reading, "part_number", "level", "parent") == [
        ("FR-1", 1, None),
        ("BB-1", 1, None),
        ("CL-1", 2, 3),
    ]
    rolled = roll_up(reading.facts)
    assert rolled.is_a_tree and (rolled.us, rolled.total) == (400, 700)


def test_quantities_are_counted_from_designators():
    reading = read("bom41-jlcpcb-designators-no-quantity.csv")
    assert lines(reading, "name", "qty") == [("100nF", 3), ("10uF", 1)]
    assert kinds(reading) == ["quantity_counted"]


def test_decimal_commas_are_said():
    reading = read("semi.csv")
    assert lines(reading, "unit_cost") == [(1204.5,), (1890,), (345.75,), (812.4,), (289.99,)]
    assert any("decimal comma" in note for note in reading.notes)


def test_a_file_without_headings_can_be_named_by_hand():
    reading = read("headerless.csv")
    assert reading.columns.header_row == 0 and reading.rows == 3
    assert reading.total is None and "header" in kinds(reading)


def test_a_formula_in_text_is_no_number_and_in_a_workbook_its_value_counts():
    reading = read("formula.csv")
    assert [(error.row, error.why) for error in reading.errors] == [(4, "“=2*172.87” is not a number.")]
    assert reading.lines[2].facts.part == '=HYPERLINK("http://x","Board")'
    book = read("formula.xlsx")
    assert left_out(book) == [7] and book.errors == ()


def test_every_bad_cell_is_named():
    assert errors(read("bad.csv")) == [
        (2, "Unit cost"),
        (2, "Country of origin"),
        (2, "Made in US"),
        (3, "Qty"),
        (3, "Country of origin"),
        (3, "Make or buy"),
        (3, "Line"),
        (5, "Qty"),
        (5, "Part"),
    ]
