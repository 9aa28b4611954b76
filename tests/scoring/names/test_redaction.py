"""How names are found in text, pages, data and workbooks, and what is left alone."""

from __future__ import annotations

import io

import openpyxl
import pytest

from scoring.redaction import WITHHELD, Withheld

NAMES = Withheld(
    [
        ("Quillorb Zander Works, Inc.", "Offer 7"),
        ("Orbit LLC", "Offer 2"),
        ("Advanced Energy Systems", "Offer 3"),
        ("威可索重工", "Offer 4"),
        ("Smith & Sons Mfg. Co", "Offer 5"),
        ("Toledo Frames Corp.", "Offer 6"),
        ("Möller GmbH", "Offer 8"),
    ],
    exact=[("Jane Q. Doe", WITHHELD), ("QZWX12345678", WITHHELD)],
    places=["Toledo"],
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Made by QUILLORB ZANDER WORKS inc., in June", "Made by Offer 7, in June"),
        ("Quillorb Zander's rack", "Offer 7's rack"),
        ("The Quillorb rack", "The Offer 7 rack"),
        ("sales@quillorbzander.com", "sales@Offer 7.com"),
        ("Quillorb\n  Zander", "Offer 7"),
        ("quillorb_zander-drawing", "Offer 7-drawing"),
        ("An orbit of Orbit, LLC is", "An orbit of Offer 2 is"),
        ("Advanced Energy Systems; energy systems", "Offer 3; energy systems"),
        ("由威可索重工制造", "由Offer 4制造"),
        ("Smith and Sons Manufacturing Company", "Offer 5"),
        ("In Toledo, OH, by Toledo Frames", "In Toledo, OH, by Offer 6"),
        ("by Moller", "by Offer 8"),
        ("Jane Q. Doe, CEO, UEI qzwx12345678", f"{WITHHELD}, CEO, UEI {WITHHELD}"),
        ("Works of steel", "Works of steel"),
        ("", ""),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert NAMES.text(text) == shown


def test_a_page_loses_what_is_read_and_keeps_addresses() -> None:
    page = (
        '<a class="orbit" href="/x/Orbit/" title="Smith &amp; Sons Mfg. Co">Smith &amp; Sons Mfg &amp; x</a>'
    )
    assert NAMES.html(page) == '<a class="orbit" href="/x/Orbit/" title="Offer 5">Offer 5 &amp; x</a>'
    assert NAMES.html("<b>&lt;Orbit&gt;</b>") == "<b>&lt;Offer 2&gt;</b>"


def test_data_keeps_its_shape() -> None:
    assert NAMES.data({"supplier": "Orbit LLC", "rows": [1, None, "Orbit"]}) == {
        "supplier": "Offer 2",
        "rows": [1, None, "Offer 2"],
    }


def test_a_workbook() -> None:
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Orbit LLC", 4])
    book.save(target)
    read = openpyxl.load_workbook(io.BytesIO(NAMES.workbook(target.getvalue()))).active
    assert [cell.value for cell in read[1]] == ["Offer 2", 4]


@pytest.mark.parametrize(
    "text", ["Q u i l l o r b Z a n d e r", "QUILLORBZANDERWORKS", "by Orbit", "威可索重工"]
)
def test_a_file_names_a_supplier(text: str) -> None:
    assert NAMES.is_named_in(text)


@pytest.mark.parametrize("text", ["in low orbits", "Toledo, OH", "works"])
def test_a_file_names_nobody(text: str) -> None:
    assert not NAMES.is_named_in(text)
