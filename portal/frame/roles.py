"""Two database roles: the owner migrates, the app's role runs the portal and owns nothing.

Triggers guard what must not change; only a table's owner can switch them off. So the web server, the workers and most
commands connect as the app's role (DATABASE_URL), and `migrate` as the owner (ONSHORE_OWNER_DATABASE_URL). Where no
owner is named there is one role for everything, and `manage.py doctor` says what that costs.

What the app's role may do is written here and nowhere else. A table says that it is append-only once, by its triggers
(`portal.frame.triggers`, declared beside the models); the grants are read from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import encrypt_password

# Who connects, and how; the database is the same for both.
LOGIN = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")

# {app} is the app's role. TRUNCATE, TRIGGER and REFERENCES are never granted; who granted ALL by hand loses them again.
GRANTS = """
GRANT USAGE ON SCHEMA public TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app};
REVOKE TRUNCATE, TRIGGER, REFERENCES ON ALL TABLES IN SCHEMA public FROM {app};
REVOKE UPDATE ON ALL SEQUENCES IN SCHEMA public FROM {app};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {app};
"""

# What everybody may do by default and the app's role does not need: PostgreSQL 14 lets everybody create tables, and a
# temporary table can hide a real one from whatever looks it up by its name. Asked first, for only an owner may revoke.
FOR_ALL = """
SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
WHERE has_schema_privilege(%(app)s, 'public', 'CREATE')
UNION ALL
SELECT format('REVOKE TEMPORARY ON DATABASE %%I FROM PUBLIC', current_database())
WHERE has_database_privilege(%(app)s, current_database(), 'TEMPORARY')
"""

# Each table with the row triggers that refuse everything they are asked: whether they refuse DELETE, whether they
# refuse any UPDATE, and the columns that an UPDATE may still name where they refuse it for some columns only.
# In tgtype 1 is ROW, 8 DELETE and 16 UPDATE; tgattr holds the columns of UPDATE OF.
REFUSED = """
SELECT t.tgrelid::regclass::text,
       bool_or(t.tgtype & 8 > 0),
       bool_or(t.tgtype & 16 > 0),
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped
          AND NOT EXISTS (
              SELECT FROM pg_trigger o
              WHERE o.tgrelid = t.tgrelid AND o.tgfoid = t.tgfoid AND o.tgtype & 17 = 17
                AND (cardinality(o.tgattr::int2[]) = 0 OR a.attnum = ANY (o.tgattr::int2[]))))
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
WHERE p.proname = 'onshore_append_only' AND t.tgtype & 1 > 0 AND t.tgqual IS NULL
  AND c.relnamespace = 'public'::regnamespace
GROUP BY t.tgrelid, t.tgfoid
ORDER BY 1
"""

# What the current role could do to the guards: superuser or not, tables it owns, guarded tables it may change.
POWERS = """
SELECT r.rolsuper,
       (SELECT count(*) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            AND pg_has_role(c.relowner, 'MEMBER')),
       has_table_privilege('portal_auditevent', 'UPDATE') OR has_table_privilege('portal_auditevent', 'DELETE')
           OR has_table_privilege('portal_auditevent', 'TRUNCATE'),
       has_table_privilege('portal_auditevent', 'SELECT') AND has_table_privilege('portal_auditevent', 'INSERT')
FROM pg_roles r WHERE r.rolname = current_user
"""


class RoleError(Exception):
    """The roles cannot be set up; the message is a sentence for a person."""


# ---- whose connection ---------------------------------------------------------------------------------------------


def has_owner() -> bool:
    """Whether the tables belong to another role than the one that runs the portal, as far as this process knows."""
    return settings.OWNER_DATABASE is not None


def app_role() -> str:
    """The role that web and workers connect as, as DATABASE_URL names it."""
    role: str = settings.APP_DATABASE["USER"]
    return role


@contextmanager
def as_owner() -> Iterator[None]:
    """The default connection is the owner's meanwhile; where there is one role only, it stays what it is.

    For commands, outside a transaction: the connection is closed before and after.
    """
    before = _login(connection.settings_dict)
    become_owner()
    try:
        yield
    finally:
        _log_in(before)


def become_owner() -> None:
    """From here on the default connection is the owner's, where there is one."""
    _log_in(settings.OWNER_DATABASE or settings.APP_DATABASE)


def become_app() -> None:
    """From here on the default connection is the app's."""
    _log_in(settings.APP_DATABASE)


def owner_connection() -> BaseDatabaseWrapper:
    """A connection of the owner's beside the default one, to the same database. The caller closes it."""
    beside = connection.copy()
    beside.settings_dict.update(_login(settings.OWNER_DATABASE or settings.APP_DATABASE))
    return beside


def _log_in(login: dict[str, Any]) -> None:
    """Close the default connection where it is another's; the next one is of this login."""
    if _login(connection.settings_dict) == _login(login):
        return
    if connection.in_atomic_block:
        raise RuntimeError("The role changes between transactions, not inside one.")
    connection.close()
    connection.settings_dict.update(_login(login))


def _login(database: dict[str, Any]) -> dict[str, Any]:
    return {name: database[name] for name in LOGIN}


def permission_denied(problem: BaseException | None) -> str:
    """What PostgreSQL said where this error came of a privilege that the role lacks; empty where it did not."""
    while problem is not None:
        if isinstance(problem, InsufficientPrivilege):
            return str(problem).splitlines()[0]
        problem = problem.__cause__ or problem.__context__
    return ""


# ---- what the app's role may do -----------------------------------------------------------------------------------


def ensure_app_role() -> None:
    """As the owner: make the app's role, as DATABASE_URL names it, where it is missing. Raises RoleError.

    A role that is there keeps its password. The server is sent a verifier, never the password itself.
    """
    role, password = app_role(), settings.APP_DATABASE["PASSWORD"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone():
            return
        statement = "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
        values = []
        if password:
            raw = connection.connection
            values = [encrypt_password(password, role, scope=raw, algorithm="scram-sha-256")]
            statement += " PASSWORD %s"
        try:
            cursor.execute(statement.format(_quoted(role)), values)
        except DatabaseError as problem:
            if not permission_denied(problem):
                raise
            raise RoleError(
                f"The database role {role} is missing, and the owner may not create it. "
                f"Ask the database's administrator for: CREATE ROLE {role} LOGIN PASSWORD …;"
            ) from problem


def grant() -> None:
    """As the owner, after each migration: what the app's role may do, all of it or nothing of it anew."""
    role = _quoted(app_role())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GRANTS.format(app=role))
        cursor.execute(FOR_ALL, {"app": app_role()})
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        for table, no_delete, no_update, still in refused(cursor):
            if no_delete:
                cursor.execute(f"REVOKE DELETE ON {table} FROM {role}")
            if no_update:
                cursor.execute(f"REVOKE UPDATE ON {table} FROM {role}")
                if still:
                    cursor.execute(f"GRANT UPDATE ({still}) ON {table} TO {role}")


def refused(cursor: Any) -> list[tuple[str, bool, bool, str | None]]:
    """For each append-only table: its name, whether DELETE and UPDATE are refused, columns that may still change."""
    cursor.execute(REFUSED)
    return [(table, bool(delete), bool(update), still) for table, delete, update, still in cursor.fetchall()]


def weakness() -> str:
    """Why the guards would not hold against the role of the default connection, in a clause; empty when they do.

    Raises DatabaseError, also where the tables are not there yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        superuser, owned, may_rewrite, _may_work = cursor.fetchone()
    if superuser:
        return "is a superuser"
    if owned:
        return "owns the tables"
    return "can change the audit chain" if may_rewrite else ""


def role() -> str:
    """The role of the default connection. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def may_work() -> bool:
    """Whether the role of the default connection has been given what it needs. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        return bool(cursor.fetchone()[3])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
