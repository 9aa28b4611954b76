"""Ask for a ranking, and hold prices sealed while marks change."""

from __future__ import annotations

from django.db import connection

from portal.frame.jobs import enqueue_on_commit
from portal.kit.compliance import Envelope
from rfp.models import Proposal, Window
from rfp.proposals import queries as rfp_queries
from scoring.panel.models import Conflict
from scoring.ranking import queries, scores, tasks


def prices_stay_sealed(proposal: Proposal) -> bool:
    """Whether the proposal's price is sealed, and stays so until the caller's transaction ends: an opening waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rfp_window WHERE id = %s FOR SHARE", [proposal.window_id])
    return not rfp_queries.is_open(proposal, Envelope.PRICE)


def count_ranking_request(window: Window) -> bool:
    """Note that the stored ranking is behind; whether an earlier request was waiting already. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO scoring_ranking AS r (window_id, requests, served, ranked_count, unranked_count, lots)
            VALUES (%s, 1, 0, 0, 0, '[]')
            ON CONFLICT (window_id) DO UPDATE SET requests = r.requests + 1
            RETURNING requests - 1 > served
            """,
            [window.pk],
        )
        was_stale: bool = cursor.fetchone()[0]
        return was_stale


def request_ranking(window: Window) -> None:
    """Have the window ranked soon. Requests that come together are served together."""
    if not count_ranking_request(window):
        enqueue_on_commit(tasks.rank_window, window.pk, countdown=tasks.COALESCE_SECONDS)


def leave_out_marks(conflict: Conflict) -> None:
    """Score again, without the conflicted reviewer's marks, every proposal whose prices are still sealed."""
    marked = Proposal.objects.filter(
        current_revision__marks__evaluator__user=conflict.user_id,
        lot__solicitation=conflict.solicitation_id,
        withdrawn_at__isnull=True,
        **({"supplier": conflict.supplier_id} if conflict.supplier_id else {}),
    ).distinct()
    for proposal in marked.select_related("window", "lot"):
        if prices_stay_sealed(proposal) and proposal.current_revision_id is not None:
            scores.rescore(queries.revision_to_score(proposal.current_revision_id))
            assert proposal.window is not None, "it is submitted"
            request_ranking(proposal.window)
