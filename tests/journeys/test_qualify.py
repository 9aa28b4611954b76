"""From an invitation to a qualification, and what may end it: a list that changes, a paper that ends."""

from __future__ import annotations

import re
from datetime import timedelta

from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from portal.letters import notices
from portal.models import Role, User
from suppliers.company import actions as company_actions
from suppliers.models import Officer, Owner, Qualification, Supplier
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying
from suppliers.reference.attestation_texts import TEXTS
from tests import factories as make
from tests.journeys.conftest import Browse, check, code_in, until

TODAY = make.NOW.date()
EMAIL = "kim@northmill.example"


def test_from_an_invitation_to_a_qualification(office: Browse, mailoutbox: list[EmailMessage]) -> None:
    make.make_list("Somebody Else Trading")
    make.make_commodity(), make.make_region()
    owner = make.make_user(name="Robin Reyes")
    supplier = company(owner)
    boss = office(owner)
    invite(boss, supplier)
    notices.send_waiting(at=make.NOW)
    guest = office()
    sign_up(guest, mailoutbox)
    join(guest, mailoutbox)
    add_people(guest, supplier)
    # An editor begins; only an owner signs and hands in.
    begin(guest, supplier)
    expect(guest.get_by_text("Only an owner of your company’s account can submit it")).to_be_visible()
    sign_statements(boss, supplier)
    row = Qualification.objects.get()
    hand_in(boss, row)
    officer = office(make.make_user(Role.OFFICER, name="Robin Officer"))
    decide(officer, row, "Approve")
    boss.goto(f"/company/{supplier.pk}/standing/")
    expect(boss.get_by_role("cell", name="Qualified")).to_be_visible()
    check(boss)
    officer.goto(f"/suppliers/{supplier.pk}/")
    expect(officer.get_by_text("Yes, until")).to_be_visible()
    check(officer)


def company(owner: User) -> Supplier:
    supplier = make.make_supplier(owner, legal_name="North Mill Racks LLC", founded=1998)
    supplier.certificates.update(
        issued=TODAY - timedelta(days=200),
        expires=TODAY + timedelta(days=700),
        accreditation_body="ANAB",
        edition="2015",
        scope="Manufacture of racks",
    )
    return supplier


def invite(page: Page, supplier: Supplier) -> None:
    page.goto(f"/company/{supplier.pk}/team/")
    page.get_by_label("Email address").fill("not an address")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_label("Email address")).to_have_value("not an address")
    check(page)
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"We sent an invitation to {EMAIL}")).to_be_visible()


def sign_up(page: Page, mails: list[EmailMessage]) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Your name").fill("Kim Editor")
    page.get_by_label("Password", exact=True).fill("a mill by the river")
    page.get_by_label("Password (again)").fill("a mill by the river")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Code").fill(code_in(mails))
    page.get_by_role("button", name=re.compile("Confirm")).click()
    expect(page.get_by_text("Kim Editor").first).to_be_visible()


def join(page: Page, mails: list[EmailMessage]) -> None:
    letter = next(mail for mail in mails if "invited you" in mail.subject)
    path = re.search(r"https?://[^/]+(/invitations/\S+)", letter.body)
    assert path, letter.body
    page.goto(path[1])
    check(page)
    page.get_by_role("button", name="Join North Mill Racks LLC").click()
    expect(page.get_by_text("You are now on the North Mill Racks LLC team")).to_be_visible()


def add_people(page: Page, supplier: Supplier) -> None:
    page.goto(f"/company/{supplier.pk}/owners/add/")
    page.get_by_label("Name", exact=True).fill("Pat Founder")
    page.get_by_label("Equity, percent").fill("one hundred")
    page.get_by_role("button", name="Save the owner").click()
    # Nothing of what was typed is lost, and the field says what is wrong.
    expect(page.get_by_label("Name", exact=True)).to_have_value("Pat Founder")
    expect(page.get_by_label("Equity, percent")).to_have_value("one hundred")
    page.get_by_label("Equity, percent").fill("100")
    page.get_by_role("button", name="Save the owner").click()
    page.goto(f"/company/{supplier.pk}/officers/add/")
    page.get_by_label("Name").fill("Sam Chief")
    page.get_by_label("Title").fill("CEO")
    page.get_by_role("button", name="Save the officer").click()
    expect(page.get_by_role("rowheader", name="Sam Chief")).to_be_visible()


def begin(page: Page, supplier: Supplier) -> None:
    page.goto(f"/company/{supplier.pk}/standing/")
    check(page)
    page.get_by_label("What you make").select_option(label="Racks")
    page.get_by_label("Where you make it").select_option(label="Midwest")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Racks, Midwest")).to_be_visible()
    until(lambda: Qualification.objects.filter(latest__isnull=False).exists())
    page.reload()
    expect(page.get_by_text("Complete these before you submit: signed statements")).to_be_visible()
    check(page)


def sign_statements(page: Page, supplier: Supplier) -> None:
    page.goto(f"/company/{supplier.pk}/statements/")
    for text in TEXTS:
        group = page.get_by_role("group", name=re.compile(re.escape(text.title)))
        group.get_by_label("Yes" if text.favourable else "No", exact=True).check()
    page.get_by_label("Your title").fill("Owner")
    page.get_by_role("button", name="Sign the statements").click()
    expect(page.get_by_text("Robin Reyes, Owner").first).to_be_visible()
    check(page)


def hand_in(page: Page, row: Qualification) -> None:
    page.goto(f"/company/{row.supplier_id}/standing/{row.pk}/")
    check(page)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("The buyer is reviewing it")).to_be_visible()
    changed = Supplier.objects.get(pk=row.supplier_id).changed_at
    until(lambda: Qualification.objects.filter(pk=row.pk, checked_at__gt=changed).exists())


def decide(page: Page, row: Qualification, act: str, *, told: str = "") -> None:
    page.goto(f"/suppliers/standings/{row.pk}/")
    check(page)
    page.get_by_label(act, exact=True).check()
    page.get_by_label(re.compile("^Reason")).fill("The findings and the papers were read.")
    page.get_by_label(re.compile("Message to the supplier")).fill(told)
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert").or_(page.locator(".toast, .alert, [role=status]")).first).to_be_visible()


def qualified(officer: User, **fields: object) -> Qualification:
    """A supplier that is qualified, by the real actions."""
    make.make_list("Somebody Else Trading")
    supplier = company(make.make_user())
    Supplier.objects.filter(pk=supplier.pk).update(**fields)
    supplier.refresh_from_db()
    Owner.objects.create(supplier=supplier, name="Pat Founder", pct_equity=100, pct_votes=100)
    Officer.objects.create(supplier=supplier, name="Sam Chief", title="CEO")
    owner = make.owner_of(supplier)
    answers = {text.code: (text.favourable, "") for text in TEXTS}
    company_actions.sign_attestations(supplier, answers, signer="Pat", title="Owner", by=owner, at=make.NOW)
    row = make.make_standing(supplier)
    qualification_actions.ask_for_approval(row, by=owner, at=make.NOW)
    qualifying.assess_supplier(supplier.pk)
    qualification_actions.act_on_standing(
        row, "approve", reason="The findings were read.", told="Welcome.", by=officer, at=make.NOW
    )
    return make.fresh_standing(row)


def status_of(row: Qualification) -> str:
    return Qualification.objects.values_list("status", flat=True).get(pk=row.pk)


def test_a_refreshed_list_holds_a_qualified_supplier_and_two_officers_clear_it(office: Browse) -> None:
    first, second = (make.make_user(Role.OFFICER, name=name) for name in ("Robin Officer", "Bo Officer"))
    row = qualified(first)
    # The worker screens everybody again, raises the alert and looks at the standing.
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    until(lambda: status_of(row) == "on_hold")
    supplier = office(make.owner_of(row.supplier))
    supplier.goto(f"/company/{row.supplier_id}/standing/{row.pk}/")
    expect(supplier.get_by_text("Under review").first).to_be_visible()
    expect(supplier.get_by_text("Screening: under review")).to_be_visible()
    expect(supplier.get_by_text(re.compile("alert|listed|hit", re.IGNORECASE))).to_have_count(0)
    for officer, words in ((first, "A second officer must agree"), (second, "Cleared as a false positive")):
        page = office(officer)
        page.goto("/screening/alerts/")
        check(page)
        page.get_by_role("link", name=row.supplier.legal_name).first.click()
        check(page)
        page.get_by_label("False positive").check()
        page.get_by_label("Kind of reason").select_option(label="Different address or country")
        page.get_by_label("Reason", exact=True).fill("Another address, another line of business.")
        page.get_by_role("button", name="Save the decision").click()
        expect(page.get_by_text(words)).to_be_visible()
    until(lambda: status_of(row) == "qualified")
    supplier.reload()
    expect(supplier.get_by_text("You are qualified until")).to_be_visible()
    expect(supplier.get_by_text("Screening: complete")).to_be_visible()


def test_a_certificate_ends_and_its_renewal_opens_the_status_again(office: Browse) -> None:
    officer = make.make_user(Role.OFFICER)
    row = qualified(officer)
    owner = office(make.owner_of(row.supplier))
    certificate = row.supplier.certificates.get()
    owner.goto(f"/company/{row.supplier_id}/certificates/{certificate.pk}/")
    owner.get_by_label("Expires on").fill((TODAY - timedelta(days=1)).isoformat())
    owner.get_by_role("button", name="Save the certificate").click()
    until(lambda: status_of(row) == "pending")
    page = office(officer)
    page.goto(f"/suppliers/{row.supplier_id}/")
    expect(page.get_by_text("Not now")).to_be_visible()
    page.goto(f"/suppliers/standings/{row.pk}/")
    expect(page.get_by_text("Upload the renewed certificate")).to_be_visible()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label(re.compile("^Reason")).fill("It will be renewed next week.")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text(re.compile("These knock-outs are open: CE-1"))).to_be_visible()
    check(page)
    owner.goto(f"/company/{row.supplier_id}/certificates/{certificate.pk}/")
    owner.get_by_label("Expires on").fill((TODAY + timedelta(days=600)).isoformat())
    owner.get_by_role("button", name="Save the certificate").click()
    until(lambda: not knocked_out(row))
    decide(page, row, "Approve")
    until(lambda: status_of(row) == "qualified")


def knocked_out(row: Qualification) -> bool:
    latest = make.fresh_standing(row).latest
    assert latest is not None
    return latest.findings.filter(rule="CE-1", outcome="not_met").exists()


def test_a_profile_saves_as_one_types_and_finds_industry_codes(
    browse: Browse, transactional_db: None
) -> None:
    supplier = make.make_supplier(naics=[])
    page = browse(make.owner_of(supplier))
    page.goto(f"/company/{supplier.pk}/edit/")
    page.get_by_text("Find an industry code").click()
    page.get_by_label("What you make, or the first digits").fill("computer manufacturing")
    page.get_by_role("button", name="Add 334111").click()
    expect(page.get_by_label("Industry codes (NAICS)")).to_have_value("334111")
    page.get_by_label("UEI").fill("short")
    page.get_by_label("Legal name").fill("Typed Only Inc")
    expect(page.locator("#saved")).to_contain_text("Not saved: UEI")
    expect(page.locator(".error-live")).to_contain_text("SHORT is not a UEI")
    expect(page.get_by_label("UEI")).to_have_accessible_description(re.compile("SHORT is not a UEI"))
    check(page)
    supplier.refresh_from_db()
    assert (supplier.legal_name, supplier.naics, supplier.uei) == ("Typed Only Inc", ["334111"], "")
    # What did not fit is still there after a reload, kept on the device.
    page.reload()
    expect(page.get_by_label("UEI")).to_have_value("short")
