"""A confirmed opening never changes, and no opening is ever deleted: an envelope that was read cannot be sealed again."""

from django.db import migrations

STAYS = """
CREATE FUNCTION onshore_opening_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.confirmed_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'opening % stays: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON rfp_opening
    FOR EACH ROW EXECUTE FUNCTION onshore_opening_stays();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON rfp_opening
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();
"""
UNDO = """
DROP TRIGGER no_truncate ON rfp_opening;
DROP TRIGGER stays ON rfp_opening;
DROP FUNCTION onshore_opening_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("rfp", "0006_frozen_both_ways"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(STAYS, UNDO)]
