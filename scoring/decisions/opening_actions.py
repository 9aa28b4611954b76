"""Openings: two people make envelopes readable, lot by lot, or all lots that are ready in one act."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import transaction

from portal.accounts import pairs
from portal.frame.jobs import enqueue_on_commit
from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit, heads
from rfp.models import Lot, Opening, Window
from rfp.signals import technical_opened
from scoring.decisions import lots as decisions_lots
from scoring.panel import access, queries
from scoring.ranking import tasks
from scoring.ranking.actions import count_ranking_request

OPEN_ENVELOPES = pairs.act("envelope.open", "open envelopes", "scoring:opening_list")


def propose_openings(
    window: Window,
    *,
    envelope: Envelope,
    lots: Collection[Lot],
    by: User,
    at: datetime | None = None,
    fewer_marks_reason: str = "",
) -> list[Opening]:
    """The first of two people opens an envelope of these lots of a closed window. Raises Refused.

    The technical envelope opens for all lots at once, as one declaration covers them. `fewer_marks_reason`: why
    the chair opens prices below the quorum of marks.
    """
    with transaction.atomic():
        now = at or clock.transaction_start()
        _must_open_envelopes(window, by)
        if now < window.closes_at:
            raise Refused("The window is still open. You can open an envelope only after it closes.")
        if envelope is Envelope.PRICE:
            _must_be_ready(window, lots, by=by, reason=fewer_marks_reason)
        else:
            # What was offered for a withdrawn lot stays sealed.
            lots = list(window.solicitation.lots.filter(withdrawn_at__isnull=True))
        begun = Opening.objects.filter(window=window, envelope=envelope.value, lot__in=lots)
        if not lots or begun.exists():
            raise Refused("Someone has already started this opening. A second person must confirm it.")
        first = {"proposed_by": by, "proposed_at": now, "fewer_marks_reason": fewer_marks_reason.strip()}
        openings = Opening.objects.bulk_create(
            [Opening(window=window, lot=lot, envelope=envelope.value, **first) for lot in lots]
        )
        audit.record(
            "envelope.proposed",
            window,
            by=by,
            at=now,
            envelope=envelope.value,
            lots=[lot.code for lot in lots],
            fewer_marks=bool(fewer_marks_reason.strip()),
        )
        return openings


@pairs.two_people(Refused)
def confirm_openings(
    window: Window, *, envelope: Envelope, lots: Collection[Lot], by: User, at: datetime | None = None
) -> list[Opening]:
    """The second person confirms: from now on these envelopes are readable. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        begun = _begun(window, envelope, lots)
        _must_open_envelopes(window, by)
        waiting = [opening for opening in begun if opening.confirmed_at is None]
        if not waiting:
            raise Refused("This envelope is already open." if begun else "No one has started this opening.")
        locked = _closed(window, at=now)
        _must_be_two_people(locked, envelope, waiting, by=by, at=now)
        if envelope is Envelope.PRICE:
            for opening in waiting:
                _must_be_ready(
                    locked, [opening.lot], by=opening.proposed_by, reason=opening.fewer_marks_reason
                )
        for opening in waiting:
            # One by one: what an opening sets going listens to the row being saved.
            opening.confirmed_by, opening.confirmed_at = by, now
            opening.save(update_fields=["confirmed_by", "confirmed_at"])
        _after_opening(locked, envelope)
        audit.record(
            "envelope.opened",
            window,
            by=by,
            at=now,
            envelope=envelope.value,
            lots=[opening.lot.code for opening in waiting],
        )
        # From here on the record stands outside the database too. A disk that fails does not take the opening back:
        # it is logged, and the next head, within ten minutes, covers it.
        transaction.on_commit(partial(heads.write_head, f"{envelope.value} opening"), robust=True)
        return waiting


def _closed(window: Window, *, at: datetime) -> Window:
    """The window, locked: marks and decisions being stored hold it; later ones find the envelope open."""
    locked = (
        Window.objects.select_for_update(of=("self",), no_key=True)
        .select_related("solicitation")
        .get(pk=window.pk)
    )
    if at < locked.closes_at:
        raise Refused("The window is open again. You can open an envelope only after it closes.")
    return locked


def _begun(window: Window, envelope: Envelope, lots: Collection[Lot]) -> list[Opening]:
    """The openings that were started, locked; for the technical envelope those of all lots."""
    which = {} if envelope is Envelope.TECHNICAL else {"lot__in": lots}
    found = Opening.objects.select_for_update(of=("self",)).select_related("proposed_by", "lot")
    return list(
        found.filter(window=window, envelope=envelope.value, **which).order_by("lot__position", "lot__code")
    )


def _must_be_two_people(
    window: Window, envelope: Envelope, waiting: list[Opening], *, by: User, at: datetime
) -> None:
    """Raises Refused and NotTwoPeople."""
    for opening in waiting:
        if opening.proposed_by_id == by.pk or opening.proposed_by.is_admin == by.is_admin:
            raise Refused("It takes two people to open an envelope: the chair and an admin.")
    number = window.solicitation.number
    about = f"technical envelope, window {window.number} of {number}"
    if envelope is Envelope.PRICE:
        about = (
            f"prices of {', '.join(each.lot.code for each in waiting)}, window {window.number} of {number}"
        )
    pairs.demand(
        OPEN_ENVELOPES,
        [(each.proposed_by, each) for each in waiting],
        by,
        about=about,
        args=[number],
        at=at,
        seats=queries.seated_at(window.solicitation_id),
    )


def _after_opening(window: Window, envelope: Envelope) -> None:
    count_ranking_request(window)
    enqueue_on_commit(tasks.rank_window, window.pk)
    if envelope is Envelope.TECHNICAL:
        technical_opened.send(sender=Window, window_id=window.pk)


def _must_open_envelopes(window: Window, by: User) -> None:
    if not (by.is_admin or access.is_chair(by, window.solicitation)):
        raise Refused("Only the chair and an admin can open envelopes.")


def _must_be_ready(window: Window, lots: Collection[Lot], *, by: User, reason: str) -> None:
    """Prices of a lot open after what people must decide is decided and the quorum of marks is met.

    Below the quorum only the chair opens them, with a reason. Raises Refused and names every gap.
    """
    states = {state.lot.pk: state for state in decisions_lots.lots_before_prices(window, live=True)}
    gaps = []
    for lot in lots:
        state = states.get(lot.pk)
        if state is None:
            gaps.append(f"{lot.code}: no open proposals.")
            continue
        gaps += [f"{lot.code}: {gap}" for gap in state.undecided]
        if state.lacks_marks and not reason.strip():
            gaps.append(f"{lot.code}: {state.lacks_marks} The chair can open prices with a reason.")
        elif state.lacks_marks and not access.is_chair(by, window.solicitation):
            gaps.append(f"{lot.code}: {state.lacks_marks} Only the chair can open prices anyway.")
    if gaps:
        raise Refused(" ".join(gaps))
