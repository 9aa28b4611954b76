"""The questionnaire offline: out with what is answered, back with what was changed, and nothing else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from rfp.drafting.forms import offline
from rfp.models import Requirement, Response, Solicitation
from tests import factories as make
from tests.rfp.drafting.draft_pages import draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(proposal) -> Requirement:
    rfp = proposal.lot.solicitation
    row = rfp.requirements.create(
        code="T1", text="Your lines?", data_type="table", columns=["Line", "Since"], position=9
    )
    rfp.requirements.create(code="D1", text="From when?", data_type="date", position=10)
    Response.objects.create(
        revision=draft(proposal), requirement=row, value=[{"Line": "=A", "Since": "2001"}]
    )
    return row


def address(proposal) -> str:
    return reverse("rfp:offline", args=[proposal.pk])


def book_of(proposal, change: Any = None) -> bytes:
    row = draft(proposal)
    row.proposal = proposal
    book = load_workbook(io.BytesIO(offline.written(row)))
    if change:
        change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def put(book: Any, code: str, value: Any, head: str = "Answer") -> None:
    page = book["Answers"]
    row = next(row for row in page.iter_rows(min_row=2) if row[0].value == code)
    row[offline.HEADS.index(head)].value = value


def sent(data: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("answers.xlsx", data)}


def answers(proposal) -> dict[str, Any]:
    return {
        each.requirement.code: each.value for each in draft(proposal).responses.select_related("requirement")
    }


def test_unchanged_it_changes_nothing(supplier_client, proposal, table) -> None:
    page = supplier_client.get(reverse("rfp:questionnaire", args=[proposal.pk, "xlsx"]))
    told = supplier_client.post(address(proposal), sent(page.content))
    assert told.context["is_read"] and told.context["changes"] == []


def test_filled_previewed_and_saved(supplier_client, proposal, table) -> None:
    def fill(book: Any) -> None:
        put(book, "R1", 1950.5)
        put(book, "R2", "No")
        put(book, "D1", "2027-04-30")
        book["T1"].append(["B", "2020"])

    before = answers(proposal)
    page = supplier_client.post(address(proposal), sent(book_of(proposal, fill)))
    assert {each.code for each in page.context["changes"]} == {"R1", "R2", "D1", "T1"}
    assert answers(proposal) == before
    supplier_client.post(address(proposal), {"plan": page.context["plan"]})
    rows = [{"Line": "=A", "Since": "2001"}, {"Line": "B", "Since": "2020"}]
    assert answers(proposal) == before | {"R1": "1950.5", "R2": False, "D1": "2027-04-30", "T1": rows}


def test_only_what_was_touched_is_written(supplier_client, proposal) -> None:
    data = book_of(proposal, lambda book: put(book, "R1", 2000))
    Response.objects.filter(revision=draft(proposal), requirement__code="R3").update(value="no")
    page = supplier_client.post(address(proposal), sent(data))
    supplier_client.post(address(proposal), {"plan": page.context["plan"]})
    assert (answers(proposal)["R1"], answers(proposal)["R3"]) == ("2000", "no")


def test_an_answer_is_cleared(supplier_client, proposal) -> None:
    page = supplier_client.post(
        address(proposal), sent(book_of(proposal, lambda book: put(book, "R1", None)))
    )
    supplier_client.post(address(proposal), {"plan": page.context["plan"]})
    assert "R1" not in answers(proposal)


def problems(client, proposal, data: bytes) -> dict[str, str]:
    before = answers(proposal)
    page = client.post(address(proposal), sent(data))
    assert page.status_code == 200 and answers(proposal) == before
    assert "Nothing was changed" in page.content.decode()
    return {each.where: each.why for each in page.context["wrong"]}


def test_what_somebody_changed_meanwhile_is_named(supplier_client, proposal) -> None:
    data = book_of(proposal, lambda book: put(book, "R1", 2000))
    Response.objects.filter(revision=draft(proposal), requirement__code="R1").update(value="1700")
    assert "It is now: 1700" in problems(supplier_client, proposal, data)["Answers, row 2, Answer"]


@pytest.mark.parametrize(
    ("code", "value", "row", "why"),
    [
        ("R1", "many", 2, "use digits only"),
        ("R2", "maybe", 3, ""),
        ("R3", "else", 4, ""),
        ("R1", "x" * 3999 + "y", 2, "fewer than 4,000"),
    ],
)
def test_errors_name_the_cell(supplier_client, proposal, code: str, value: str, row: int, why: str) -> None:
    found = problems(supplier_client, proposal, book_of(proposal, lambda book: put(book, code, value)))
    assert why in found[f"Answers, row {row}, Answer"]


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        (lambda book: put(book, "R1", "R9", "Code"), "Answers, row 2, Code", "don’t ask “R9”"),
        (lambda book: put(book, "R1", "R2", "Code"), "Answers, row 3, Code", "there twice"),
        (lambda book: book.remove(book["Answers"]), "The file", "sheet Answers is missing"),
        (lambda book: book.remove(book["About this workbook"]), "The file", "not a workbook of questions"),
    ],
)
def test_other_workbooks(supplier_client, proposal, change: Any, where: str, why: str) -> None:
    assert why in problems(supplier_client, proposal, book_of(proposal, change))[where]


def test_a_formula_without_a_value(supplier_client, proposal) -> None:
    found = problems(supplier_client, proposal, book_of(proposal, lambda book: put(book, "R1", "=1+1")))
    assert "formula has no saved value" in found["Answers, row 2"]


def test_a_table_without_its_column(supplier_client, proposal, table) -> None:
    found = problems(supplier_client, proposal, book_of(proposal, lambda book: book["T1"].delete_cols(1)))
    assert "column “Line” is missing" in found["T1, row 1"]


@pytest.mark.parametrize("data", [b"", b"a,b", b"PK\x03\x04 nothing"])
def test_hostile_files(supplier_client, proposal, data: bytes) -> None:
    assert supplier_client.post(address(proposal), sent(data or b" ")).context["wrong"]


def test_another_proposals_workbook_is_refused_by_name(supplier_client, proposal) -> None:
    other = make.make_draft()
    why = problems(supplier_client, proposal, book_of(other))["The file"]
    assert f"another proposal: RFP {other.lot.solicitation.number}" in why


def test_another_versions_workbook_is_refused_by_name(supplier_client, proposal) -> None:
    data = book_of(proposal)
    Solicitation.objects.filter(pk=proposal.lot.solicitation_id).update(version=2)
    assert "version 1. The RFP is at version 2 now" in problems(supplier_client, proposal, data)["The file"]


def test_a_preview_is_for_one_proposal_and_version(supplier_client, proposal) -> None:
    data = book_of(proposal, lambda book: put(book, "R1", 2000))
    plan = supplier_client.post(address(proposal), sent(data)).context["plan"]
    before = answers(proposal)
    Solicitation.objects.filter(pk=proposal.lot.solicitation_id).update(version=2)
    for told in (plan, plan + "x"):
        page = supplier_client.post(address(proposal), {"plan": told}, follow=True)
        assert "too old" in page.content.decode()
    assert answers(proposal) == before


def test_nobody_elses(client, proposal) -> None:
    client.force_login(make.owner_of(make.make_supplier()))
    assert client.get(address(proposal)).status_code == 404
    for kind in ("xlsx", "pdf"):
        assert client.get(reverse("rfp:questionnaire", args=[proposal.pk, kind])).status_code == 404


def test_the_pdf(supplier_client, proposal, table) -> None:
    page = supplier_client.get(reverse("rfp:questionnaire", args=[proposal.pk, "pdf"]))
    assert page.content.startswith(b"%PDF")
    assert supplier_client.get(reverse("rfp:questionnaire", args=[proposal.pk, "doc"])).status_code == 404
