"""Bills of materials as workbooks: values as they were saved, several sheets, and files that are none."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from rfp.bom.questions import Choices
from rfp.bom.reading import read_bom
from rfp.bom.sheet import apart
from rfp.bom.sheet import workbook as reader
from rfp.bom.sheet.table import NotATable

CASES = Path(__file__).parent / "cases"


def made(*sheets, formats=None):
    """A workbook from (title, rows) pairs; `formats`: cell → number format of the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for cell, number_format in (formats or {}).items():
        book.worksheets[0][cell].number_format = number_format
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ROWS = [["Part", "Qty", "Unit cost", "Origin"], ["Frame", 12, 1.234, "US"], ["Bus", 2, 0.1 + 0.2, "CN"]]


def test_figures_are_figures_and_never_ambiguous():
    reading = read_bom(made(("BOM", ROWS)))
    assert [(line.qty, line.unit_acquisition_cost) for line in reading.facts] == [
        (Decimal(12), Decimal("1.234")),
        (Decimal(2), Decimal("0.3")),
    ]
    assert reading.questions == () and (reading.encoding, reading.delimiter) == ("", "")


@pytest.mark.parametrize(
    ("number_format", "code"),
    [
        ("[$€-407] #,##0.00", "EUR"),
        ('#,##0.00 "€"', "EUR"),
        ("[$GBP] #,##0.00", "GBP"),
        ("£#,##0.00", "GBP"),
        ('"$"#,##0.00', "USD"),
        ('_($* #,##0.00_);_($* "-"??_)', "USD"),
        ("[$-409]#,##0.00", "USD"),
        ("0.00", "USD"),
    ],
)
def test_the_currency_of_a_number_format_is_the_currency(number_format, code):
    reading = read_bom(made(("BOM", ROWS[:2]), formats={"C2": number_format}))
    assert [line.currency for line in reading.facts] == [code]


def test_of_several_sheets_one_is_proposed_and_another_can_be_chosen():
    data = made(("Cover", [["Project", "X"]]), ("BOM", ROWS), ("Old", ROWS[:2]))
    reading = read_bom(data)
    (question,) = [q for q in reading.questions if q.kind == "sheet"]
    assert [option.label for option in question.options] == ["Cover", "BOM", "Old"]
    assert (reading.sheet, len(reading.lines)) == ("BOM", 2)
    other = read_bom(data, choices=Choices(answers={"sheet": "sheet-2"}))
    assert (other.sheet, len(other.lines)) == ("Old", 1)


def test_hidden_sheets_are_not_offered():
    book = openpyxl.load_workbook(io.BytesIO(made(("BOM", ROWS), ("Secret", ROWS))))
    book["Secret"].sheet_state = "hidden"
    assert read_bom(saved(book)).questions == ()


def test_a_formula_without_a_saved_value_is_an_error_with_its_cell():
    data = made(("BOM", [*ROWS, ["Nut", 4, "=2*3", "US"]]))
    reading = read_bom(data)
    assert [(error.row, error.column) for error in reading.errors] == [(4, "Unit cost")]
    assert "no saved value" in reading.errors[0].why


def test_saved_values_of_formulas_count():
    book = made(("BOM", [*ROWS, ["Nut", 4, "=2*3", "US"]]))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet]
        .replace(b"<f>2*3</f><v></v>", b"<f>2*3</f><v>6</v>")
        .replace(b"<f>2*3</f><v/>", b"<f>2*3</f><v>6</v>")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    reading = read_bom(out.getvalue())
    assert reading.errors == () and reading.lines[2].facts.unit_acquisition_cost == 6


def test_rows_keep_their_place_in_the_sheet():
    reading = read_bom(made(("BOM", [[], ["Title"], [], *ROWS])))
    assert (reading.columns.header_row, [line.row for line in reading.lines]) == (4, [5, 6])


def test_what_is_read_is_bounded(monkeypatch):
    monkeypatch.setattr(reader, "MOST_CELLS", 6)
    reading = read_bom(made(("BOM", ROWS)))
    assert reading.is_broken and "more cells than we can read" in reading.errors[0].why
    monkeypatch.setattr(reader, "MOST_UNPACKED", 100)
    with pytest.raises(NotATable, match="too large to read"):
        read_bom(made(("BOM", ROWS)))


def test_a_workbook_that_is_none_is_refused_in_words():
    with pytest.raises(NotATable, match="damaged"):
        read_bom(made(("BOM", ROWS))[:300])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(NotATable, match="not an XLSX"):
        read_bom(out.getvalue())
    with pytest.raises(NotATable, match="has no table"):
        read_bom(made(("BOM", [])))


def test_the_workbook_can_be_unpacked_elsewhere():
    tables = reader.read_workbook(made(("BOM", ROWS)))
    assert len(read_bom(b"PK\x03\x04", open_workbook=lambda data: tables).lines) == 2


def test_a_child_unpacks_the_same():
    data = made(("BOM", [*ROWS, ["Nut", 4, "=2*3", "US"]]), ("Old", ROWS[:2]))
    here = reader.read_workbook(data)
    told = [replace(table, rows=tuple(row for row in table.rows if not row.is_blank)) for table in here]
    assert apart.unpacked_apart(data) == told
    with pytest.raises(NotATable, match="damaged"):
        apart.unpacked_apart(b"PK\x03\x04 nothing")


def test_a_workbook_that_costs_too_much_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(apart, "MOST_UNPACKED", 200)
    with pytest.raises(NotATable):
        apart.unpacked_apart(made(("BOM", ROWS * 50)))
