"""Background scoring. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import enqueue_on_commit, job
from rfp.models import Window
from scoring.ranking import order, queries, scores
from scoring.ranking.certainty import stability

# Marks come in bursts; a moment's wait lets one ranking serve them all.
COALESCE_SECONDS = 1.0
# Ten thousand draws for each of them would only be thrown away.
SETTLE_SECONDS = 5.0


@job("assess")
def score_revision(revision_id: int) -> None:
    """Automatic marks and the score of one assessed revision."""
    scores.mark_automatically(queries.revision_to_score(revision_id))


@job("rank")
def rank_window(window_id: int) -> None:
    """Store the ranking of one window, again if marks came meanwhile.

    With every price that is open in it: a ranking asked for before an opening may only run after it, and would
    otherwise show as current what lacks half of the totals.
    """
    window = Window.objects.select_related("solicitation").get(pk=window_id)
    order.rescore_window(window)
    if order.rank_window(window):
        rank_window.apply_async(args=(window_id,), countdown=COALESCE_SECONDS)
    else:
        enqueue_on_commit(measure_stability, window_id, countdown=SETTLE_SECONDS)


@job("bulk")
def measure_stability(window_id: int) -> None:
    """How sure the stored ranking is. Twice stores nothing new; a ranking that is behind leaves it to the next one."""
    stability.measure(Window.objects.select_related("solicitation").get(pk=window_id))
