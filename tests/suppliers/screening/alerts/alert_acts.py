"""What tests of alerts do: raise one, decide one, several people at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from suppliers.company import profiles
from suppliers.models import (
    Disposition,
)
from suppliers.screening import alert_actions, screen
from tests import factories as make

LISTED = "Zyxtrovic Armaments Trust"


TRUE, FALSE, ESCALATE, END = Disposition.Decision.values


def decide(alert, decision, by, reason="Compared the addresses and the register entry."):
    return alert_actions.decide_alert(alert, decision=decision, reason=reason, by=by, at=make.NOW)


def facts_of(supplier):
    return screen.screen(supplier.pk, profiles.supplier_facts(supplier))


def at_once(act, people):
    """The problems of those who did not get through."""
    with ThreadPoolExecutor(people) as pool:
        ready = threading.Barrier(people)

        def one(place):
            ready.wait()
            act(place)

        done = [pool.submit(one, place) for place in range(people)]
        return [problem for each in done if (problem := each.exception()) is not None]
