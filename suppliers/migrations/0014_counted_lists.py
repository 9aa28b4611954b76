"""How many names, addresses and identifiers each list holds, and from which files it was made; never changed after."""

from django.db import migrations

COUNTED = """
UPDATE suppliers_snapshot SET
    names_count = found.names, addresses_count = found.addresses, identifiers_count = found.identifiers
FROM (
    SELECT snapshot_id, sum(1 + cardinality(aliases)) AS names, sum(cardinality(addresses)) AS addresses,
           sum(jsonb_array_length(identifiers)) AS identifiers
    FROM suppliers_listedparty GROUP BY snapshot_id
) AS found WHERE found.snapshot_id = suppliers_snapshot.id;
UPDATE suppliers_snapshot SET parts = array_remove(ARRAY[
    CASE WHEN lower(array_to_string(files, '|')) ~ '(^|\\||cons_)add\\.csv' THEN 'add' END,
    CASE WHEN lower(array_to_string(files, '|')) ~ '(^|\\||cons_)alt\\.csv' THEN 'alt' END,
    'main'], NULL);
DROP TRIGGER append_only ON suppliers_snapshot;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF source, as_of, sha256, parties_count, loaded_at, names_count,
    addresses_count, identifiers_count, parts
    ON suppliers_snapshot FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
"""
UNDO = """
DROP TRIGGER append_only ON suppliers_snapshot;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF source, as_of, sha256, parties_count, loaded_at
    ON suppliers_snapshot FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0013_officers_desk")]
    operations = [migrations.RunSQL(COUNTED, UNDO)]
