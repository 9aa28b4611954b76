"""What officers say of screening alerts."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from portal import audit
from portal.models import User
from suppliers import queries
from suppliers.actions.refused import Refused
from suppliers.models import Alert, Disposition
from suppliers.signals import screening_changed


def decide_alert(alert: Alert, *, decision: str, reason: str, by: User, at: datetime) -> Alert:
    """Store what one officer says of an alert. Clearing a strong hit takes a second officer; the first
    leaves it waiting. Raises Refused for anybody who is no officer, without a reason, for one's own second
    opinion, and for an alert that is not current.
    """
    if not queries.is_officer(by):
        raise Refused("Only compliance officers decide alerts.")
    if not reason.strip():
        raise Refused("Give the reason.")
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if not alert.is_current:
            raise Refused("The active lists no longer hold this match; there is nothing to decide.")
        state = _decided(alert, decision, by)
        Disposition.objects.create(
            alert=alert, decision=decision, reason=reason.strip(), by=by, at=at, fingerprint=alert.fingerprint
        )
        alert.state, alert.changed_at = state, at
        alert.save(update_fields=["state", "changed_at"])
        audit.record("alert.decided", alert, by=by, at=at, decision=decision, state=str(state))
        transaction.on_commit(
            partial(screening_changed.send_robust, sender=Alert, supplier_id=alert.supplier_id)
        )
        return alert


def _decided(alert: Alert, decision: str, by: User) -> Alert.State:
    """The state a decision leads to."""
    if decision == Disposition.Decision.ESCALATE:
        return Alert.State.ESCALATED
    if decision == Disposition.Decision.TRUE_MATCH:
        return Alert.State.TRUE_MATCH
    if not alert.needs_two:
        return Alert.State.FALSE_POSITIVE
    if alert.state != Alert.State.CLEARING:
        return Alert.State.CLEARING
    first = alert.dispositions.filter(fingerprint=alert.fingerprint).latest("id")
    if first.by_id == by.pk:
        raise Refused("A strong hit is cleared by two officers: somebody else must agree.")
    return Alert.State.FALSE_POSITIVE
