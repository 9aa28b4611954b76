"""An admin who invited the chair confirms an opening: refused, countersigned by an officer, done."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.kit.compliance import Envelope
from portal.models import Countersignature, Role, User
from rfp.models import Opening
from scoring.decisions import opening_actions
from scoring.models import Score
from tests import factories as make
from tests.journeys.conftest import Browse, check, until


def test_an_officer_countersigns_for_an_admin_and_the_chair_who_was_invited(office: Browse) -> None:
    solicitation = make.make_solicitation(number="26-09", title="Warehouse racks")
    make.make_proposal(solicitation, make.make_supplier(legal_name="Ashland Racks Inc."))
    until(lambda: Score.objects.count() == 1)
    window = make.close(solicitation.windows.get())
    chair, _others = make.make_panel(solicitation)
    admin, officer = solicitation.created_by, make.make_user(Role.OFFICER, name="Ruth Okafor")
    User.objects.filter(pk=admin.pk).update(name="Avery Lindqvist")
    User.objects.filter(pk=chair.user_id).update(name="Priya Raman", invited_by=admin)
    opening_actions.propose_openings(window, envelope=Envelope.TECHNICAL, lots=[], by=chair.user)

    desk = office(admin)
    desk.goto("/evaluate/26-09/openings/")
    desk.get_by_role("button", name="Confirm the technical opening").click()
    expect(desk.get_by_text("Priya Raman was invited by Avery Lindqvist.").first).to_be_visible()
    expect(desk.get_by_text("Ask a compliance officer to countersign").first).to_be_visible()
    check(desk)
    assert not Opening.objects.filter(confirmed_at__isnull=False).exists()

    other = office(officer)
    other.goto("/evaluate/26-09/openings/")
    check(other)
    other.get_by_role("link", name="Countersign", exact=True).last.click()
    other.get_by_role("button", name="Countersign").click()
    expect(other.get_by_text("Explain how you know they’re two different people").first).to_be_visible()
    check(other)
    other.get_by_label("How do you know").fill("I called both of them.")
    other.get_by_role("button", name="Countersign").click()
    expect(other.get_by_text("Countersigned. Avery Lindqvist can now open envelopes.")).to_be_visible()
    check(other)
    assert Countersignature.objects.get().officer == officer

    desk.goto("/evaluate/26-09/openings/")
    desk.get_by_role("button", name="Confirm the technical opening").click()
    expect(desk.get_by_text("Technical envelope of window 1: open.")).to_be_visible()
    assert Opening.objects.filter(confirmed_at__isnull=False).exists()
