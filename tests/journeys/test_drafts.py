"""Bad input and a lost sign-in cost nobody a word."""

from __future__ import annotations

from django.conf import settings
from playwright.sync_api import Page, expect

from rfp.models import Proposal
from tests import factories as make
from tests.journeys.conftest import Browse, check, until


def sections(page: Page, proposal: Proposal, key: str) -> None:
    page.goto(f"/proposals/{proposal.pk}/edit/{key}/")


def test_wrong_value_stays_beside_its_error_and_the_rest_is_saved(browse: Browse) -> None:
    proposal = make.make_draft()
    page = browse(make.owner_of(proposal.supplier))
    sections(page, proposal, "capacity")
    page.get_by_label("Shifts per day").fill("two")
    page.get_by_label("Production lines").fill("4")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("Shifts per day: use digits only, for example 8100")
    wrong = page.get_by_label("Shifts per day")
    expect(wrong).to_have_value("two")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    check(page)
    page.get_by_role("alert").get_by_role("link").click()
    expect(wrong).to_be_focused()
    capacity = make.draft_of(proposal).capacity
    assert (capacity.lines, capacity.shifts) == (4, 2)


def test_typing_is_saved_without_a_button(browse: Browse) -> None:
    proposal = make.make_draft()
    page = browse(make.owner_of(proposal.supplier))
    sections(page, proposal, "product")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Product name").fill("Rack 22")
    expect(page.get_by_text("Saved at")).to_be_visible()
    assert make.draft_of(proposal).title == "Rack 22"


def test_what_was_typed_outlives_the_sign_in(browse: Browse) -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    page = browse(owner)
    sections(page, proposal, "statements")
    field = page.get_by_label("Technical")
    expect(field).to_have_value("Shown by test.")
    kept = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    field.fill("Shown by test, twice.")
    expect(page.get_by_text("You are signed out. We kept what you typed on this device.")).to_be_visible()
    check(page)
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    page.get_by_role("link", name="Sign in and continue").click()
    expect(page.get_by_label("Technical")).to_have_value("Shown by test, twice.")
    # Put back, and then saved as if it had just been typed.
    until(lambda: make.draft_of(proposal).statements.get().text == "Shown by test, twice.")
