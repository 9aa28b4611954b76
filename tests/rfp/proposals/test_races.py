"""Two at once, and the closing time under a lock: on real connections, in real transactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from portal.kit import clock
from portal.models import AuditEvent, Notice
from rfp.models import Revision, Window
from rfp.proposals import actions
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call in a thread with a connection of its own; their results or exceptions, in order."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_concurrent_submits_give_one_submission() -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    results = together(*[lambda: actions.submit_proposal(proposal, by=owner)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["AlreadySubmitted"] * 3 + ["Revision"]
    assert Revision.objects.filter(proposal=proposal, received_at__isnull=False).count() == 1
    assert AuditEvent.objects.filter(verb="proposal.submitted").count() == 1
    assert Notice.objects.count() == 1


def test_two_concurrent_revisions_give_one_draft() -> None:
    proposal = make.make_proposal()
    owner = make.owner_of(proposal.supplier)
    results = together(*[lambda: actions.revise_proposal(proposal, by=owner)] * 3)
    assert {result.pk for result in results} == {Revision.objects.get(received_at__isnull=True).pk}


def submit_while_the_window_is_locked(closes_in: float, *, begin_after: float) -> Any:
    """One transaction holds the window's row past its closing time; a submission begins meanwhile and waits."""
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    window = proposal.lot.solicitation.windows.get()
    closes_at = clock.wall_time() + timedelta(seconds=closes_in)
    Window.objects.filter(pk=window.pk).update(closes_at=closes_at)
    locked = threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM rfp_window WHERE id = %s FOR UPDATE", [window.pk])
            locked.set()
            time.sleep(closes_in + 0.7)

    def submit() -> Revision:
        assert locked.wait(10)
        time.sleep(begin_after)
        return actions.submit_proposal(proposal, by=owner)

    _held, result = together(hold, submit)
    if isinstance(result, Revision):
        assert result.received_at is not None
        assert result.received_at < closes_at < clock.wall_time()
    return result


def test_submission_that_begins_in_time_and_waits_past_the_close_is_in() -> None:
    assert isinstance(submit_while_the_window_is_locked(0.8, begin_after=0.0), Revision)


def test_submission_that_begins_after_the_close_is_out() -> None:
    result = submit_while_the_window_is_locked(0.4, begin_after=0.6)
    assert isinstance(result, actions.TooLate)


def test_save_that_races_a_submission_is_in_it_or_refused() -> None:
    proposal = make.make_draft()
    owner = make.owner_of(proposal.supplier)
    lines = make.bom_lines()[:1]

    def save() -> Revision:
        return actions.replace_bom(proposal, lines, name="late.csv", by=owner, at=make.NOW)

    saved, submitted = together(save, lambda: actions.submit_proposal(proposal, by=owner))
    revision = Revision.objects.get(proposal=proposal)
    if isinstance(saved, Revision):
        # The save came first: the signature no longer fits, so the submission is refused and nothing is lost.
        assert isinstance(submitted, actions.Incomplete), str(submitted)
        assert revision.bom_lines.count() == 1
    else:
        assert isinstance(saved, actions.AlreadySubmitted)
        assert revision.bom_lines.count() == 2


def test_audit_chain_has_no_gap_when_many_write_at_once() -> None:
    from portal.record import audit

    people = [make.make_user() for _ in range(6)]
    together(
        *[
            lambda person=person: audit.record("test.event", person, by=person, at=make.NOW)
            for person in people
        ]
    )
    assert audit.verify() == (len(people), [])
