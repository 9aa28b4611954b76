"""What keeps `WaitingItem` and `Readiness`: triggers on all that decides them, each for the proposals it concerns.

A proposal's rows are written anew, from the tables, by whoever holds its revision; the next one waits and reads what
the first has stored. What a lot still lacks is asked live as well (`scoring.decisions.lots`) before prices open: a page
may rely on what is kept here, an opening must not.
"""

from __future__ import annotations

import json

from portal.frame import triggers
from rfp.compliance.queries import ANSWERED, AUTOMATIC
from rfp.models import Criterion, Finding, Override, Proposal, Solicitation
from scoring.duties.models import Assignment
from scoring.panel.models import Conflict, Evaluator
from scoring.ranking.mark_models import AutomaticMark, Mark, PanelMark
from scoring.ranking.models import Score
from scoring.settling.models import Reopening

# Which marks are short. A criterion of a proposal is short while fewer reviewers gave a mark than it, or the RFP, asks
# for; without a number, while anyone who is asked and has no conflict has neither marked nor abstained. Asked are those
# who are assigned to the proposal, or everybody on the panel where nobody is. Who marked it before counts too.
SHORT = """
    cell AS (
        SELECT p.id AS proposal, p.lot_id AS lot, p.supplier_id AS supplier, p.current_revision_id AS revision,
            r.id AS rfp, c.id AS criterion, c."group" AS part,
            EXISTS (SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = p.id) AS shared,
            COALESCE(c.quorum, r.quorum) AS quorum
        FROM rfp_proposal p
        JOIN rfp_lot l ON l.id = p.lot_id
        JOIN rfp_solicitation r ON r.id = l.solicitation_id
        JOIN scoring_score s ON s.revision_id = p.current_revision_id AND NOT s.knocked_out
        JOIN rfp_criterion c ON c.solicitation_id = r.id AND c.envelope = 'technical' AND (
            c.mode = 'evaluator' OR EXISTS (
                SELECT 1 FROM scoring_automaticmark a
                WHERE a.revision_id = p.current_revision_id AND a.criterion_id = c.id AND a.left_to_evaluators))
        WHERE {which} AND p.withdrawn_at IS NULL
    ), given AS (
        SELECT cell.*, e.id AS seat,
            m.id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM scoring_reopening o
                WHERE o.revision_id = cell.revision AND o.criterion_id = cell.criterion
                    AND o.evaluator_id = e.id AND o.at >= m.marked_at) AS done,
            m.anchor IS NOT NULL AS marked
        FROM cell
        LEFT JOIN scoring_evaluator e ON e.solicitation_id = cell.rfp AND NOT EXISTS (
            SELECT 1 FROM scoring_conflict k
            WHERE k.solicitation_id = cell.rfp AND k.user_id = e.user_id
                AND (k.supplier_id = cell.supplier OR k.supplier_id IS NULL))
            AND (NOT cell.shared OR EXISTS (
                SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = cell.proposal AND a.evaluator_id = e.id
                    AND a."group" IN ('', cell.part)) OR EXISTS (
                SELECT 1 FROM scoring_mark g WHERE g.revision_id = cell.revision AND g.criterion_id = cell.criterion
                    AND g.evaluator_id = e.id))
        LEFT JOIN scoring_mark m ON m.revision_id = cell.revision AND m.criterion_id = cell.criterion
            AND m.evaluator_id = e.id
    ), short AS (
        SELECT proposal, lot, criterion, revision FROM given GROUP BY proposal, lot, criterion, revision, quorum
        HAVING CASE WHEN quorum IS NULL THEN bool_or(NOT done) ELSE count(*) FILTER (WHERE marked) < quorum END
    )
"""
HOLD = "PERFORM FROM rfp_revision WHERE id = ANY (revisions) ORDER BY id FOR NO KEY UPDATE;"

triggers.function(
    "onshore_keep_ready",
    f"""
BEGIN
    {HOLD}
    DELETE FROM scoring_readiness k WHERE k.revision_id = ANY (revisions) AND NOT EXISTS (
        SELECT FROM rfp_proposal p JOIN scoring_score s ON s.revision_id = p.current_revision_id
        WHERE p.current_revision_id = k.revision_id AND p.withdrawn_at IS NULL);
    WITH {SHORT.format(which="p.current_revision_id = ANY (revisions)")}
    INSERT INTO scoring_readiness AS k
        (revision_id, window_id, lot_id, is_knocked_out, questions, inputs, is_short, "left")
    SELECT p.current_revision_id, p.window_id, p.lot_id, s.knocked_out, s.awaiting_decision, s.automatic_missing,
        lacks.proposal IS NOT NULL, COALESCE(lacks.seats, ARRAY[]::bigint[])
    FROM rfp_proposal p JOIN scoring_score s ON s.revision_id = p.current_revision_id
    LEFT JOIN (
        SELECT proposal, array_agg(DISTINCT seat) FILTER (WHERE NOT done AND seat IS NOT NULL) AS seats
        FROM given JOIN short USING (proposal, criterion) GROUP BY proposal
    ) AS lacks ON lacks.proposal = p.id
    WHERE p.current_revision_id = ANY (revisions) AND p.withdrawn_at IS NULL AND p.window_id IS NOT NULL
    ON CONFLICT (revision_id) DO UPDATE SET window_id = excluded.window_id, lot_id = excluded.lot_id,
        is_knocked_out = excluded.is_knocked_out, questions = excluded.questions, inputs = excluded.inputs,
        is_short = excluded.is_short, "left" = excluded."left"
        WHERE (k.window_id, k.lot_id, k.is_knocked_out, k.questions, k.inputs, k.is_short, k."left") IS DISTINCT FROM
            (excluded.window_id, excluded.lot_id, excluded.is_knocked_out, excluded.questions, excluded.inputs,
                excluded.is_short, excluded."left");
END """,
    arguments="revisions bigint[]",
    returns="void",
    pinned=True,
)


def _automatic() -> str:
    """Findings that knock out without a person: `rfp.compliance.queries.is_automatic_knockout`."""
    return " OR ".join(
        f"(f.rule = '{code}' AND f.numbers @> '{json.dumps(wanted)}')" for code, wanted in AUTOMATIC.items()
    )


# The third twin of `rfp.compliance.queries.question_of`, beside `questions` there.
triggers.function(
    "onshore_keep_waiting",
    f"""
BEGIN
    {HOLD}
    DELETE FROM scoring_waitingitem w WHERE w.revision_id = ANY (revisions);
    INSERT INTO scoring_waitingitem (window_id, lot_id, supplier_id, proposal_id, revision_id, number, kind, code,
        title, envelope, finding_id, mark_id, criterion_id)
    SELECT p.window_id, p.lot_id, p.supplier_id, p.id, p.current_revision_id, p.number, i.kind, i.code, i.title,
        i.envelope, i.finding, i.mark, i.criterion
    FROM rfp_proposal p
    JOIN scoring_score s ON s.revision_id = p.current_revision_id AND NOT s.knocked_out
    CROSS JOIN LATERAL (
        SELECT CASE WHEN f.outcome = 'not_met' THEN 'not_met'
                WHEN COALESCE(f.numbers ->> '{ANSWERED}', '') = 'false' THEN 'unanswered' ELSE 'referred' END AS kind,
            f.rule AS code, f.title, f.envelope, f.id AS finding, NULL::bigint AS mark, NULL::bigint AS criterion
        FROM rfp_finding f
        WHERE f.assessment_id = (SELECT max(a.id) FROM rfp_assessment a WHERE a.revision_id = p.current_revision_id)
            AND f.effect = 'knockout' AND f.outcome IN ('not_met', 'refer') AND f.audience <> 'chair'
            AND NOT (f.outcome = 'not_met' AND f.envelope = 'technical' AND ({_automatic()}))
            AND NOT EXISTS (SELECT FROM rfp_override o WHERE o.finding_id = f.id)
        UNION ALL
        SELECT 'input', '', '', c.envelope, NULL, m.id, c.id
        FROM scoring_automaticmark m JOIN rfp_criterion c ON c.id = m.criterion_id
        WHERE m.revision_id = p.current_revision_id AND m.value IS NULL AND NOT m.left_to_evaluators
            AND c.envelope = 'technical' AND NOT EXISTS (
                SELECT FROM scoring_panelmark t
                WHERE t.revision_id = m.revision_id AND t.criterion_id = m.criterion_id)
    ) AS i
    WHERE p.current_revision_id = ANY (revisions) AND p.withdrawn_at IS NULL AND p.window_id IS NOT NULL;
END """,
    arguments="revisions bigint[]",
    returns="void",
    pinned=True,
)


def _kept(name: str, revisions: str, *functions: str) -> str:
    """A trigger function that has the rows of these revisions written anew, if there are any."""
    calls = "\n        ".join(f"PERFORM {each}(concerned);" for each in functions)
    return triggers.function(
        name,
        f"""
DECLARE
    concerned bigint[] := ARRAY({revisions});
BEGIN
    IF cardinality(concerned) > 0 THEN
        {calls}
    END IF;
    RETURN NULL;
END """,
        pinned=True,
    )


READY, WAITING = "onshore_keep_ready", "onshore_keep_waiting"
OF_RFP = """
    SELECT k.revision_id FROM scoring_readiness k JOIN rfp_lot l ON l.id = k.lot_id WHERE l.solicitation_id = {}
"""
STORED = "SELECT DISTINCT revision_id FROM stored"
SCORED = _kept("onshore_scored", STORED, READY, WAITING)
SCORED_AGAIN = _kept(
    "onshore_scored_again",
    """
    SELECT n.revision_id FROM stored n JOIN replaced o ON o.id = n.id
    WHERE (n.knocked_out, n.awaiting_decision, n.automatic_missing)
        IS DISTINCT FROM (o.knocked_out, o.awaiting_decision, o.automatic_missing)
    """,
    READY,
    WAITING,
)
REVISED = _kept(
    "onshore_revised",
    "SELECT r FROM unnest(ARRAY[OLD.current_revision_id, NEW.current_revision_id]) AS r WHERE r IS NOT NULL",
    READY,
    WAITING,
)
MARKED = _kept("onshore_marked", STORED, READY)
COMPUTED = _kept("onshore_computed", STORED, READY, WAITING)
STOOD_IN = _kept("onshore_stood_in", STORED, WAITING)
FOUND = _kept(
    "onshore_found",
    "SELECT DISTINCT a.revision_id FROM stored s JOIN rfp_assessment a ON a.id = s.assessment_id",
    WAITING,
)
OVERRIDDEN = _kept(
    "onshore_overridden",
    """
    SELECT DISTINCT a.revision_id FROM stored s
    JOIN rfp_finding f ON f.id = s.finding_id JOIN rfp_assessment a ON a.id = f.assessment_id
    """,
    WAITING,
)
ASSIGNED = _kept(
    "onshore_assigned",
    "SELECT DISTINCT p.current_revision_id FROM stored s JOIN rfp_proposal p ON p.id = s.proposal_id "
    "WHERE p.current_revision_id IS NOT NULL",
    READY,
)
SEATED = _kept("onshore_seated", OF_RFP.format("ANY (ARRAY(SELECT solicitation_id FROM stored))"), READY)
CONFLICTED = _kept(
    "onshore_conflicted",
    """
    SELECT DISTINCT k.revision_id FROM stored s
    JOIN rfp_lot l ON l.solicitation_id = s.solicitation_id JOIN scoring_readiness k ON k.lot_id = l.id
    JOIN rfp_proposal p ON p.current_revision_id = k.revision_id
    WHERE s.supplier_id IS NULL OR p.supplier_id = s.supplier_id
    """,
    READY,
)
CRITERION = _kept(
    "onshore_criterion", OF_RFP.format("COALESCE(NEW.solicitation_id, OLD.solicitation_id)"), READY, WAITING
)
QUORUM = _kept("onshore_quorum", OF_RFP.format("NEW.id"), READY)

NEW, OLD = "REFERENCING NEW TABLE AS stored", "REFERENCING OLD TABLE AS stored"
for model, event, runs in (
    (Score, f"INSERT {NEW}", SCORED),
    (Score, f"UPDATE {NEW} OLD TABLE AS replaced", SCORED_AGAIN),
    (Finding, f"INSERT {NEW}", FOUND),
    (Override, f"INSERT {NEW}", OVERRIDDEN),
    (AutomaticMark, f"INSERT {NEW}", COMPUTED),
    (AutomaticMark, f"UPDATE {NEW}", COMPUTED),
    (PanelMark, f"INSERT {NEW}", STOOD_IN),
    (Mark, f"INSERT {NEW}", MARKED),
    (Mark, f"UPDATE {NEW}", MARKED),
    (Mark, f"DELETE {OLD}", MARKED),
    (Reopening, f"INSERT {NEW}", MARKED),
    (Assignment, f"INSERT {NEW}", ASSIGNED),
    (Assignment, f"UPDATE {NEW}", ASSIGNED),
    (Assignment, f"DELETE {OLD}", ASSIGNED),
    (Evaluator, f"INSERT {NEW}", SEATED),
    (Evaluator, f"DELETE {OLD}", SEATED),
    (Conflict, f"INSERT {NEW}", CONFLICTED),
):
    triggers.trigger(
        model, f"kept_{event.split()[0].lower()}", f"AFTER {event}", runs, each=triggers.STATEMENT
    )
triggers.trigger(
    Proposal,
    "kept_current",
    "AFTER UPDATE OF current_revision_id, withdrawn_at, window_id, lot_id",
    REVISED,
    condition="(OLD.current_revision_id, OLD.withdrawn_at, OLD.window_id, OLD.lot_id) "
    "IS DISTINCT FROM (NEW.current_revision_id, NEW.withdrawn_at, NEW.window_id, NEW.lot_id)",
)
triggers.trigger(
    Criterion,
    "kept_criterion",
    'AFTER INSERT OR DELETE OR UPDATE OF mode, envelope, quorum, "group"',
    CRITERION,
)
triggers.trigger(
    Solicitation,
    "kept_quorum",
    "AFTER UPDATE OF quorum",
    QUORUM,
    condition="OLD.quorum IS DISTINCT FROM NEW.quorum",
)
