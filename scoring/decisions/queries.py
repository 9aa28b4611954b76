"""Decisions on proposals: which one counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    OuterRef,
    Subquery,
)

from scoring.decisions.models import Decision


def latest_verdict(proposal: str) -> Subquery:
    """The verdict that counts, blank while there is none; `proposal` names the outer column."""
    return Subquery(
        Decision.objects.filter(proposal=OuterRef(proposal)).order_by("-id").values("verdict")[:1]
    )


def latest_decisions(proposals: Iterable[Any]) -> dict[Any, Decision]:
    """proposal id → the decision that counts; one query."""
    found = Decision.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id")
    return {decision.proposal_id: decision for decision in found}
