"""A suggested portfolio of one lot, computed by a worker with the engine that `recompute --portfolio` runs."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import DatabaseError

from portal.kit import clock
from portal.kit.compliance import Envelope
from rfp.proposals import queries as proposals_queries
from scoring.calculation import Declined, Evaluation, NotAnEvaluation, recompute
from scoring.calculation.file.reading import parse, read
from scoring.calculation.file.writing import inputs_sha256
from scoring.calculation.recomputing import SetResults
from scoring.comparing import evaluations
from scoring.comparing.models import Portfolio
from scoring.comparing.origins import averaged, origins_of
from scoring.ranking import queries as ranking_queries

log = logging.getLogger(__name__)
SEALED = "Prices are sealed. We can’t suggest a portfolio before they are open."
STEPS = 3  # reading, choosing, origins; each constraint with a price is one more


def compute(pk: int) -> None:
    """Compute one portfolio. One that is there already is left alone; one that can't be computed says why."""
    asked = (
        Portfolio.objects.select_related("window__solicitation", "lot")
        .exclude(state__in=[Portfolio.State.DONE, Portfolio.State.FAILED])
        .filter(pk=pk)
        .first()
    )
    if asked is None:
        return
    asked.state, asked.worker_pid, asked.total = Portfolio.State.RUNNING, os.getpid(), STEPS
    asked.save(update_fields=["state", "worker_pid", "total"])
    try:
        _compute(asked)
    except (Declined, NotAnEvaluation) as why:
        _settle(asked, Portfolio.State.FAILED, error=str(why)[:300])
    except DatabaseError:
        raise
    except Exception as error:
        # The exception's text may hold prices: only its kind is logged.
        log.error("portfolio %s was not computed: %s", asked.pk, type(error).__name__)
        _settle(
            asked,
            Portfolio.State.FAILED,
            error="We couldn’t compute the portfolio. Ask again. If it fails again, contact an admin.",
        )
    else:
        _settle(asked, Portfolio.State.DONE)


def _settle(asked: Portfolio, state: str, *, error: str = "") -> None:
    asked.state, asked.error, asked.finished_at = state, error, clock.wall_time()
    asked.save()


def _compute(asked: Portfolio) -> None:
    if asked.lot_id not in proposals_queries.open_lots(asked.window, Envelope.PRICE):
        raise Declined(SEALED)
    ranking = ranking_queries.ranking_of(asked.window)
    asked.served = ranking.served if ranking else 0
    evaluation = evaluation_of(asked)
    asked.inputs_sha256 = inputs_sha256(evaluation.raw)
    _step(asked)
    same = Portfolio.objects.filter(
        window=asked.window_id,
        lot=asked.lot_id,
        inputs_sha256=asked.inputs_sha256,
        state=Portfolio.State.DONE,
    ).first()
    asked.result = same.result if same else _result(asked, evaluation)


def evaluation_of(asked: Portfolio) -> Evaluation:
    """The lot's evaluation file with the terms in it, as the engine reads it."""
    raw, _left_out = evaluations.whole(asked.window, [asked.lot], price_open=True)
    raw["portfolio"] = asked.terms
    return read(parse(json.dumps(raw, ensure_ascii=False).encode()))


def _result(asked: Portfolio, evaluation: Evaluation) -> dict[str, Any]:
    from scoring.calculation.coverage.portfolio import portfolio

    results = recompute(evaluation)
    found = portfolio(evaluation, results)
    if "prices" in found:
        asked.total += sum(Decimal(price) > 0 for price in found["prices"].values())
    _step(asked)
    swaps = _swaps(asked, evaluation, results, found) if "chosen" in found else []
    origins = _origins(asked, found.get("chosen", []))
    _step(asked)
    return {**found, "swaps": swaps, "origins": origins}


def _swaps(
    asked: Portfolio, evaluation: Evaluation, results: Sequence[SetResults], found: dict[str, Any]
) -> list[dict[str, Any]]:
    """For each constraint that costs points: who would be in without it, and who would not."""
    from scoring.calculation.coverage.choosing import best_choice
    from scoring.calculation.coverage.portfolio import candidates_of, limits_of

    assert evaluation.portfolio is not None, "the terms are in it"
    candidates = candidates_of(results)
    limits = limits_of(evaluation.portfolio, candidates)
    chosen = set(found["chosen"])
    swaps = []
    for limit in limits:
        price = found["prices"].get(limit.name)
        if price is None or Decimal(price) <= 0:
            continue
        without = best_choice(candidates, [each for each in limits if each is not limit]) or frozenset()
        swaps.append(
            {
                "limit": limit.name,
                "gain": price,
                "enter": sorted(without - chosen),
                "leave": sorted(chosen - without),
            }
        )
        _step(asked)
    return swaps


def _origins(asked: Portfolio, chosen: Sequence[str]) -> dict[str, Any]:
    """Average shares by country, of the chosen and of all ranked proposals."""
    rows = dict(
        ranking_queries.ranked_rows(asked.window_id, asked.lot_id).values_list(
            "revision_id", "proposal_number"
        )
    )
    shares = origins_of(rows)
    return {
        "all": averaged(shares.values()),
        "chosen": averaged(of for revision, of in shares.items() if rows[revision] in chosen),
    }


def _step(asked: Portfolio) -> None:
    """One step further, for who watches."""
    asked.done = min(asked.done + 1, asked.total)
    Portfolio.objects.filter(pk=asked.pk).update(done=asked.done, total=asked.total)
