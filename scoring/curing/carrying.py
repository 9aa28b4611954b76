"""Marks that people gave, carried over to the revision that repeats the one they were given on.

What they judged is the same to the byte, so the marks stand. Computed marks are computed anew.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from scoring.ranking.mark_models import Mark, PanelMark
from scoring.settling.models import Consensus, MarkVersion, Reopening

# In this order: a mark that is there counts as given when a reopening comes.
GIVEN: tuple[type[Model], ...] = (Mark, MarkVersion, Reopening, Consensus, PanelMark)


def carry_marks(old: int, new: int) -> None:
    """Copy everything that was given on one revision to another, with who and when. Ids of revisions."""
    for model in GIVEN:
        rows: list[Any] = list(model._default_manager.filter(revision=old).order_by("pk"))
        for row in rows:
            row.pk, row.revision_id = None, new
        model._default_manager.bulk_create(rows)
