"""What a panel still has to agree on before prices open, where the RFP asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from rfp.models import Lot, Proposal, Window
from scoring.moderation import queries, rows
from scoring.ranking import inputs, sheets


def unsettled_in(window: Window, lots: Sequence[Lot]) -> dict[int, int]:
    """lot id → competing proposals with a criterion whose marks are far apart and that has no agreed mark.

    The same measure as in the moderation room; as many queries for a thousand proposals as for one, for each lot. None
    where the RFP doesn't ask for agreement.
    """
    if not window.solicitation.consensus_needed:
        return {}
    return {lot.pk: _in_lot(window, lot) for lot in lots}


def _in_lot(window: Window, lot: Lot) -> int:
    # Where all marks agree there is nothing to settle.
    apart = queries.by_spread(
        Proposal.objects.filter(
            window=window, lot=lot, withdrawn_at__isnull=True, current_revision__score__spread__gt=0
        )
    )
    keys = list(apart.values_list("pk", flat=True))
    if not keys:
        return 0
    found = sheets.submitted(window, [lot], price_open=False, only=keys)[lot.pk]
    criteria, usual = inputs.criteria_of(window.solicitation), queries.usual_in(window, lot)
    return sum(any(cell.is_open for cell in rows.cells_of(each, criteria, usual)) for each in found)
