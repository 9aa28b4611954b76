"""Files that are no list, damaged ones, and odd encodings."""

import pytest

from suppliers.lists import (
    read_files,
    read_ofac,
    read_path,
)
from suppliers.lists.reading import ListError
from tests.suppliers.lists.list_files import (
    CSL_NEW,
    CUSTOM,
    DENIED,
    EXCLUDED,
    OFAC,
    ROW,
    SAM_HEADER,
    SDN,
    UN,
    dpl,
    of,
    table,
)

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
