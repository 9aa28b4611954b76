"""What reviewers read about proposals besides what suppliers wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import (
    Count,
    F,
    Q,
    Sum,
    prefetch_related_objects,
)

from portal.kit.clock import WallTime
from portal.kit.compliance import Audience, Envelope
from portal.kit.formats import count_of
from rfp.compliance import queries as compliance_queries
from rfp.models import Assessment, Attachment, Finding, JobsLine, Proposal, Revision, Solicitation, Window
from rfp.proposals import queries as proposals_queries
from scoring.panel.access import (
    LotAccess,
    Person,
    proposals_visible_to,
)


def proposals_received(solicitation: Solicitation, *, now: datetime | WallTime) -> dict[int, int]:
    """window id → how many proposals were received and not withdrawn, for windows that have closed.

    While a window is open nobody is told: the count would tell when rivals submit.
    """
    received = Q(proposals__current_revision__isnull=False, proposals__withdrawn_at__isnull=True)
    closed = solicitation.windows.filter(closes_at__lte=now).order_by()
    return dict(closed.annotate(count=Count("proposals", filter=received)).values_list("pk", "count"))


def findings_for_buyers(
    assessment: Assessment | None, *, access: LotAccess, officer: bool, named: bool = True
) -> list[Finding]:
    """Findings a buyer may read, overrides prefetched. Officers and who decides see screening, unless they may not know
    the supplier (`named`), since screening is about names. Nothing of the closed
    price envelope is among them: an outcome alone would tell how the price compares, or what a sealed answer says."""
    shown = []
    for finding in compliance_queries.findings_of(assessment):
        if finding.audience == Audience.CHAIR.value and not ((access.decides and named) or officer):
            continue
        if finding.envelope == Envelope.PRICE.value and not access.price_open:
            continue
        shown.append(finding)
    return shown


def statements_of(revision: Revision) -> dict[int, str]:
    """criterion id → the supplier's own words, fetched once for this object."""
    prefetch_related_objects([revision], "statements")
    return {each.criterion_id: each.text for each in revision.statements.all()}


def places_of_files(proposal: Proposal) -> dict[int, int]:
    """attachment id → its place among the files of the current revision, from 1; one query."""
    keys = Attachment.objects.filter(revision=proposal.current_revision_id).order_by("pk").values_list("pk")
    return {pk: place for place, (pk,) in enumerate(keys, start=1)}


def new_jobs_by_state(user: Person, solicitation: Solicitation) -> dict[int, dict[str, Decimal]]:
    """window id → state → new places offered there, over the proposals the user may read; one query."""
    rows = (
        JobsLine.objects.filter(
            revision__proposal__in=proposals_visible_to(user).filter(lot__solicitation=solicitation),
            revision__proposal__current_revision=F("revision"),
            new__gt=0,
        )
        .values_list("revision__proposal__window", "state")
        .annotate(places=Sum("new"))
        .order_by("state")
    )
    found: dict[int, dict[str, Decimal]] = {}
    for window, state, places in rows:
        found.setdefault(window, {})[state] = places
    return found


@dataclass(frozen=True, kw_only=True)
class Prices:
    """How far a window's prices are open, in words and as a shape; `done` when no lot with proposals is left."""

    words: str
    state: str
    done: bool


def prices_of(window: Window, price_lots: frozenset[int]) -> Prices:
    """`price_lots`: ids of the lots whose prices are open. One query, none while all are sealed."""
    if not price_lots:
        return Prices(words="Sealed", state="sealed", done=False)
    offered = received_by_lot(window).keys()
    if price_lots >= offered:
        return Prices(words="Open", state="met", done=True)
    words = f"Open in {len(price_lots & offered)} of {count_of(len(offered), 'lot')}"
    return Prices(words=words, state="run", done=False)


def received_by_lot(window: Window) -> dict[int, int]:
    """lot id → opened proposals, withdrawn ones aside; lots without any are left out."""
    counted = (
        proposals_queries.opened_proposals()
        .filter(window=window)
        .values_list("lot")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return dict(counted)
