"""An app's first migration, applied at once.

Django applies one operation at a time, and builds every model anew after each: with two hundred tables that takes
twenty times as long as creating them. The tables of a first migration don't exist yet, so what its later operations
add to a model can be there from the start.
"""

from __future__ import annotations

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

ADDED = (migrations.AddField, migrations.AddIndex, migrations.AddConstraint)


class Initial(migrations.Migration):
    """Creates each model as the last operation leaves it. Raises TypeError for an operation it doesn't know."""

    initial = True

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        before = project_state.clone()
        project_state.__dict__.pop("apps", None)  # the models, built: from here on anew, when somebody asks
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            if isinstance(operation, migrations.CreateModel):
                schema_editor.create_model(project_state.apps.get_model(self.app_label, operation.name))
            elif isinstance(operation, CreateExtension):
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
            elif not isinstance(operation, ADDED):
                raise TypeError(
                    f"{self}: a first migration creates models; it doesn't {operation.describe()}"
                )
        return project_state
