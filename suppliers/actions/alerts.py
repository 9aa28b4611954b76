"""What officers say of screening alerts."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from portal import audit, notices
from portal.models import User
from suppliers import queries
from suppliers.actions.refused import Refused
from suppliers.models import Alert, Disposition
from suppliers.signals import screening_changed

DECIDED = {
    Disposition.Decision.TRUE_MATCH: Alert.State.TRUE_MATCH,
    Disposition.Decision.FALSE_POSITIVE: Alert.State.FALSE_POSITIVE,
    Disposition.Decision.ESCALATE: Alert.State.ESCALATED,
}


def decide_alert(
    alert: Alert, *, decision: str, reason: str, by: User, at: datetime, seen: str | None = None
) -> Alert:
    """Store what one officer says of an alert. Clearing a strong hit takes a second officer; the first
    leaves it waiting. An escalated alert is ended by somebody else than who escalated it, and the other officers
    are written to.

    `seen` is the alert's `stamp` as the officer read it; None when nothing was shown. Raises Refused for anybody
    who is no officer, without a reason, for one's own second opinion, for what is decided so already, for an
    alert that is not current, and for one that changed since it was read.
    """
    if not queries.is_officer(by):
        raise Refused("Only compliance officers decide alerts.")
    if not reason.strip():
        raise Refused("Give the reason.")
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if not alert.is_current:
            raise Refused("The active lists no longer hold this match; there is nothing to decide.")
        if seen is not None and seen != alert.stamp:
            raise Refused("The alert changed while you read it. It is shown as it is now: look again.")
        state = _decided(alert, Disposition.Decision(decision), by)
        said = Disposition.objects.create(
            alert=alert, decision=decision, reason=reason.strip(), by=by, at=at, fingerprint=alert.fingerprint
        )
        alert.state, alert.changed_at = state, at
        alert.save(update_fields=["state", "changed_at"])
        audit.record("alert.decided", alert, by=by, at=at, decision=decision, state=str(state))
        if state == Alert.State.ESCALATED:
            _tell_others(alert, said)
        transaction.on_commit(
            partial(screening_changed.send_robust, sender=Alert, supplier_id=alert.supplier_id)
        )
        return alert


def _decided(alert: Alert, decision: Disposition.Decision, by: User) -> Alert.State:
    """The state a decision leads to."""
    state = DECIDED[decision]
    if alert.state == state:
        raise Refused(f"This is decided already: {alert.get_state_display().lower()}.")
    last = alert.dispositions.filter(fingerprint=alert.fingerprint).order_by("id").last()
    if alert.state == Alert.State.ESCALATED and last is not None and last.by_id == by.pk:
        raise Refused("You escalated this alert: somebody else must decide it.")
    if state != Alert.State.FALSE_POSITIVE or not alert.needs_two:
        return state
    if alert.state != Alert.State.CLEARING or last is None:
        return Alert.State.CLEARING
    if last.by_id == by.pk:
        raise Refused("A strong hit is cleared by two officers: somebody else must agree.")
    return state


def _tell_others(alert: Alert, said: Disposition) -> None:
    """A letter to every other officer. It names nobody who is screened: letters travel unencrypted."""
    others = queries.officers().exclude(pk=said.by_id)
    notices.post(
        others,
        key=f"escalated:{said.pk}",
        subject="A screening alert is escalated to you",
        body=(
            f"{said.by} asks another officer to look at alert {alert.pk}. It stays open, and what it holds stays "
            "on hold, until somebody else decides it. You find it under Alerts, “Escalated”.\n"
        ),
        at=said.at,
    )
