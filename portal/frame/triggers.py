"""Guards that the database itself keeps, declared beside the models they guard and installed after each migration.

    triggers.append_only(Decision)
    triggers.kept(ChairChange, called="the change of the chair", until=("confirmed_at",), fixed=("user_id", "reason"))

What isn't declared anymore is dropped. `migrate` then takes UPDATE and DELETE from the web and worker role wherever a
guard refuses them (`portal.frame.roles.grant`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Table = type[Model]


@dataclass(frozen=True)
class Trigger:
    """`rest`: everything between the trigger's name and the function it runs, with `{table}` in it."""

    table: str
    name: str
    rest: str
    function: str

    @property
    def sql(self) -> str:
        rest = self.rest.format(table=self.table)
        return f"CREATE OR REPLACE TRIGGER {self.name} {rest} EXECUTE FUNCTION {self.function}()"


FUNCTIONS: dict[str, str] = {}
TRIGGERS: list[Trigger] = []
ROW, STATEMENT = "FOR EACH ROW", "FOR EACH STATEMENT"


def function(
    name: str, body: str, *, arguments: str = "", returns: str = "trigger", pinned: bool = False
) -> str:
    """Declare a PL/pgSQL function and return its name. `pinned`: no table of the same name can stand in its way."""
    path = "SET search_path = pg_catalog, public, pg_temp " if pinned else ""
    FUNCTIONS[name] = (
        f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE plpgsql {path}AS $${body}$$"
    )
    return name


def trigger(model: Table, name: str, when: str, runs: str, *, each: str = ROW, condition: str = "") -> None:
    """Declare a trigger of a model's table. `when`: for example BEFORE UPDATE OR DELETE."""
    only = f" WHEN ({condition})" if condition else ""
    event, _, referencing = when.partition(" REFERENCING ")
    seen = f" REFERENCING {referencing}" if referencing else ""
    TRIGGERS.append(Trigger(model._meta.db_table, name, f"{event} ON {{table}}{seen} {each}{only}", runs))


REFUSE = function(
    "onshore_append_only",
    """
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END """,
)


def append_only(*models: Table, columns: Sequence[str] = (), updates: bool = False) -> None:
    """No row is ever changed, deleted, or emptied away.

    columns  only changes of these are refused
    updates  every change is let through; only deleting is refused
    """
    change = "" if updates else " OR UPDATE" + (f" OF {', '.join(columns)}" if columns else "")
    for model in models:
        trigger(model, "append_only", f"BEFORE DELETE{change}", REFUSE)
        not_emptied(model)


def not_emptied(model: Table) -> None:
    """TRUNCATE is refused: triggers on rows would not notice it."""
    trigger(model, "no_truncate", "BEFORE TRUNCATE", REFUSE, each=STATEMENT)


def kept(model: Table, *, called: str, until: Sequence[str], fixed: Sequence[str]) -> None:
    """What one person begins and another ends: `fixed` columns never change, and nothing does once one of `until` is
    set. Never deleted. `called`: how the refusal names the row."""
    ended = " OR ".join(f"OLD.{column} IS NOT NULL" for column in until)
    new, old = (", ".join(f"{side}.{column}" for column in fixed) for side in ("NEW", "OLD"))
    runs = function(
        f"onshore_kept_{model._meta.db_table}",
        f"""
BEGIN
    IF {ended} OR ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION '{called} % is kept as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END """,
    )
    trigger(model, "kept", "BEFORE UPDATE", runs)
    append_only(model, updates=True)


OURS = """
    SELECT t.tgname, c.relname FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.proname LIKE 'onshore\\_%'
"""


def install(cursor: Any) -> None:
    """As the owner: the guards as declared, on the tables that are there. Nothing for a role that owns no table."""
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(tableowner, 'USAGE')"
    )
    there = {name for (name,) in cursor.fetchall()}
    if not there:
        return
    wanted = [each for each in TRIGGERS if each.table in there]
    for statement in FUNCTIONS.values():
        cursor.execute(statement)
    for each in wanted:
        cursor.execute(each.sql)
    cursor.execute(OURS)
    declared = {(each.name, each.table) for each in wanted}
    for name, table in cursor.fetchall():
        if (name, table) not in declared:
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
