"""A row can be moved neither into a received revision nor out of one: both the old and the new owner are checked."""

from django.db import migrations

BOTH_WAYS = """
CREATE OR REPLACE FUNCTION onshore_frozen_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen bigint;
BEGIN
    -- OLD is null on INSERT and NEW on DELETE.
    SELECT id INTO frozen FROM rfp_revision
        WHERE id IN (OLD.revision_id, NEW.revision_id) AND received_at IS NOT NULL ORDER BY id LIMIT 1;
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % of % refused', frozen, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""
ONE_WAY = """
CREATE OR REPLACE FUNCTION onshore_frozen_content() RETURNS trigger LANGUAGE plpgsql AS $$
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


class Migration(migrations.Migration):
    dependencies = [("rfp", "0005_makers_screened")]
    operations = [migrations.RunSQL(BOTH_WAYS, ONE_WAY)]
