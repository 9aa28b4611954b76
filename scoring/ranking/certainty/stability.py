"""How sure a stored ranking is: other weights, drawn around the published ones, by the engine. Runs on workers only.

The engine loads numpy here, and nothing else of the portal does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from portal.kit import clock
from portal.kit.compliance import Envelope
from rfp.models import Lot, Window
from rfp.proposals import queries as proposals_queries
from scoring.calculation import Analyses, Declined, Simulation, analyse
from scoring.calculation.facts import Evaluation
from scoring.calculation.file.reading import parse, read
from scoring.ranking import method as methods
from scoring.ranking import queries, sheets
from scoring.ranking.certainty.chances import ROBUST
from scoring.ranking.certainty.flips import kept
from scoring.ranking.models import RankChance, Ranking, Stability

DRAWS = 10_000
KAPPA = 100
RANKS = 10  # ranks whose chances are stored one by one
Chances = Mapping[str, tuple[float, list[float]]]


def measure(window: Window) -> None:
    """Store the stability of each ranked lot. Does nothing where the stored one is of the stored ranking.

    While a newer ranking is asked for it does nothing either: that one asks again.
    """
    ranking = queries.ranking_of(window)
    if ranking is None or ranking.ranked_at is None or ranking.is_stale:
        return
    measured = set(ranking.stabilities.filter(served=ranking.served).values_list("lot", flat=True))
    ranked = set(ranking.rows.exclude(rank=None).values_list("lot", flat=True).distinct())
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    found = [
        _of_lot(ranking, window, lot, price_open=lot.pk in priced)
        for lot in window.solicitation.lots.all()
        if lot.pk in ranked - measured
    ]
    with transaction.atomic():
        ranking.stabilities.exclude(lot__in=ranked).delete()
        _store(
            [stability for stability, _chances in found], [each for _, chances in found for each in chances]
        )


def _store(stabilities: list[Stability], chances: list[RankChance]) -> None:
    """A newer ranking may have come meanwhile; then these are behind at once, and say so by what they served."""
    Stability.objects.bulk_create(
        stabilities, update_conflicts=True, unique_fields=["ranking", "lot"], update_fields=UPDATED
    )
    RankChance.objects.filter(stability__in=stabilities).delete()
    for each in chances:
        each.stability_id = each.stability.pk
    # Of two workers at once the later one's figures stand; both computed the same.
    RankChance.objects.bulk_create(
        chances,
        update_conflicts=True,
        unique_fields=["stability", "proposal"],
        update_fields=["figures", "flip"],
    )


UPDATED = [
    field.name
    for field in Stability._meta.concrete_fields
    if not field.primary_key and field.name not in ("ranking", "lot")
]


def _of_lot(
    ranking: Ranking, window: Window, lot: Lot, *, price_open: bool
) -> tuple[Stability, list[RankChance]]:
    """The stability of one lot with what it says of each ranked proposal, not stored."""
    stored = list(
        ranking.rows.filter(lot=lot, rank__isnull=False)
        .order_by("position")
        .values("rank", "proposal_id", "proposal_number", "supplier_name", "supplier_id")
    )
    # The same draws each time: chances move only because marks or prices did.
    asked = Simulation(draws=DRAWS, top=window.solicitation.slots_per_lot, seed=lot.pk)
    analysis, declined = _analysed(evaluation_of(window, lot, price_open=price_open), asked)
    chances: Chances = {
        number: (chance, analysis["rank_acceptability"][number][:RANKS])
        for number, chance in analysis["top"].items()
    }
    flips = kept(analysis["flips"], stored)
    measured = Stability(
        ranking=ranking,
        lot=lot,
        served=ranking.served,
        seed=asked.seed,
        draws=DRAWS,
        kappa=KAPPA,
        places=window.solicitation.slots_per_lot,
        error=analysis["error"],
        ranked=len(stored),
        contested=contested(stored, chances),
        declined=declined[:200],
        computed_at=clock.wall_time(),
    )
    return measured, [
        RankChance(
            stability=measured,
            proposal_id=row["proposal_id"],
            figures=[chances[number][0], *chances[number][1]],
            flip=flips.get(number),
        )
        for row in stored
        if (number := row["proposal_number"]) in chances
    ]


def _analysed(evaluation: Evaluation, asked: Simulation) -> tuple[Mapping[str, Any], str]:
    """The engine's stability, and why there is none: a sentence, or blank."""
    try:
        found = analyse(evaluation, Analyses(stability=asked))
    except Declined as why:
        return {"top": {}, "rank_acceptability": {}, "flips": [], "error": 0.0}, str(why)
    return found["sets"][0]["analysis"]["stability"], ""


def evaluation_of(window: Window, lot: Lot, *, price_open: bool) -> Evaluation:
    """The lot's evaluation as its file has it, without what people decided: that changes no number."""
    found = sheets.submitted(window, [lot], price_open=price_open)[lot.pk]
    names = sheets.pseudonyms(window.solicitation)
    raw = {
        "format": methods.FORMAT,
        **sheets.method_and_criteria(window.solicitation, found, price_open=price_open),
        "evaluators": list(names.values()),
        "sets": [sheets.set_lines(window, lot, [each for each in found if each.is_complete], names)],
    }
    return read(parse(json.dumps(raw, ensure_ascii=False).encode()))


def contested(rows: Sequence[Mapping[str, Any]], chances: Chances) -> list[dict[str, Any]]:
    """The proposals that may be in or out of the first places, in the order of ranks."""
    return [
        {
            "rank": row["rank"],
            "number": row["proposal_number"],
            "name": row["supplier_name"],
            "supplier": row["supplier_id"],
            "chance": chances[row["proposal_number"]][0],
        }
        for row in rows
        if row["proposal_number"] in chances and 1 - ROBUST < chances[row["proposal_number"]][0] < ROBUST
    ]
