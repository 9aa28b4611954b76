"""The worker of the tests is real, and a broker that is gone stops nobody."""

import os
import subprocess
import sys
import time

import pytest
from django.core.cache import cache

from portal.celery import app
from tests.processes.broker import CHECKOUT, Worker

TASK = "celery.accumulate"  # one of Celery's own: returns what it is given


def times_done(worker: Worker) -> int:
    return worker.log.read_text().count(f"Task {TASK}[")


def test_a_worker_process_does_what_this_process_enqueues(worker: Worker) -> None:
    before = times_done(worker)
    app.send_task(TASK, args=[1])
    worker.wait_until_idle()
    deadline = time.monotonic() + 20
    while times_done(worker) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert times_done(worker) > before
    assert worker.pid != os.getpid()


@pytest.mark.django_db
def test_without_the_worker_fixture_a_message_waits(_session_worker: Worker) -> None:
    before = times_done(_session_worker)
    app.send_task(TASK, args=[2])
    time.sleep(0.3)
    assert times_done(_session_worker) == before


def test_an_absent_broker_costs_a_publisher_seconds_at_most() -> None:
    """Enqueueing fails, and fails soon, so that a submission is not held up by it."""
    code = f"""
import time, django
django.setup()
from portal.celery import app
began = time.monotonic()
try:
    app.send_task("{TASK}", args=[3])
except Exception:
    print(f"{{time.monotonic() - began:.1f}}")
"""
    environment = {"DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": "postgresql://nobody/nothing"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**os.environ, **environment, "REDIS_URL": "unix:///nonexistent/socket"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert float(done.stdout) < 3, done.stderr


@pytest.mark.django_db
def test_the_cache_is_shared_and_real() -> None:
    cache.set("a", 1)
    assert cache.get("a") == 1
