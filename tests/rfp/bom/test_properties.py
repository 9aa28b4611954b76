"""The same bill of materials written in many ways is read as the same bill of materials."""

import csv
import io
from decimal import Decimal

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from rfp.bom.reading import read_bom
from rfp.bom.report import as_json
from rfp.bom.sheet.table import NotATable

HEADINGS = {
    "name": [
        "Part",
        "Description",
        "Item name",
        "Bezeichnung",
        "Descripción",
        "Désignation",
        "Наименование",
        "品名",
    ],
    "qty": ["Qty", "QUANTITY", "Menge", "Cantidad", "Quantité", "Qnty", "数量", "Q.ty"],
    "cost": [
        "Unit cost",
        "Unit Price (USD)",
        "Price each",
        "Einzelpreis",
        "Precio unitario",
        "unit_price",
        "UnitCost",
    ],
    "origin": ["Country of origin", "COO", "Origin", "Herkunftsland", "País de origen", "原产国"],
    "manufacturer": ["Manufacturer", "Mfr", "Hersteller", "Maker", "Fabricante"],
}
COUNTRIES = {
    "US": ["US", "USA", "United States", "U.S.A.", "Made in USA"],
    "CN": ["China", "CN", "PRC", "People’s Republic of China", "China (PRC)"],
    "TR": ["Türkiye", "Turkey", "TUR"],
    "KR": ["Korea (the Republic of)", "South Korea", "Korea, South"],
}
names = st.text(st.characters(categories=["L"], max_codepoint=0x17F), min_size=3, max_size=12).filter(
    lambda text: (
        (text.isalpha() and not text.isascii())
        or text.lower() not in ("total", "sum", "summe", "suma", "razem")
    )
)
part = st.fixed_dictionaries(
    {
        "name": st.tuples(names, names).map(lambda two: f"Part {two[0]} {two[1]}"),
        "qty": st.integers(1, 9999),
        "cost": st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2),
        "origin": st.sampled_from(sorted(COUNTRIES)),
        "manufacturer": st.sampled_from(["Acme Works", "Müller AG", "Smith, Jones & Co."]),
    }
)
parts = st.lists(part, min_size=2, max_size=12)


@st.composite
def tables(draw):
    """(rows of cells, the parts they say): columns in any order, under headings in several languages."""
    found = draw(parts)
    columns = draw(st.permutations(list(HEADINGS)))
    header = [draw(st.sampled_from(HEADINGS[column])) for column in columns]
    rows = [header]
    for each in found:
        origin = draw(st.sampled_from(COUNTRIES[each["origin"]]))
        rows.append([origin if column == "origin" else each[column] for column in columns])
    return rows, found, columns


def said(found):
    return [(p["name"], p["qty"], float(p["cost"]), p["origin"], p["manufacturer"]) for p in found]


def read(data):
    lines = as_json(read_bom(data))["lines"]
    return [(x["name"], x["qty"], float(x["unit_cost"]), x["origin"], x["manufacturer"]) for x in lines]


def written(rows, delimiter, *, comma=False, quoting=csv.QUOTE_MINIMAL, ends="\r\n"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    for row in rows:
        writer.writerow(
            [str(c).replace(".", ",") if comma and isinstance(c, Decimal) else str(c) for c in row]
        )
    return out.getvalue()


@given(
    tables(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_delimiters_encodings_orders_and_headings_change_nothing(table, delimiter, encoding, quoting, ends):
    rows, found, _ = table
    text = written(rows, delimiter, quoting=quoting, ends=ends)
    assert read(text.encode(encoding)) == said(found)


@given(tables())
def test_decimal_commas_change_nothing(table):
    rows, found, _ = table
    assert read(written(rows, ";", comma=True).encode()) == said(found)


@given(tables(), st.integers(0, 3), st.booleans())
def test_titles_blank_rows_and_a_total_change_nothing(table, titles, with_blank):
    rows, found, columns = table
    total = sum((p["cost"] * p["qty"] for p in found), Decimal(0))
    foot = {"name": "Total", "cost": total}
    above = [[f"Bill of materials {n}"] for n in range(titles)]
    body = [
        rows[0],
        *([[""] * len(columns)] if with_blank else []),
        *rows[1:],
        [foot.get(c, "") for c in columns],
    ]
    reading = read_bom(written([*above, *body], ",").encode())
    assert [line.facts.part for line in reading.lines] == [p["name"] for p in found]
    assert [each.row for each in reading.left_out] == [len(above) + len(body)]
    assert reading.total == total


@given(tables())
def test_a_workbook_says_the_same_as_a_text(table):
    rows, found, _ = table
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()) == said(found)


@given(st.binary(max_size=400) | st.text('a,";\n1.$€"\t', max_size=200).map(str.encode))
def test_no_file_breaks_the_reader(data):
    try:
        as_json(read_bom(data))
    except NotATable as refusal:
        assert str(refusal).endswith(".")


@given(tables(), st.data())
def test_a_lost_quote_is_never_silent(table, data):
    """Taking one quote out of a file either changes no row or is an error."""
    rows, found, _ = table
    text = written(rows, ",", quoting=csv.QUOTE_ALL)
    quotes = [at for at, letter in enumerate(text) if letter == '"']
    at = data.draw(st.sampled_from(quotes))
    reading = read_bom((text[:at] + text[at + 1 :]).encode())
    if not reading.errors:
        assert len(reading.lines) == len(found)
