"""What reviewers read about proposals besides what suppliers wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, reduce
from operator import or_

from django.db.models import (
    Count,
    F,
    Max,
    Q,
    Sum,
    prefetch_related_objects,
)

from portal.kit.clock import WallTime
from portal.kit.compliance import Audience, Envelope
from portal.kit.formats import count_of
from rfp.compliance import queries as compliance_queries
from rfp.models import (
    Assessment,
    Attachment,
    Finding,
    JobsLine,
    Proposal,
    Revision,
    Solicitation,
    Window,
)
from rfp.proposals import queries as proposals_queries
from scoring.panel.access import (
    Access,
    LotAccess,
    Viewer,
    hidden_from,
    reads_in,
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


@dataclass(frozen=True, order=True)
class Held:
    """What a lot of a window holds. The three figures change with any proposal of it, and frozen offers don't."""

    lot: int
    count: int
    latest: int
    sum: int


def held_in(windows: Iterable[tuple[Window, Access]]) -> dict[int, tuple[Held, ...]]:
    """window id → what its opened lots hold, withdrawn proposals aside, lots without any left out; one query."""
    opened = [Q(window=window, lot__in=access.technical_lots) for window, access in windows]
    if not opened:
        return {}
    received = Proposal.objects.filter(
        reduce(or_, opened), current_revision__isnull=False, withdrawn_at__isnull=True
    )
    counted = received.order_by().values_list("window", "lot")
    found: dict[int, list[Held]] = {}
    for window, *held in counted.annotate(
        Count("pk"), Max("current_revision_id"), Sum("current_revision_id")
    ):
        found.setdefault(window, []).append(Held(*held))
    return {window: tuple(sorted(lots)) for window, lots in found.items()}


def new_jobs_by_state(viewer: Viewer, window: Window, held: tuple[Held, ...]) -> dict[str, Decimal]:
    """State → new places offered there, over the proposals of `held_in` that the user may read; no query where it was
    asked before."""
    return _new_jobs(window.pk, held, hidden_from(viewer)) if reads_in(viewer, window) else {}


@lru_cache(maxsize=64)
def _new_jobs(window: int, held: tuple[Held, ...], hidden: frozenset[int]) -> dict[str, Decimal]:
    """Kept in the process by all that decides it."""
    rows = JobsLine.objects.filter(
        revision__proposal__current_revision=F("revision"),
        revision__proposal__window=window,
        revision__proposal__lot__in=[each.lot for each in held],
        revision__proposal__withdrawn_at__isnull=True,
        new__gt=0,
    )
    if hidden:
        rows = rows.exclude(revision__proposal__supplier__in=hidden)
    return dict(rows.order_by().values_list("state").annotate(places=Sum("new")).order_by("state"))


@dataclass(frozen=True, kw_only=True)
class Prices:
    """How far a window's prices are open, in words and as a shape; `done` when no lot with proposals is left."""

    words: str
    state: str
    done: bool


def prices_of(window: Window, price_lots: frozenset[int], held: Iterable[Held] | None = None) -> Prices:
    """`price_lots`: ids of the lots whose prices are open; `held`: of `held_in`, where the caller has read it. One
    query, else none; none while all are sealed."""
    if not price_lots:
        return Prices(words="Sealed", state="sealed", done=False)
    offered = received_by_lot(window).keys() if held is None else {each.lot for each in held}
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
