"""The content of a loaded list never changes; what officers said stays said."""

from django.db import migrations

IMMUTABLE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON suppliers_listedparty
    FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF source, as_of, sha256, parties_count, loaded_at
    ON suppliers_snapshot FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON suppliers_alert
    FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
SELECT onshore_guard('suppliers_disposition');
"""
UNDO = """
DROP TRIGGER append_only ON suppliers_listedparty;
DROP TRIGGER append_only ON suppliers_snapshot;
DROP TRIGGER append_only ON suppliers_alert;
DROP TRIGGER append_only ON suppliers_disposition;
DROP TRIGGER no_truncate ON suppliers_disposition;
"""


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0002_screening_desk"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(IMMUTABLE, UNDO)]
