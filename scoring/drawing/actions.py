"""Draws: two people settle a tie that nothing else settles, and neither of them can know or choose the outcome.

The first says who is tied. That is in the audit chain before the second draws. The seed then comes from the portal's
signature of a statement: the RFP, the lot, the tie, the event of the start, and the newest event of the audit chain.
See docs/decisions/0040-ties-are-drawn.md.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from portal.accounts import pairs
from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import AuditEvent, User
from portal.record import audit, heads
from rfp.models import Lot, Proposal, Window
from rfp.proposals import queries as proposals_queries
from scoring.calculation import draws
from scoring.drawing import queries, verification
from scoring.panel import access
from scoring.panel import queries as panel_queries
from scoring.panel.models import Conflict, ConflictDeclaration
from scoring.ranking.actions import request_ranking
from scoring.ranking.models import RankedProposal, Ranking
from scoring.settling.models import Draw, DrawStart

DRAW = pairs.act("tie.draw", "draw between tied proposals", "scoring:tie_list")
BOTH = "It takes two people to draw: the chair and an admin."
CHANGED = "This tie changed in the meantime. Check who is tied now."
STARTED = "Someone has already started this draw. A second person must complete it."


def start_draw(
    window: Window, lot: Lot, *, tied: Collection[str], by: User, at: datetime | None = None
) -> DrawStart:
    """The first of two people says which tie is to be drawn: `tied`, the proposals' numbers. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        rank = _rank_of(window, lot, tied)
        _must_draw(window, tied, by)
        if DrawStart.objects.filter(window=window, lot=lot, digest=draws.digest_of(tied)).exists():
            raise Refused(STARTED)
        _settle_older(window, lot, tied, at=now)
        start = DrawStart.objects.create(
            window=window,
            lot=lot,
            rank=rank,
            tied=sorted(tied),
            digest=draws.digest_of(tied),
            by=by,
            at=now,
        )
        audit.record(
            "tie.draw_started", start, by=by, at=now, window=window.number, lot=lot.code, tied=start.tied
        )
        return start


def _settle_older(window: Window, lot: Lot, tied: Collection[str], *, at: datetime) -> None:
    """What was begun for another tie of the same proposals needs no countersignature anymore."""
    older = DrawStart.objects.filter(window=window, lot=lot, draw__isnull=True, tied__overlap=list(tied))
    pairs.settle(older, at=at)


@pairs.two_people(Refused)
def complete_draw(start: DrawStart, *, by: User, at: datetime | None = None) -> Draw:
    """The second person draws: the order is recorded and stands. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        Lot.objects.select_for_update(no_key=True).get(pk=start.lot_id)
        begun = DrawStart.objects.select_related("window__solicitation", "lot", "by").get(pk=start.pk)
        window, lot = begun.window, begun.lot
        if Draw.objects.filter(start=begun).exists():
            raise Refused("This tie is already drawn.")
        _rank_of(window, lot, begun.tied)
        _must_draw(window, begun.tied, by)
        if begun.by_id == by.pk or begun.by.is_admin == by.is_admin:
            raise Refused(BOTH)
        number = window.solicitation.number
        pairs.demand(
            DRAW,
            [(begun.by, begun)],
            by,
            about=f"rank {begun.rank} in lot {lot.code}, window {window.number} of {number}",
            args=[number],
            at=now,
            seats=panel_queries.seated_at(window.solicitation_id),
        )
        draw = _drawn(begun, by=by, at=now)
        request_ranking(window)
        audit.record(
            "tie.drawn",
            draw,
            by=by,
            at=now,
            window=window.number,
            lot=lot.code,
            drawn=draw.drawn,
            seed=draw.seed,
        )
        return draw


def _drawn(start: DrawStart, *, by: User, at: datetime) -> Draw:
    begun = AuditEvent.objects.get(verb="tie.draw_started", subject=audit.subject_of(start))
    statement = verification.statement_of(start, begun, AuditEvent.objects.order_by("-seq")[0])
    signature = heads.sign(statement.encode())
    seed = draws.seed_of(signature)
    return Draw.objects.create(
        start=start,
        statement=statement,
        signature=base64.b64encode(signature).decode(),
        seed=seed,
        drawn=draws.order_of(seed, start.tied),
        by=by,
        at=at,
    )


# ---- what must hold ---------------------------------------------------------------------------------------------


def _rank_of(window: Window, lot: Lot, tied: Collection[str]) -> int:
    """The rank that exactly these proposals share in the stored ranking. Raises Refused."""
    if not queries.settles_by_draw(window.solicitation):
        raise Refused("This RFP doesn’t settle ties by a draw.")
    if lot.pk not in proposals_queries.open_lots(window, Envelope.PRICE):
        raise Refused("You can draw after prices open. Until then, the tie is not final.")
    ranking = Ranking.objects.filter(window=window).first()
    if ranking is None or ranking.is_stale:
        raise Refused("The ranking is being updated. Try again in a minute.")
    shared = RankedProposal.objects.filter(ranking=ranking, lot=lot, shared=True, price_open=True)
    ranks = set(shared.filter(proposal_number__in=list(tied)).values_list("rank", flat=True))
    rank = ranks.pop() if len(ranks) == 1 else None
    if rank is None or queries.numbers_tied(ranking, lot.pk, rank) != sorted(tied):
        raise Refused(CHANGED)
    return rank


def _must_draw(window: Window, tied: Collection[str], by: User) -> None:
    """Chair and admins draw, after signing for the window, and never about a supplier they have a conflict with."""
    if not (by.is_admin or access.is_chair(by, window.solicitation)):
        raise Refused(BOTH)
    if not ConflictDeclaration.objects.filter(window=window, user=by).exists():
        raise Refused(f"Sign your conflict declaration for window {window.number} first.")
    suppliers = Proposal.objects.filter(window=window, number__in=list(tied)).values("supplier")
    named = Conflict.objects.filter(Q(supplier__in=suppliers) | Q(supplier__isnull=True), user=by)
    if named.filter(solicitation=window.solicitation_id).exists():
        raise Refused("You have a conflict with a supplier in this tie. Someone else must draw.")
