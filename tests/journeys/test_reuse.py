"""What was written once is used again: an RFP as a file, many rows from a workbook, questions answered offline."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from portal.models import Role
from rfp.models import Solicitation
from tests import factories as make
from tests.journeys.conftest import Browse, check


def downloaded(page: Page, name: str, into: Path) -> Path:
    """The file behind a link."""
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    path = into / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_an_rfp_becomes_another_and_gets_a_hundred_requirements(browse: Browse, tmp_path: Path) -> None:
    rfp = make.make_solicitation(number="26-12", title="Warehouse racks")
    desk = browse(make.make_user(Role.ADMIN))
    desk.goto(f"/setup/{rfp.pk}/reuse/")
    check(desk)
    file = downloaded(desk, "Download JSON", tmp_path)
    desk.get_by_role("link", name="Keep some of this RFP").click()
    check(desk)
    desk.get_by_label("R1").check()
    desk.get_by_role("button", name="Keep in the library").click()
    expect(desk.get_by_text("1 entry added to the library.")).to_be_visible()

    desk.goto("/setup/")
    desk.get_by_role("link", name="Import an RFP").click()
    check(desk)
    desk.get_by_label("File").set_input_files(
        {"name": "a.json", "mimeType": "text/plain", "buffer": b'{"format": 1}'}
    )
    desk.get_by_label("RFP number").fill("26-13")
    desk.get_by_role("button", name="Import the RFP").click()
    expect(desk.get_by_role("row", name="format Must be text.")).to_be_visible()
    check(desk)
    desk.get_by_label("File").set_input_files(file)
    desk.get_by_role("button", name="Import the RFP").click()
    expect(desk.get_by_text("Warehouse racks imported as a draft.")).to_be_visible()

    desk.get_by_role("navigation", name="Setup").get_by_role("link", name="Reuse").click()
    add_from_the_library(desk)
    paste_a_hundred(desk, tmp_path)
    assert Solicitation.objects.get(number="26-13").requirements.count() == 104


def add_from_the_library(desk: Page) -> None:
    desk.get_by_role("link", name="Add from the library").click()
    check(desk)
    desk.get_by_label("R1").check()
    desk.get_by_role("button", name="Add to this RFP").click()
    expect(desk.get_by_text("1 entry added.")).to_be_visible()
    desk.get_by_role("navigation", name="Setup").get_by_role("link", name="Reuse").click()


def paste_a_hundred(desk: Page, into: Path) -> None:
    path = downloaded(desk, "Download XLSX", into)
    book = load_workbook(path)
    sheet = book["Requirements"]
    heads = [cell.value for cell in sheet[1]]
    for at in range(100):
        row = {
            "Code": f"N{at}",
            "Requirement": f"Question {at}?",
            "Answer type": "Essay" if at == 7 else "Number",
        }
        sheet.append([row.get(head) for head in heads])
    book.save(path)
    desk.get_by_role("link", name="Upload a workbook").click()
    check(desk)
    desk.get_by_label("Workbook").set_input_files(path)
    desk.get_by_role("button", name="Show what would change").click()
    expect(desk.get_by_role("row", name="Requirements, row 13, Answer type")).to_be_visible()
    check(desk)
    sheet.cell(row=13, column=heads.index("Answer type") + 1).value = "Number"
    book.save(path)
    desk.get_by_label("Workbook").set_input_files(path)
    desk.get_by_role("button", name="Show what would change").click()
    expect(desk.get_by_role("heading", name="100 rows would change")).to_be_visible()
    check(desk)
    desk.get_by_role("button", name="Store these changes").click()
    expect(desk.get_by_text("The workbook’s changes are stored.")).to_be_visible()


def test_questions_are_answered_offline(browse: Browse, tmp_path: Path) -> None:
    proposal = make.make_draft()
    page = browse(make.owner_of(proposal.supplier))
    page.goto(f"/proposals/{proposal.pk}/edit/answers/")
    check(page)
    page.get_by_role("link", name="Answer offline").click()
    check(page)
    path = downloaded(page, "Download XLSX", tmp_path)
    book = load_workbook(path)
    sheet = book["Answers"]
    sheet["F2"].value = "many"
    book.save(path)
    page.get_by_label("Workbook").set_input_files(path)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("row", name="Answers, row 2, Answer")).to_be_visible()
    check(page)
    sheet["F2"].value = 2100
    book.save(path)
    page.get_by_label("Workbook").set_input_files(path)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="1 answer would change")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Save these answers").click()
    expect(page.get_by_text("The answers from the workbook are saved.")).to_be_visible()
    expect(page.get_by_label("Load, kg?")).to_have_value("2100")
