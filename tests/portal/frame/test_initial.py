"""A first migration is applied at once, and leaves what its operations would have left one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from portal.frame.initial import Initial

OURS = [model for app in settings.ONSHORE_APPS for model in apps.get_app_config(app).get_models()]


def test_each_first_migration_is_applied_at_once() -> None:
    found = MigrationLoader(None).disk_migrations
    slow = [app for app in settings.ONSHORE_APPS if not isinstance(found[app, "0001_initial"], Initial)]
    assert slow == [], "derive Migration from portal.frame.initial.Initial"


@pytest.mark.django_db
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_table_has_the_constraints_and_indexes_of_its_model(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        found: dict[str, Any] = connection.introspection.get_constraints(cursor, model._meta.db_table)
        columns = connection.introspection.get_table_description(cursor, model._meta.db_table)
    assert {column.name for column in columns} == {field.column for field in model._meta.local_fields}
    named = {each.name for each in (*model._meta.constraints, *model._meta.indexes)}
    assert named <= found.keys()
    pointing = {tuple(each["columns"]): each["foreign_key"] for each in found.values() if each["foreign_key"]}
    for field in model._meta.local_fields:
        if field.remote_field is not None and field.db_constraint:
            other = field.remote_field.model._meta
            assert pointing[(field.column,)] == (other.db_table, other.pk.column), field


def test_what_it_can_not_do_at_once_is_refused() -> None:
    class Later(Initial):
        operations = [migrations.RunSQL("SELECT 1", migrations.RunSQL.noop)]

    with pytest.raises(TypeError, match="a first migration creates models; it doesn't Raw SQL"):
        Later("0001_initial", "portal").apply(ProjectState(), None)  # type: ignore[arg-type]
