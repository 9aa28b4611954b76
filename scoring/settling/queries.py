"""What was settled beside the marks of some revisions, and between proposals that were tied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from rfp.models import Revision, Window
from scoring.settling.models import Consensus, Draw, MarkVersion, Reopening

Agreed = dict[tuple[int, int], Consensus]
"""(revision id, criterion id) → the agreement that counts."""


def agreed_on(revisions: Iterable[int]) -> Agreed:
    """The agreements that count, without those that were taken back; one query."""
    last: Agreed = {}
    for row in Consensus.objects.filter(revision__in=list(revisions)).order_by("id"):
        last[row.revision_id, row.criterion_id] = row
    return {key: row for key, row in last.items() if row.anchor is not None}


def agreements_of(revision: Revision) -> QuerySet[Consensus]:
    """Every agreement on a revision, the newest first, those that were replaced too."""
    return Consensus.objects.filter(revision=revision).select_related("criterion", "by").order_by("-id")


def reopenings_of(revision: Revision) -> QuerySet[Reopening]:
    """Every time a criterion of the revision was opened again, the newest first."""
    found = Reopening.objects.filter(revision=revision)
    return found.select_related("criterion", "evaluator__user", "by").order_by("-id")


def versions_of(revision: Revision) -> QuerySet[MarkVersion]:
    """What marks of the revision were before they were changed, in order."""
    return MarkVersion.objects.filter(revision=revision).order_by("id")


def orders_drawn(window: Window) -> dict[int, list[Mapping[str, int]]]:
    """lot id → the orders of its recorded draws (proposal's number → place in it, from 1), the oldest first; one
    query."""
    found: dict[int, list[Mapping[str, int]]] = {}
    rows = Draw.objects.filter(start__window=window).order_by("id")
    for lot, drawn in rows.values_list("start__lot", "drawn"):
        found.setdefault(lot, []).append({number: at for at, number in enumerate(drawn, start=1)})
    return found


def draws_of(window: int, lot: int) -> QuerySet[Draw]:
    """Every draw of a lot, the newest first."""
    found = Draw.objects.filter(start__window=window, start__lot=lot)
    return found.select_related("start__by", "by").order_by("-id")
