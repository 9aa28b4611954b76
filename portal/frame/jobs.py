"""Jobs: how they are declared, which queue they wait in, and handing them to the broker.

A broker that is down costs minutes, never a submission: a sweep enqueues the work later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import redis
from celery import Signature, Task, current_app, shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.frame.queues import QUEUES

# How old an answer of the broker may be when a page asks whether jobs run, in seconds.
FRESH = 5.0
FRESH_WHEN_DOWN = 2.0


class BrokerDown(Exception):
    """The broker does not answer; the sweeps will find the work."""


def job(queue: str, **options: Any) -> Callable[[Callable[..., Any]], Task]:
    """Declare a task, with the queue it waits in: one of `QUEUES`. All that a job of ours needs is said here.

    It is given back when its worker dies, so it must do nothing twice. While the database is away it is tried again,
    after a pause that grows to a minute; what is still not done then is found by a sweep.
    """
    if queue not in QUEUES:
        raise ValueError(f"There is no queue {queue}.")
    return shared_task(
        waits_in=queue,
        acks_late=True,
        reject_on_worker_lost=True,
        autoretry_for=(OperationalError, InterfaceError),
        retry_backoff=True,
        retry_backoff_max=60,
        max_retries=8,
        **options,
    )


def route(
    name: str, args: Any, kwargs: Any, options: Any, task: Task | None = None, **_: Any
) -> Mapping[str, str] | None:
    """For Celery: the queue that the task itself named; None for a task that is not ours."""
    declared = task or current_app.tasks.get(name)
    queue = getattr(declared, "waits_in", None)
    return {"queue": queue} if queue else None


def enqueue_on_commit(task: Task | Signature, *args: Any, countdown: float | None = None) -> None:
    """Send a task once the caller's transaction is committed; a failure to send is logged, not raised.

    A broker that hangs would hold each request for seconds, so one that did not answer just now is not asked.
    """

    def send() -> None:
        if not broker_answers():
            raise BrokerDown("The broker is not responding.")
        task.apply_async(args=args, countdown=countdown)

    transaction.on_commit(send, robust=True)


def enqueue_name_on_commit(name: str, *args: Any) -> None:
    """The same for a task that stands above the caller, by its name: "portal.files.tasks.scan_document"."""
    import_module(name.rpartition(".")[0])  # where it says which queue it waits in
    enqueue_on_commit(current_app.signature(name), *args)


class _Broker:
    """What this process last heard from the broker. One thread asks; the others take what it heard before."""

    def __init__(self) -> None:
        self.asking = threading.Lock()
        self.answered = True
        self.asked_at = float("-inf")
        self.client: redis.Redis | None = None

    def answers(self, newer_than: float) -> bool:
        fresh = newer_than if self.answered else min(newer_than, FRESH_WHEN_DOWN)
        if time.monotonic() - self.asked_at >= fresh and self.asking.acquire(blocking=False):
            try:
                self.answered = self._ping()
                self.asked_at = time.monotonic()
            finally:
                self.asking.release()
        return self.answered

    def _ping(self) -> bool:
        if self.client is None:
            self.client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_connect_timeout=settings.BROKER_PATIENCE,
                socket_timeout=settings.BROKER_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
        try:
            return bool(self.client.ping())
        except (redis.RedisError, OSError):
            return False


_broker = _Broker()


def broker_answers(*, newer_than: float = FRESH) -> bool:
    """Whether the broker answers, as heard at most `newer_than` seconds ago."""
    return _broker.answers(newer_than)
