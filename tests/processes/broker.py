"""A real Celery worker in a process of its own, on the test database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import redis
from django.conf import settings

from portal.frame import jobs
from portal.frame.queues import QUEUES

CHECKOUT = Path(__file__).resolve().parents[2]
UNATTENDED = "unattended"
attended = False


def route(name: str, *args: Any, **kwargs: Any) -> Mapping[str, str]:
    """The tests' own router: messages reach a worker only where the test asks for one."""
    declared = jobs.route(name, *args, **kwargs) or {"queue": settings.CELERY_TASK_DEFAULT_QUEUE}
    return declared if attended else {"queue": UNATTENDED}


class Worker:
    """One `celery worker` process.

    `environment` must name the database and the broker: DATABASE_URL and REDIS_URL.
    """

    def __init__(self, environment: Mapping[str, str], log: Path, *, processes: int = 1) -> None:
        self.environment = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        self.redis = redis.Redis.from_url(environment["REDIS_URL"])
        self.log = log
        self.processes = processes
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Returns when the worker says that it is ready."""
        command = [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", "--loglevel=INFO"]
        command += [f"--concurrency={self.processes}", "--without-gossip", "--without-mingle"]
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )
        deadline = time.monotonic() + 180
        while b" ready." not in self.log.read_bytes()[said:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The worker did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def wait_until_idle(self, seconds: float = 180) -> None:
        """Returns when nothing waits in the queue and nothing is being worked on."""
        deadline = time.monotonic() + seconds
        idle = 0
        # Between the queue and the list of unacknowledged ones a message is in neither for a moment.
        while idle < 4:
            idle = 0 if self.waiting() or self.redis.hlen("unacked") else idle + 1
            if time.monotonic() > deadline:
                raise AssertionError(f"The worker is still busy:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)

    def waiting(self) -> int:
        """How many messages wait, in all queues that a worker reads."""
        return sum(self.redis.llen(queue) for queue in QUEUES)

    def kill(self) -> None:
        """kill -9, the pool's children too."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
