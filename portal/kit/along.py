"""One row with the rows that belong to it, in one statement.

    revision = along.first(Revision.objects.filter(pk=pk), "responses", "attachments__document")

`prefetch_related` asks once for each relation. That is right for lists; of one thing with ten kinds of rows it makes
ten questions, which cost more to build and to send than to answer. Here PostgreSQL gives the rows as JSON within the
row that is read, and they become the same instances in the same places: `revision.responses.all()` and
`attachment.document` ask nothing more. Rows come in the order of their model's `Meta.ordering`.

The SQL is written from the models, once for each set of paths. No value of a request is in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import RawSQL
from django.db.models.fields.reverse_related import ForeignObjectRel

M = TypeVar("M", bound=models.Model)
Value = int | str | UUID
Relation = Any  # a field of Django's, or the way back over one
MOST_ARGUMENTS = 100  # that a function of PostgreSQL takes


def first(rows: models.QuerySet[M], *paths: str) -> M | None:
    """The first of the rows with all that the paths lead to, or None; one statement."""
    found = every(rows[:1], *paths)
    return found[0] if found else None


def every(rows: models.QuerySet[M], *paths: str) -> list[M]:
    """All of the rows, a handful of them, each with all that the paths lead to; one statement."""
    found, asked = list(_with_paths(rows, paths)), _asked(rows.model, paths)
    for row in found:
        _settle_all(row, asked)
    return found


def _with_paths(rows: models.QuerySet[M], paths: tuple[str, ...]) -> models.QuerySet[M]:
    asked = _asked(rows.model, paths)
    named = {f"along_{number}": RawSQL(sql, []) for number, (_branch, sql) in enumerate(asked)}
    return cast("models.QuerySet[M]", rows.annotate(**named))


def _settle_all(row: models.Model, asked: Sequence[tuple[Branch, str]]) -> None:
    for number, (branch, _sql) in enumerate(asked):
        branch.settle(row, vars(row).pop(f"along_{number}"))


def first_again(
    key: Hashable, build: Callable[..., models.QuerySet[M]], values: Sequence[Value], *paths: str
) -> M | None:
    """`first(build(*values), *paths)`, of which the SQL is built once for each `key` and set of paths.

    For what every page asks: the ORM takes longer to build such a query than PostgreSQL to answer it. `build` is called
    with others that stand in for the values, so nothing but the key may decide what it builds.
    """
    asked = kept_sql((key, paths), lambda *marks: _with_paths(build(*marks)[:1], paths), values)
    found = next(iter(asked), None)
    if found is not None:
        model: type[models.Model] = type(found)
        _settle_all(found, _asked(model, paths))
    return found


@dataclass(frozen=True)
class _Kept:
    model: type[models.Model]
    sql: str
    params: tuple[Any, ...]


_KEPT: dict[Hashable, _Kept | None] = {}


def kept_sql(key: Hashable, build: Callable[..., models.QuerySet[M]], values: Sequence[Value]) -> Iterable[M]:
    """The rows of `build(*values)`, with its SQL built once for each key; see `first_again`."""
    marks = [_mark(number, value) for number, value in enumerate(values)]
    if key not in _KEPT:
        rows = build(*marks)
        try:
            _KEPT[key] = _Kept(rows.model, *rows.query.sql_with_params())
        except EmptyResultSet:
            _KEPT[key] = None  # nobody of this key finds anything
    kept = _KEPT[key]
    if kept is None:
        return []
    given = dict(zip(marks, values, strict=True))
    params = [given.get(each, each) if isinstance(each, Value) else each for each in kept.params]
    manager: Any = kept.model._base_manager
    return cast("Iterable[M]", manager.raw(kept.sql, params))


def _mark(number: int, value: Value) -> Value:
    """What stands in for a value: nothing that a query could hold by itself."""
    if isinstance(value, UUID):
        return UUID(int=2**127 + number)
    return -2_000_000_000 - number if isinstance(value, int) else f"\ue000{number}"


def bring(row: models.Model, *paths: str) -> None:
    """Bring what the paths lead to beside a row that is here already; one statement."""
    asked, table = _asked(type(row), paths), _quoted(row._meta.db_table)
    wanted = ", ".join(sql for _branch, sql in asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {wanted} FROM {table} WHERE {_pk(type(row))} = %s", [row.pk])
        for (branch, _sql), found in zip(asked, cursor.fetchone(), strict=True):
            branch.settle(row, found)


# ---- from paths to SQL, and from JSON to instances ----------------------------------------------------------------


@lru_cache(maxsize=256)
def _asked(model: type[models.Model], paths: tuple[str, ...]) -> tuple[tuple[Branch, str], ...]:
    """The relations that begin the paths, each with the subselect that gives its rows."""
    table = _quoted(model._meta.db_table)
    return tuple((branch, branch.sql(table)) for branch in _branches(model, paths))


def _branches(model: type[models.Model], paths: tuple[str, ...]) -> tuple[Branch, ...]:
    """The relations that begin the paths, each with those that go on from it."""
    tails: dict[str, list[str]] = {}
    for path in paths:
        head, _, tail = path.partition("__")
        tails.setdefault(head, []).extend([tail] if tail else [])
    found = {name: model._meta.get_field(name) for name in tails}
    return tuple(_branch(found[name], tuple(going_on)) for name, going_on in tails.items())


def _branch(relation: Relation, paths: tuple[str, ...]) -> Branch:
    model = relation.related_model
    # What PostgreSQL makes itself of other columns is deferred: whoever reads it asks for it.
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = tuple(_Column(field) for field in fields)
    branch = Branch(relation, model, columns, _branches(model, paths))
    if len(columns) + len(branch.branches) > MOST_ARGUMENTS:
        raise TypeError(f"{model.__name__} has more columns than one function of PostgreSQL takes.")
    return branch


class _Column:
    """A column as JSON carries it, and how its value is read from that. Raises TypeError for one that it can't."""

    # What JSON would round, or has no form for, travels as text.
    READERS: tuple[tuple[type[models.Field[Any, Any]], Callable[[str], Any]], ...] = (
        (models.DecimalField, Decimal),
        (models.JSONField, json.loads),
        (models.DateTimeField, datetime.fromisoformat),
        (models.DateField, date.fromisoformat),
        (models.UUIDField, UUID),
    )
    AS_TEXT = (models.DecimalField, models.JSONField)
    PLAIN = (
        models.CharField,
        models.TextField,
        models.IntegerField,
        models.BooleanField,
        models.FloatField,
        models.FileField,
    )

    def __init__(self, field: Any) -> None:
        carried: Any = field.target_field if field.is_relation else field
        self.name, self.attname = _quoted(field.column), field.attname
        self.as_text = isinstance(carried, self.AS_TEXT)
        self.read = next((read for kind, read in self.READERS if isinstance(carried, kind)), None)
        self.then = None if isinstance(carried, models.JSONField) else getattr(carried, "from_db_value", None)
        simple = carried.base_field if isinstance(carried, ArrayField) else carried
        if self.read is None and not isinstance(simple, self.PLAIN):
            raise TypeError(f"{field.model.__name__}.{field.name} can’t come along as JSON.")

    def sql(self, alias: str) -> str:
        return f"{alias}.{self.name}{'::text' * self.as_text}"

    def value(self, given: Any) -> Any:
        if given is not None and self.read is not None:
            given = self.read(given)
        return given if self.then is None else self.then(given, None, connection)


@dataclass(frozen=True)
class Branch:
    """One relation of a row, and the relations that go on from the rows it leads to."""

    relation: Relation
    model: type[models.Model]
    columns: tuple[_Column, ...]
    branches: tuple[Branch, ...]

    @cached_property
    def names(self) -> list[str]:
        return [column.attname for column in self.columns]

    @cached_property
    def converted(self) -> list[tuple[int, _Column]]:
        """Places of the columns whose values are not what JSON gives."""
        return [(place, each) for place, each in enumerate(self.columns) if each.read or each.then]

    @cached_property
    def is_many(self) -> bool:
        return bool(self.relation.one_to_many or self.relation.many_to_many)

    def sql(self, outer: str, depth: int = 1) -> str:
        """A subselect that gives the rows of `outer`, the name or alias of the table it stands in."""
        alias = f"a{depth}"
        values = [
            *(column.sql(alias) for column in self.columns),
            *(branch.sql(alias, depth + 1) for branch in self.branches),
        ]
        row = f"json_build_array({', '.join(values)})"
        if self.is_many:
            row = f"json_agg({row}{self._order(alias)})"
        return f"(SELECT {row} FROM {_quoted(self.model._meta.db_table)} {alias} {self._where(outer, alias)})"

    def _where(self, outer: str, alias: str) -> str:
        if self.relation.many_to_many:
            way, here, there = _through(self.relation)
            return (
                f"JOIN {way} {alias}w ON {alias}w.{there} = {alias}.{_pk(self.model)} "
                f"WHERE {alias}w.{here} = {outer}.{_pk(self.relation.model)}"
            )
        if isinstance(self.relation, ForeignObjectRel):
            back = self.relation.field
            return f"WHERE {alias}.{_quoted(back.column)} = {outer}.{_quoted(back.target_field.column)}"
        target = _quoted(self.relation.target_field.column)
        return f"WHERE {alias}.{target} = {outer}.{_quoted(self.relation.column)}"

    def _order(self, alias: str) -> str:
        # Names of plain columns only: another order raises KeyError.
        columns: dict[Any, Any] = {field.attname: field.column for field in self.model._meta.concrete_fields}
        names: Sequence[Any] = self.model._meta.ordering or ()
        listed = [
            f"{alias}.{_quoted(columns[name.lstrip('-')])}{' DESC' * name.startswith('-')}" for name in names
        ]
        return f" ORDER BY {', '.join(listed)}" if listed else ""

    def settle(self, parent: models.Model, found: Any) -> None:
        """Put what was found where Django keeps it, each row with its way back."""
        if self.is_many:
            self._settle_many(parent, [self._instance(each) for each in found or ()])
            return
        row = None if found is None else self._instance(found)
        self.relation.set_cached_value(parent, row)
        if row is not None and self.relation.one_to_one and not self.relation.remote_field.hidden:
            self.relation.remote_field.set_cached_value(row, parent)

    def _settle_many(self, parent: models.Model, rows: list[models.Model]) -> None:
        if self.relation.many_to_many:
            name = self.relation.name
        else:
            name = self.relation.get_accessor_name()
            for row in rows:
                self.relation.field.set_cached_value(row, parent)
        kept = getattr(parent, name).get_queryset()
        kept._result_cache, kept._prefetch_done = rows, True
        vars(parent).setdefault("_prefetched_objects_cache", {})[name] = kept

    def _instance(self, values: Sequence[Any]) -> models.Model:
        own = list(values[: len(self.columns)])
        for place, column in self.converted:
            own[place] = column.value(own[place])
        row = self.model.from_db(DEFAULT_DB_ALIAS, self.names, own)
        for branch, found in zip(self.branches, values[len(own) :], strict=True):
            branch.settle(row, found)
        return row


def _through(relation: Relation) -> tuple[str, str, str]:
    """(table, column of this side, column of the other side) of a many-to-many relation."""
    field = relation
    return (
        _quoted(field.m2m_db_table()),
        _quoted(field.m2m_column_name()),
        _quoted(field.m2m_reverse_name()),
    )


def _pk(model: type[models.Model]) -> str:
    return _quoted(model._meta.pk.column)


def _quoted(name: Any) -> str:
    return connection.ops.quote_name(name)
