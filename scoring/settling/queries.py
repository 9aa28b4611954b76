"""What was settled beside the marks of some revisions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from rfp.models import Revision
from scoring.settling.models import Consensus, MarkVersion, Reopening

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
