"""Marks, decisions and the opening of prices at the same moment: on real connections, in real transactions."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from portal.kit.compliance import Envelope, Outcome
from portal.kit.refused import Refused
from rfp.models import Opening, Window
from scoring.decisions import actions as decisions_actions
from scoring.decisions import opening_actions
from scoring.marking import actions as marking_actions
from scoring.models import Mark, Score
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from tests import factories
from tests.rfp.proposals.test_races import together
from tests.scoring.decisions.queue_acts import made_room
from tests.scoring.rooms import room

pytestmark = pytest.mark.django_db(transaction=True)


def waits_for_a_lock(by: float = 5.0) -> bool:
    """Whether some connection waits for another one's lock soon."""
    until = time.monotonic() + by
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.02)
    return False


def test_a_mark_that_waits_while_prices_are_opened_is_refused():
    made = room()
    made.mark(3)
    lots = list(made.solicitation.lots.all())
    opening_actions.propose_openings(made.window, envelope=Envelope.PRICE, lots=lots, by=made.chair.user)
    revision = ranking_queries.revision_to_score(made.proposals[0].current_revision_id or _current(made))
    criterion = inputs.criteria_to_mark(revision)[0]
    seat = made.others[0]
    found: list[object] = []

    def mark() -> None:
        found.extend(
            together(
                lambda: marking_actions.record_marks(
                    revision, [(criterion, 5, "")], evaluator=seat, by=seat.user, at=factories.NOW
                )
            )
        )

    late = threading.Thread(target=mark)
    with transaction.atomic():
        opening_actions.confirm_openings(made.window, envelope=Envelope.PRICE, lots=lots, by=made.admin)
        late.start()
        assert waits_for_a_lock()
    late.join(30)
    assert isinstance(found[0], Refused)
    assert not Mark.objects.filter(anchor=5).exists()


def _current(made):
    made.proposals[0].refresh_from_db()
    return made.proposals[0].current_revision_id


def test_prices_wait_for_a_mark_that_is_being_stored():
    made = room()
    made.mark(3)
    lots = list(made.solicitation.lots.all())
    opening_actions.propose_openings(made.window, envelope=Envelope.PRICE, lots=lots, by=made.chair.user)
    revision = ranking_queries.revision_to_score(_current(made))
    criterion = inputs.criteria_to_mark(revision)[0]
    seat = made.others[0]
    found: list[object] = []
    late = threading.Thread(
        target=lambda: found.extend(
            together(
                lambda: opening_actions.confirm_openings(
                    made.window, envelope=Envelope.PRICE, lots=lots, by=made.admin
                )
            )
        )
    )
    with transaction.atomic():
        marking_actions.record_marks(
            revision, [(criterion, 5, "")], evaluator=seat, by=seat.user, at=factories.NOW
        )
        late.start()
        assert waits_for_a_lock()
        assert not Opening.objects.filter(envelope="price", confirmed_at__isnull=False).exists()
    late.join(30)
    assert [type(each) for each in found[0]] == [Opening]
    assert Window.objects.get(pk=made.window.pk) == made.window


def test_a_decision_and_a_mark_at_once_both_stand_in_the_score():
    made, finding = made_room()
    revision = ranking_queries.revision_to_score(_current(made))
    criteria = inputs.criteria_to_mark(revision)
    seat = made.others[0]
    found: list[object] = []

    def decide() -> object:
        return decisions_actions.decide_findings(
            [finding], outcome=Outcome.MET, reason="A typing error", by=made.admin, at=factories.NOW
        )

    late = threading.Thread(target=lambda: found.extend(together(decide)))
    with transaction.atomic():
        marking_actions.record_marks(
            revision,
            [(criterion, 4, "") for criterion in criteria],
            evaluator=seat,
            by=seat.user,
            at=factories.NOW,
        )
        late.start()
        assert waits_for_a_lock()
    late.join(30)
    assert found == [None]
    score = Score.objects.get(revision=revision)
    assert (score.marks_missing, score.awaiting_decision) == (0, 0)
