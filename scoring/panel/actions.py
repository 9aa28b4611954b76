"""Seats, declarations, conflicts and recusals. Nothing here is ever deleted once somebody used it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from portal.accounts import pairs
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Solicitation, Window
from rfp.proposals import queries as rfp_queries
from scoring.panel import access, notices, queries
from scoring.panel.models import ChairChange, Conflict, ConflictDeclaration, Evaluator
from scoring.signals import conflict_named
from suppliers.models import Supplier

CHANGE_CHAIR = pairs.act("chair.change", "change the chair", "scoring:overview")


def seat_evaluator(
    solicitation: Solicitation, *, user: User, is_chair: bool, by: User, at: datetime
) -> Evaluator:
    """Give a reviewer a seat on the panel. Raises Refused for others, for who wrote the RFP, and for another chair once
    the RFP is published: see `propose_chair`."""
    _may_sit(solicitation, user)
    with transaction.atomic():
        rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
        seat = rfp.evaluators.filter(user=user).first()
        if rfp.is_published and is_chair != (seat is not None and seat.is_chair):
            raise Refused(
                "This RFP is published, so changing its chair takes two people. Propose a new chair."
            )
        if is_chair and rfp.evaluators.filter(is_chair=True).exclude(user=user).exists():
            raise Refused("This RFP already has a chair.")
        seat = _seat(rfp, user, is_chair=is_chair, at=at)
        event = audit.record("panel.seated", seat, by=by, at=at, chair=is_chair)
        change = "chairs the panel" if is_chair else "is a reviewer on the panel"
        notices.panel_changed(rfp, user, change=change, event=event.seq, by=by, at=at)
        return seat


def _may_sit(solicitation: Solicitation, user: User) -> None:
    if not user.is_reviewer:
        raise Refused("Only reviewers can be on a panel.")
    if user.pk == solicitation.created_by_id:
        raise Refused("The person who published an RFP cannot score its proposals.")


def _seat(solicitation: Solicitation, user: User, *, is_chair: bool, at: datetime) -> Evaluator:
    """The seat as it is now; `seated_at` moves when the seat is new or its chair changes."""
    seat, is_new = Evaluator.objects.get_or_create(
        solicitation=solicitation, user=user, defaults={"is_chair": is_chair, "seated_at": at}
    )
    if not is_new and seat.is_chair != is_chair:
        seat.is_chair, seat.seated_at = is_chair, at
        seat.save(update_fields=["is_chair", "seated_at"])
    return seat


def unseat_evaluator(evaluator: Evaluator, *, by: User, at: datetime) -> None:
    """Take back a seat nobody has used. Raises Refused after a declaration, which is kept for good, and for the chair
    of a published RFP."""
    with transaction.atomic():
        seats = Evaluator.objects.select_for_update(of=("self",))
        locked = seats.select_related("solicitation").get(pk=evaluator.pk)
        signed = ConflictDeclaration.objects.filter(
            user=locked.user_id, window__solicitation=locked.solicitation_id
        )
        if signed.exists() or locked.marks.exists():
            raise Refused("This reviewer has signed a declaration, so you can’t remove them from the panel.")
        if locked.assignments.exists() or locked.due_dates.exists() or locked.taken_over.exists():
            raise Refused(
                "This reviewer has proposals to mark here, so you can’t remove them from the panel."
            )
        if locked.is_chair and locked.solicitation.is_published:
            raise Refused(
                "This RFP is published, so changing its chair takes two people. Propose a new chair."
            )
        event = audit.record("panel.unseated", locked, by=by, at=at, user=locked.user_id)
        locked.delete()
        notices.panel_changed(
            locked.solicitation, locked.user, change="left the panel", event=event.seq, by=by, at=at
        )


# ---- the chair, once the RFP is published -----------------------------------------------------------------------


def propose_chair(
    solicitation: Solicitation, *, user: User, reason: str, by: User, at: datetime
) -> ChairChange:
    """An admin asks for another chair of a published RFP. What was asked for before and not confirmed is dropped.
    Raises Refused."""
    _may_sit(solicitation, user)
    if not by.is_admin:
        raise Refused("Only an admin can propose a new chair.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
        if not rfp.is_published:
            raise Refused("This RFP is not published yet. Name the chair on its Panel page.")
        if rfp.evaluators.filter(user=user, is_chair=True).exists():
            raise Refused(f"{user} already chairs this panel.")
        waiting = rfp.chair_changes.filter(confirmed_at__isnull=True, dropped_at__isnull=True)
        pairs.settle(waiting, at=at)
        waiting.update(dropped_at=at)
        change = ChairChange.objects.create(
            solicitation=rfp, user=user, reason=reason.strip(), proposed_by=by, proposed_at=at
        )
        event = audit.record("panel.chair_asked", change, by=by, at=at, solicitation=rfp.number, user=user.pk)
        notices.chair_asked(change, event=event.seq, at=at)
        return change


@pairs.two_people(Refused)
def confirm_chair(change: ChairChange, *, by: User, at: datetime) -> Evaluator:
    """Another admin, or a compliance officer, confirms; who chaired before stays on the panel. Raises Refused."""
    with transaction.atomic():
        rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=change.solicitation_id)
        locked = (
            ChairChange.objects.select_for_update(of=("self",))
            .select_related("proposed_by", "user")
            .get(pk=change.pk)
        )
        locked.solicitation = rfp
        if not (by.is_admin or by.is_officer):
            raise Refused("Another admin or a compliance officer must confirm a new chair.")
        if locked.confirmed_at is not None:
            raise Refused("This chair change has already been confirmed.")
        if locked.dropped_at is not None:
            raise Refused("Someone has proposed a different chair since then. Review it again.")
        if locked.proposed_by_id == by.pk:
            raise Refused("You proposed this. A second person must confirm it.")
        _may_sit(rfp, locked.user)
        pairs.demand(
            CHANGE_CHAIR,
            [(locked.proposed_by, locked)],
            by,
            about=f"{locked.user} to chair {rfp.number}",
            args=[rfp.number],
            at=at,
        )
        for old in rfp.evaluators.filter(is_chair=True).select_related("user"):
            _seat(rfp, old.user, is_chair=False, at=at)
        seat = _seat(rfp, locked.user, is_chair=True, at=at)
        locked.confirmed_by, locked.confirmed_at = by, at
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        event = audit.record(
            "panel.chair_changed", seat, by=by, at=at, change=locked.pk, asked_by=locked.proposed_by_id
        )
        notices.chair_changed(locked, event=event.seq, by=by, at=at)
        return seat


# ---- declarations and conflicts ---------------------------------------------------------------------------------


def declare_conflicts(
    window: Window,
    *,
    signed_name: str,
    conflicts: Iterable[Supplier],
    statement: str,
    by: User,
    at: datetime,
) -> ConflictDeclaration:
    """Sign the window's declaration, once and for good. Reviewers with a seat and admins sign. Raises Refused."""
    solicitation = window.solicitation
    if not by.is_admin and not solicitation.evaluators.filter(user=by).exists():
        raise Refused("Only admins and reviewers on the panel can sign a declaration.")
    if not rfp_queries.open_lots(window, Envelope.TECHNICAL):
        raise Refused("There is nothing to sign yet. Supplier names are sealed until the technical opening.")
    suppliers = list(conflicts)
    if suppliers and not statement.strip():
        raise Refused("Describe the conflict.")
    with transaction.atomic():
        listed = list(queries.suppliers_to_declare(window, by))
        if not {each.pk for each in suppliers} <= {each.pk for each in listed}:
            raise Refused("Choose suppliers from the list.")
        declaration, is_new = ConflictDeclaration.objects.get_or_create(
            window=window, user=by, defaults={"signed_name": signed_name, "declared_at": at}
        )
        if not is_new:
            raise Refused("You have already signed this declaration.")
        declaration.listed.set(listed)
        for supplier in suppliers:
            _store_conflict(solicitation, user=by, supplier=supplier, reason=statement, by=by, at=at)
        audit.record("panel.declared", window, by=by, at=at, conflicts=len(suppliers))
        return declaration


def add_conflict(
    solicitation: Solicitation, supplier: Supplier, *, statement: str, by: User, at: datetime
) -> Conflict:
    """Name a conflict that was found after signing. It takes effect at once. Raises Refused."""
    if not statement.strip():
        raise Refused("Describe the conflict.")
    if not queries.suppliers_to_add(solicitation, by).filter(pk=supplier.pk).exists():
        raise Refused("Choose a supplier from the list.")
    with transaction.atomic():
        conflict = _store_conflict(solicitation, user=by, supplier=supplier, reason=statement, by=by, at=at)
        audit.record("panel.conflict_added", solicitation, by=by, at=at, supplier=supplier.pk)
        return conflict


def recuse(
    evaluator: Evaluator, *, supplier: Supplier | None, reason: str, by: User, at: datetime
) -> Conflict:
    """The chair takes a reviewer off one supplier's proposals, or off the whole RFP, with a reason. Raises Refused."""
    solicitation = evaluator.solicitation
    if not access.is_chair(by, solicitation):
        raise Refused("Only the chair can recuse reviewers.")
    if evaluator.user_id == by.pk and supplier is None:
        raise Refused("Ask an admin to name a new chair first.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        conflict = _store_conflict(
            solicitation, user=evaluator.user, supplier=supplier, reason=reason, by=by, at=at
        )
        audit.record(
            "panel.recused",
            evaluator,
            by=by,
            at=at,
            supplier=supplier.pk if supplier else None,
        )
        return conflict


def _store_conflict(
    solicitation: Solicitation,
    *,
    user: User,
    supplier: Supplier | None,
    reason: str,
    by: User,
    at: datetime,
) -> Conflict:
    """The row, and the totals without that reviewer's marks wherever prices are still sealed."""
    try:
        with transaction.atomic():
            conflict = Conflict.objects.create(
                solicitation=solicitation, user=user, supplier=supplier, reason=reason.strip(), by=by, at=at
            )
    except IntegrityError as error:
        raise Refused("This conflict is already on record.") from error
    conflict_named.send(sender=Conflict, conflict=conflict)
    return conflict
