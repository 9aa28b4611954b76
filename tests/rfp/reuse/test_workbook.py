"""Lots, items, criteria and requirements as a workbook and back: a preview, errors by cell, all or nothing."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from portal.models import AuditEvent, Role
from rfp.models import Solicitation
from rfp.reuse import workbook_actions, workbooks
from rfp.reuse.contents.collecting import contents_of
from rfp.reuse.contents.problems import FileWrong
from tests import factories as make

pytestmark = pytest.mark.django_db
SCALE = "Scale: mark | worth | meaning"


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.make_user(Role.ADMIN))
    return signed_in


@pytest.fixture
def draft() -> Solicitation:
    draft = make.make_solicitation(published=False)
    draft.requirements.filter(code="R1").update(why="=SUM(1)", minimum="1.125")
    return draft


def book_of(draft: Solicitation, change: Any = None) -> bytes:
    book = load_workbook(io.BytesIO(workbooks.written(draft)))
    if change:
        change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def set_cell(book: Any, sheet: str, row: int, head: str, value: Any) -> None:
    page = book[sheet]
    heads = [cell.value for cell in page[1]]
    page.cell(row=row, column=heads.index(head) + 1).value = value


def paste(book: Any, sheet: str, rows: list[dict[str, Any]]) -> None:
    page = book[sheet]
    heads = [cell.value for cell in page[1]]
    for row in rows:
        page.append([row.get(head) for head in heads])


def planned(draft: Solicitation, data: bytes) -> workbooks.Plan:
    return workbook_actions.preview(draft, workbook_actions.open_workbook(data))


def wrong(draft: Solicitation, data: bytes) -> dict[str, str]:
    before = contents_of(draft)
    with pytest.raises(FileWrong) as caught:
        planned(draft, data)
    assert contents_of(draft) == before
    return {each.where: each.why for each in caught.value.problems}


def test_unchanged_it_changes_nothing(draft: Solicitation) -> None:
    assert planned(draft, book_of(draft)).changes == []
    assert planned(draft, workbooks.written(draft)).changes == []


def hundred(book: Any) -> None:
    rows = [
        {
            "Code": f"N{at}",
            "Lot": "L1",
            "Requirement": f"Question {at}?",
            "Answer type": "Number",
            "At least": at,
        }
        for at in range(100)
    ]
    paste(book, "Requirements", rows)
    paste(book, "Lots", [{"Code": "L2", "Title": "Second"}])
    paste(
        book,
        "Items",
        [{"Lot": "L2", "Code": "L2-A", "Title": "Part", "Unit": "piece", "Reference price, $": 12.5}],
    )
    set_cell(book, "Items", 2, "Title", "Another title")
    set_cell(book, "Criteria", 2, "Title", "Technical merit")


def test_a_hundred_rows_are_pasted_previewed_and_stored(client: Client, draft: Solicitation) -> None:
    data = book_of(draft, hundred)
    address = reverse("rfp:setup_workbook_in", args=[draft.pk])
    page = client.post(address, {"file": SimpleUploadedFile("rfp.xlsx", data)})
    assert not page.context.get("problems"), page.context["problems"][:3]
    assert (page.context["count"], page.context["new"]) == (104, 102)
    assert draft.requirements.count() == 3 and draft.lots.count() == 1
    client.post(address, {"plan": page.context["plan"]})
    assert draft.requirements.count() == 103
    last = draft.requirements.get(code="N99")
    assert (last.minimum, last.lot, last.data_type) == ("99", draft.lots.get(code="L1"), "number")
    assert str(draft.lots.get(code="L2").items.get().reference_price) == "12.5000"
    assert draft.lots.get(code="L1").items.get(code="L1-A").title == "Another title"
    assert draft.lots.get(code="L1").items.count() == 2
    assert draft.criteria.get(code="T").title == "Technical merit"
    assert AuditEvent.objects.latest("seq").facts == {"what": "workbook"}


def test_what_is_not_there_stays(draft: Solicitation) -> None:
    def cut(book: Any) -> None:
        del book["Criteria"], book["Lots"], book["Items"]
        page = book["Requirements"]
        page.delete_rows(3, 10)
        heads = [cell.value for cell in page[1]]
        page.delete_cols(heads.index("Why we ask") + 1)
        set_cell(book, "Requirements", 2, "Requirement", "Another question?")

    (change,) = planned(draft, book_of(draft, cut)).changes
    assert change.code == "R1" and not change.is_new
    assert [head for head, _old, _new in change.fields] == ["Requirement"]


@pytest.mark.parametrize(
    ("sheet", "row", "head", "value", "where", "why"),
    [
        ("Requirements", 2, "At least", "many", "Requirements, row 2, At least", "use digits only"),
        (
            "Requirements",
            2,
            "Answer type",
            "Essay",
            "Requirements, row 2, Answer type",
            "“Essay” isn’t one of",
        ),
        ("Requirements", 3, "Lot", "L9", "Requirements, row 3, Lot", "no lot L9"),
        ("Requirements", 3, "Requirement", None, "Requirements, row 3, Requirement", "missing"),
        ("Requirements", 3, "Code", "R1", "Requirements, row 3, Code", "in the sheet twice"),
        (
            "Requirements",
            2,
            "A file is required",
            "perhaps",
            "Requirements, row 2, A file is required",
            "yes or no",
        ),
        ("Criteria", 2, "Weight", "heavy", "Criteria, row 2, Weight", "Use digits only"),
        ("Criteria", 2, "Weight", 101, "Criteria, row 2, Weight", ""),
        ("Criteria", 2, SCALE, "0 none", f"Criteria, row 2, {SCALE}", "|"),
        ("Items", 2, "Reference price, $", -1, "Items, row 2, Reference price, $", "more than 0"),
        ("Items", 2, "Lot", "L7", "Items, row 2, Lot", "no lot with this code"),
        ("Lots", 2, "Title", None, "Lots, row 2, Title", "missing"),
        ("Lots", 1, "Title", "Tittle", "Lots, row 1", "don’t know the column “Tittle”"),
        ("Lots", 1, "Code", "Title", "Lots, row 1", "The column"),
        (
            "Requirements",
            2,
            "Requirement",
            "x" * 5000,
            "Requirements, row 2, Requirement",
            "longer than we can read",
        ),
    ],
)
def test_errors_name_the_cell(
    draft: Solicitation, sheet: str, row: int, head: str, value: Any, where: str, why: str
) -> None:
    found = wrong(draft, book_of(draft, lambda book: set_cell(book, sheet, row, head, value)))
    assert why in found[where], found


def test_a_price_with_a_dollar_sign(draft: Solicitation) -> None:
    data = book_of(draft, lambda book: set_cell(book, "Items", 2, "Reference price, $", "$ 1,250.50"))
    (change,) = planned(draft, data).changes
    assert change.fields[0][2] == "1250.5"


def test_too_much_text_for_one_preview(
    client: Client, draft: Solicitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rfp.reuse.views.workbook.MOST_SIGNED", 100)
    address = reverse("rfp:setup_workbook_in", args=[draft.pk])
    page = client.post(address, {"file": SimpleUploadedFile("rfp.xlsx", book_of(draft))})
    assert "too much text" in page.content.decode()


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (201 * 1024 * 1024))
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not an XLSX"),
        (b"a,b,c", "not an XLSX"),
        (b"PK\x03\x04 nothing", "damaged"),
        (bomb(), "too large to read"),
    ],
)
def test_hostile_workbooks(draft: Solicitation, data: bytes, why: str) -> None:
    assert why in wrong(draft, data)["The file"]


def test_a_workbook_without_our_sheets(draft: Solicitation) -> None:
    def rename(book: Any) -> None:
        for sheet in book.worksheets:
            sheet.title = f"Other {sheet.title}"

    assert "no rows on sheets called Lots" in wrong(draft, book_of(draft, rename))["The file"]


def test_what_is_wrong_is_shown(client: Client, draft: Solicitation) -> None:
    data = book_of(draft, lambda book: set_cell(book, "Criteria", 2, "Weight", "<b>"))
    address = reverse("rfp:setup_workbook_in", args=[draft.pk])
    page = client.post(address, {"file": SimpleUploadedFile("rfp.xlsx", data)}).content.decode()
    assert "Criteria, row 2, Weight" in page and "Nothing was changed" in page and "<b>" not in page


def test_a_preview_counts_once_and_only_here(client: Client, draft: Solicitation) -> None:
    address = reverse("rfp:setup_workbook_in", args=[draft.pk])
    data = book_of(draft, lambda book: set_cell(book, "Criteria", 2, "Title", "Merit"))
    plan = client.post(address, {"file": SimpleUploadedFile("rfp.xlsx", data)}).context["plan"]
    other = make.make_solicitation(published=False)
    told = client.post(reverse("rfp:setup_workbook_in", args=[other.pk]), {"plan": plan}, follow=True)
    assert "too old" in told.content.decode()
    assert "too old" in client.post(address, {"plan": plan + "x"}, follow=True).content.decode()
    draft.criteria.filter(code="T").update(title="Changed meanwhile")
    told = client.post(address, {"plan": plan}, follow=True)
    assert "changed since the preview" in told.content.decode()
    assert draft.criteria.get(code="T").title == "Changed meanwhile"


def test_a_published_rfp_is_downloaded_and_not_changed(client: Client) -> None:
    rfp = make.make_solicitation()
    assert client.get(reverse("rfp:setup_workbook", args=[rfp.pk])).status_code == 200
    sent = {"file": SimpleUploadedFile("rfp.xlsx", workbooks.written(rfp))}
    assert client.post(reverse("rfp:setup_workbook_in", args=[rfp.pk]), sent).status_code == 404
