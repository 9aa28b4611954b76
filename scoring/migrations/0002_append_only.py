"""Declarations and decisions are kept for good."""

from django.db import migrations

TABLES = ("conflictdeclaration", "conflictdeclaration_conflicts", "decision")
GUARD = "\n".join(f"SELECT onshore_guard('scoring_{table}');" for table in TABLES)
UNDO = "\n".join(
    f"DROP TRIGGER append_only ON scoring_{t}; DROP TRIGGER no_truncate ON scoring_{t};" for t in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
