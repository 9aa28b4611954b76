"""What moves a qualification by itself: lists, papers that end, renewals."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from portal.kit import clock, compliance
from portal.kit.formats import plus_months
from portal.kit.refused import Refused
from portal.models import Notice, Role
from suppliers.company import actions as company_actions
from suppliers.models import (
    Qualification,
    RuleSettings,
    Supplier,
)
from suppliers.qualification import pages as qualification_pages
from suppliers.qualification import qualifying, reminders, rulebook_actions
from suppliers.qualification.previews import settings as previews
from suppliers.reference.attestation_texts import TEXTS
from suppliers.screening import alert_actions
from tests import factories as make
from tests.suppliers.qualification.standing_acts import REASON, TODAY, Status, act, look, pending

pytestmark = pytest.mark.django_db


def test_a_refreshed_list_holds_a_qualified_supplier_and_two_officers_free_it(row, officer):
    supplier = row.supplier
    act(row, "approve", officer)
    make.make_list("Somebody Else Trading", supplier.legal_name)
    held = look(row)
    assert held.status == Status.ON_HOLD
    letters = Notice.objects.filter(key__startswith="standing:").count()
    (alert,) = make.screen(supplier)
    for each in (officer, make.make_user(Role.OFFICER)):
        alert_actions.decide_alert(alert, decision="false_positive", reason=REASON, by=each, at=make.NOW)
    assert look(row).status == Status.QUALIFIED
    assert make.fresh_standing(row).valid_until == held.valid_until
    # Neither the hold nor its end is told to the supplier.
    assert Notice.objects.filter(key__startswith="standing:").count() == letters


def test_what_a_supplier_reads_is_the_same_with_and_without_a_hold(row, officer):
    act(row, "approve", officer)

    def read():
        shown = qualification_pages.standing(
            make.fresh_standing(row), audience=compliance.Audience.SUPPLIER, sees_holds=False
        )
        lines = qualification_pages.standings(
            Qualification.objects.select_related("supplier", "commodity", "region"),
            audience=compliance.Audience.SUPPLIER,
            sees_holds=False,
        )
        return (
            [(each.rule, each.part, each.outcome, each.message, each.more) for each in shown["findings"]],
            [(step.status, step.words) for step in shown["steps"]],
            [(line.not_met, line.referred, line.known) for line in lines],
        )

    before = read()
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    assert read() == before
    assert any(more for *_, more in before[0])


@pytest.mark.parametrize("is_listed", [True, False])
def test_names_cannot_be_tried_out_against_the_lists(row, officer, is_listed, monkeypatch):
    """For a day after a change the supplier reads the same, found or not."""
    act(row, "approve", officer)
    make.make_list("Zyxtrovic Armaments Trust")
    supplier = row.supplier
    supplier.legal_name = "Zyxtrovic Armaments" if is_listed else "Hock Works"
    changed_at = make.NOW + timedelta(seconds=1)
    company_actions.change_profile(
        supplier, supplier.save, part="identity", by=make.owner_of(supplier), at=changed_at
    )
    now = look(row)
    assert now.status == (Status.ON_HOLD if is_listed else Status.QUALIFIED)

    def read(after):
        monkeypatch.setattr(qualification_pages.clock, "wall_time", lambda: make.NOW + after)
        fresh = make.fresh_standing(row)
        lines = qualification_pages.standings(
            Qualification.objects.select_related("supplier", "commodity", "region"),
            audience=compliance.Audience.SUPPLIER,
            sees_holds=False,
        )
        own = qualification_pages.standing(fresh, audience=compliance.Audience.SUPPLIER, sees_holds=False)[
            "status"
        ]
        buyers = qualification_pages.standing(fresh, audience=compliance.Audience.CHAIR, sees_holds=True)[
            "status"
        ]
        assert own == lines[0].status
        return own, buyers

    assert read(timedelta(minutes=2)) == ("review", now.status)
    assert read(timedelta(hours=23)) == ("review", now.status)
    later = ("review", "on_hold") if is_listed else ("qualified", "qualified")
    assert read(timedelta(hours=25)) == later


def test_a_hold_that_an_officer_ends_within_the_day_does_not_shorten_it(row, officer, client):
    act(row, "approve", officer)
    supplier, owner = row.supplier, make.owner_of(row.supplier)
    company_actions.change_profile(supplier, supplier.save, part="identity", by=owner, at=clock.wall_time())
    client.force_login(owner)

    def read():
        pages = (reverse(f"suppliers:{name}", args=args) for name, args in own)
        texts = (re.sub(r'value="\w{64}"', "", client.get(url).content.decode()) for url in pages)
        return [text.partition("<main")[2].partition("</main")[0] for text in texts]

    own = (("standing", [supplier.pk, row.pk]), ("standing_list", [supplier.pk]))
    look(row)
    before = read()
    assert all("Under review" in page for page in before)
    make.make_list("Somebody Else Trading", supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    assert read() == before
    (alert,) = make.screen(supplier)
    for each in (officer, make.make_user(Role.OFFICER)):
        alert_actions.decide_alert(
            alert, decision="false_positive", reason=REASON, by=each, at=clock.wall_time()
        )
    assert look(row).status == Status.QUALIFIED
    assert read() == before


def test_what_is_not_screened_may_change_without_a_review(row, officer):
    act(row, "approve", officer)
    supplier, later = row.supplier, make.NOW + timedelta(seconds=1)
    company_actions.change_profile(
        supplier, lambda: None, part="references", by=make.owner_of(supplier), at=later
    )
    shown = qualification_pages.standing(
        make.fresh_standing(row), audience=compliance.Audience.SUPPLIER, sees_holds=False
    )
    assert shown["status"] == "qualified"


def test_a_confirmed_hit_excludes_and_the_officer_ends_it(row, officer):
    act(row, "approve", officer)
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    look(row)
    (alert,) = make.screen(row.supplier)
    alert_actions.decide_alert(alert, decision="true_match", reason=REASON, by=officer, at=make.NOW)
    held = look(row)
    assert held.status == Status.CONFIRMED
    assert held.latest.findings.get(rule="SC-2").outcome == "not_met"
    assert act(row, "refuse", officer).status == Status.NOT_QUALIFIED


def test_a_certificate_ends_and_its_renewal_opens_the_status_again(row, officer):
    act(row, "approve", officer)
    end = make.fresh_standing(row).valid_until
    assert look(row, end).status == Status.QUALIFIED
    row.supplier.certificates.update(expires=end - timedelta(days=1))
    # The paper was cut short: a person looks at once, before the last day.
    assert look(row, end).status == Status.PENDING
    act(row, "refuse", officer)


def test_the_longest_name_keeps_no_standing_from_ending(officer):
    make.make_list("Somebody Else Trading")
    row = pending(legal_name="L" * Supplier._meta.get_field("legal_name").max_length)
    act(row, "approve", officer)
    Qualification.objects.update(valid_from=TODAY - timedelta(days=9), valid_until=TODAY - timedelta(days=1))
    look(row)
    assert row.steps.filter(after=Status.EXPIRED).exists()
    reminders.send(at=make.NOW)


def test_the_last_day_passes_and_a_renewed_paper_reopens(row, officer):
    row.supplier.certificates.update(expires=TODAY + timedelta(days=40))
    look(row)
    act(row, "approve", officer)
    assert make.fresh_standing(row).valid_until == TODAY + timedelta(days=40)
    assert look(row, TODAY + timedelta(days=40)).status == Status.QUALIFIED
    assert look(row, TODAY + timedelta(days=41)).status == Status.EXPIRED
    row.supplier.certificates.update(issued=TODAY, expires=TODAY + timedelta(days=900))
    assert look(row, TODAY + timedelta(days=42)).status == Status.PENDING
    told = [step.told for step in row.steps.filter(after=Status.EXPIRED)]
    assert len(told) == 1
    assert "last day" in told[0]


def test_it_renews_itself_while_nothing_new_stands_against_it(row, officer):
    act(row, "approve", officer)
    end = make.fresh_standing(row).valid_until
    far, near = end - timedelta(days=91), end - timedelta(days=90)
    row.supplier.certificates.update(last_surveillance=far)
    row.supplier.financials.update(period_end=far)
    company_actions.sign_attestations(
        row.supplier,
        {text.code: (text.favourable, "") for text in TEXTS},
        signer="Pat Founder",
        title="Owner",
        by=make.owner_of(row.supplier),
        at=make.NOW,
    )
    assert look(row, far).valid_until == end
    # Nothing renews itself on lists that have grown old.
    assert look(row, near).valid_until == end
    make.make_list("Somebody Else Trading", at=make.NOW + (near - TODAY))
    renewed = look(row, near)
    assert (renewed.status, renewed.valid_until) == (Status.QUALIFIED, plus_months(near, 12))
    assert renewed.steps.last().reason == "Renewed: no new open items."
    assert renewed.valid_from == TODAY


def test_by_rule_only_when_the_settings_say_so_and_everything_is_met(officer):
    make.make_list("Somebody Else Trading")
    row = pending()
    assert row.status == Status.PENDING
    settings = rulebook_actions.propose_settings(
        {"standing": {"by_rule": True}}, reason="A trial of a quarter.", by=officer, at=make.NOW
    )
    with pytest.raises(Refused, match="Wait"):
        rulebook_actions.put_in_force(settings, by=officer, at=make.NOW)
    previews.run(settings.pk)
    settings.refresh_from_db()
    adverse = [
        finding.rule
        for finding in row.latest.findings.all()
        if finding.outcome in ("not_met", "refer") and finding.rule not in ("WS-1", "WS-3")
    ]
    assert adverse == []
    for rule in ("WS-1", "WS-3"):
        rulebook_actions.waive(
            rule, supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
        )
    previews.run(settings.pk)
    settings.refresh_from_db()
    assert [(line["before"], line["after"]) for line in settings.preview] == [("pending", "qualified")]
    assert look(row).status == Status.PENDING
    rulebook_actions.put_in_force(settings, by=officer, at=make.NOW)
    qualified = look(row)
    assert qualified.status == Status.QUALIFIED
    assert qualified.steps.last().by is None


def test_a_waiver_of_a_paper_that_has_ended_gives_no_days_by_rule(row, officer):
    RuleSettings.objects.create(
        version=1,
        params={"standing": {"by_rule": True}},
        reason=REASON,
        at=make.NOW,
        in_force_at=make.NOW,
    )
    row.supplier.certificates.update(expires=TODAY - timedelta(days=1))
    for rule in ("CE-1", "WS-1", "WS-3"):
        rulebook_actions.waive(
            rule, supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
        )
    waits = look(row)
    assert qualifying.judged(waits, [each.as_finding() for each in waits.latest.findings.all()], on=TODAY)
    assert waits.status == Status.PENDING
    row.supplier.certificates.update(expires=TODAY + timedelta(days=1))
    assert look(row).status == Status.QUALIFIED
