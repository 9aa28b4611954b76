"""An admin prepares an RFP, from a blank page or from what was written before; its questions are answered offline."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from portal.models import Role
from rfp.models import Solicitation
from tests import factories as make
from tests.journeys.conftest import Browse, check, code_in

EASTERN = ZoneInfo("America/New_York")
YEAR = datetime.now(UTC).year + 1


def test_admin_makes_an_rfp_mends_what_is_missing_and_publishes(
    browse: Browse, mailoutbox: list[EmailMessage]
) -> None:
    admin = make.make_user(Role.ADMIN, email="avery@buyer.example", name="Avery Admin")
    EmailAddress.objects.create(user=admin, email=admin.email, verified=True, primary=True)
    page = browse()
    sign_in_by_code(page, admin.email, mailoutbox)
    page.get_by_role("link", name="Setup", exact=True).first.click()
    check(page)
    begin(page)
    give_dates(page)
    give_lot(page)
    give_criteria(page)
    give_method(page)
    give_requirement(page)
    see_what_is_missing(page)
    publish(page)

    solicitation = Solicitation.objects.get()
    assert solicitation.is_published
    anyone = browse()
    anyone.goto("/")
    check(anyone)
    anyone.get_by_role("link", name="Bogie frames").first.click()
    expect(anyone.get_by_role("heading", level=1)).to_contain_text("Bogie frames")
    expect(anyone.get_by_text("Welded frames").first).to_be_visible()
    check(anyone)


def sign_in_by_code(page: Page, email: str, mails: list[EmailMessage]) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in").click()
    check(page)
    page.get_by_role("link", name="Email me a code").click()
    check(page)
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="code").click()
    page.get_by_label("Code").fill(code_in(mails))
    check(page)
    page.get_by_role("button", name="Confirm the code").click()
    expect(page.get_by_text("Avery Admin").first).to_be_visible()


def begin(page: Page) -> None:
    page.get_by_role("link", name="Start a new RFP").first.click()
    page.get_by_role("button", name="Create the RFP").click()
    expect(page.get_by_role("alert")).to_contain_text("Title is missing")
    check(page)
    page.get_by_label("Title").fill("Bogie frames")
    page.get_by_label("RFP number").fill("26-07")
    page.get_by_label("Buyer").fill("Lakeshore Transit")
    page.get_by_label("Summary").fill("Welded frames for forty cars.")
    page.get_by_role("button", name="Create the RFP").click()
    expect(page.get_by_role("heading", name="Basics")).to_be_visible()
    check(page)
    page.get_by_label("Delivery years").fill(f"{YEAR}, {YEAR + 1}")
    page.get_by_role("button", name="Save the basics").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Setup").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def give_dates(page: Page) -> None:
    section(page, "Dates")
    check(page)
    page.get_by_role("link", name="Add a window").click()
    today = datetime.now(EASTERN).replace(hour=9, minute=0)
    page.get_by_label("Opens").fill(f"{today - timedelta(days=2):%Y-%m-%dT%H:%M}")
    page.get_by_label("Closes").fill(f"{today - timedelta(days=3):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Save the window").click()
    expect(page.get_by_role("alert")).to_contain_text("must be after the opening time")
    check(page)
    page.get_by_label("Closes").fill(f"{today + timedelta(days=30):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Save the window").click()
    expect(page.get_by_text("Window saved.")).to_be_visible()


def give_lot(page: Page) -> None:
    section(page, "Lots and items")
    check(page)
    page.get_by_role("link", name="Add a lot").first.click()
    page.get_by_label("Code").first.fill("L1")
    page.get_by_label("Title").first.fill("Motor bogies")
    item = page.get_by_role("table").get_by_role("row").nth(1).get_by_role("textbox")
    for position, text in enumerate(("L1-A", "Frame, motor bogie", "piece", "41000", "80")):
        item.nth(position).fill(text)
    check(page)
    page.get_by_role("button", name="Save the lot").click()
    expect(page.get_by_text("Lot saved.")).to_be_visible()


def give_criteria(page: Page) -> None:
    section(page, "Criteria")
    check(page)
    add_criterion(page, code="T", title="Welding", weight="50")
    for anchor in range(6):
        page.get_by_label(f"What earns {anchor}").fill(f"Anchor {anchor}")
    save_criterion(page)
    add_criterion(page, code="P", title="Price", weight="40")
    page.get_by_label("Marked by").select_option("price")
    expect(page.get_by_label("What earns 0")).to_have_count(0)
    check(page)
    save_criterion(page)


def give_method(page: Page) -> None:
    section(page, "How we score")
    check(page)
    page.get_by_label("Price formula").select_option("lowest_ratio")
    chosen = page.get_by_role("row").filter(has_text="Chosen")
    expect(chosen).to_contain_text("Compared with the lowest price")
    page.get_by_label("Offer C, $").fill("200000")
    expect(chosen.get_by_role("cell").last).to_have_text("20.00")  # of 40
    page.get_by_label("Offer C, $").fill("nothing")
    expect(page.get_by_text("Offer C, $: use digits only")).to_be_visible()
    check(page)
    page.get_by_label("Technical share").fill("60")
    page.get_by_role("button", name="Save how we score").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the price share too")
    check(page)
    page.get_by_label("Technical share").fill("")
    page.get_by_role("button", name="Save how we score").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def add_criterion(page: Page, *, code: str, title: str, weight: str) -> None:
    page.get_by_role("link", name="Add a criterion").first.click()
    page.get_by_label("Code").fill(code)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Weight").fill(weight)


def save_criterion(page: Page) -> None:
    page.get_by_role("button", name="Save the criterion").click()
    expect(page.get_by_text("Criterion saved.")).to_be_visible()


def give_requirement(page: Page) -> None:
    section(page, "Requirements")
    check(page)
    page.get_by_role("link", name="Add a requirement").first.click()
    page.get_by_label("Code").fill("R1")
    page.get_by_label("Answer type").select_option("number")
    page.get_by_label("At least").fill("12")
    page.get_by_label("Unit").fill("t")
    page.get_by_label("Requirement", exact=True).fill("Which axle load does the frame carry?")
    page.get_by_label("Effect").select_option("knockout")
    check(page)
    page.get_by_role("button", name="Save the requirement").click()
    expect(page.get_by_text("Requirement saved.")).to_be_visible()


def see_what_is_missing(page: Page) -> None:
    page.get_by_role("link", name="Check and publish").click()
    gap = page.get_by_role("link", name=re.compile("Weights add up to 90"))
    expect(gap).to_be_visible()
    expect(page.get_by_role("button", name="Publish the RFP")).to_have_count(0)
    check(page)
    gap.click()
    expect(page.get_by_text("10 points left to assign")).to_be_visible()
    weight = page.get_by_role("row", name=re.compile("Welding")).get_by_role("textbox")
    weight.fill("65")
    expect(page.get_by_text("5 points over 100")).to_be_visible()
    weight.fill("60")
    expect(page.get_by_text("All points assigned")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Save the weights").click()
    expect(page.get_by_text("Weights saved.")).to_be_visible()


def publish(page: Page) -> None:
    page.get_by_role("link", name="Check and publish").click()
    expect(page.get_by_role("heading", name=re.compile("Ready to publish, with"))).to_be_visible()
    check(page)
    page.get_by_role("link", name="Preview as a supplier").first.click()
    expect(page.get_by_text("Preview: what suppliers will see")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Back to setup").click()
    expect(page.get_by_role("link", name="The panel has no members.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Requirement R1 can exclude a proposal"))).to_be_visible()
    page.get_by_role("button", name="Publish the RFP").click()
    expect(page.get_by_role("alert")).to_contain_text("Not published")
    check(page)
    page.get_by_label("I checked each point").check()
    page.get_by_role("button", name="Publish the RFP").click()
    expect(page.get_by_text("Bogie frames published.")).to_be_visible()
    check(page)


# ---- reuse ---------------------------------------------------------------------------------------------------------


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
    desk.get_by_label("File", exact=True).set_input_files(
        {"name": "a.json", "mimeType": "text/plain", "buffer": b'{"format": 1}'}
    )
    desk.get_by_label("RFP number").fill("26-13")
    desk.get_by_role("button", name="Import the RFP").click()
    expect(desk.get_by_role("row", name="format Must be text.")).to_be_visible()
    check(desk)
    desk.get_by_label("File", exact=True).set_input_files(file)
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
