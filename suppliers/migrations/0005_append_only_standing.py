"""What was decided about a standing, and what was signed, is never changed or removed."""

from django.db import migrations

TABLES = (
    "suppliers_qualificationstep",
    "suppliers_qualificationfinding",
    "suppliers_findingoverride",
    "suppliers_attestation",
)
GUARD = "".join(f"SELECT onshore_guard('{table}');\n" for table in TABLES)
UNDO = "".join(
    f"DROP TRIGGER append_only ON {table};\nDROP TRIGGER no_truncate ON {table};\n" for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0004_profile_and_qualification"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
