"""The role of web and workers owns nothing, so it cannot switch off the guards; the owner migrates and grants."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal.embedded import servers as embedded_servers
from portal.frame import roles, triggers
from portal.management.commands import doctor
from portal.models import Role
from portal.record import audit
from tests import factories as make
from tests.conftest import as_owner, worker_environment

pytestmark = pytest.mark.django_db
CHECKOUT = Path(__file__).resolve().parents[3]
# The chain; what was decided and signed; what the rules found; what lists and officers said.
APPEND_ONLY = {
    "scoring_debrieftext",
    "scoring_draw",
    "scoring_drawstart",
    "scoring_finalaward",
    "scoring_letter",
    "scoring_lettertext",
    "portal_auditevent",
    "rfp_answerbatch",
    "rfp_assessment",
    "rfp_controlleddownload",
    "rfp_exportcertification",
    "rfp_exportruling",
    "rfp_curefield",
    "rfp_finding",
    "rfp_override",
    "rfp_publishedversion",
    "scoring_conflict",
    "scoring_consensus",
    "scoring_duedate",
    "scoring_filerelease",
    "scoring_markversion",
    "scoring_minutes",
    "scoring_reopening",
    "scoring_conflictdeclaration",
    "scoring_conflictdeclaration_listed",
    "scoring_decision",
    "scoring_panelmark",
    "rfp_admission",
    "rfp_intent",
    "rfp_ndaacceptance",
    "rfp_signup",
    "scoring_claimrefusal",
    "scoring_standingoverride",
    "suppliers_attestation",
    "suppliers_disposition",
    "suppliers_findingoverride",
    "suppliers_listedparty",
    "suppliers_qualificationfinding",
    "suppliers_qualificationstep",
}


def rows(sql: str, *values: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_the_tests_run_as_the_role_that_owns_nothing() -> None:
    assert rows("SELECT session_user, current_user") == [("onshore_app", "onshore_app")]
    assert rows("SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls "
                "FROM pg_roles WHERE rolname = current_user") == [(False,) * 5]  # fmt: skip
    assert rows("SELECT relname FROM pg_class WHERE pg_has_role(relowner, 'MEMBER')") == []
    assert rows("SELECT proname FROM pg_proc WHERE pg_has_role(proowner, 'MEMBER')") == []
    assert rows("SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
                "WHERE m.member = current_user::regrole") == []  # fmt: skip
    assert roles.weakness() == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portal_auditevent SET verb = 'other'",
        "DELETE FROM portal_auditevent",
        "TRUNCATE portal_auditevent",
        "ALTER TABLE portal_auditevent DISABLE TRIGGER ALL",
        "ALTER TABLE portal_auditevent DISABLE TRIGGER append_only",
        "ALTER TABLE rfp_revision DISABLE TRIGGER frozen",
        "DROP TRIGGER append_only ON portal_auditevent",
        "DROP TRIGGER frozen ON rfp_response",
        "CREATE TRIGGER mine BEFORE INSERT ON portal_auditevent EXECUTE FUNCTION onshore_append_only()",
        "DROP FUNCTION onshore_append_only() CASCADE",
        "CREATE OR REPLACE FUNCTION onshore_append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        "DROP TABLE portal_auditevent",
        "ALTER TABLE portal_auditevent RENAME TO other",
        "ALTER TABLE portal_auditevent OWNER TO current_user",
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE rfp_revision (id bigint, received_at timestamptz)",
        "CREATE SCHEMA mine",
        "SET session_replication_role = replica",
        "SET ROLE onshore",
        "SET SESSION AUTHORIZATION onshore",
        "ALTER ROLE current_user SUPERUSER",
        "TRUNCATE rfp_revision CASCADE",
        "TRUNCATE suppliers_snapshot CASCADE",
        "SELECT setval('portal_user_id_seq', 1)",
        "UPDATE django_migrations SET name = 'other'",
        "COPY portal_auditevent TO PROGRAM 'cat'",
    ],
)
def test_it_is_refused(statement: str) -> None:
    user = make.make_user(Role.ADMIN)
    audit.record("test.step", user, by=user, at=make.NOW)
    before = audit.verify()
    refusals = r"permission denied|must be owner|must be able to|must be superuser|must have|Only roles"
    with pytest.raises(DatabaseError, match=refusals), transaction.atomic():
        connection.cursor().execute(statement)
    assert audit.verify() == before == (1, [])


def test_it_cannot_give_itself_more() -> None:
    """PostgreSQL answers such a GRANT with a warning, and grants nothing."""
    connection.cursor().execute("GRANT UPDATE, DELETE, TRUNCATE ON portal_auditevent TO current_user")
    assert roles.weakness() == ""


def test_no_table_lets_it_truncate_or_reach_the_triggers() -> None:
    assert rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND ("
        "has_table_privilege(oid, 'TRUNCATE') OR has_table_privilege(oid, 'TRIGGER') "
        "OR has_table_privilege(oid, 'REFERENCES'))"
    ) == []  # fmt: skip


def test_what_refuses_every_change_is_granted_none() -> None:
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
        "AND relname <> 'django_migrations' "
        "AND NOT has_table_privilege(oid, 'UPDATE') AND NOT has_table_privilege(oid, 'DELETE') "
        "AND NOT has_any_column_privilege(oid, 'UPDATE')"
    )
    assert {name for (name,) in found} == APPEND_ONLY


def test_what_refuses_some_changes_is_granted_the_others() -> None:
    """A loaded list can be put to use and out of use, and nothing else; an alert is decided and never removed."""
    [(delete, table, is_active, sha256)] = rows(
        "SELECT has_table_privilege(t, 'DELETE'), has_table_privilege(t, 'UPDATE'), "
        "has_column_privilege(t, 'is_active', 'UPDATE'), has_column_privilege(t, 'sha256', 'UPDATE') "
        "FROM (SELECT 'suppliers_snapshot'::regclass::oid AS t) AS s"
    )
    assert (delete, table, is_active, sha256) == (False, False, True, False)
    assert rows(
        "SELECT has_table_privilege(t, 'DELETE'), has_table_privilege(t, 'UPDATE') "
        "FROM (SELECT 'suppliers_alert'::regclass::oid AS t) AS s"
    ) == [(False, True)]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_table_declares_itself_append_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its declaration is all that says it; the next grant follows. A table that is not guarded can be written."""
    with as_owner(triggers=True) as cursor:
        cursor.execute("CREATE TABLE noted (id int, at int); CREATE TABLE plain (id int);")
    guard = triggers.Trigger(
        "noted", "append_only", "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW", triggers.REFUSE
    )
    monkeypatch.setattr(triggers, "TRIGGERS", [*triggers.TRIGGERS, guard])
    try:
        connection.cursor().execute(
            "INSERT INTO noted VALUES (1); UPDATE plain SET id = 1"
        )  # default privileges
        call_command("migrate", verbosity=0)
        connection.cursor().execute(
            "INSERT INTO noted VALUES (2); UPDATE plain SET id = 2; DELETE FROM plain"
        )
        for statement in ("UPDATE noted SET id = 3", "DELETE FROM noted", "TRUNCATE plain"):
            with pytest.raises(DatabaseError, match="permission denied"):
                connection.cursor().execute(statement)
    finally:
        with as_owner() as cursor:
            cursor.execute("DROP TABLE noted, plain")


def test_a_web_process_is_that_role_and_cannot_become_another(servers: embedded_servers.Servers) -> None:
    """A process that is told DATABASE_URL alone, as web and workers are, knows no owner."""
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from portal.frame import roles\n"
        "with roles.as_owner(), connection.cursor() as cursor:\n"
        "    cursor.execute('SELECT current_user')\n"
        "    print(roles.has_owner(), *cursor.fetchone())\n"
    )
    done = _run(servers, "-c", code)
    assert done.stdout.split() == ["False", "onshore_app"], done.stderr


def test_migrating_as_the_apps_role_is_refused_in_a_sentence(servers: embedded_servers.Servers) -> None:
    done = _run(servers, "manage.py", "migrate", "portal", "zero")
    assert done.returncode == 1
    assert (
        done.stderr.strip().splitlines()[-1].startswith("CommandError: This role can't change the tables (")
    )
    assert "Set ONSHORE_OWNER_DATABASE_URL to the owner's connection." in done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_command_before_the_first_grant_says_what_to_do(servers: embedded_servers.Servers) -> None:
    with as_owner() as cursor:
        cursor.execute("REVOKE ALL ON portal_auditevent FROM onshore_app")
    try:
        done = _run(servers, "manage.py", "verify_audit")
    finally:
        with roles.as_owner():
            roles.grant()
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "Onshore: permission denied for table portal_auditevent. "
        "Run manage.py migrate, which gives the portal’s database role its tables."
    ]


def test_migrating_with_nothing_to_apply_needs_no_owner(servers: embedded_servers.Servers) -> None:
    done = _run(servers, "manage.py", "migrate")
    assert (done.returncode, "No migrations to apply." in done.stdout) == (0, True), done.stderr


def test_doctor_says_whether_the_guards_hold() -> None:
    [part] = doctor._role()
    assert (part.state, part.words) == (
        doctor.OK,
        "onshore_app does not own any tables, so it can't turn off the guards",
    )


@pytest.mark.django_db(transaction=True)
def test_doctor_warns_of_one_role_for_everything() -> None:
    with roles.as_owner():
        [part] = doctor._role()
    assert part.state == doctor.NOTE
    assert part.words.startswith(
        "onshore is a superuser, so anyone who breaks into the web server could turn off the guards"
    )


@pytest.fixture
def another_role() -> Iterator[str]:
    """The name of a role that no server has, and that is gone afterwards."""
    name = f"onshore_app_{os.getpid()}"
    yield name
    with as_owner() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone():
            cursor.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.mark.django_db(transaction=True)
def test_migrate_makes_the_apps_role_and_keeps_its_password_from_the_server(
    servers: embedded_servers.Servers, another_role: str
) -> None:
    """As `docker compose up` does on a volume from before there were two roles."""
    secret = "hat rack & %41"
    url = worker_environment(servers)["DATABASE_URL"].replace(
        "onshore_app@", f"{another_role}:hat%20rack%20%26%20%2541@"
    )
    owner = worker_environment(servers)["DATABASE_URL"].replace("onshore_app@", "onshore@")
    done = _run(servers, "manage.py", "migrate", DATABASE_URL=url, ONSHORE_OWNER_DATABASE_URL=owner)
    assert done.returncode == 0, done.stderr
    with as_owner() as cursor:
        cursor.execute("SELECT rolpassword, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_authid "
                       "WHERE rolname = %s", [another_role])  # fmt: skip
        stored, *powers = cursor.fetchone()
    assert stored.startswith("SCRAM-SHA-256$") and secret not in stored
    assert powers == [False, False, False, True]
    raw = psycopg2.connect(url)
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM portal_auditevent")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("UPDATE portal_auditevent SET verb = 'other'")
    finally:
        raw.close()


@pytest.fixture
def another_database(another_role: str) -> Iterator[tuple[str, str]]:
    """(owner, database) as the manual says to make them: the owner is no superuser, and may create roles."""
    owner, name = f"onshore_owner_{os.getpid()}", f"onshore_other_{os.getpid()}"
    made = (f"CREATE ROLE {owner} LOGIN CREATEROLE", f"CREATE DATABASE {name} OWNER {owner}")
    gone = (f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {another_role}", f"DROP ROLE {owner}")
    beside = roles.owner_connection()
    try:
        with beside.cursor() as cursor:
            for statement in made:
                cursor.execute(statement)
            yield owner, name
            for statement in gone:
                cursor.execute(statement)
    finally:
        beside.close()


def test_an_owner_that_is_no_superuser_makes_everything(
    servers: embedded_servers.Servers, another_role: str, another_database: tuple[str, str]
) -> None:
    owner, name = another_database
    url = servers.database_url.replace("/onshore?", f"/{name}?")
    told = {
        "DATABASE_URL": url.replace("onshore_app@", f"{another_role}@"),
        "ONSHORE_OWNER_DATABASE_URL": url.replace("onshore_app@", f"{owner}@"),
    }
    for _ in range(2):
        done = _run(servers, "manage.py", "migrate", "--verbosity=0", **told)
        assert done.returncode == 0, done.stderr
    said = _run(servers, "manage.py", "doctor", **told).stdout
    assert f"{another_role} does not own any tables, so it can't turn off the guards" in said
    raw = psycopg2.connect(told["DATABASE_URL"])
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM portal_user")
            for statement in (
                "UPDATE portal_auditevent SET verb = 'other'",
                "TRUNCATE portal_user",
                "CREATE TABLE mine (n int)",
                "CREATE TEMPORARY TABLE rfp_revision (n int)",
                "SELECT setval('portal_user_id_seq', 1)",
                f"SET ROLE {owner}",
            ):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
    finally:
        raw.close()


def _run(
    servers: embedded_servers.Servers, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with the environment of web and workers."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={
            **os.environ,
            **worker_environment(servers),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "ONSHORE_ENV": "development",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
