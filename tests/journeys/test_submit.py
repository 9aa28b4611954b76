"""A person new to Onshore registers a company, writes a proposal and submits it; the rules answer."""

from __future__ import annotations

import re

from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from rfp.models import Proposal, Solicitation
from scoring.models import Score
from tests import factories as make
from tests.journeys.conftest import Browse, check, code_in, held, until
from tests.processes import broker

BOM = b"""Item No;Description;Qty;Unit Cost;Country of Origin;Manufacturer
1;Frame;1;750.00;US;Cuyahoga Tube
2;Lock;2;a lot;TW;Locks Ltd
3;Shelf;4;25.00;United States;Ohio Steel
"""


def test_newcomer_registers_submits_and_reads_the_findings(
    office: Browse, worker: broker.Worker, mailoutbox: list[EmailMessage]
) -> None:
    solicitation = make.make_solicitation(number="26-01", title="Warehouse racks")
    page = office()
    sign_up(page, mailoutbox)
    register_company(page)
    start(page, solicitation)
    fill_product(page)
    fill_answers(page)
    fill_statements(page)
    load_bom(page)
    fill_capacity(page)
    fill_jobs(page)
    fill_price(page)
    with held(worker):
        sign_and_submit(page)
        expect(page.get_by_role("heading", name="Checking your proposal")).to_be_visible()
        check(page)
        page.evaluate("window.isTheSamePage = true")
    proposal = Proposal.objects.get()
    assert proposal.is_submitted
    findings_come_by_themselves(page)
    until(lambda: Score.objects.filter(revision=proposal.current_revision_id).exists())
    revise_then_withdraw(page)


def sign_up(page: Page, mails: list[EmailMessage]) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create an account").first.click()
    check(page)
    page.get_by_label("Email").fill("robin@northmill.example")
    page.get_by_label("Your name").fill("Robin Reyes")
    page.get_by_label("Password", exact=True).fill("a mill by the river")
    page.get_by_label("Password (again)").fill("a mill by the lake")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_label("Your name")).to_have_value("Robin Reyes")
    check(page)
    page.get_by_label("Password", exact=True).fill("a mill by the river")
    page.get_by_label("Password (again)").fill("a mill by the river")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Confirm your email address")).to_be_visible()
    check(page)
    page.get_by_label("Code").fill(code_in(mails))
    page.get_by_role("button", name="Confirm the code").click()
    expect(page.get_by_text("Robin Reyes").first).to_be_visible()


def register_company(page: Page) -> None:
    page.get_by_role("link", name="Company", exact=True).first.click()
    check(page)
    page.get_by_role("link", name="Register a company").click()
    check(page)
    page.get_by_label("Legal name").fill("North Mill Works Inc.")
    page.get_by_label("What you make (optional)").fill("Racks and shelves.")
    page.get_by_role("button", name="Register the company").click()
    expect(page.get_by_text("North Mill Works Inc. is registered")).to_be_visible()
    check(page)
    add_site(page)
    add_certificate(page)
    add_statement(page)
    check(page)


def add_site(page: Page) -> None:
    page.get_by_role("link", name="Add a site").click()
    page.get_by_label("Name").fill("Main plant")
    page.get_by_label("Street").fill("1 Mill St")
    page.get_by_label("City", exact=True).fill("Lancaster")
    page.get_by_label("State").select_option("OH")
    page.get_by_label("ZIP").fill("90210")
    page.get_by_role("button", name="Save the site").click()
    expect(page.get_by_role("alert")).to_contain_text("ZIP 90210 is in California, not Ohio")
    expect(page.get_by_label("Street")).to_have_value("1 Mill St")
    check(page)
    page.get_by_label("ZIP").fill("43130")
    page.get_by_role("button", name="Save the site").click()
    expect(page.get_by_role("rowheader", name="Main plant")).to_be_visible()


def add_certificate(page: Page) -> None:
    page.get_by_role("link", name="Add a certificate").click()
    check(page)
    page.get_by_label("Scheme").fill("ISO 9001")
    page.get_by_label("Number", exact=True).fill("C-1")
    page.get_by_label("Certification body").fill("Registrar")
    page.get_by_label("Issued on").fill("2025-01-01")
    page.get_by_label("Expires on").fill("2031-01-01")
    page.get_by_label("Main plant").check()
    page.get_by_role("button", name="Save the certificate").click()
    expect(page.get_by_role("rowheader", name="ISO 9001 C-1")).to_be_visible()


def add_statement(page: Page) -> None:
    page.get_by_role("link", name="Add a financial year").click()
    check(page)
    page.get_by_label("Fiscal year").fill("2025")
    page.get_by_label("Year ended on").fill("2025-12-31")
    page.get_by_label("Were the statements audited?").select_option("audited")
    for label, value in {
        "Sales": "268",
        "EBIT": "27.5",
        "Interest expense": "2.1",
        "Current assets": "92",
        "Total assets": "168",
        "Current liabilities": "38",
        "Total liabilities": "70",
        "Retained earnings": "61",
        "Equity": "98",
    }.items():
        page.get_by_label(f"{label}, $ million").fill(value)
    page.get_by_role("button", name="Save the year").click()
    expect(page.get_by_role("rowheader", name="Fiscal year 2025")).to_be_visible()


def start(page: Page, solicitation: Solicitation) -> None:
    page.get_by_role("link", name="RFPs", exact=True).first.click()
    check(page)
    page.get_by_role("link", name=solicitation.title).first.click()
    page.get_by_role("link", name="Lot L1").first.click()
    check(page)
    page.get_by_role("button", name="Start a proposal").click()
    expect(page.get_by_text("Not submitted yet").first).to_be_visible()


def onward(page: Page, heading: str) -> None:
    """Leave a section whose fields were saved, and land on the named one."""
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("navigation", name="Sections").locator("[aria-current]")).to_contain_text(heading)


def fill_product(page: Page) -> None:
    check(page)
    page.get_by_label("Product name").fill("Rack 21")
    page.get_by_label("L1-A").check()
    page.get_by_label("Final manufacturing site").select_option(label="Main plant, Lancaster, OH")
    page.get_by_label("Summary").fill("A rack that stands by itself.")
    step = page.get_by_role("region", name="Manufacturing steps").get_by_role("row").nth(1)
    step.get_by_role("textbox").nth(0).fill("Welding")
    step.get_by_role("textbox").nth(1).fill("Main plant")
    step.get_by_role("textbox").nth(2).fill("141")
    step.get_by_role("checkbox").check()
    onward(page, "Answers")


def fill_answers(page: Page) -> None:
    check(page)
    page.get_by_label("Load, kg?").fill("1,800")
    page.get_by_role("group", name="Seismic version?").get_by_label("Yes").check()
    page.get_by_role("group", name="Listed?").get_by_label("listed").check()
    onward(page, "In your words")


def fill_statements(page: Page) -> None:
    check(page)
    page.get_by_label("Technical").fill("Shown by test.")
    onward(page, "Bill of materials")


def load_bom(page: Page) -> None:
    check(page)
    page.get_by_label("BOM file").set_input_files({"name": "bom.csv", "mimeType": "text/csv", "buffer": BOM})
    page.get_by_role("button", name="Read these lines").click()
    expect(page.get_by_role("heading", name="Check what we read")).to_be_visible()
    expect(page.get_by_text("3 lines read from bom.csv")).to_be_visible()
    bad = page.get_by_role("row", name=re.compile("“a lot” is not a number"))
    expect(bad.get_by_role("rowheader")).to_contain_text("Lock")
    check(page)
    page.get_by_role("button", name="Use these lines").click()
    expect(page.get_by_text("3 lines of bom.csv added to the draft.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Edit lines").click()
    check(page)
    lock = page.get_by_role("row").filter(has=page.locator("input[value='Lock']"))
    lock.get_by_label("Unit cost").fill("125")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Capacity and ramp").click()


def fill_capacity(page: Page) -> None:
    check(page)
    for label, value in {
        "Production lines": "3",
        "Shifts per day": "2",
        "Hours per shift": "9",
        "Working days per year": "250",
        "Cycle time (seconds per unit, per line)": "1450",
        "Availability, percent": "88",
        "First-pass yield, %": "98.5",
        "Nameplate capacity (units per year)": "29924",
        "Units already committed per year": "17,280",
        "Units offered per year": "4800",
        "Days from firm order to first shipment": "56",
        "Start of production": "2027-05-03",
    }.items():
        page.get_by_label(label).fill(value)
    page.get_by_label(f"L1-A, {make.YEAR}").fill("1000")
    onward(page, "Jobs and investment")


def fill_jobs(page: Page) -> None:
    check(page)
    row = page.get_by_role("region", name="Jobs by state").get_by_role("row").nth(1)
    row.get_by_role("combobox").select_option("OH")
    row.get_by_role("textbox").nth(0).fill("58")
    page.get_by_label("Investment, $ million").fill("14")
    onward(page, "Documents")


def fill_price(page: Page) -> None:
    check(page)
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Price").click()
    check(page)
    page.get_by_label(f"L1-A, {make.YEAR}").fill("120")
    page.get_by_label("Tooling, $").fill("1000")
    onward(page, "Attestation")


def sign_and_submit(page: Page) -> None:
    check(page)
    page.get_by_role("link", name="Check and submit").click()
    expect(page.get_by_role("heading", name="Pre-check")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_text("Your title is missing").first).to_be_visible()
    page.get_by_label("Your title").fill("Owner")
    page.get_by_label("I have read this statement").check()
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_role("heading", name="Submitted")).to_be_visible()
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()


def findings_come_by_themselves(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"Rulebook \S+"))).to_be_visible(timeout=300_000)
    assert page.evaluate("window.isTheSamePage"), "without a reload"
    expect(page.get_by_text("Checking your proposal")).to_have_count(0)
    check(page)


def revise_then_withdraw(page: Page) -> None:
    address = page.url
    page.get_by_role("button", name="Revise").click()
    expect(page.get_by_text("This revision is not submitted yet")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("Revision 2 is a draft. You haven’t submitted it.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Withdraw").click()
    check(page)
    page.get_by_role("button", name=re.compile("Withdraw")).click()
    expect(page.get_by_text("The buyer will not consider it.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="My proposals").first.click()
    check(page)
