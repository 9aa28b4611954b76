"""The workers' side: findings and answers → automatic marks → scores → the stored ranking."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from portal import clock
from portal.compliance import Envelope
from rfp import queries as rfp_queries
from rfp.models import Assessment, Criterion, Revision, Window
from scoring import queries
from scoring.facts import Contender, ScoreResult
from scoring.methods.value import automatic_mark
from scoring.methods.weighted_sum import score
from scoring.models import AutomaticMark, RankedProposal, Ranking, Score
from scoring.ranking import rank

# Names the rankings among the database's advisory locks; the second key is the window.
RANKING_LOCK = 0x0A0D18
Standing = RankedProposal.Standing


def mark_automatically(revision: Revision) -> Score:
    """Store the automatic marks of the revision's latest assessment, then its score. Doing it twice changes nothing."""
    assessment = rfp_queries.latest_assessment(revision)
    assert assessment is not None, "a revision is scored after it is assessed"
    numbers = queries.numbers_of(rfp_queries.findings_of(assessment), revision)
    answers = queries.answers_that_feed(revision)
    automatic = revision.proposal.lot.solicitation.criteria.filter(mode=Criterion.Mode.AUTOMATIC)
    with transaction.atomic():
        for criterion in automatic:
            mark, trace = automatic_mark(queries.criterion_facts(criterion), answers=answers, numbers=numbers)
            AutomaticMark.objects.update_or_create(
                revision=revision,
                criterion=criterion,
                defaults={
                    "assessment": assessment,
                    "value": mark.value,
                    "trace": trace,
                    "left_to_evaluators": mark.left_to_evaluators,
                },
            )
        return rescore(revision)


def rescore(revision: Revision) -> Score:
    """Compute and store the revision's own score from the marks as they are."""
    assessment = rfp_queries.latest_assessment(revision)
    findings = rfp_queries.findings_of(assessment)
    window = revision.proposal.window
    price_open = window is not None and rfp_queries.is_open(window, Envelope.PRICE)
    sheet = queries.score_sheet(revision, price_open=price_open)
    result = score(sheet)
    numbers = queries.numbers_of(findings, revision)
    spreads = [line.spread for line in result.lines if line.spread is not None]
    stored, _is_new = Score.objects.update_or_create(
        revision=revision,
        defaults={
            "technical": result.technical,
            "technical_percent": result.technical_percent,
            "price_mark": result.price_mark,
            "total": result.total,
            "price_total": sheet.price.offered if sheet.price else None,
            "marks_missing": result.marks_missing,
            "automatic_missing": result.automatic_missing,
            "knocked_out": any(rfp_queries.is_knockout_in_force(finding) for finding in findings),
            "awaiting_confirmation": sum(rfp_queries.awaits_confirmation(finding) for finding in findings),
            "domestic_low": numbers.get("DC-2.lo_pct"),
            "domestic_high": numbers.get("DC-2.hi_pct"),
            "spread": (sum(spreads, Decimal(0)) / len(spreads)).quantize(Decimal("0.0001"))
            if spreads
            else None,
            "trace": trace_of(result, assessment),
            "scored_by_pid": os.getpid(),
            "scored_at": clock.wall_time(),
        },
    )
    return stored


def trace_of(result: ScoreResult, assessment: Assessment | None) -> dict[str, Any]:
    """Every figure of a score as text, so that it opens on the page, in the PDF and in the attached data."""
    return {
        "method": "weighted_sum 1, fixed_reference 1",
        "rulebook": assessment.rulebook if assessment else "",
        "lines": [
            {
                "criterion": line.criterion,
                "title": line.title,
                "mode": line.mode,
                "envelope": line.envelope,
                "weight": str(line.weight),
                "mark": None if line.mark is None else str(line.mark),
                "points": str(line.points),
                "marks": dict(line.marks),
            }
            for line in result.lines
        ],
    }


def rescore_window(window: Window) -> None:
    """All scores of a window again, after its price envelope was opened."""
    for stored in queries.scores_in(window).values_list("revision_id", flat=True):
        rescore(queries.revision_to_score(stored))


def rank_window(window: Window) -> bool:
    """Order the window's scores and store them. True when more was requested meanwhile: rank again."""
    requests = _requests_so_far(window)
    with transaction.atomic():
        if not _only_one(window):
            return True
        price_open = rfp_queries.is_open(window, Envelope.PRICE)
        threshold = window.solicitation.technical_threshold
        scores = list(queries.scores_in(window))
        rows = _rows(scores, threshold=threshold, price_open=price_open)
        _store(window, rows, requests=requests, price_open=price_open)
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


def _rows(scores: Iterable[Score], *, threshold: Decimal, price_open: bool) -> list[RankedProposal]:
    rows = {str(score.revision_id): _row(score, threshold) for score in scores}
    contenders = [
        Contender(
            key=key,
            lot=str(row.lot_id),
            score=row.score if row.score is not None else Decimal(0),
            technical=row.technical or Decimal(0),
            price=row.price_total if price_open else None,
            received_at=_received(row.revision),
        )
        for key, row in rows.items()
        if row.standing == Standing.RANKED
    ]
    ordered = []
    for place in rank(contenders):
        row = rows.pop(place.key)
        row.rank, row.lot_rank, row.shared = place.rank, place.lot_rank, place.shared
        row.tie_step = place.tie_step
        ordered.append(row)
    ordered += sorted(rows.values(), key=lambda row: (row.standing, row.supplier_name))
    for position, row in enumerate(ordered, start=1):
        row.position = position
    return ordered


def _received(revision: Revision) -> datetime:
    assert revision.received_at is not None, "only received revisions are ranked"
    return revision.received_at


def _row(stored: Score, threshold: Decimal) -> RankedProposal:
    proposal, revision = stored.revision.proposal, stored.revision
    site = revision.final_site
    return RankedProposal(
        proposal=proposal,
        revision=revision,
        lot=proposal.lot,
        supplier=proposal.supplier,
        supplier_name=proposal.supplier.legal_name,
        place=f"{site.city}, {site.state}" if site else "",
        state=site.state if site else "",
        standing=_standing(stored, threshold),
        score=stored.total if stored.total is not None else stored.technical,
        technical=stored.technical,
        price_mark=stored.price_mark,
        price_total=stored.price_total,
        domestic_low=stored.domestic_low,
        domestic_high=stored.domestic_high,
        spread=stored.spread,
        marks=[
            [line["criterion"], line["weight"], line["mark"], line["mode"]] for line in stored.trace["lines"]
        ],
        flags=_flags(stored),
    )


def _standing(stored: Score, threshold: Decimal) -> str:
    if stored.knocked_out:
        return Standing.KNOCKED_OUT
    if stored.marks_missing:
        return Standing.NOT_SCORED
    if (stored.technical_percent or 0) < threshold and not stored.automatic_missing:
        return Standing.BELOW_THRESHOLD
    return Standing.RANKED


def _flags(stored: Score) -> list[str]:
    """What a reader of the list must know before trusting the place; each is a word the page translates."""
    flags = []
    if stored.awaiting_confirmation:
        flags.append("knockout")
    if stored.automatic_missing:
        flags.append("mark_missing")
    return flags


def _store(window: Window, rows: list[RankedProposal], *, requests: int, price_open: bool) -> None:
    ranking = Ranking.objects.get(window=window)
    ranking.rows.all().delete()
    for row in rows:
        row.ranking = ranking
    RankedProposal.objects.bulk_create(rows, batch_size=1000)
    ranking.served, ranking.price_open, ranking.ranked_at = requests, price_open, clock.wall_time()
    ranking.ranked_count = sum(row.standing == Standing.RANKED for row in rows)
    ranking.unranked_count = len(rows) - ranking.ranked_count
    ranking.save(update_fields=["served", "price_open", "ranked_at", "ranked_count", "unranked_count"])
