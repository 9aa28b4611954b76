"""A removal of marks begins unconfirmed and stays: nobody deletes it, not even with all the others."""

from django.db import migrations

GUARD = """
CREATE TRIGGER append_only BEFORE DELETE ON scoring_markremoval
    FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON scoring_markremoval
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();
CREATE FUNCTION onshore_removal_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a removal of marks begins unconfirmed: INSERT refused' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER begins BEFORE INSERT ON scoring_markremoval FOR EACH ROW
    WHEN (NEW.confirmed_at IS NOT NULL OR NEW.confirmed_by_id IS NOT NULL) EXECUTE FUNCTION onshore_removal_begins();
"""
UNDO = """
DROP TRIGGER begins ON scoring_markremoval;
DROP FUNCTION onshore_removal_begins();
DROP TRIGGER no_truncate ON scoring_markremoval;
DROP TRIGGER append_only ON scoring_markremoval;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_decisions"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
