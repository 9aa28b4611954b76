"""Loaded lists and alerts cannot be emptied as a whole, either."""

from django.db import migrations

TABLES = ("suppliers_listedparty", "suppliers_snapshot", "suppliers_alert")
GUARD = "\n".join(
    f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();"
    for table in TABLES
)
UNDO = "\n".join(f"DROP TRIGGER no_truncate ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0014_counted_lists"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
