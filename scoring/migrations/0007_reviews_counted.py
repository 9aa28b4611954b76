"""Who marked how much is counted as marks are stored: a queue reads counters, not every mark of a window.

Triggers count, so no way of storing marks passes them by. They recount a whole revision, a handful of rows, and write
only opened proposals' counters: nobody marks a sealed one. The caller holds the revision (`record_marks` locks it).
"""

from django.db import migrations

COUNT = """
CREATE FUNCTION onshore_count_reviews(revisions bigint[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM scoring_review v WHERE v.revision_id = ANY (revisions) AND NOT EXISTS (
        SELECT FROM scoring_mark m WHERE m.revision_id = v.revision_id AND m.evaluator_id = v.evaluator_id);
    INSERT INTO scoring_review AS v (evaluator_id, revision_id, given, is_done)
    SELECT m.evaluator_id, m.revision_id, m.given, m.given >= asked.count
    FROM (
        SELECT evaluator_id, revision_id, count(*) AS given FROM scoring_mark
        WHERE revision_id = ANY (revisions) GROUP BY evaluator_id, revision_id
    ) AS m
    JOIN (
        SELECT r.id, count(c.id) FROM rfp_revision r
        JOIN rfp_proposal p ON p.id = r.proposal_id JOIN rfp_lot l ON l.id = p.lot_id
        LEFT JOIN rfp_criterion c ON c.solicitation_id = l.solicitation_id AND c.envelope = 'technical'
            AND (c.mode = 'evaluator' OR EXISTS (
                SELECT FROM scoring_automaticmark a
                WHERE a.revision_id = r.id AND a.criterion_id = c.id AND a.left_to_evaluators))
        WHERE r.id = ANY (revisions) GROUP BY r.id
    ) AS asked ON asked.id = m.revision_id
    ON CONFLICT (evaluator_id, revision_id) DO UPDATE SET given = excluded.given, is_done = excluded.is_done
        WHERE (v.given, v.is_done) IS DISTINCT FROM (excluded.given, excluded.is_done);
    UPDATE rfp_proposal p SET reviewers = counted.count
    FROM (SELECT r.id, count(v.id) FROM unnest(revisions) AS r(id)
          LEFT JOIN scoring_review v ON v.revision_id = r.id GROUP BY r.id) AS counted
    WHERE p.current_revision_id = counted.id AND p.reviewers <> counted.count;
END $$;

CREATE FUNCTION onshore_marks_stored() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM onshore_count_reviews(ARRAY(SELECT DISTINCT revision_id FROM stored));
    RETURN NULL;
END $$;

-- What reviewers are asked for changes with the computed marks that are left to them.
CREATE FUNCTION onshore_automatic_marks_stored() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reviewed bigint[] := ARRAY(
        SELECT DISTINCT s.revision_id FROM stored s JOIN scoring_review v ON v.revision_id = s.revision_id);
BEGIN
    IF cardinality(reviewed) > 0 THEN
        PERFORM onshore_count_reviews(reviewed);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER counted_insert AFTER INSERT ON scoring_mark REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_marks_stored();
CREATE TRIGGER counted_update AFTER UPDATE ON scoring_mark REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_marks_stored();
CREATE TRIGGER counted_delete AFTER DELETE ON scoring_mark REFERENCING OLD TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_marks_stored();
CREATE TRIGGER counted_insert AFTER INSERT ON scoring_automaticmark REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_automatic_marks_stored();
CREATE TRIGGER counted_update AFTER UPDATE ON scoring_automaticmark REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION onshore_automatic_marks_stored();

SELECT onshore_count_reviews(ARRAY(SELECT DISTINCT revision_id FROM scoring_mark));
"""
UNCOUNT = """
DROP TRIGGER counted_update ON scoring_automaticmark;
DROP TRIGGER counted_insert ON scoring_automaticmark;
DROP TRIGGER counted_delete ON scoring_mark;
DROP TRIGGER counted_update ON scoring_mark;
DROP TRIGGER counted_insert ON scoring_mark;
DROP FUNCTION onshore_automatic_marks_stored();
DROP FUNCTION onshore_marks_stored();
DROP FUNCTION onshore_count_reviews(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_reviews")]
    operations = [migrations.RunSQL(COUNT, UNCOUNT)]
