"""The guards of revisions and openings leave no way around: not TRUNCATE, not a table that hides another, not an
opening that is born confirmed or confirmed by one person."""

from django.db import migrations

FROZEN = (
    "revision",
    "revision_items",
    "response",
    "statement",
    "bomline",
    "priceline",
    "deliveryline",
    "capacity",
    "rampperiod",
    "jobsline",
    "processstep",
    "attachment",
)
NO_TRUNCATE = "\n".join(
    f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON rfp_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION onshore_append_only();"
    for table in FROZEN
)
TRUNCATE = "\n".join(f"DROP TRIGGER no_truncate ON rfp_{table};" for table in FROZEN)

# The guard of a revision's rows looks the revision up by its name. A temporary table of that name would come first.
BY_ITS_REAL_NAME = "ALTER FUNCTION onshore_frozen_content() SET search_path = pg_catalog, public, pg_temp;"
BY_ANY_NAME = "ALTER FUNCTION onshore_frozen_content() RESET search_path;"

OPENINGS = """
CREATE OR REPLACE FUNCTION onshore_opening_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NULL AND NEW.confirmed_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an opening begins unconfirmed: INSERT refused' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Two people once: the second confirms what the first began, as it was begun.
    IF OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.confirmed_by_id IS NOT NULL
        AND (NEW.id, NEW.window_id, NEW.lot_id, NEW.envelope, NEW.proposed_by_id, NEW.proposed_at, NEW.fewer_marks_reason)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.window_id, OLD.lot_id, OLD.envelope, OLD.proposed_by_id, OLD.proposed_at, OLD.fewer_marks_reason)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'opening % stays: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER stays ON rfp_opening;
CREATE TRIGGER stays BEFORE INSERT OR UPDATE ON rfp_opening
    FOR EACH ROW EXECUTE FUNCTION onshore_opening_stays();
CREATE TRIGGER append_only BEFORE DELETE ON rfp_opening
    FOR EACH ROW EXECUTE FUNCTION onshore_append_only();
"""
OPENINGS_BEFORE = """
DROP TRIGGER append_only ON rfp_opening;
DROP TRIGGER stays ON rfp_opening;
CREATE OR REPLACE FUNCTION onshore_opening_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.confirmed_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'opening % stays: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON rfp_opening
    FOR EACH ROW EXECUTE FUNCTION onshore_opening_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("rfp", "0007_openings_stay")]
    operations = [
        migrations.RunSQL(NO_TRUNCATE, TRUNCATE),
        migrations.RunSQL(BY_ITS_REAL_NAME, BY_ANY_NAME),
        migrations.RunSQL(OPENINGS, OPENINGS_BEFORE),
    ]
