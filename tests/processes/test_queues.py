"""Jobs wait in named queues, which each names where it is declared, and none holds up another."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from portal.celery import app
from portal.frame import jobs
from portal.frame.queues import QUEUES
from scoring.models import Score
from scoring.reports.tasks import make_report
from tests import factories as make
from tests.processes import broker
from tests.processes.site import wait_until


def ours() -> dict[str, str]:
    """Every task of the portal's, with the queue that it waits in."""
    app.loader.import_default_modules()
    return {
        name: getattr(task, "waits_in", "")
        for name, task in app.tasks.items()
        if name.partition(".")[0] in settings.ONSHORE_APPS
    }


def test_every_task_names_its_queue_and_every_queue_has_tasks() -> None:
    declared = ours()
    assert len(declared) > 15
    assert set(declared.values()) == set(QUEUES)
    assert [queue.name for queue in settings.CELERY_TASK_QUEUES] == list(QUEUES)
    with pytest.raises(ValueError, match="no queue"):
        jobs.job("elsewhere")


def test_what_runs_by_the_clock_is_declared() -> None:
    declared = ours()
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert len(named) > 8 and named <= set(declared)


def test_a_job_enqueued_by_name_waits_where_it_says() -> None:
    for name, queue in ours().items():
        assert jobs.route(name, (), {}, {}) == {"queue": queue}
    assert jobs.route("celery.accumulate", (), {}, {}) is None


def test_a_job_is_tried_again_while_the_database_is_away_and_given_back_by_a_dead_worker() -> None:
    for name in ours():
        task = app.tasks[name]
        assert (task.acks_late, task.reject_on_worker_lost, task.max_retries) == (True, True, 8), name


def test_five_hundred_reports_hold_up_no_submission(worker: broker.Worker) -> None:
    """All of them wait before the submission does, and one process works for every queue."""
    worker.stop()
    for _ in range(500):
        make_report.delay(0)  # there is no such report, so each is done at once
    assert worker.waiting() == 500
    make.make_proposal()
    worker.start()
    wait_until(lambda: Score.objects.exists(), seconds=300)
    done = re.findall(r"Task ([\w.]+)\[\S+\] succeeded", worker.log.read_text())
    first = done.index("rfp.compliance.tasks.assess_revision")
    assert done[:first].count("scoring.reports.tasks.make_report") < 20
