"""A received revision never changes, nor do assessments, findings and overrides; proposals get their numbers."""

from django.db import migrations

CHILDREN = (
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
APPEND_ONLY = ("assessment", "finding", "override")

FROZEN = """
CREATE SEQUENCE rfp_proposal_number START 1001;
CREATE FUNCTION onshore_frozen_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.received_at IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON rfp_revision
    FOR EACH ROW EXECUTE FUNCTION onshore_frozen_revision();
CREATE FUNCTION onshore_frozen_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.revision_id ELSE NEW.revision_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM rfp_revision WHERE id = owner AND received_at IS NOT NULL) THEN
        RAISE EXCEPTION 'revision % is frozen: % of % refused', owner, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
GUARDS = "\n".join(
    f"CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON rfp_{table} "
    "FOR EACH ROW EXECUTE FUNCTION onshore_frozen_content();"
    for table in CHILDREN
)
APPEND = "\n".join(f"SELECT onshore_guard('rfp_{table}');" for table in APPEND_ONLY)
UNDO = "\n".join(
    [
        *(f"DROP TRIGGER append_only ON rfp_{t}; DROP TRIGGER no_truncate ON rfp_{t};" for t in APPEND_ONLY),
        *(f"DROP TRIGGER frozen ON rfp_{t};" for t in (*CHILDREN, "revision")),
        "DROP FUNCTION onshore_frozen_content();",
        "DROP FUNCTION onshore_frozen_revision();",
        "DROP SEQUENCE rfp_proposal_number;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("rfp", "0001_initial"), ("portal", "0002_append_only")]
    operations = [migrations.RunSQL(FROZEN + GUARDS + APPEND, UNDO)]
