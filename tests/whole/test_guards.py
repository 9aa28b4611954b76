"""What the database itself refuses, whoever asks: the owner too, as long as the triggers are on."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portal.frame import roles, triggers
from portal.kit.compliance import Envelope
from portal.models import Role
from rfp.models import Opening
from scoring.models import MarkRemoval
from tests import factories as make
from tests.conftest import as_owner
from tests.scoring.rooms import room

pytestmark = pytest.mark.django_db


def guarded_tables() -> list[str]:
    """Every table with a trigger of ours for its rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND p.proname LIKE 'onshore%' AND p.prosrc LIKE '%RAISE EXCEPTION%' "
            "AND t.tgtype & 1 = 1 ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def test_no_guarded_table_can_be_emptied() -> None:
    tables = guarded_tables()
    assert {"portal_auditevent", "rfp_revision", "rfp_bomline", "suppliers_listedparty"} <= set(tables)
    assert len(tables) >= 32
    for table in tables:
        refusal = f"{table} is append-only: TRUNCATE refused"
        with pytest.raises(DatabaseError, match=refusal), as_owner(triggers=True) as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.django_db(transaction=True)
def test_a_table_of_the_same_name_does_not_hide_what_is_frozen() -> None:
    revision = make.submit(make.make_draft())
    before = list(revision.responses.values())
    with pytest.raises(DatabaseError, match="is frozen"), as_owner(triggers=True) as cursor:
        cursor.execute("CREATE TEMPORARY TABLE rfp_revision (id bigint, received_at timestamptz)")
        cursor.execute("UPDATE rfp_response SET value = '9999' WHERE revision_id = %s", [revision.pk])
    assert list(revision.responses.values()) == before


def test_an_opening_is_not_born_confirmed() -> None:
    solicitation = make.make_solicitation()
    chair, admin = make.make_user(Role.REVIEWER), make.make_user(Role.ADMIN)
    born = Opening(
        window=solicitation.windows.get(),
        lot=solicitation.lots.get(),
        envelope=Envelope.TECHNICAL.value,
        proposed_by=chair,
        proposed_at=make.NOW,
        confirmed_by=admin,
        confirmed_at=make.NOW,
    )
    refusal = "an opening begins unconfirmed: INSERT refused"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        born.save()
    born.confirmed_by = None
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        born.save()
    assert not Opening.objects.exists()


@pytest.mark.parametrize("way", ["by nobody", "for another person", "for another lot", "not at all"])
def test_an_opening_is_confirmed_as_it_was_begun_or_not_at_all(way: str) -> None:
    made = room(opened=False)
    lot, window = made.solicitation.lots.first(), made.window
    opening = Opening.objects.create(
        window=window,
        lot=lot,
        envelope=Envelope.TECHNICAL.value,
        proposed_by=made.chair.user,
        proposed_at=make.NOW,
    )
    change = {
        "by nobody": {"confirmed_at": make.NOW},
        "for another person": {
            "confirmed_at": make.NOW,
            "confirmed_by": made.chair.user,
            "proposed_by": made.admin,
        },
        "for another lot": {
            "confirmed_at": make.NOW,
            "confirmed_by": made.admin,
            "envelope": Envelope.PRICE.value,
        },
        "not at all": {"fewer_marks_reason": "x"},
    }[way]
    with (
        pytest.raises(DatabaseError, match=f"opening {opening.pk} stays: UPDATE refused"),
        transaction.atomic(),
    ):
        Opening.objects.filter(pk=opening.pk).update(**change)
    assert Opening.objects.get() == opening
    Opening.objects.update(confirmed_at=make.NOW, confirmed_by=made.admin)


def test_a_removal_of_marks_is_not_born_confirmed() -> None:
    made = room()
    removal = MarkRemoval(
        proposal=made.proposals[0],
        evaluator=made.others[0],
        reason="A conflict.",
        proposed_by=made.chair.user,
        proposed_at=make.NOW,
        confirmed_by=made.admin,
        confirmed_at=make.NOW,
    )
    refusal = "a removal of marks begins unconfirmed: INSERT refused"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        removal.save()
    removal.confirmed_by = removal.confirmed_at = None
    removal.save()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        removal.delete()


def installed() -> set[tuple[str, str]]:
    """(table, trigger) of each guard in the database."""
    with connection.cursor() as cursor:
        cursor.execute(triggers.OURS)
        return {(table, name) for name, table in cursor.fetchall()}


def test_the_database_has_the_declared_guards_and_no_others() -> None:
    declared = {(each.table, each.name) for each in triggers.TRIGGERS}
    assert installed() == declared
    assert {
        ("scoring_decision", "append_only"),
        ("rfp_response", "frozen"),
        ("scoring_mark", "counted_insert"),
    } <= declared


def test_a_guard_that_is_not_declared_anymore_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = triggers.Trigger("scoring_decision", "append_only", "", "")
    left = [each for each in triggers.TRIGGERS if (each.table, each.name) != (gone.table, gone.name)]
    monkeypatch.setattr(triggers, "TRIGGERS", left)
    owner = roles.owner_connection()
    try:
        owner.set_autocommit(False)
        with owner.cursor() as cursor:
            triggers.install(cursor)
            cursor.execute(triggers.OURS)
            assert ("append_only", "scoring_decision") not in cursor.fetchall()
        owner.rollback()
    finally:
        owner.close()
    assert ("scoring_decision", "append_only") in installed()


@pytest.mark.django_db(transaction=True)
def test_a_database_from_before_the_squash_gets_one_sentence() -> None:
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('rfp', '0002_gone', now())"
        )
    try:
        with pytest.raises(CommandError, match="can't be upgraded"):
            call_command("migrate", verbosity=0)
    finally:
        with as_owner() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0002_gone'")
