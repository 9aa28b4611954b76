"""Append-only tables: the database itself refuses to change or remove their rows."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION onshore_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION onshore_guard(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s
                    FOR EACH ROW EXECUTE FUNCTION onshore_append_only()', target);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only()', target);
END $$;
SELECT onshore_guard('portal_auditevent');
"""

UNDO = """
DROP TRIGGER append_only ON portal_auditevent;
DROP TRIGGER no_truncate ON portal_auditevent;
DROP FUNCTION onshore_guard(regclass);
DROP FUNCTION onshore_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, UNDO)]
