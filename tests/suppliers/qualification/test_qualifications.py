"""A standing from its beginning to its end: asked for, decided, held, expired, renewed, exempted, set anew."""

from datetime import date, timedelta

import pytest

from portal.kit import clock
from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role
from suppliers.models import (
    Commodity,
    Qualification,
    Supplier,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import qualifying, queries, rulebook_actions
from suppliers.qualification.previews import settings as previews
from tests import factories as make
from tests.suppliers.qualification.standing_acts import REASON, TODAY, Status, act, look, pending

pytestmark = pytest.mark.django_db


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
