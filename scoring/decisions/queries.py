"""Decisions on proposals: which one counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from portal.kit.formats import listed
from rfp.models import Proposal
from scoring.decisions.models import Decision
from scoring.ranking.models import RankedProposal


def latest_verdict(proposal: str) -> Subquery:
    """The verdict that counts, blank while there is none; `proposal` names the outer column."""
    return Subquery(
        Decision.objects.filter(proposal=OuterRef(proposal)).order_by("-id").values("verdict")[:1]
    )


def latest_decisions(proposals: Iterable[Any]) -> dict[Any, Decision]:
    """proposal id → the decision that counts; one query."""
    found = Decision.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id")
    return {decision.proposal_id: decision for decision in found}


def decisions_on(proposals: Iterable[Any]) -> dict[Any, list[Decision]]:
    """proposal id → everything that was decided, in order; one query."""
    found: dict[Any, list[Decision]] = {}
    for each in Decision.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id"):
        found.setdefault(each.proposal_id, []).append(each)
    return found


def _with_verdict(window: int, lot: int, *verdicts: Decision.Verdict) -> QuerySet[Proposal]:
    """Proposals of a lot whose latest verdict is one of these."""
    return (
        Proposal.objects.filter(window=window, lot=lot, withdrawn_at__isnull=True)
        .annotate(verdict=latest_verdict("pk"))
        .filter(verdict__in=verdicts)
    )


def holders_of_slots(window: int, lot: int) -> set[UUID]:
    """Proposals that take a slot of the lot: shortlisted or awarded."""
    verdicts = (Decision.Verdict.SHORTLISTED, Decision.Verdict.AWARDED)
    return set(_with_verdict(window, lot, *verdicts).values_list("pk", flat=True))


def places_given_up(window: int, lot: int) -> bool:
    """Whether a supplier gave up a place in the lot."""
    return _with_verdict(window, lot, Decision.Verdict.WITHDREW).exists()


def reserve_of(window: int, lot: int) -> list[RankedProposal]:
    """The reserve of a lot in the order in which places are offered: by rank."""
    waiting = _with_verdict(window, lot, Decision.Verdict.RESERVE).values("pk")
    return list(
        RankedProposal.objects.filter(ranking__window=window, lot=lot, proposal__in=waiting).order_by(
            "position"
        )
    )


def turn(row: RankedProposal) -> tuple[bool, int]:
    """When a place is offered to a row of the reserve, compared with others; equals have the same rank."""
    return (True, row.position) if row.rank is None else (False, row.rank)


def next_in_words(reserve: Sequence[RankedProposal]) -> str:
    """Who is offered the next place, blank without a reserve. Equals are all named: "A and B, tied at rank 4"."""
    equals = [row for row in reserve if turn(row) == turn(reserve[0])]
    names = listed([row.supplier_name for row in equals])
    return f"{names}, tied at rank {equals[0].rank}" if len(equals) > 1 else names
