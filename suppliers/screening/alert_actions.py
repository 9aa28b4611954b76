"""What officers say of screening alerts."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction

from portal.accounts import pairs
from portal.kit.formats import day
from portal.kit.refused import Refused
from portal.letters import notices
from portal.models import User
from portal.record import audit
from suppliers.company import profiles, queries
from suppliers.facts import PROFILE_ROLES, names_to_screen
from suppliers.screening.models import Alert, Disposition
from suppliers.signals import screening_changed

CLEAR_STRONG = pairs.act("alert.clear", "clear a strong hit", "suppliers:alert_detail")
END_MATCH = pairs.act("alert.end", "end a confirmed match", "suppliers:alert_detail")
DECIDE_ESCALATED = pairs.act("alert.escalated", "decide an escalated alert", "suppliers:alert_detail")

DECIDED = {
    Disposition.Decision.TRUE_MATCH: Alert.State.TRUE_MATCH,
    Disposition.Decision.FALSE_POSITIVE: Alert.State.FALSE_POSITIVE,
    Disposition.Decision.ESCALATE: Alert.State.ESCALATED,
    Disposition.Decision.END: Alert.State.ENDED,
}
Code, Decision = Disposition.Code, Disposition.Decision
# The kinds of reason that go with each decision.
CODES: dict[str, tuple[Disposition.Code, ...]] = {
    Decision.TRUE_MATCH: (Code.SAME_NUMBER, Code.SAME_ADDRESS, Code.ADMITTED, Code.OTHER),
    Decision.FALSE_POSITIVE: (
        Code.NAME_ONLY,
        Code.OTHER_PLACE,
        Code.OTHER_NUMBER,
        Code.OTHER_PERSON,
        Code.OTHER_KIND,
        Code.MISTAKE,
        Code.OTHER,
    ),
    Decision.ESCALATE: (Code.UNCLEAR, Code.CONFLICT, Code.OTHER),
    Decision.END: (Code.DELISTED, Code.LEFT, Code.NOT_BARRED, Code.OTHER),
}


@pairs.two_people(Refused)
def decide_alert(
    alert: Alert,
    *,
    decision: str,
    reason: str,
    by: User,
    at: datetime,
    code: str = Code.OTHER,
    seen: str | None = None,
) -> Alert:
    """Store what one officer says of an alert. Clearing a strong hit takes a second officer; the first
    leaves it waiting. So does ending a confirmed match, which stays confirmed until then, whatever the lists hold. An
    escalated alert is ended by another officer than who escalated it, and the others are written to.

    `code` is the kind of reason, one of `CODES`. `seen` is the alert's `stamp` as the officer read it; None when
    nothing was shown. Raises Refused for anyone who is not an officer, without a reason, for one's own second opinion,
    for what is decided so already, for an alert that is neither listed nor confirmed, and for one that changed since
    it was read.
    """
    _must_give_a_reason(by, decision, code, reason)
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        _must_be_as_read(alert, seen)
        state = _decided(alert, Decision(decision), by, at)
        pairs.settle(alert.dispositions.all(), at=at)
        said = Disposition.objects.create(
            alert=alert,
            decision=decision,
            code=code,
            reason=reason.strip(),
            by=by,
            at=at,
            fingerprint=alert.fingerprint,
        )
        alert.state, alert.changed_at = state, at
        if state == Alert.State.ENDED and alert.role in PROFILE_ROLES and alert.name not in _names_now(alert):
            # The company no longer bears the name: should it come back, the match is found again.
            alert.is_current = False
        alert.save(update_fields=["state", "changed_at", "is_current"])
        audit.record("alert.decided", alert, by=by, at=at, decision=decision, code=code, state=str(state))
        if state == Alert.State.ESCALATED:
            _tell_others(alert, said)
        transaction.on_commit(
            partial(screening_changed.send_robust, sender=Alert, supplier_id=alert.supplier_id)
        )
        return alert


def _must_give_a_reason(by: User, decision: str, code: str, reason: str) -> None:
    if not queries.is_officer(by):
        raise Refused("Only compliance officers can decide alerts.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    if code not in CODES[decision]:
        raise Refused("Choose a kind of reason that fits the decision.")


def _must_be_as_read(alert: Alert, seen: str | None) -> None:
    if not alert.may_be_decided:
        raise Refused("This match is no longer on the active lists. There is nothing to decide.")
    if seen is not None and seen != alert.stamp:
        raise Refused(
            "The alert changed while you were reading it. This is the current version. Review it again."
        )


def _decided(alert: Alert, decision: Disposition.Decision, by: User, at: datetime) -> Alert.State:
    """The state a decision leads to."""
    state = DECIDED[decision]
    if alert.state == state:
        raise Refused(f"This has already been decided: {alert.get_state_display().lower()}.")
    if alert.is_confirmed:
        return _of_confirmed(alert, decision, by, at)
    if decision == Decision.END:
        raise Refused("You can only end a confirmed match.")
    last = alert.dispositions.filter(fingerprint=alert.fingerprint).order_by("id").last()
    if alert.state == Alert.State.ESCALATED and last is not None:
        if last.by_id == by.pk:
            raise Refused("You escalated this alert. A different officer must decide.")
        _must_be_another(DECIDE_ESCALATED, last, by, at)
    if state != Alert.State.FALSE_POSITIVE or not alert.needs_two:
        return state
    if alert.state != Alert.State.CLEARING or last is None:
        return Alert.State.CLEARING
    if last.by_id == by.pk:
        raise Refused("It takes two officers to clear a strong hit. A different officer must agree.")
    _must_be_another(CLEAR_STRONG, last, by, at)
    return state


def _of_confirmed(alert: Alert, decision: Disposition.Decision, by: User, at: datetime) -> Alert.State:
    """A confirmed match ends when a second officer says the same as the first; until then it stays one."""
    if decision == Decision.TRUE_MATCH:
        return Alert.State.TRUE_MATCH
    if decision == Decision.ESCALATE:
        raise Refused("This match is already confirmed. Keep it, or propose to end it.")
    last = alert.dispositions.filter(fingerprint=alert.fingerprint).order_by("id").last()
    if alert.state != Alert.State.ENDING or last is None or last.decision != decision:
        return Alert.State.ENDING
    if last.by_id == by.pk:
        raise Refused("It takes two officers to end a confirmed match. A different officer must agree.")
    _must_be_another(END_MATCH, last, by, at)
    return DECIDED[decision]


def _must_be_another(act: pairs.Act, last: Disposition, by: User, at: datetime) -> None:
    """Raises NotTwoPeople."""
    pairs.demand(act, [(last.by, last)], by, about=f"alert {last.alert_id}", args=[last.alert_id], at=at)


def _names_now(alert: Alert) -> list[str]:
    """The names in the supplier's profile today."""
    return [name for _role, name in names_to_screen(profiles.supplier_facts(alert.supplier))]


def _tell_others(alert: Alert, said: Disposition) -> None:
    """A letter to every other officer. It names nobody who is screened: letters travel unencrypted."""
    others = queries.officers().exclude(pk=said.by_id)
    notices.post(
        others,
        key=f"escalated:{said.pk}",
        subject="A screening alert was escalated to you",
        body=(
            f"{said.by} asks a different officer to decide alert {alert.pk}. Until then, the alert stays open and the "
            "supplier stays on hold. Go to Alerts and choose “Escalated”.\n"
        ),
        at=said.at,
    )


def assign_alert(alert: Alert, *, owner: User | None, due_on: date | None, by: User, at: datetime) -> Alert:
    """Say which officer works on an alert, or nobody, and by which day. An officer who is given one gets a letter.

    Raises Refused for anyone who is not an officer, as giver or as owner, for a day that has passed, and for an alert
    that is decided.
    """
    if not queries.is_officer(by):
        raise Refused("Only compliance officers can assign alerts.")
    if owner is not None and not queries.is_officer(owner):
        raise Refused("You can only assign an alert to a compliance officer.")
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if not alert.waits and alert.state != Alert.State.ENDING:
            raise Refused("This alert has been decided. There is nothing left to assign.")
        if due_on is not None and due_on != alert.due_on and due_on < at.date():
            raise Refused("The due date has passed. Choose today or a later day.")
        is_new = owner is not None and owner.pk != alert.owner_id
        alert.owner, alert.due_on = owner, due_on
        alert.save(update_fields=["owner", "due_on"])
        event = audit.record(
            "alert.assigned",
            alert,
            by=by,
            at=at,
            owner=owner.pk if owner else None,
            due=due_on.isoformat() if due_on else None,
        )
        if owner is not None and is_new and owner.pk != by.pk:
            due = f" by {day(due_on)}" if due_on else ""
            notices.post(
                [owner],
                key=f"assigned:{event.seq}",
                subject="A screening alert was assigned to you",
                body=f"{by} asks you to decide alert {alert.pk}{due}. Go to Alerts and choose “Mine”.\n",
                at=at,
            )
        return alert
