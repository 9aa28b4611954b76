"""The scores of a window → the stored ranking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from portal.kit import clock
from portal.kit.compliance import Envelope
from rfp.models import Window
from rfp.proposals import queries as proposals_queries
from scoring.facts import Contender, Place
from scoring.methods.places import rank
from scoring.ranking import queries
from scoring.ranking.models import RankedProposal, Ranking
from scoring.ranking.scores import log, rescore

# Names the rankings among the database's advisory locks; the second key is the window.
RANKING_LOCK = 0x0A0D18
Standing = RankedProposal.Standing


def rescore_window(window: Window) -> None:
    """Scores of the lots whose prices were opened, where the price is not in them yet."""
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    waiting = queries.scores_in(window).filter(revision__proposal__lot__in=priced, total__isnull=True)
    for revision in waiting.values_list("revision_id", flat=True):
        try:
            with transaction.atomic():
                rescore(queries.revision_to_score(revision))
        except Exception as error:
            # One that cannot be computed must not hold up its rivals; without a total it is not ranked. The
            # exception's text may hold a price: only its kind is logged.
            log.error("revision %s could not be scored: %s", revision, type(error).__name__)


# ---- the ranking ------------------------------------------------------------------------------------------------


def rank_window(window: Window) -> bool:
    """Order the window's scores and store them. True when more was requested meanwhile: rank again."""
    requests = _requests_so_far(window)
    with transaction.atomic():
        if not _only_one(window):
            return True
        _store(window, order_of(window), requests=requests)
    return Ranking.objects.get(window=window).is_stale


def _only_one(window: Window) -> bool:
    """Whether this worker alone ranks the window now; another one that does will see the request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [RANKING_LOCK, window.pk])
        locked: bool = cursor.fetchone()[0]
        return locked


def _requests_so_far(window: Window) -> int:
    """Read under the row's lock, so that every request counted here is committed and its mark is visible.

    A transaction of its own: marks that come while the window is ranked must not wait for it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT requests FROM scoring_ranking WHERE window_id = %s FOR NO KEY UPDATE", [window.pk]
        )
        row = cursor.fetchone()
    if row is None:
        Ranking.objects.create(window=window, requests=1)
        return 1
    requests: int = row[0]
    return requests


@dataclass(frozen=True)
class Ordered:
    """One row's place in its lot; None where it has none. `rank_before`: with marks that were taken out later."""

    score: int
    standing: str
    place: Place | None
    price_open: bool
    rank_before: int | None = None


def order_of(window: Window) -> list[Ordered]:
    """The window's scores in the order of the list: lot by lot, ranked ones by place, then by standing and name."""
    by_lot: dict[int, list[queries.ScoreRow]] = {}
    for row in queries.score_rows(window):
        by_lot.setdefault(row.lot, []).append(row)
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    threshold = window.solicitation.technical_threshold
    lots = window.solicitation.lots.values_list("pk", flat=True)
    return [
        ordered
        for lot in lots
        for ordered in order_of_lot(by_lot.get(lot, []), threshold=threshold, price_open=lot in priced)
    ]


def order_of_lot(
    rows: Iterable[queries.ScoreRow], *, threshold: Decimal, price_open: bool
) -> Iterator[Ordered]:
    """One lot's rows: the ranked ones by place, the others by standing and name."""
    ranked, others = [], []
    for row in rows:
        standing = standing_of(row, threshold=threshold, price_open=price_open)
        if standing == Standing.RANKED:
            ranked.append(row)
        else:
            others.append((standing, row.supplier_name, row.score))
    before: dict[str, int] = {}
    if any(row.total_before is not None for row in ranked):
        before = {place.key: place.rank for place in rank([_contender(row, before=True) for row in ranked])}
    for place in rank([_contender(row, price_open=price_open) for row in ranked]):
        yield Ordered(int(place.key), Standing.RANKED, place, price_open, before.get(place.key))
    for standing, _name, score_id in sorted(others):
        yield Ordered(score_id, standing, None, price_open)


def _contender(row: queries.ScoreRow, *, price_open: bool = True, before: bool = False) -> Contender:
    total = row.total_before if before and row.total_before is not None else row.total
    return Contender(
        key=str(row.score),
        score=total if total is not None else row.technical,
        technical=row.technical,
        price=row.price if price_open else None,
        received_at=row.received_at,
    )


def standing_of(row: queries.ScoreRow, *, threshold: Decimal, price_open: bool) -> str:
    """Where a scored proposal stands. A threshold is reached by what equals it.

    A price envelope that is open but not in the total yet: not scored, rather than ranked without its price.
    """
    if row.knocked_out:
        return Standing.KNOCKED_OUT
    if row.marks_missing or (price_open and row.total is None):
        return Standing.NOT_SCORED
    if row.threshold_percent < threshold:
        return Standing.BELOW_THRESHOLD
    return Standing.RANKED


STORE = """
    INSERT INTO scoring_rankedproposal (
        ranking_id, proposal_id, revision_id, lot_id, supplier_id, proposal_number, lot_code,
        supplier_name, place, state, standing, position, price_open,
        rank, rank_before, score_before, shared, tie_step, score, technical, price_mark, price_total, domestic_low,
        domestic_high, spread, marks, flags)
    SELECT %(ranking)s, p.id, s.revision_id, p.lot_id, p.supplier_id, p.number, l.code,
        s.supplier_name, s.place, s.state,
        o.standing, o.position, o.price_open, o.rank, o.rank_before,
        CASE WHEN o.rank_before IS NOT NULL THEN coalesce(s.total_before, s.total) END, o.shared, o.tie_step,
        coalesce(s.total, s.technical), s.technical, s.price_mark, s.price_total, s.domestic_low, s.domestic_high,
        s.spread, s.marks, s.flags
    FROM unnest(%(scores)s::bigint[], %(standings)s::text[], %(prices)s::bool[], %(ranks)s::int[],
                %(ranks_before)s::int[], %(shared)s::bool[], %(tie_steps)s::text[])
        WITH ORDINALITY AS o(score, standing, price_open, rank, rank_before, shared, tie_step, position)
    JOIN scoring_score s ON s.id = o.score
    JOIN rfp_revision r ON r.id = s.revision_id
    JOIN rfp_proposal p ON p.id = r.proposal_id
    JOIN rfp_lot l ON l.id = p.lot_id
"""


def _store(window: Window, ordered: list[Ordered], *, requests: int) -> None:
    """Put the new rows in place of the old ones. What a row shows goes from table to table, not through here."""
    ranking = Ranking.objects.get(window=window)
    places = [row.place for row in ordered]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scoring_rankedproposal WHERE ranking_id = %s", [ranking.pk])
        cursor.execute(
            STORE,
            {
                "ranking": ranking.pk,
                "scores": [row.score for row in ordered],
                "standings": [str(row.standing) for row in ordered],
                "ranks": [place and place.rank for place in places],
                "ranks_before": [row.rank_before for row in ordered],
                "prices": [row.price_open for row in ordered],
                "shared": [place is not None and place.shared for place in places],
                "tie_steps": [place.tie_step if place else "" for place in places],
            },
        )
    ranking.served, ranking.ranked_at = requests, clock.wall_time()
    ranking.ranked_count = sum(place is not None for place in places)
    ranking.unranked_count = len(places) - ranking.ranked_count
    ranking.save(update_fields=["served", "ranked_at", "ranked_count", "unranked_count"])
