"""What the database itself counts and keeps, in the transaction that stores marks: reviews, and marks as they were."""

from __future__ import annotations

from portal.frame import triggers
from scoring.duties.models import Assignment
from scoring.ranking.mark_models import AutomaticMark, Mark
from scoring.settling.models import Reopening

# Asked of a reviewer: the criteria of a proposal without assignments, else those that the reviewer is assigned to. One
# that the chair opened again waits for a mark that is newer.
triggers.function(
    "onshore_count_reviews",
    """
BEGIN
    DELETE FROM scoring_review v WHERE v.revision_id = ANY (revisions) AND NOT EXISTS (
        SELECT FROM scoring_mark m WHERE m.revision_id = v.revision_id AND m.evaluator_id = v.evaluator_id);
    INSERT INTO scoring_review AS v (evaluator_id, revision_id, given, is_done)
    SELECT m.evaluator_id, m.revision_id, m.given, NOT EXISTS (
        SELECT FROM rfp_revision r
        JOIN rfp_proposal p ON p.id = r.proposal_id JOIN rfp_lot l ON l.id = p.lot_id
        JOIN rfp_criterion c ON c.solicitation_id = l.solicitation_id AND c.envelope = 'technical'
            AND (c.mode = 'evaluator' OR EXISTS (
                SELECT FROM scoring_automaticmark a
                WHERE a.revision_id = r.id AND a.criterion_id = c.id AND a.left_to_evaluators))
        WHERE r.id = m.revision_id
            AND (NOT EXISTS (SELECT FROM scoring_assignment s WHERE s.proposal_id = p.id) OR EXISTS (
                SELECT FROM scoring_assignment s WHERE s.proposal_id = p.id AND s.evaluator_id = m.evaluator_id
                    AND s."group" IN ('', c."group")))
            AND NOT EXISTS (
                SELECT FROM scoring_mark g WHERE g.revision_id = r.id AND g.criterion_id = c.id
                    AND g.evaluator_id = m.evaluator_id AND NOT EXISTS (
                        SELECT FROM scoring_reopening o WHERE o.revision_id = r.id AND o.criterion_id = c.id
                            AND o.evaluator_id = g.evaluator_id AND o.at >= g.marked_at)))
    FROM (
        SELECT evaluator_id, revision_id, count(*) AS given FROM scoring_mark
        WHERE revision_id = ANY (revisions) GROUP BY evaluator_id, revision_id
    ) AS m
    ON CONFLICT (evaluator_id, revision_id) DO UPDATE SET given = excluded.given, is_done = excluded.is_done
        WHERE (v.given, v.is_done) IS DISTINCT FROM (excluded.given, excluded.is_done);
    UPDATE rfp_proposal p SET reviewers = counted.count
    FROM (SELECT r.id, count(v.id) FROM unnest(revisions) AS r(id)
          LEFT JOIN scoring_review v ON v.revision_id = r.id GROUP BY r.id) AS counted
    WHERE p.current_revision_id = counted.id AND p.reviewers <> counted.count;
END """,
    arguments="revisions bigint[]",
    returns="void",
    pinned=True,
)
MARKS_STORED = triggers.function(
    "onshore_marks_stored",
    """
BEGIN
    PERFORM onshore_count_reviews(ARRAY(SELECT DISTINCT revision_id FROM stored));
    RETURN NULL;
END """,
    pinned=True,
)
# What reviewers are asked for changes with the computed marks that are left to them.
AUTOMATIC_MARKS_STORED = triggers.function(
    "onshore_automatic_marks_stored",
    """
DECLARE
    reviewed bigint[] := ARRAY(
        SELECT DISTINCT s.revision_id FROM stored s JOIN scoring_review v ON v.revision_id = s.revision_id);
BEGIN
    IF cardinality(reviewed) > 0 THEN
        PERFORM onshore_count_reviews(reviewed);
    END IF;
    RETURN NULL;
END """,
    pinned=True,
)
# And with who is assigned.
ASSIGNMENTS_STORED = triggers.function(
    "onshore_assignments_stored",
    """
DECLARE
    reviewed bigint[] := ARRAY(
        SELECT DISTINCT p.current_revision_id FROM stored s JOIN rfp_proposal p ON p.id = s.proposal_id
        JOIN scoring_review v ON v.revision_id = p.current_revision_id);
BEGIN
    IF cardinality(reviewed) > 0 THEN
        PERFORM onshore_count_reviews(reviewed);
    END IF;
    RETURN NULL;
END """,
    pinned=True,
)
MARK_CHANGED = triggers.function(
    "onshore_mark_changed",
    """
BEGIN
    INSERT INTO scoring_markversion (revision_id, criterion_id, evaluator_id, anchor, comment, marked_at)
    VALUES (OLD.revision_id, OLD.criterion_id, OLD.evaluator_id, OLD.anchor, OLD.comment, OLD.marked_at);
    RETURN NULL;
END """,
    pinned=True,
)
triggers.trigger(
    Mark,
    "versions",
    "AFTER UPDATE",
    MARK_CHANGED,
    condition="(OLD.anchor, OLD.comment) IS DISTINCT FROM (NEW.anchor, NEW.comment)",
)
for marks, counts in (
    (Mark, MARKS_STORED),
    (AutomaticMark, AUTOMATIC_MARKS_STORED),
    (Assignment, ASSIGNMENTS_STORED),
    (Reopening, MARKS_STORED),
):
    for event in ("INSERT",) if marks is Reopening else ("INSERT", "UPDATE"):
        when = f"AFTER {event} REFERENCING NEW TABLE AS stored"
        triggers.trigger(marks, f"counted_{event.lower()}", when, counts, each=triggers.STATEMENT)
for marks, counts in ((Mark, MARKS_STORED), (Assignment, ASSIGNMENTS_STORED)):
    triggers.trigger(
        marks,
        "counted_delete",
        "AFTER DELETE REFERENCING OLD TABLE AS stored",
        counts,
        each=triggers.STATEMENT,
    )
