"""The jobs on a real worker: done there, done once, and done in the end whatever dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connections

from portal.embedded import servers as embedded_servers
from portal.kit.compliance import Envelope
from portal.models import Role
from rfp import schedule
from rfp.compliance import queries
from rfp.compliance.tasks import assess_revision
from rfp.models import Assessment, Proposal
from rfp.proposals import actions
from rfp.rules import RULEBOOK
from scoring import schedule as scoring_schedule
from scoring.models import AutomaticMark, Ranking, Score
from tests import factories as make
from tests.conftest import as_owner, worker_environment
from tests.processes import broker


def until(is_true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_submission_is_assessed_and_scored_by_the_worker(worker: broker.Worker) -> None:
    proposal = make.make_proposal()
    until(lambda: Score.objects.exists())
    assessment = Assessment.objects.get()
    assert assessment.revision_id == proposal.current_revision_id
    assert os.getpid() not in (assessment.worker_pid, Score.objects.get().scored_by_pid)
    mark = AutomaticMark.objects.get()
    assert mark.trace["value"] == "75.000000000000"


def test_killed_worker_loses_nothing_and_nothing_is_done_twice(worker: broker.Worker) -> None:
    solicitation = make.make_solicitation()
    drafts = [make.make_draft(solicitation) for _ in range(4)]
    # A lock on the suppliers' snapshots holds the worker inside its task while it is killed.
    with as_owner() as cursor:
        cursor.execute("LOCK TABLE suppliers_snapshot IN ACCESS EXCLUSIVE MODE")
        _submit_elsewhere(drafts)
        until(lambda: bool(worker.redis.hlen("unacked")))
        time.sleep(0.3)
        worker.kill()
    assert Assessment.objects.count() == 0
    worker.start()
    until(lambda: Score.objects.count() == len(drafts))
    worker.wait_until_idle()
    assert Assessment.objects.count() == len(drafts)


def _submit_elsewhere(drafts: list[Proposal]) -> None:
    """Submit on another connection, so that it commits while this one holds its lock."""

    def run() -> None:
        try:
            for draft in drafts:
                make.submit(draft)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)


def test_redelivered_task_changes_nothing(worker: broker.Worker) -> None:
    proposal = make.make_proposal()
    until(lambda: Score.objects.exists())
    first = list(Assessment.objects.values())
    assess_revision.delay(proposal.current_revision_id)
    worker.wait_until_idle()
    assert list(Assessment.objects.values()) == first
    assert Score.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_broker_down_the_submission_stands(servers: embedded_servers.Servers) -> None:
    """A process of its own submits, with a broker address where nobody listens."""
    code = "import django; django.setup(); from tests import factories; factories.make_proposal()"
    environment = {
        **os.environ,
        **worker_environment(servers),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REDIS_URL": "unix:///nonexistent/socket",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=broker.CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "in on_commit()" in done.stderr + done.stdout
    assert Proposal.objects.get().is_submitted
    assert not Assessment.objects.exists()
    assert list(queries.unassessed_revisions(RULEBOOK.version)) == [Proposal.objects.get().current_revision]


def test_sweep_assesses_what_no_message_announced(worker: broker.Worker) -> None:
    broker.attended = False
    proposal = make.make_proposal()
    broker.attended = True
    worker.wait_until_idle()
    assert not Assessment.objects.exists()
    schedule.sweep_unassessed()
    until(lambda: Score.objects.filter(revision=proposal.current_revision_id).exists())


def test_sweep_scores_and_ranks_what_was_left(worker: broker.Worker) -> None:
    broker.attended = False
    proposal = make.make_proposal()
    make.assess_and_score(proposal)
    Score.objects.all().delete()
    assert proposal.window is not None
    Ranking.objects.create(window=proposal.window, requests=1)
    broker.attended = True
    scoring_schedule.sweep_unscored()
    until(lambda: Score.objects.exists() and Ranking.objects.get().served == 1)


def test_marks_in_a_burst_are_ranked_together(worker: broker.Worker) -> None:
    solicitation = make.make_solicitation()
    proposals = [make.make_proposal(solicitation) for _ in range(3)]
    until(lambda: Score.objects.count() == 3)
    window = make.close(solicitation.windows.get())
    chair, seats = make.make_panel(solicitation)
    admin = make.make_user(Role.ADMIN)
    make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=admin)
    for anchor, proposal in zip((2, 5, 3), proposals, strict=True):
        make.mark_all(proposal, [chair, *seats], anchor)
    until(lambda: not Ranking.objects.get().is_stale)
    ranking = Ranking.objects.get()
    assert [row.proposal_id for row in ranking.rows.all()] == [proposals[n].pk for n in (1, 2, 0)]
    assert [row.rank for row in ranking.rows.all()] == [1, 2, 3]
    assert ranking.requests == ranking.served == 10


def test_refused_action_reaches_no_worker(worker: broker.Worker) -> None:
    proposal = make.make_draft(filled=False)
    with pytest.raises(actions.Incomplete):
        make.submit(proposal)
    worker.wait_until_idle()
    assert not Assessment.objects.exists()
