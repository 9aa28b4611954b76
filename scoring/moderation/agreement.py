"""How far the panel agrees on one lot: measured on a worker with the engine's analyses, stored in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from portal.kit import clock
from portal.kit.compliance import Envelope
from rfp.models import Lot, Window
from rfp.proposals import queries as proposals_queries
from scoring.calculation import recompute
from scoring.moderation.models import Agreement
from scoring.moderation.wording import sentences
from scoring.panel.access import Conflicts
from scoring.ranking import queries as ranking_queries
from scoring.ranking import sheets
from scoring.ranking.certainty.stability import evaluation_of
from scoring.ranking.models import RankedProposal, Ranking


def sentences_for(window: Window, lot: Lot, conflicts: Conflicts) -> Sequence[Sequence[str]]:
    """What is stored of a lot; nothing for who is off the whole RFP. The sentences name reviewers, not proposals."""
    if conflicts.everybody:
        return ()
    stored = Agreement.objects.filter(window=window, lot=lot).first()
    return stored.sentences if stored else ()


def unmeasured() -> QuerySet[Ranking]:
    """Stored, not behind, and with a lot whose agreement was measured with another ranking."""
    measured = Agreement.objects.filter(
        window=OuterRef("ranking__window"), lot=OuterRef("lot"), served=OuterRef("ranking__served")
    )
    missing = RankedProposal.objects.filter(~Exists(measured), ranking=OuterRef("pk"), rank=1)
    return Ranking.objects.filter(Exists(missing), requests=F("served"))


def measure(window: Window) -> None:
    """Store the agreement of each ranked lot. Does nothing where the stored one is of the stored ranking."""
    ranking = ranking_queries.ranking_of(window)
    if ranking is None or ranking.ranked_at is None or ranking.is_stale:
        return
    measured = set(
        Agreement.objects.filter(window=window, served=ranking.served).values_list("lot", flat=True)
    )
    ranked = set(ranking.rows.exclude(rank=None).values_list("lot", flat=True).distinct())
    readable = proposals_queries.open_lots(window, Envelope.TECHNICAL)
    found = [
        _of_lot(ranking, window, lot)
        for lot in window.solicitation.lots.all()
        if lot.pk in (ranked & readable) - measured
    ]
    Agreement.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["window", "lot"],
        update_fields=["served", "sentences", "proposals", "computed_at"],
    )


def _of_lot(ranking: Ranking, window: Window, lot: Lot) -> Agreement:
    # The engine's analyses load numpy: on workers only.
    from scoring.calculation.analyses import agreement, effects

    (results,) = recompute(evaluation_of(window, lot, price_open=False))
    criteria = {
        each.title: {
            number: {mark.evaluator: float(mark.value) for mark in marks if mark.value is not None}
            for (number, code), marks in results.of.marks.items()
            if code == each.code
        }
        for each in results.criteria
    }
    said = sentences(
        criteria,
        effects.weighted_values(results),
        effects.effects(results),
        agreement.agreement(results),
        names_of(window),
    )
    return Agreement(
        window=window,
        lot=lot,
        served=ranking.served,
        sentences=[each.as_json() for each in said],
        proposals=len(results.rows),
        computed_at=clock.wall_time(),
    )


def names_of(window: Window) -> dict[str, str]:
    """How the engine calls a reviewer → the name."""
    names = sheets.pseudonyms(window.solicitation)
    seats = window.solicitation.evaluators.select_related("user").order_by("pk")
    return dict(zip(names.values(), (seat.user.name for seat in seats), strict=True))
