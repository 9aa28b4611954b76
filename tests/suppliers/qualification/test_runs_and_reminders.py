"""Stored runs, the daily sweep, and reminders."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from portal.kit import clock, compliance
from portal.kit.compliance import Outcome
from portal.models import Notice
from suppliers import schedule
from suppliers.company import profiles
from suppliers.models import (
    Alert,
    Qualification,
    QualificationAssessment,
    QualificationStep,
    RuleSettings,
    Supplier,
)
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import pages as qualification_pages
from suppliers.qualification import qualifying, reminders, rulebook_actions
from suppliers.screening import alert_actions
from tests import factories as make
from tests.conftest import as_owner
from tests.suppliers.qualification.standing_acts import REASON, TODAY, act, complete, look

pytestmark = pytest.mark.django_db


LATER = TODAY + timedelta(days=800)


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
        qualifying.parameters.params_from_json(qualifying.QUALIFICATION, row.latest.params),
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
