"""An officer's pages: each as it must be in both modes and on a phone; an alert decided with the keyboard alone."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from portal.models import Role
from suppliers.models import Alert, Qualification
from suppliers.qualification import qualifying, rulebook_actions
from suppliers.qualification.previews import settings as previews
from tests import factories as make
from tests.journeys.conftest import Browse, check
from tests.suppliers.qualification.standing_acts import pending

TODAY = make.NOW.date()


def test_every_page_of_an_officer_reads_well(browse: Browse, transactional_db: None) -> None:
    officer = make.make_user(Role.OFFICER, name="Robin Officer")
    make.make_list(*[f"Foundry Number {number}" for number in range(12)], "Listed Trading Trust")
    row = pending()
    held = make.make_supplier(legal_name="Listed Trading Trust")
    alert = make.screen(held)[0]
    standing = make.make_standing(held)
    staged = make.make_list("Foundry Number 1", "New Foundry")
    waiver = rulebook_actions.waive(
        "ID-6",
        supplier=held,
        commodity=None,
        reason="The registration is renewed this month.",
        until=TODAY + timedelta(days=30),
        by=officer,
        at=make.NOW,
    )
    settings = rulebook_actions.propose_settings(
        {"FI-1": {"safe": "3.5"}}, reason="A stricter line.", by=officer, at=make.NOW
    )
    previews.run(settings.pk)
    qualifying.assess_supplier(held.pk)
    finding = (
        row.latest.findings.filter(outcome__in=("not_met", "refer")).exclude(rule__startswith="SC").first()
    )
    page = browse(officer)
    for path in (
        "/screening/alerts/?show=all",
        "/screening/alerts/?q=nobody",
        f"/screening/alerts/{alert.pk}/",
        "/screening/lists/",
        f"/screening/lists/{staged.pk}/",
        "/screening/lists/load/",
        "/suppliers/?q=listed&sort=until",
        f"/suppliers/{held.pk}/",
        f"/suppliers/standings/{row.pk}/",
        f"/suppliers/standings/{standing.pk}/",
        f"/suppliers/findings/{finding.pk}/",
        "/suppliers/waivers/",
        f"/suppliers/waivers/{waiver.pk}/withdraw/",
        "/suppliers/settings/",
        f"/suppliers/settings/{settings.pk}/",
        "/suppliers/settings/new/",
        "/suppliers/categories/",
        "/suppliers/categories/commodities/new/",
    ):
        page.goto(path)
        check(page)


def test_an_alert_is_decided_with_the_keyboard_alone(browse: Browse, transactional_db: None) -> None:
    make.make_list("Listed Trading Trust")
    supplier = make.make_supplier(legal_name="Listed Trading Trust")
    make.screen(supplier)
    page = browse(make.make_user(Role.OFFICER))
    page.goto("/screening/alerts/?q=listed")
    page.get_by_role("link", name="Listed Trading Trust").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    page.get_by_label("True match").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("False positive")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kind of reason")).to_be_focused()
    page.keyboard.type("Different address")
    expect(page.get_by_label("Kind of reason")).to_have_value("other_place")
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save the decision")).to_be_focused()
    page.keyboard.press("Enter")
    # What was typed and chosen is still there, and the message leads to the field.
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("False positive")).to_be_checked()
    expect(page.get_by_label("Kind of reason")).to_have_value("other_place")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason", exact=True)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(", but the address and the trade are others.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("A second officer must agree")).to_be_visible()
    assert "?q=listed" in page.url
    assert Alert.objects.get().state == Alert.State.CLEARING
    assert Qualification.objects.count() == 0
