"""Text, tables, headings, and numbers of bills of materials."""

from decimal import Decimal

import pytest

from rfp.bom import reading as reading_of
from rfp.bom.lines.cells import designators, read_number
from rfp.bom.reading import read_bom
from rfp.bom.report import as_json
from rfp.bom.sheet.table import NotATable, read_table
from rfp.bom.sheet.text import decode

OURS = """line_no,parent_line,part,qty,make_or_buy,unit_acquisition_cost,inbound_freight,duty,materials,direct_labor,\
allocable_overhead,profit,origin,us_manufactured,is_iron_steel,is_cots_fastener,manufacturer,mpn
1,,"Frame, welded",1,make,,0,,496.64,205,148,0,US,true,true,false,Hillside,HS-1
2,1,Steel tube,68,buy,4.85,0.20,0,,,,,US,true,true,false,Cuyahoga,T-50
3,,Coupling,2,buy,"1,234.50",1,2.5,,,,,DE,false,false,true,Ostmark,K-9
"""


def read(text, encoding="utf-8"):
    return read_bom(text.encode(encoding))


def errors(reading):
    return [(error.row, error.column, error.why) for error in reading.errors]


def cells(text):
    return [row.cells for row in read_table(text).rows if not row.is_blank]


def columns(header, row):
    """The columns that are found under a header, by the names that the command prints."""
    return {key for key, heading in as_json(read(f"{header}\n{row}\n"))["columns"].items() if heading}


def test_our_own_columns_are_read_as_they_are():
    reading = read(OURS)
    frame, tube, coupling = reading.facts
    assert errors(reading) == [] and reading.questions == ()
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
    assert (reading.delimiter, reading.encoding, reading.columns.header_row) == (",", "utf-8", 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_the_delimiter_is_found(delimiter):
    rows = [["ID", "Name", "Quantity", "Price"], ["1", "Bracket, left; short", "4", "0.25"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    reading = read(text)
    assert reading.delimiter == delimiter
    assert [(line.part, line.qty, line.unit_acquisition_cost) for line in reading.facts] == [
        ("Bracket, left; short", Decimal(4), Decimal("0.25"))
    ]


def test_a_spreadsheets_own_hint_names_the_delimiter():
    reading = read("sep=;\nPart;Qty\nBolt;4\n")
    assert [(line.row, line.facts.part, line.facts.qty) for line in reading.lines] == [
        (3, "Bolt", Decimal(4))
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-32", "utf-32"),
        ("cp1252", "latin-1"),
    ],
)
def test_the_encoding_is_found(encoding, found):
    reading = read("Part,Qty\nKondensator 470 µF für Gehäuse,4\n", encoding)
    assert [line.part for line in reading.facts] == ["Kondensator 470 µF für Gehäuse"]
    assert reading.encoding == found


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Наименование;Количество;Цена;Страна\nРама сварная;1;10,50;Россия\n"),
        ("koi8-r", "Наименование;Количество;Цена;Страна\nРама сварная;1;10,50;Россия\n"),
        ("gb18030", "名称,数量,单价,产地\n电容,2,0.05,中国\n"),
        ("big5", "名稱,數量,單價,產地\n馬達,2,0.05,台灣\n"),
        ("shift_jis", "品名,数量,単価,原産国\nモーター,2,5,日本\n"),
        ("euc_jp", "品名,数量,単価,原産国\nモーター,2,5,日本\n"),
        ("euc_kr", "품명,수량,단가,원산지\n모터,2,10,한국\n"),
        ("cp1250", "Název;Množství;Jednotková cena;Země původu\nRám svařený;1;10,50;Česko\n"),
        ("cp1254", "Açıklama;Miktar;Birim fiyat;Menşei\nŞasi kaynaklı;1;10,50;Türkiye\n"),
        ("cp1252", "Bezeichnung;Menge;Preis (€);Herkunft\nGehäuse;1;10,50;Österreich\n"),
        ("mac-roman", "Bezeichnung;Stückzahl;Stückpreis;Herkunft\rGehäuse;1;10,50;Österreich\r"),
    ],
)
def test_older_code_pages(encoding, text):
    assert decode(text.encode(encoding))[0] == text
    reading = read(text, encoding)
    assert len(reading.lines) == 1 and reading.errors == () and reading.lines[0].facts.origin
    assert {"name", "qty", "cost", "origin"} <= {k for k, v in as_json(reading)["columns"].items() if v}


def test_an_east_asian_file_is_not_read_as_latin():
    text = (
        "Part,Qty,Manufacturer\n" + "外壳组件和支架,4,上海精密机械制造\n蜂鸣器和电容器,2,深圳电子元件\n" * 5
    )
    decoded, _ = decode(text.encode("gb18030"))
    assert decoded == text


def test_a_few_damaged_bytes_do_not_change_the_encoding():
    text, encoding = decode(b"Part,Qty\n" + "Gehäuse,1\n".encode() * 40 + b"Schwei\xdfteil,2\n")
    assert encoding == "utf-8" and text.count("Gehäuse") == 40


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Item No.,Description,Qty,Unit Price (USD),Country of Origin", "line name qty cost origin"),
        ("#,Part Name,QTY,MFR,MPN,COO", "line name qty manufacturer mpn origin"),
        ("Pos,Designation,Part,Quantity per gearbox,Ext. Price", "line name qty line_cost"),
        ("Find No,Part Number,Description,Qty Per Assembly,Each", "line part_number name qty cost"),
        ("LineNo,PartName,UnitCost,MadeInUS", "line name cost us_made"),
        ("Make/Buy,Component,Freight,Duty,Labor,Overhead", "make_or_buy name freight duty direct_labor"),
        ("ITEM NO.,PART NUMBER,DESCRIPTION,QTY.", "line part_number name qty"),
        ("Reference(s),Value,Footprint,Qty,DNP", "designators name qty not_fitted"),
        ("Mfr. #:,Manufacturer:,Description:,Order Qty.,Price (USD)", "mpn manufacturer name cost"),
        ("Teilenummer,Benennung,Anzahl,Einzelpreis,Ursprungsland", "part_number name qty cost origin"),
        ("Référence fabricant,Désignation,Qté,Prix unitaire,Pays d’origine", "mpn name qty cost origin"),
        ("Artículo,Cantidad,Precio unitario,País de origen", "name qty cost origin"),
        ("Niveau,Benaming,Aantal,Stukprijs,Land van herkomst", "level name qty cost origin"),
        ("BoM Lines/Component,BoM Lines/Quantity", "name qty"),
        ("Level,Item Number,Item Name,Quantity,Ref Des", "level line name qty designators"),
    ],
)
def test_headings_of_many_tools_and_languages(header, found):
    assert set(found.split()) <= columns(header, ",".join([""] * (header.count(",") + 1)))


def test_a_component_column_of_running_numbers_is_the_line_number():
    reading = read("Component,Description,Qty\n1,Bracket,2\n2,Bolt,8\n")
    assert [(line.line_no, line.part) for line in reading.facts] == [("1", "Bracket"), ("2", "Bolt")]
    named = read("Component,Qty\nBracket,2\nBolt,8\n")
    assert [(line.line_no, line.part) for line in named.facts] == [("1", "Bracket"), ("2", "Bolt")]


def test_item_numbers_that_are_codes_are_part_numbers():
    reading = read("Level,Item Number,Item Name,Quantity\n1,AX-100,Frame,1\n1,AX-200,Door,1\n")
    assert [line.part_number for line in reading.lines] == ["AX-100", "AX-200"]


def test_the_seller_is_not_the_maker():
    reading = read("Part,Supplier,Qty,Unit cost\nBolt,Parts House,1,5\n")
    assert reading.facts[0].manufacturer == ""
    assert any("seller, not the manufacturer" in note for note in reading.notes)


def test_a_header_below_a_title_is_found_and_said():
    reading = read("Hillside Works LLC,,\nBill of materials rev C,,\n,,\nPart,Qty,Unit cost\nBolt,8,0.1\n")
    assert reading.columns.header_row == 4 and len(reading.lines) == 1
    assert any("headings are in row 4" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1,234.50", ".", "1234.50"),
        ("$3.76 ", ".", "3.76"),
        ("1 234,50", ",", "1234.50"),
        ("1.234,50", ".", "1234.50"),
        ("1.204,50", ".", "1204.50"),
        ("1,5", ".", "1.5"),
        ("0,5 €", ",", "0.5"),
        ("0,125", ".", "0.125"),
        ("1,234,567", ".", "1234567"),
        ("1.234.567", ".", "1234567"),
        ("12,34,567.5", ".", "1234567.5"),
        ("1'234.5", ".", "1234.5"),
        (".5", ".", "0.5"),
        ("12,-", ".", "12"),
        ("2.5e-3", ".", "0.0025"),
        ("１２", ".", "12"),
        ("1.20 USD/ea", ".", "1.20"),
        ("~3.50", ".", "3.50"),
        ("4 pcs", ".", "4"),
        ("10 ea", ".", "10"),
        ("x4", ".", "4"),
        ("Fr. 5.20", ".", "5.20"),
        ("R$ 7,50", ".", "7.50"),
        ("12 dollars", ".", "12"),
    ],
)
def test_numbers_as_people_write_them(cell, mark, value):
    number = read_number(cell, mark)
    assert (number.value, number.problem) == (Decimal(value), "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("US$5", "USD"),
        ("C$ 5", "CAD"),
        ("5 €", "EUR"),
        ("EUR 5", "EUR"),
        ("5 euros", "EUR"),
        ("£5", "GBP"),
        ("5 CHF", "CHF"),
        ("MX$5", "MXN"),
        ("RMB 5", "CNY"),
        ("5 zł", "PLN"),
        ("NT$5", "TWD"),
        ("₹5", "INR"),
        ("5", ""),
    ],
)
def test_signs_of_money(cell, code):
    number = read_number(cell)
    assert (number.value, number.currency) == (Decimal(5), code)


@pytest.mark.parametrize(
    "cell",
    [
        "1,23,4",
        "1.2.3",
        "12,50.5",
        "ten",
        "1e999",
        "NaN",
        "=1+1",
        "--1",
        "٣",
        "12O4.50",
        "5 apples",
        "1 2",
        "2x100",
    ],
)
def test_what_is_no_number_is_refused(cell):
    number = read_number(cell)
    assert number.value is None and ("not a number" in number.problem or "too large" in number.problem)


def test_a_number_that_may_be_two_names_both():
    assert (read_number("12.000").value, read_number("12.000").either) == (Decimal("12.000"), Decimal(12000))
    assert read_number("12.000", ",").value == Decimal(12000)
    assert read_number("12.0000").either is None


def test_a_decimal_comma_is_read_from_the_cells_that_tell():
    reading = read('Part;Qty;Unit cost\nBolt;"1.250";"0,10"\nNut;2;"3,5"\n')
    assert [(line.qty, line.unit_acquisition_cost) for line in reading.facts] == [
        (Decimal(1250), Decimal("0.10")),
        (Decimal(2), Decimal("3.5")),
    ]
    assert read('Part,Qty\nBolt,"1,250"\n').facts[0].qty == Decimal(1250)


@pytest.mark.parametrize(
    ("cell", "count"),
    [("C1, C2", 2), ("C1 C2 C3", 3), ("R1-R4", 4), ("R1-4, C7", 5), ("U1", 1), ("Bolt M8", None), ("", None)],
)
def test_designators_are_counted(cell, count):
    assert designators(cell) == count


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
        (3, "Origin", "“Narnia” is not a country we recognize. Use its name or two-letter code."),
        (3, "Make or buy", "“rent” is not make or buy."),
        (3, "Made in US", "“maybe” is not yes or no."),
        (3, "Part", "The part has no name."),
        (4, "Unit cost", "“-1” is negative."),
        (5, "", "This row has more cells than there are headings. Check for an extra separator."),
        (6, "Unit cost", "“9999999999999” is too large."),
        (6, "Line", "Line 4 is also in row 5. Give each line its own number."),
    ]
    bolt, nameless, nut, *_ = reading.facts
    assert (bolt.qty, bolt.unit_acquisition_cost, bolt.us_manufactured) == (None, Decimal("0.10"), True)
    assert (nameless.origin, nameless.us_manufactured, nut.unit_acquisition_cost) == ("", None, None)
    assert len({line.line_no for line in reading.facts}) == 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"Frame,\nwelded",1\nb,2', [("Frame,\nwelded", "1"), ("b", "2")]),
        ('"a""b",1', [('a"b', "1")]),
        ('"3/8""",2', [('3/8"', "2")]),
        ('"3/8"",2', [('3/8"', "2")]),
        ('"Pipe 2", steel",1', [('Pipe 2", steel', "1")]),
        ('"",1', [("", "1")]),
        ('19" rack,1', [('19" rack', "1")]),
        ('"19" rack,1', [('19" rack', "1")]),
    ],
)
def test_quotes(text, found):
    assert cells(f"Part,Qty\n{text}")[1:] == found
    assert read_table(f"Part,Qty\n{text}").errors == ()


@pytest.mark.parametrize(
    ("text", "rows", "row"),
    [
        ('"Panel 24 in,1,100,US\nBusbar,2,50,MX\n"Frame, welded",1,400,US\n', 3, 2),
        ('A,1,5,US\n"Panel 24 in,1,100,US\nPipe 12",2,50,MX\nB,1,400,US\n', 4, 3),
        ('A,1,5,US\nB,1,"100,US\nC,2,50,"MX"\n', 3, 3),
        ('A,1,5,US\nB,1,5,US\n"C,2,50,MX', 3, 4),
    ],
)
def test_a_quote_that_would_swallow_rows_is_an_error_with_its_row(text, rows, row):
    reading = read(f"Part,Qty,Unit cost,Origin\n{text}")
    assert [(error.row, error.is_broken) for error in reading.errors] == [(row, True)]
    assert len(reading.lines) == rows


def test_rows_are_lines_of_the_file_even_below_a_cell_of_several():
    reading = read('Part,Qty,Unit cost\n"Frame,\nwelded,\nbig",1,400\nBolt,2,3\n')
    assert [(line.row, line.facts.part) for line in reading.lines] == [(2, "Frame, welded, big"), (5, "Bolt")]


def test_a_file_that_is_no_table_is_refused_in_words():
    for data in (
        b"",
        b"\x00\x01\x02",
        b"hello\nworld\n",
        b"Part\nBolt\nNut\n",
        b"Dear sir, see below.\nJoe\n",
    ):
        with pytest.raises(NotATable, match="has no table"):
            read_bom(data)


def test_text_is_cut_to_what_is_stored_and_said():
    reading = read(f"Part,Qty\n{'x' * 400},1\n")
    assert len(reading.facts[0].part) == 300
    assert "longer than 300" in reading.errors[0].why


def test_more_than_the_limit_of_lines_is_an_error_that_stops(monkeypatch):
    monkeypatch.setattr(reading_of, "MOST_LINES", 1000)
    reading = read("Part,Qty\n" + "Bolt,1\n" * 1001)
    assert len(reading.lines) == 1000 and reading.is_broken
    assert "more than 1,000 lines" in reading.errors[0].why


def test_an_old_excel_file_is_named():
    with pytest.raises(NotATable, match="Save it as XLSX"):
        read_bom(b"\xd0\xcf\x11\xe0" + bytes(600))


def test_hostile_text_ends_soon():
    for text in ('"' * 9_000, '"a,' * 9_000, '","' * 9_000, ('"' + "x," * 9 + "\n") * 900, "," * 50_000):
        try:
            read_bom(f"Part,Qty\n{text}".encode())
        except NotATable as refusal:
            assert refusal
