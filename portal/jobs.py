"""Handing work to the broker. One that is down costs minutes, never a submission: a sweep enqueues it later."""

from __future__ import annotations

import threading
import time
from typing import Any

import redis
from celery import Signature, Task, current_app
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

# How old an answer of the broker may be when a page asks whether jobs run, in seconds.
FRESH = 5.0
FRESH_WHEN_DOWN = 2.0


class BrokerDown(Exception):
    """The broker does not answer; the sweeps will find the work."""


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
    """The same for a task that stands above the caller, by its name: "portal.tasks.scan_document"."""
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
