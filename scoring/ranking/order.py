"""The scores of a window → the stored ranking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import connection, transaction

from portal.kit import clock
from portal.kit.compliance import Envelope
from rfp.method.prices import FORMULAS
from rfp.models import Window
from rfp.proposals import queries as proposals_queries
from scoring.calculation import totals
from scoring.calculation.facts import Evaluation, Method, Proposal
from scoring.calculation.figures import in_lowest_terms
from scoring.calculation.recomputing import open_chain, rank_contenders, rank_rows
from scoring.calculation.ties import WORDS, Contender, Place
from scoring.ranking import queries
from scoring.ranking.certainty import shifts
from scoring.ranking.evaluation import adjustments, rounded, usable
from scoring.ranking.method import needs_rivals, reading_of
from scoring.ranking.models import RankedProposal, Ranking
from scoring.ranking.scores import log, rescore
from scoring.settling import queries as settled

# Names the rankings among the database's advisory locks; the second key is the window.
RANKING_LOCK = 0x0A0D18
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Standing = RankedProposal.Standing


def rescore_window(window: Window) -> None:
    """Scores of the lots whose prices were opened, where the price is not in them yet."""
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    waiting = queries.scores_in(window).filter(revision__proposal__lot__in=priced, is_priced=False)
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


@dataclass(kw_only=True, slots=True)
class Ordered:
    """One row's place in its lot; None where it has none. `rank_before`: with marks that were taken out later.

    `total` and `price_mark` are figures that depend on rivals; None where the score's own stand.
    """

    score: int
    standing: str
    place: Place | None = None
    price_open: bool
    total: Decimal | None = None
    price_mark: Decimal | None = None
    rank_before: int | None = None
    score_before: Decimal | None = None


def order_of(window: Window) -> list[Ordered]:
    """The window's scores in the order of the list: lot by lot, ranked ones by place, then by standing and name."""
    by_lot: dict[int, list[queries.ScoreRow]] = {}
    for row in queries.score_rows(window):
        by_lot.setdefault(row.lot, []).append(row)
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    solicitation = window.solicitation
    criteria = list(solicitation.criteria.all())
    read = {is_open: reading_of(solicitation, criteria, price_open=is_open) for is_open in (False, True)}
    lots = solicitation.lots.values_list("pk", flat=True)
    # Who is tied while prices are sealed may not be once they are open: a draw counts from then on.
    drawn = settled.orders_drawn(window) if "draw" in solicitation.tie_chain else {}
    return [
        ordered
        for lot in lots
        for ordered in order_of_lot(
            by_lot.get(lot, []), read=read[lot in priced], drawn=drawn.get(lot, ()) if lot in priced else ()
        )
    ]


def order_of_lot(
    rows: Iterable[queries.ScoreRow], *, read: Evaluation, drawn: Sequence[Mapping[str, int]] = ()
) -> Iterator[Ordered]:
    """One lot's rows: the ranked ones by place, the others by standing and name. `read`: the method and criteria;
    `drawn`: the orders of its draws, the oldest first."""
    found = {row.number: row for row in rows}
    standings = {number: standing_of(row, read.method) for number, row in found.items()}
    competing = [row for number, row in found.items() if standings[number] == Standing.RANKED]
    results: Mapping[str, totals.Row] = {}
    if needs_rivals(read):
        results = computed(competing, read)
        places = rank_rows(list(results.values()), read.criteria, read.method, drawn)
    else:
        places = _places_of_stored(competing, read, drawn)
    before: Mapping[str, totals.Row] = {}
    if read.method.price_open and any(row.before is not None for row in competing):
        before = computed(competing, read, before=True)
    places_before = rank_rows(list(before.values()), read.criteria, read.method, drawn)
    for number, place in places.items():
        result, was = results.get(number), places_before.get(number)
        yield Ordered(
            score=found[number].score,
            standing=Standing.RANKED,
            place=place,
            price_open=read.method.price_open,
            total=_decimal(result.total) if result else None,
            price_mark=_price_mark(result, read.method) if result else None,
            rank_before=was.rank if was else None,
            score_before=_decimal(before[number].total) if was else None,
        )
    others = [
        (standings[number] if standings[number] != Standing.RANKED else Standing.NOT_SCORED, row)
        for number, row in found.items()
        if number not in places
    ]
    for standing, row in sorted(others, key=lambda each: (each[0], each[1].number)):
        yield Ordered(score=row.score, standing=standing, price_open=read.method.price_open)


def _places_of_stored(
    rows: Iterable[queries.ScoreRow], read: Evaluation, drawn: Sequence[Mapping[str, int]]
) -> dict[str, Place]:
    """The places of proposals whose totals do not depend on rivals: the engine computed them with their last marks."""
    method = read.method
    chain = open_chain(method.tie_chain, read.criteria, method)
    codes = [step for step in chain if step not in WORDS]
    sign = -1 if method.price_open and FORMULAS[method.price.formula].ascending else 1
    contenders = []
    for row in rows:
        ranked_on = row.total if method.price_open else row.technical
        if ranked_on is not None:
            contenders.append(
                Contender(
                    id=row.number,
                    ranked_on=sign * ranked_on if sign < 0 else ranked_on,
                    technical=row.technical,
                    price=_compared(row, method),
                    received_at=in_lowest_terms((row.received_at - EPOCH) // MICROSECOND, 1),
                    values={code: queries.fraction(row.values.get(code, "")) for code in codes},
                )
            )
    return rank_contenders(contenders, chain, drawn)


def _compared(row: queries.ScoreRow, method: Method) -> Fraction | None:
    """The price that a tie compares."""
    if row.price is None:
        return None
    price = in_lowest_terms(*row.price.as_integer_ratio())
    if not row.preferences:
        return price
    offered = Proposal(id=row.number, price=price, adjustments=adjustments(row.preferences))
    return totals.evaluated_price(offered, method)[1]


def computed(
    rows: Iterable[queries.ScoreRow], read: Evaluation, *, before: bool = False
) -> dict[str, totals.Row]:
    """The engine's rows of the proposals that compete together, by number, with their totals.

    `before`: with marks that were taken out after prices opened.
    """
    found = {row.number: _engine_row(row, read, before=before) for row in rows}
    totals.finish(list(found.values()), read.criteria, read.method)
    return found


def _engine_row(row: queries.ScoreRow, read: Evaluation, *, before: bool) -> totals.Row:
    method = read.method
    technical = row.before if before and row.before is not None else row.technical
    most = totals.most_technical(read.criteria)
    price, reference = usable(row.price, row.reference, method.price.formula)
    proposal = Proposal(
        id=row.number,
        price=Fraction(price) if price is not None and method.price_open else None,
        reference=Fraction(reference) if reference is not None else None,
        received_at=Fraction((row.received_at - EPOCH) // MICROSECOND),
        adjustments=adjustments(row.preferences) if method.price_open else (),
    )
    evaluated, compared = totals.evaluated_price(proposal, method)
    return totals.Row(
        proposal=proposal,
        scores=_scores(row, read),
        technical=technical,
        most=most,
        technical_percent=100 * technical / most if most else None,
        standing="ranked",
        price=evaluated,
        compared=compared,
        adjustment=totals.points_adjusted(proposal),
    )


def _scores(row: queries.ScoreRow, read: Evaluation) -> dict[str, totals.CriterionScore]:
    """Values and points of the criteria that a total or a tie is computed from one by one."""
    found = {}
    for criterion in read.criteria:
        if criterion.envelope == "price" or criterion.code in read.method.tie_chain:
            value = queries.fraction(row.values.get(criterion.code, ""))
            points = Fraction(0) if value is None else criterion.weight * value / 100
            found[criterion.code] = totals.CriterionScore(criterion.code, 0, value, points)
    return found


def _decimal(total: Fraction | None) -> Decimal | None:
    return None if total is None else rounded(total)


def _price_mark(row: totals.Row, method: Method) -> Decimal | None:
    """The price points of a row that was computed here, of 100."""
    if row.price_points is None or not method.price.points:
        return None
    return rounded(100 * row.price_points / method.price.points)


def standing_of(row: queries.ScoreRow, method: Method) -> str:
    """Where a scored proposal stands before prices are compared. A threshold is reached by what equals it.

    While prices are sealed, marks are still to come: without them it is not scored. Once they are open, a criterion
    that nobody marked counts as 0, with a flag, as in an evaluation file. A price envelope that is open but not in the
    total yet: not scored, rather than ranked without its price.
    """
    if row.knocked_out:
        return Standing.KNOCKED_OUT
    is_unready = not row.priced if method.price_open else bool(row.marks_missing)
    if is_unready:
        return Standing.NOT_SCORED
    if row.below_minimum or (method.threshold is not None and row.threshold_percent < method.threshold):
        return Standing.BELOW_THRESHOLD
    return Standing.RANKED


STORE = """
    INSERT INTO scoring_rankedproposal (
        ranking_id, proposal_id, revision_id, lot_id, supplier_id, proposal_number, lot_code,
        supplier_name, place, state, standing, position, price_open,
        rank, rank_before, score_before, shared, tie_step, score, technical, price_mark, price_total, domestic_low,
        domestic_high, spread, lead_time_days, jobs, expires_on, expires_what, marks, flags)
    SELECT %(ranking)s, p.id, s.revision_id, p.lot_id, p.supplier_id, p.number, l.code,
        s.supplier_name, s.place, s.state,
        o.standing, o.position, o.price_open, o.rank, o.rank_before,
        o.score_before, o.shared, o.tie_step,
        coalesce(o.total, s.total, s.technical), s.technical, coalesce(o.price_mark, s.price_mark),
        s.price_total, s.domestic_low, s.domestic_high, s.spread,
        s.lead_time_days, s.jobs, s.expires_on, s.expires_what, s.marks, s.flags
    FROM unnest(%(scores)s::bigint[], %(standings)s::text[], %(prices)s::bool[], %(ranks)s::int[],
                %(ranks_before)s::int[], %(shared)s::bool[], %(tie_steps)s::text[], %(totals)s::numeric[],
                %(price_marks)s::numeric[], %(scores_before)s::numeric[])
        WITH ORDINALITY AS o(score, standing, price_open, rank, rank_before, shared, tie_step, total, price_mark,
                             score_before, position)
    JOIN scoring_score s ON s.id = o.score
    JOIN rfp_revision r ON r.id = s.revision_id
    JOIN rfp_proposal p ON p.id = r.proposal_id
    JOIN rfp_lot l ON l.id = p.lot_id
"""


def _store(window: Window, ordered: list[Ordered], *, requests: int) -> None:
    """Put the new rows in place of the old ones. What a row shows goes from table to table, not through here."""
    ranking = Ranking.objects.get(window=window)
    places = [row.place for row in ordered]
    ranks = {row.score: row.place.rank if row.place else None for row in ordered}
    at = clock.wall_time()
    shifts.store(ranking, ranks, at=at)
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
                "totals": [row.total for row in ordered],
                "price_marks": [row.price_mark for row in ordered],
                "scores_before": [row.score_before for row in ordered],
            },
        )
    ranking.served, ranking.ranked_at = requests, at
    ranking.ranked_count = sum(place is not None for place in places)
    ranking.unranked_count = len(places) - ranking.ranked_count
    ranking.lots = queries.lots_ranked(ranking.rows.all())
    ranking.save(update_fields=["served", "ranked_at", "ranked_count", "unranked_count", "lots"])
