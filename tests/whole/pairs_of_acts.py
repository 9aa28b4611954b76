"""Acts that take two people, begun by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.kit import refused as kit_refused
from portal.kit import refused as portal_refused
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role, User
from rfp.models import Opening
from scoring.decisions import opening_actions
from scoring.models import (
    Evaluator,
)
from suppliers.models import Alert
from suppliers.screening import alert_actions
from tests import factories as make
from tests.scoring.rooms import room

LISTED = "Zyxtrovic Armaments Trust"


HOUR = timedelta(hours=1)


REASON = "Read and compared."


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An act that `first` has begun: how `second` completes it, whether it is done, and the page it is on."""

    first: User
    second: User
    finish: Callable[[], Any]
    done: Callable[[], bool]
    page: str
    seat: Evaluator | None = None


def an_opening() -> Begun:
    made = room(opened=False)
    asked = {"envelope": Envelope.TECHNICAL, "lots": []}
    opening_actions.propose_openings(made.window, by=made.chair.user, **asked)
    return Begun(
        first=made.chair.user,
        second=made.admin,
        finish=lambda: opening_actions.confirm_openings(
            made.window, by=User.objects.get(pk=made.admin.pk), at=make.NOW, **asked
        ),
        done=lambda: Opening.objects.filter(confirmed_at__isnull=False).exists(),
        page=made.base + "openings/",
        seat=made.chair,
    )


def _alert(*before: tuple[str, int], finish: str, state: str) -> Begun:
    """`before`: what was said so far, and by which of the two officers (0 is the first)."""
    officers = [make.make_user(Role.OFFICER) for _ in range(2)]
    make.make_list(LISTED, "Somebody Else Foundry")
    alert = make.screen(make.make_supplier(legal_name=LISTED))[0]

    def say(decision: str, by: User) -> None:
        code = alert_actions.CODES[decision][-1]
        alert_actions.decide_alert(alert, decision=decision, code=code, reason=REASON, by=by, at=make.NOW)

    for decision, who in before:
        say(decision, officers[who])
    return Begun(
        first=officers[0],
        second=officers[1],
        finish=lambda: say(finish, User.objects.get(pk=officers[1].pk)),
        done=lambda: Alert.objects.get().state == state,
        page=reverse("suppliers:alert_detail", args=[alert.pk]),
    )


def a_strong_hit() -> Begun:
    return _alert(("false_positive", 0), finish="false_positive", state="false_positive")


REFUSALS = (kit_refused.Refused, portal_refused.Refused, Refused)


def invited(user: User, by: User | None, *, at: Any = make.SEATED) -> None:
    User.objects.filter(pk=user.pk).update(invited_by=by, seated_at=at)


def ago(hours: float) -> Any:
    return make.NOW - hours * HOUR


def refused(begun: Begun) -> str:
    """What the second person reads; nothing was done, and nothing is lost."""
    with pytest.raises(REFUSALS) as refusal:
        begun.finish()
    assert not begun.done()
    assert "Ask a compliance officer to countersign. It can’t be an officer either of you invited." in str(
        refusal.value
    )
    return str(refusal.value)


def told(verb: str, key: str) -> set[User]:
    event = AuditEvent.objects.filter(verb=verb).latest("seq")
    return {each.to for each in Notice.objects.filter(key__startswith=f"{key}:{event.seq}:") if each.to}
