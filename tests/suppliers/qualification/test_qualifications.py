"""A standing from its beginning to its end: asked for, decided, held, expired, renewed, exempted, set anew."""

import re
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from portal.kit import clock, compliance
from portal.kit.compliance import Outcome
from portal.kit.formats import plus_months
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role
from suppliers import schedule
from suppliers.company import actions as company_actions
from suppliers.company import profiles
from suppliers.models import (
    Alert,
    Commodity,
    Officer,
    Owner,
    Qualification,
    QualificationAssessment,
    QualificationStep,
    RuleSettings,
    Supplier,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import pages as qualification_pages
from suppliers.qualification import qualifying, queries, reminders, rulebook_actions
from suppliers.qualification.previews import settings as previews
from suppliers.reference.attestation_texts import TEXTS
from suppliers.screening import alert_actions
from tests import factories as make
from tests.conftest import as_owner
from tests.suppliers.screening.test_alerts import at_once

pytestmark = pytest.mark.django_db

Status = Qualification.Status
TODAY = make.NOW.date()
LATER = TODAY + timedelta(days=800)
REASON = "The findings were read."


@pytest.fixture
def officer():
    return make.make_user(Role.OFFICER)


@pytest.fixture
def row(officer):
    """Handed in, looked at, and waiting for an officer."""
    make.make_list("Somebody Else Trading")
    return pending()


def pending(**fields):
    supplier = complete(**fields)
    row = make.make_standing(supplier)
    qualification_actions.ask_for_approval(row, by=make.owner_of(supplier), at=make.NOW)
    qualifying.assess_supplier(supplier.pk)
    return make.fresh_standing(row)


def complete(**fields):
    """A supplier with every section that must be there."""
    supplier = make.make_supplier(founded=1998, **fields)
    Owner.objects.create(supplier=supplier, name="Pat Founder", pct_equity=100, pct_votes=100)
    Officer.objects.create(supplier=supplier, name="Sam Chief", title="CEO")
    supplier.certificates.update(
        issued=TODAY - timedelta(days=200),
        expires=TODAY + timedelta(days=700),
        accreditation_body="ANAB",
        edition="2015",
        scope="Manufacture of racks",
    )
    answers = {text.code: (text.favourable, "") for text in TEXTS}
    company_actions.sign_attestations(
        supplier, answers, signer="Pat Founder", title="Owner", by=make.owner_of(supplier), at=make.NOW
    )
    return supplier


def act(row, what, by, **more):
    more = {"reason": REASON, "told": "Done.", **more}
    qualification_actions.act_on_standing(row, what, by=by, at=make.NOW, **more)
    return make.fresh_standing(row)


def look(row, on=None):
    """The rules look again, on another day if one is given."""
    qualifying.assess_supplier(row.supplier_id, on=on)
    return make.fresh_standing(row)


def test_only_an_owner_hands_in_and_gaps_are_named():
    supplier = make.make_supplier()
    row = make.make_standing(supplier)
    with pytest.raises(Refused, match="owners, officers, signed statements"):
        qualification_actions.ask_for_approval(row, by=make.owner_of(supplier), at=make.NOW)
    with pytest.raises(Refused, match="Only an owner"):
        qualification_actions.ask_for_approval(row, by=make.make_user(), at=make.NOW)
    assert make.fresh_standing(row).status == Status.IN_PROGRESS


def test_an_officer_approves_until_the_term_or_the_first_paper_ends(row, officer):
    assert row.status == Status.PENDING
    approved = act(row, "approve", officer)
    assert (approved.status, approved.valid_from) == (Status.QUALIFIED, TODAY)
    assert approved.valid_until == date(TODAY.year + 1, TODAY.month, min(TODAY.day, 28)) or (
        approved.valid_until.month == TODAY.month
    )
    row.supplier.certificates.update(expires=TODAY + timedelta(days=40))
    again = act(act(look(row), "suspend", officer), "reinstate", officer)
    assert again.valid_until == TODAY + timedelta(days=40)
    steps = [(step.before, step.after, step.by_id) for step in row.steps.all()][-3:]
    assert [after for _, after, _ in steps] == ["qualified", "suspended", "qualified"]
    assert AuditEvent.objects.filter(verb="qualification.moved").count() == 4


def test_owners_read_where_their_standing_went_and_until_when(row, officer):
    def letters():
        return [
            (each.to_id, each.subject.removeprefix(f"{row.supplier.legal_name}: "), "until" in each.body)
            for each in Notice.objects.filter(key__startswith="standing:").order_by("id")
        ]

    before = len(letters())
    owner = make.owner_of(row.supplier).pk
    act(row, "approve", officer)
    act(row, "suspend", officer)
    act(row, "reinstate", officer, told="")
    assert letters()[before:] == [
        (owner, "qualification is qualified", True),
        (owner, "qualification is suspended", False),
    ]
    days = [
        each.facts["until"] for each in AuditEvent.objects.filter(verb="qualification.moved").order_by("seq")
    ]
    until = make.fresh_standing(row).valid_until.isoformat()
    assert days[-3:] == [until, None, until]


@pytest.mark.parametrize("who", [Role.REVIEWER, Role.ADMIN, Role.AUDITOR, Role.SUPPLIER])
def test_nobody_else_decides(row, who):
    with pytest.raises(Refused, match="Only officers"):
        act(row, "approve", make.make_user(who))
    assert make.fresh_standing(row).status == Status.PENDING


def test_a_reason_is_asked_for_and_a_stale_page_is_refused(row, officer):
    with pytest.raises(Refused, match="reason"):
        act(row, "approve", officer, reason=" ")
    act(row, "refuse", officer)
    with pytest.raises(Refused, match="Not qualified"):
        act(row, "refuse", officer)


def test_reinstating_gives_back_the_days_that_were_left(row, officer):
    until = TODAY + timedelta(days=60)
    act(row, "approve", officer, until=until)
    act(row, "suspend", officer)
    assert act(row, "reinstate", officer).valid_until == until
    act(row, "suspend", officer)
    longer = until + timedelta(days=30)
    assert act(row, "reinstate", officer, until=longer).valid_until == longer


def test_reinstating_after_the_last_day_asks_for_a_new_one(row, officer):
    act(row, "approve", officer)
    act(row, "suspend", officer)
    Qualification.objects.filter(pk=row.pk).update(
        valid_from=TODAY - timedelta(days=9), valid_until=TODAY - timedelta(days=1)
    )
    with pytest.raises(Refused, match="Enter a new last day"):
        act(row, "reinstate", officer)
    until = TODAY + timedelta(days=30)
    assert act(row, "reinstate", officer, until=until).valid_until == until


def test_nothing_is_approved_that_the_rules_have_not_seen(row, officer):
    Supplier.objects.filter(pk=row.supplier_id).update(changed_at=row.checked_at + timedelta(seconds=1))
    with pytest.raises(Refused, match="changed since"):
        act(row, "approve", officer)
    assert make.fresh_standing(row).status == Status.PENDING


@pytest.mark.parametrize("what", ["list", "settings"])
def test_nothing_is_approved_before_the_rules_read_what_came_into_use(row, officer, what):
    later = clock.wall_time()
    if what == "list":
        make.make_list("A Third Party Trading", at=later)
    else:
        settings = rulebook_actions.propose_settings({}, reason=REASON, by=officer, at=later)
        previews.run(settings.pk)
        rulebook_actions.put_in_force(settings, by=officer, at=later)
    with pytest.raises(Refused, match="changed since"):
        act(row, "approve", officer)
    look(row)
    assert act(row, "approve", officer).status == Status.QUALIFIED


@pytest.mark.parametrize("kind", ["commodity", "region"])
def test_nothing_is_approved_before_the_rules_read_what_is_bought_now(
    row, officer, kind, django_capture_on_commit_callbacks
):
    category = getattr(row, kind)
    with pytest.raises(Refused, match="Only officers"):
        rulebook_actions.save_category(lambda: category, by=make.make_user(Role.REVIEWER), at=make.NOW)

    def save():
        category.save()
        return category

    with django_capture_on_commit_callbacks() as asked:
        rulebook_actions.save_category(save, by=officer, at=make.NOW)
    assert len(asked) == 1
    with pytest.raises(Refused, match="changed since"):
        act(row, "approve", officer)
    look(row)
    assert act(row, "approve", officer).status == Status.QUALIFIED


def test_the_last_day_follows_the_papers_asked_for_now(row, officer):
    """A run that found the same is not stored again, but what is asked for may have changed."""
    Commodity.objects.update(schemes=[])
    row.supplier.certificates.update(expires=TODAY + timedelta(days=200))
    before = look(row).latest
    Commodity.objects.update(schemes=["ISO 9001"])
    assert look(row).latest == before
    assert act(row, "approve", officer).valid_until == TODAY + timedelta(days=200)


def test_what_changes_while_the_rules_look_is_looked_at_again(row, monkeypatch):
    screen = qualifying.screen.screen

    def change_and_screen(*args):
        Supplier.objects.update(changed_at=clock.wall_time())
        return screen(*args)

    monkeypatch.setattr(qualifying.screen, "screen", change_and_screen)
    look(row)
    assert row in queries.standings_to_look_at()
    monkeypatch.undo()
    look(row)
    assert row not in queries.standings_to_look_at()


def test_a_slower_run_does_not_undo_what_a_later_one_found(row, officer, monkeypatch):
    act(row, "approve", officer)
    screen = qualifying.screen.screen

    def slow(*args):
        monkeypatch.undo()
        found = screen(*args)
        make.make_list("Somebody Else Trading", row.supplier.legal_name)
        assert look(row).status == Status.ON_HOLD
        return found

    monkeypatch.setattr(qualifying.screen, "screen", slow)
    held = look(row)
    assert held.status == Status.ON_HOLD
    assert held.latest.findings.get(rule="SC-2").outcome == "refer"


def test_an_officer_may_shorten_but_not_lengthen(row, officer):
    with pytest.raises(Refused, match="last day must be between"):
        act(row, "approve", officer, until=TODAY + timedelta(days=800))
    assert act(row, "approve", officer, until=TODAY + timedelta(days=30)).valid_until == TODAY + timedelta(30)


def test_a_knock_out_stands_in_the_way_until_it_is_set_aside_by_name(officer):
    make.make_list("Somebody Else Trading")
    row = pending(country="RU")
    finding = row.latest.findings.get(rule="SC-8")
    assert (finding.outcome, finding.effect) == ("not_met", "knockout")
    with pytest.raises(Refused, match="SC-8"):
        act(row, "approve", officer)
    with pytest.raises(Refused, match="reason"):
        qualification_actions.override_finding(
            finding, outcome=Outcome.MET, reason="", by=officer, at=make.NOW
        )
    qualification_actions.override_finding(
        finding, outcome=Outcome.MET, reason="Registered there, moved in 2020.", by=officer, at=make.NOW
    )
    assert act(row, "approve", officer).status == Status.QUALIFIED
    # The word holds for later runs of the same finding, and a renewed look changes nothing.
    assert look(row, TODAY + timedelta(days=1)).status == Status.QUALIFIED


def test_a_hit_cannot_be_set_aside_as_a_finding(officer):
    make.make_list("Held Works Inc")
    row = pending(legal_name="Held Works Inc")
    finding = row.latest.findings.get(rule="SC-1", audience="chair")
    with pytest.raises(Refused, match="on the alert"):
        qualification_actions.override_finding(
            finding, outcome=Outcome.MET, reason=REASON, by=officer, at=make.NOW
        )
    with pytest.raises(Refused, match="alert is open"):
        act(row, "approve", officer)


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


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_put_settings_in_force_at_once_leave_one(monkeypatch):
    officers = [make.make_user(Role.OFFICER) for _ in range(2)]
    rows = [rulebook_actions.propose_settings({}, reason=REASON, by=each, at=make.NOW) for each in officers]
    for each in rows:
        previews.run(each.pk)

    # Both look at what is in force before either goes on, when nothing keeps them apart.
    met, settings_in_force = threading.Barrier(2), qualifying.settings_in_force

    def look_together():
        found = settings_in_force()
        with suppress(threading.BrokenBarrierError):
            met.wait(1)
        return found

    monkeypatch.setattr(qualifying, "settings_in_force", look_together)

    def put(place):
        try:
            rulebook_actions.put_in_force(rows[place], by=officers[place], at=make.NOW)
        finally:
            connection.close()

    (problem,) = at_once(put, 2)
    assert isinstance(problem, Refused)
    assert RuleSettings.objects.filter(in_force_at__isnull=False).count() == 1


def test_settings_that_do_not_exist_or_fit_are_refused(officer):
    for params in ({"XX-1": {}}, {"FI-1": {"safe": "much"}}, {"standing": {"term": 3}}):
        with pytest.raises(Refused):
            rulebook_actions.propose_settings(params, reason=REASON, by=officer, at=make.NOW)
    assert not RuleSettings.objects.exists()


def test_a_preview_names_whose_findings_would_differ_and_changes_nothing(row, officer):
    settings = rulebook_actions.propose_settings(
        {"FI-1": {"safe": "99"}}, reason="A stricter line.", by=officer, at=make.NOW
    )
    runs = QualificationAssessment.objects.count()
    previews.run(settings.pk)
    settings.refresh_from_db()
    assert [line["rules"] for line in settings.preview] == [["FI-1"]]
    assert QualificationAssessment.objects.count() == runs
    assert look(row).latest.settings_version == 0


def test_a_waiver_counts_until_its_day_and_is_never_for_screening(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    with pytest.raises(Refused, match="CE-1"):
        act(missing, "approve", officer)
    waiver = rulebook_actions.waive(
        "CE-1",
        supplier=row.supplier,
        commodity=None,
        reason=REASON,
        until=TODAY + timedelta(days=5),
        by=officer,
        at=make.NOW,
    )
    approved = act(missing, "approve", officer)
    assert approved.status == Status.QUALIFIED
    with pytest.raises(Refused, match="can’t be waived"):
        rulebook_actions.waive(
            "SC-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
        )
    assert look(row, waiver.until).status == Status.QUALIFIED
    assert look(row, waiver.until + timedelta(days=1)).status == Status.PENDING


def test_a_waiver_for_another_supplier_or_commodity_exempts_nobody_else(row, officer):
    other = make.make_standing(make.make_supplier(), commodity=make.make_commodity("cooling"))
    more = {"reason": REASON, "until": TODAY, "by": officer, "at": make.NOW}
    rulebook_actions.waive("FI-1", supplier=other.supplier, commodity=None, **more)
    rulebook_actions.waive("FI-2", supplier=None, commodity=other.commodity, **more)
    rulebook_actions.waive("FI-3", supplier=row.supplier, commodity=row.commodity, **more)
    assert qualifying.waived_rules(row, on=TODAY) == {"FI-3"}
    assert qualifying.waived_rules(other, on=TODAY) == {"FI-1", "FI-2"}
    assert qualifying.waived_rules(row, on=TODAY + timedelta(days=1)) == set()


def test_what_an_approval_knew_is_known_until_its_waiver_ends(row, officer):
    def known(on=TODAY):
        return {rule for rule, *_ in qualifying.accepted_keys(make.fresh_standing(row), on=on)}

    assert known() == set()
    more = {"supplier": None, "commodity": None, "reason": REASON, "by": officer, "at": make.NOW}
    rulebook_actions.waive("CE-1", until=TODAY, **more)
    taken_back = rulebook_actions.waive("FI-1", until=TODAY + timedelta(days=9), **more)
    act(row, "approve", officer)
    assert {"CE-1", "FI-1", "FA-1"} <= known()
    assert known(TODAY + timedelta(days=1)) & {"CE-1", "FI-1", "FA-1"} == {"FI-1", "FA-1"}
    rulebook_actions.withdraw_waiver(taken_back, reason=REASON, by=officer, at=make.NOW)
    assert known() & {"CE-1", "FI-1", "FA-1"} == {"CE-1", "FA-1"}


def test_a_word_on_one_standing_is_none_on_another_and_the_last_word_counts(row, officer):
    row.supplier.certificates.all().delete()
    finding = look(row).latest.findings.get(rule="CE-1")
    other = make.make_standing(make.make_supplier())
    for outcome in (Outcome.NOT_MET, Outcome.REFER):
        qualification_actions.override_finding(
            finding, outcome=outcome, reason=REASON, by=officer, at=make.NOW
        )
    assert list(qualifying.overrides_of(row).values()) == [Outcome.REFER]
    assert qualifying.overrides_of(other) == {}


def test_a_waiver_taken_back_opens_the_standing_again(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    waiver = rulebook_actions.waive(
        "CE-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
    )
    act(missing, "approve", officer)
    rulebook_actions.withdraw_waiver(waiver, reason="No longer needed.", by=officer, at=make.NOW)
    with pytest.raises(Refused, match="already"):
        rulebook_actions.withdraw_waiver(waiver, reason="No longer needed.", by=officer, at=make.NOW)
    assert look(row).status == Status.PENDING


def test_a_word_that_set_a_knock_out_aside_can_be_taken_back(row, officer):
    row.supplier.certificates.all().delete()
    missing = look(row)
    finding = missing.latest.findings.get(rule="CE-1")
    qualification_actions.override_finding(
        finding, outcome=Outcome.MET, reason=REASON, by=officer, at=make.NOW
    )
    assert act(missing, "approve", officer).status == Status.QUALIFIED
    qualification_actions.override_finding(
        finding, outcome=Outcome.NOT_MET, reason=REASON, by=officer, at=make.NOW
    )
    assert look(row).status == Status.PENDING


def test_a_hold_that_ends_leaves_both_days_as_they_were(row, officer):
    approved = act(row, "approve", officer)
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    make.make_list("Somebody Else Trading")
    ended = look(row, TODAY + timedelta(days=3))
    assert (ended.status, ended.valid_from) == (Status.QUALIFIED, TODAY)
    assert ended.valid_until == approved.valid_until


def test_the_end_of_a_hold_approves_nothing_that_came_meanwhile(row, officer):
    approved = act(row, "approve", officer).approved
    make.make_list("Somebody Else Trading", row.supplier.legal_name)
    assert look(row).status == Status.ON_HOLD
    row.supplier.financials.update(ebit=-20)
    for alert in make.screen(row.supplier):
        for each in (officer, make.make_user(Role.OFFICER)):
            alert_actions.decide_alert(alert, decision="false_positive", reason=REASON, by=each, at=make.NOW)
    freed = look(row)
    assert (freed.status, freed.approved) == (Status.QUALIFIED, approved)
    assert freed.latest != approved


def test_the_same_findings_are_stored_once_and_every_look_is_noted(row):
    runs = QualificationAssessment.objects.count()
    later = look(row, TODAY)
    assert QualificationAssessment.objects.count() == runs
    assert later.checked_at > row.checked_at
    row.supplier.naics = []
    row.supplier.save(update_fields=["naics"])
    look(row)
    assert QualificationAssessment.objects.count() == runs + 1


def test_the_same_findings_of_other_facts_are_no_new_run(row):
    # Of a scope the finding repeats the keyword only.
    row.supplier.certificates.update(scope="Manufacture of racks and shelves")
    later = look(row)
    assert later.latest == row.latest
    assert later.checked_at > row.checked_at


def test_a_profile_that_is_as_it_was_has_the_run_it_had(row):
    before, findings = row.latest, row.latest.findings.count()
    was = row.supplier.naics
    for naics in ([], was):
        row.supplier.naics = naics
        row.supplier.save(update_fields=["naics"])
        now = look(row).latest
        assert (now == before) is (naics == was)
    assert now.findings.count() == findings


def test_the_same_findings_under_other_settings_or_rules_are_a_run_of_their_own(row, monkeypatch):
    RuleSettings.objects.create(
        version=1, params={"CE-5": {"cmmc_conditional": 89}}, reason=REASON, at=make.NOW, in_force_at=make.NOW
    )
    other = look(row).latest
    assert (row.latest.settings_version, other.settings_version) == (0, 1)
    rules = replace(qualifying.QUALIFICATION, version="another")
    monkeypatch.setattr(qualifying, "QUALIFICATION", rules)
    assert look(row).latest.rulebook == "another"


def test_a_run_can_be_repeated_from_what_it_stored(row):
    facts = qualifying.facts_of(row.latest)
    again = qualifying.compliance.assess(
        qualifying.QUALIFICATION.rules,
        facts,
        qualifying.compliance.params_from_json(qualifying.QUALIFICATION, row.latest.params),
        on=row.latest.on,
    )
    assert list(again) == [each.as_finding() for each in row.latest.findings.all()]


def test_an_ein_is_unreadable_in_the_database_and_in_what_runs_store():
    make.make_list("Somebody Else Trading")
    supplier = complete(ein="123456789")
    row = make.make_standing(supplier)
    assert Supplier.objects.get(pk=supplier.pk).ein == "123456789"
    assert row.latest.findings.get(rule="ID-3").outcome == "met"
    with connection.cursor() as cursor:
        cursor.execute("SELECT ein FROM suppliers_supplier WHERE id = %s", [supplier.pk])
        cursor_ein = cursor.fetchone()[0]
        cursor.execute("SELECT facts FROM suppliers_qualificationassessment")
        stored = cursor.fetchone()[0]
    assert "123456789" not in cursor_ein
    assert "123456789" not in stored
    assert qualifying.facts_of(row.latest).supplier.ein == "123456789"
    assert profiles.supplier_facts(supplier).ein == ""
    assert supplier.masked_ein == "••-•••6789"


def test_history_and_findings_are_append_only(row):
    step = QualificationStep.objects.first()
    for sql in (
        f"UPDATE suppliers_qualificationstep SET reason = '' WHERE id = {step.pk}",
        f"DELETE FROM suppliers_qualificationfinding WHERE assessment_id = {row.latest_id}",
        "DELETE FROM suppliers_attestation",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(sql)


@pytest.mark.django_db(transaction=True)
def test_history_and_findings_are_append_only_for_their_owner_too(row):
    step = QualificationStep.objects.first()
    for sql in (
        f"UPDATE suppliers_qualificationstep SET reason = '' WHERE id = {step.pk}",
        f"DELETE FROM suppliers_qualificationfinding WHERE assessment_id = {row.latest_id}",
        "DELETE FROM suppliers_attestation",
    ):
        with pytest.raises(DatabaseError, match="append-only"), as_owner(triggers=True) as cursor:
            cursor.execute(sql)


def test_the_sweep_finds_what_was_not_looked_at_today(row, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as none:
        schedule.sweep_standings()
    assert none == []
    Qualification.objects.update(checked_on=TODAY - timedelta(days=1))
    with django_capture_on_commit_callbacks() as some:
        schedule.sweep_standings()
    assert len(some) == 1


@pytest.mark.parametrize("what", ["alert", "list", "settings", "waiver", "withdrawn", "word"])
def test_the_sweep_finds_what_was_said_while_the_broker_was_down(
    row, officer, what, django_capture_on_commit_callbacks
):
    finding = row.latest.findings.filter(outcome="refer").exclude(rule__startswith="SC").first()
    waiver = rulebook_actions.waive(
        "WS-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=make.NOW
    )
    (alert,) = make.screen(make.make_supplier(legal_name="Somebody Else Trading"))
    Alert.objects.update(supplier=row.supplier)
    look(row)
    later = clock.wall_time()
    if what == "alert":
        alert_actions.decide_alert(alert, decision="true_match", reason=REASON, by=officer, at=later)
    elif what == "list":
        make.make_list("A Third Party Trading", at=later)
    elif what == "settings":
        RuleSettings.objects.create(version=1, reason=REASON, at=later, in_force_at=later)
    elif what == "waiver":
        rulebook_actions.waive(
            "FI-1", supplier=None, commodity=None, reason=REASON, until=TODAY, by=officer, at=later
        )
    elif what == "withdrawn":
        rulebook_actions.withdraw_waiver(waiver, reason=REASON, by=officer, at=later)
    else:
        qualification_actions.override_finding(
            finding, outcome=Outcome.MET, reason=REASON, by=officer, at=later
        )
    with django_capture_on_commit_callbacks() as asked:
        schedule.sweep_standings()
    assert len(asked) == 1
    look(row)  # lays the alert by when the list no longer holds it: once more
    look(row)
    with django_capture_on_commit_callbacks() as asked:
        schedule.sweep_standings()
    assert asked == []


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (91, None),
        (90, 90),
        (61, 90),
        (60, 60),
        (31, 60),
        (30, 30),
        (1, 30),
        (0, 30),
        (-1, 0),
        (-30, -1),
        (-61, -2),
    ],
)
def test_reminders_come_at_90_60_30_days_and_monthly_afterwards(days, stage):
    assert reminders.stage_of(days, (90, 60, 30)) == stage


def test_a_reminder_is_written_once_and_not_for_what_was_renewed(row):
    certificate = row.supplier.certificates.get()
    certificate.expires = TODAY + timedelta(days=45)
    certificate.save()
    for _ in range(2):
        reminders.send(at=make.NOW)
    letters = Notice.objects.filter(key__startswith="ends:certificate:")
    assert [letter.to for letter in letters] == [make.owner_of(row.supplier)]
    assert "in 45 days" in letters[0].body
    certificate.pk, certificate.expires = None, TODAY + timedelta(days=800)
    certificate.save()
    letters.delete()
    reminders.send(at=make.NOW)
    assert not letters.all().exists()


def test_a_year_of_days_brings_each_letter_on_its_day_once(row):
    """Also when the letters are looked at many times a day, and when a week is missed."""
    certificate = row.supplier.certificates.get()
    certificate.expires = TODAY + timedelta(days=100)
    certificate.save()
    letters = Notice.objects.filter(key__startswith="ends:certificate:")
    seen = []
    for days in range(100, -400, -1):
        if -70 < days <= -63:  # nobody looks for a week
            continue
        for _ in range(2):
            reminders.send(at=make.NOW + timedelta(days=100 - days))
        if letters.count() > len(seen):
            assert letters.count() == len(seen) + 1
            seen.append(days)
    assert seen == [90, 60, 30, -1, *range(-30, -361, -30)]


def test_a_certificate_is_renewed_by_one_that_covers_its_sites(row):
    supplier = row.supplier
    old = supplier.certificates.get()
    old.expires = TODAY + timedelta(days=45)
    old.save()
    second = supplier.sites.create(name="Second plant", street="2 Mill St", city="Canton", state="OH")

    def renewed(**fields):
        values = {"number": "N-2", "certification_body": "R", "issued": TODAY, "expires": LATER, **fields}
        return supplier.certificates.create(scheme=old.scheme, **values)

    def remembered():
        reminders.send(at=make.NOW)
        letters = Notice.objects.filter(key__startswith="ends:certificate:")
        found = letters.exists()
        letters.delete()
        shown = [each.ends for each in qualification_pages.endings(supplier)]
        assert (old.expires in shown) is found
        return found

    other = renewed()
    other.sites.set([second])
    assert remembered()
    other.sites.add(*old.sites.all())
    assert not remembered()
    # A product's listing is renewed by its own number alone.
    supplier.certificates.update(scheme="UL")
    assert remembered()
    supplier.certificates.update(number="E-1")
    assert not remembered()


def test_the_last_day_of_a_policy_and_of_sam_is_told_as_today(row):
    row.supplier.insurance.create(
        kind="cyber", insurer="M", number="P-1", effective=TODAY - timedelta(days=365), expires=TODAY
    )
    Supplier.objects.update(sam_expiry=TODAY + timedelta(days=60))
    reminders.send(at=make.NOW)
    bodies = [each.body for each in Notice.objects.filter(key__startswith="ends:").order_by("key")]
    assert len(bodies) == 2
    assert "P-1 (Cyber) expires on" in bodies[0]
    assert ", today." in bodies[0]
    assert "SAM.gov registration expires on" in bodies[1]
    assert "in 60 days" in bodies[1]


def test_a_standing_is_not_called_ending_before_the_rules_had_their_chance_to_renew_it(row, officer):
    act(row, "approve", officer)
    letters = Notice.objects.filter(key__startswith="ends:standing:")
    Qualification.objects.update(valid_until=TODAY + timedelta(days=80), checked_on=TODAY - timedelta(days=1))
    reminders.send(at=make.NOW)
    assert not letters.exists()
    Qualification.objects.update(checked_on=TODAY)
    reminders.send(at=make.NOW)
    assert letters.count() == 1
    # The day after the end has its own letter; the months count from there.
    begun = TODAY - timedelta(days=300)
    Qualification.objects.update(status="expired", valid_from=begun, valid_until=TODAY - timedelta(days=1))
    reminders.send(at=make.NOW)
    assert letters.count() == 1
    Qualification.objects.update(valid_until=TODAY - timedelta(days=31))
    reminders.send(at=make.NOW)
    assert letters.count() == 2


def test_what_the_approval_knew_is_nobodys_task_after_a_later_look(row, officer):
    """The list counts as the page of the one standing does, whatever run is the latest."""
    act(row, "approve", officer)
    row = make.fresh_standing(row)

    def line():
        rows = Qualification.objects.filter(pk=row.pk).select_related("supplier", "latest", "approved")
        return qualification_pages.standings(rows, audience=compliance.Audience.SUPPLIER, sees_holds=False)[0]

    before = line()
    assert before.known > 0
    assert before.not_met + before.referred == 0
    # Another run that finds the same and one thing more.
    row.supplier.certificates.update(accreditation_body="")
    look(row)
    after = line()
    assert after.row.latest_id != after.row.approved_id
    assert after.known == before.known
    assert after.not_met + after.referred == 1


def test_a_finding_leads_to_the_section_that_answers_it(row, client):
    client.force_login(make.owner_of(row.supplier))
    page = client.get(f"/company/{row.supplier_id}/standing/{row.pk}/").content.decode()
    adverse = [each for each in page_findings(row) if each.outcome in ("not_met", "refer")]
    assert adverse
    for each in adverse:
        assert each.where_url, each.rule
        assert f'href="{each.where_url}"' in page
    assert not any(each.where_url for each in page_findings(row) if each not in adverse)
    # Nothing of it for the buyer, who cannot change the profile.
    bought = qualification_pages.standing(row, audience=compliance.Audience.CHAIR, sees_holds=True)[
        "findings"
    ]
    assert not any(each.where_url for each in bought)


def page_findings(row):
    return qualification_pages.standing(row, audience=compliance.Audience.SUPPLIER, sees_holds=False)[
        "findings"
    ]


def test_officers_hear_of_an_old_list(officer):
    make.make_list("Somebody Else Trading", at=make.NOW - timedelta(days=9))
    reminders.send(at=make.NOW)
    assert "9 days old" in Notice.objects.get(to=officer).subject
