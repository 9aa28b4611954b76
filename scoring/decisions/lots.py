"""What keeps a lot's prices sealed.

Everything here is counted over competing proposals: received, not withdrawn, not knocked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from rfp.models import Lot, Opening, Window
from scoring.moderation.rows import unsettled_in
from scoring.panel.models import Evaluator
from scoring.ranking.queries import scores_in
from scoring.reading.queries import received_by_lot

# ---- what keeps prices sealed -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LotState:
    """One lot of a window on its way to the price opening.

    `unscored`: received and not assessed or scored yet. `questions`: knock-out findings without a decision;
    `inputs`: automatic marks without input. `short`: proposals whose marks are below the quorum, and `left` says how
    many of them each reviewer (seat id) has not finished. `apart`: proposals whose marks the panel has to agree on.
    """

    lot: Lot
    competing: int
    unscored: int
    questions: int
    inputs: int
    short: int
    left: Mapping[int, int] = field(default_factory=dict)
    apart: int = 0
    technical_open: bool = False
    opening: Opening | None = None

    @property
    def price_open(self) -> bool:
        return self.opening is not None and self.opening.confirmed_at is not None

    @property
    def undecided(self) -> list[str]:
        """What a person must decide before prices open, a sentence each."""
        found = []
        if not self.technical_open:
            return ["The technical envelope opens first."]
        if self.unscored:
            found.append(f"{count_of(self.unscored, 'proposal')} not assessed or scored yet.")
        if self.questions:
            found.append(f"{count_of(self.questions, 'knock-out finding')} open.")
        if self.inputs:
            found.append(f"{count_of(self.inputs, 'input')} missing for automatic marks.")
        if self.apart:
            found.append(
                f"{count_of(self.apart, 'proposal')} to settle in moderation. The chair settles them."
            )
        return found

    @property
    def lacks_marks(self) -> str:
        """Which marks are short of the quorum, in a sentence; blank when it is met."""
        return f"Marks are below the quorum on {count_of(self.short, 'proposal')}." if self.short else ""

    @property
    def is_ready(self) -> bool:
        return self.technical_open and not self.undecided and not self.short and self.opening is None


def lots_before_prices(window: Window) -> list[LotState]:
    """Every lot of the window with a competing proposal, in order; a fixed number of queries."""
    scores = _scores_by_lot(window)
    received = received_by_lot(window)
    short, left = _marks_short(window)
    lots = list(window.solicitation.lots.all())
    apart = unsettled_in(window, [lot for lot in lots if received.get(lot.pk)])
    openings = {(each.lot_id, each.envelope): each for each in window.openings.all()}
    states = []
    for lot in lots:
        count, scored, questions, inputs = scores.get(lot.pk, (0, 0, 0, 0))
        technical = openings.get((lot.pk, Envelope.TECHNICAL.value))
        states.append(
            LotState(
                lot=lot,
                competing=count,
                unscored=received.get(lot.pk, 0) - scored,
                questions=questions,
                inputs=inputs,
                short=short.get(lot.pk, 0),
                left=left.get(lot.pk, {}),
                apart=apart.get(lot.pk, 0),
                technical_open=technical is not None and technical.confirmed_at is not None,
                opening=openings.get((lot.pk, Envelope.PRICE.value)),
            )
        )
    return [state for state in states if received.get(state.lot.pk)]


def _scores_by_lot(window: Window) -> dict[int, tuple[int, int, int, int]]:
    """lot id → competing, scored, open questions, missing inputs."""
    competes = Q(knocked_out=False)
    rows = (
        scores_in(window)
        .values_list("revision__proposal__lot")
        .annotate(
            competing=Count("pk", filter=competes),
            scored=Count("pk"),
            questions=Coalesce(Sum("awaiting_decision", filter=competes), 0),
            inputs=Coalesce(Sum("automatic_missing", filter=competes), 0),
        )
        .order_by()
    )
    return {lot: (competing, scored, questions, inputs) for lot, competing, scored, questions, inputs in rows}


# A criterion of a proposal is short while fewer reviewers gave a mark than it, or the RFP, asks for; without a number,
# while anyone who is asked and has no conflict has neither marked nor abstained. Asked are those who are assigned to
# the proposal, or everybody on the panel where nobody is. Who marked it before counts too.
MARKS_SHORT = """
    WITH cell AS (
        SELECT p.id AS proposal, p.lot_id AS lot, p.supplier_id AS supplier, p.current_revision_id AS revision,
            c.id AS criterion, c."group" AS part,
            EXISTS (SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = p.id) AS shared,
            COALESCE(c.quorum, (SELECT quorum FROM rfp_solicitation WHERE id = %(rfp)s)) AS quorum
        FROM rfp_proposal p
        JOIN scoring_score s ON s.revision_id = p.current_revision_id AND NOT s.knocked_out
        JOIN rfp_criterion c ON c.solicitation_id = %(rfp)s AND c.envelope = 'technical' AND (
            c.mode = 'evaluator' OR EXISTS (
                SELECT 1 FROM scoring_automaticmark a
                WHERE a.revision_id = p.current_revision_id AND a.criterion_id = c.id AND a.left_to_evaluators))
        WHERE p.window_id = %(window)s AND p.withdrawn_at IS NULL
    ), given AS (
        SELECT cell.*, e.id AS seat,
            m.id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM scoring_reopening o
                WHERE o.revision_id = cell.revision AND o.criterion_id = cell.criterion
                    AND o.evaluator_id = e.id AND o.at >= m.marked_at) AS done,
            m.anchor IS NOT NULL AS marked
        FROM cell
        LEFT JOIN scoring_evaluator e ON e.solicitation_id = %(rfp)s AND NOT EXISTS (
            SELECT 1 FROM scoring_conflict k
            WHERE k.solicitation_id = %(rfp)s AND k.user_id = e.user_id
                AND (k.supplier_id = cell.supplier OR k.supplier_id IS NULL))
            AND (NOT cell.shared OR EXISTS (
                SELECT 1 FROM scoring_assignment a WHERE a.proposal_id = cell.proposal AND a.evaluator_id = e.id
                    AND a."group" IN ('', cell.part)) OR EXISTS (
                SELECT 1 FROM scoring_mark g WHERE g.revision_id = cell.revision AND g.criterion_id = cell.criterion
                    AND g.evaluator_id = e.id))
        LEFT JOIN scoring_mark m ON m.revision_id = cell.revision AND m.criterion_id = cell.criterion
            AND m.evaluator_id = e.id
    ), short AS (
        SELECT proposal, lot, criterion FROM given GROUP BY proposal, lot, criterion, quorum
        HAVING CASE WHEN quorum IS NULL THEN bool_or(NOT done) ELSE count(*) FILTER (WHERE marked) < quorum END
    )
    SELECT lot, NULL::bigint AS seat, count(DISTINCT proposal) FROM short GROUP BY lot
    UNION ALL
    SELECT given.lot, given.seat, count(DISTINCT given.proposal)
    FROM given JOIN short USING (proposal, criterion)
    WHERE NOT given.done AND given.seat IS NOT NULL
    GROUP BY given.lot, given.seat
"""


def _marks_short(window: Window) -> tuple[dict[int, int], dict[int, dict[int, int]]]:
    """(lot id → proposals below the quorum, lot id → seat id → proposals that reviewer has not finished)."""
    short: dict[int, int] = {}
    left: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(MARKS_SHORT, {"rfp": window.solicitation_id, "window": window.pk})
        for lot, seat, count in cursor.fetchall():
            if seat is None:
                short[lot] = count
            else:
                left.setdefault(lot, {})[seat] = count
    return short, left


def who_is_left(states: Iterable[LotState], seats: Iterable[Evaluator]) -> dict[int, list[tuple[str, int]]]:
    """lot id → (reviewer's name, proposals left), the most first."""
    names = {seat.pk: seat.user.name for seat in seats}
    return {
        state.lot.pk: sorted(
            ((names[seat], count) for seat, count in state.left.items() if seat in names),
            key=lambda each: (-each[1], each[0]),
        )
        for state in states
    }
