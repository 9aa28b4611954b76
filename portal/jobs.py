"""Handing work to the broker. One that is down costs minutes, never a submission: a sweep enqueues it later."""

from __future__ import annotations

from typing import Any

from celery import Task
from django.db import transaction


def enqueue_on_commit(task: Task, *args: Any, countdown: float | None = None) -> None:
    """Send a task once the caller's transaction is committed; a failure to send is logged, not raised."""

    def send() -> None:
        task.apply_async(args=args, countdown=countdown)

    transaction.on_commit(send, robust=True)
