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
from scoring.marking.waiting import SHORT
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


def lots_before_prices(window: Window, *, live: bool = False) -> list[LotState]:
    """Every lot of the window with a competing proposal, in order; a fixed number of queries.

    `live`: from the marks and scores themselves, not from what is kept of them; an opening asks so.
    """
    ready = _counted_live(window) if live else _counted(window)
    received = received_by_lot(window)
    lots = list(window.solicitation.lots.all())
    apart = unsettled_in(window, [lot for lot in lots if received.get(lot.pk)])
    openings = {(each.lot_id, each.envelope): each for each in window.openings.all()}
    states = []
    for lot in lots:
        count = ready.get(lot.pk, Counted())
        technical = openings.get((lot.pk, Envelope.TECHNICAL.value))
        states.append(
            LotState(
                lot=lot,
                competing=count.competing,
                unscored=received.get(lot.pk, 0) - count.scored,
                questions=count.questions,
                inputs=count.inputs,
                short=count.short,
                left=count.left,
                apart=apart.get(lot.pk, 0),
                technical_open=technical is not None and technical.confirmed_at is not None,
                opening=openings.get((lot.pk, Envelope.PRICE.value)),
            )
        )
    return [state for state in states if received.get(state.lot.pk)]


@dataclass(frozen=True)
class Counted:
    """What is counted of one lot; see `LotState`."""

    competing: int = 0
    scored: int = 0
    questions: int = 0
    inputs: int = 0
    short: int = 0
    left: Mapping[int, int] = field(default_factory=dict)


def _counted(window: Window) -> dict[int, Counted]:
    """lot id → what the database keeps of it; one query."""
    with connection.cursor() as cursor:
        cursor.execute(READY, {"window": window.pk})
        rows = cursor.fetchall()
    return {
        lot: Counted(
            competing=competing,
            scored=scored,
            questions=questions,
            inputs=inputs,
            short=short,
            left={int(seat): count for seat, count in (left or {}).items()},
        )
        for lot, competing, scored, questions, inputs, short, left in rows
    }


def _counted_live(window: Window) -> dict[int, Counted]:
    """The same from the tables that it is made from; two queries."""
    short, left = _marks_short(window)
    return {
        lot: Counted(*counts, short=short.get(lot, 0), left=left.get(lot, {}))
        for lot, counts in _scores_by_lot(window).items()
    }


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


# What `Readiness` says of each proposal, asked of the tables that it is made from.
MARKS_SHORT = f"""
    WITH {SHORT.format(which="p.window_id = %(window)s")}
    SELECT lot, NULL::bigint AS seat, count(DISTINCT proposal) FROM short GROUP BY lot
    UNION ALL
    SELECT given.lot, given.seat, count(DISTINCT given.proposal)
    FROM given JOIN short USING (proposal, criterion)
    WHERE NOT given.done AND given.seat IS NOT NULL
    GROUP BY given.lot, given.seat
"""
# The same from the rows that the database keeps; seats as an object, id → proposals left.
READY = """
    SELECT k.lot_id, count(*) FILTER (WHERE NOT k.is_knocked_out), count(*),
        COALESCE(sum(k.questions) FILTER (WHERE NOT k.is_knocked_out), 0),
        COALESCE(sum(k.inputs) FILTER (WHERE NOT k.is_knocked_out), 0),
        count(*) FILTER (WHERE k.is_short), (
            SELECT json_object_agg(seat, n) FROM (
                SELECT unnest(r."left") AS seat, count(*) AS n FROM scoring_readiness r
                WHERE r.window_id = %(window)s AND r.lot_id = k.lot_id AND r.is_short GROUP BY 1) AS x)
    FROM scoring_readiness k WHERE k.window_id = %(window)s GROUP BY k.lot_id
"""


def _marks_short(window: Window) -> tuple[dict[int, int], dict[int, dict[int, int]]]:
    """(lot id → proposals below the quorum, lot id → seat id → proposals that reviewer has not finished)."""
    short: dict[int, int] = {}
    left: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(MARKS_SHORT, {"window": window.pk})
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
