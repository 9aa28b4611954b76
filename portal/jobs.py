"""Handing work to the broker. A broker that is down costs minutes, never a submission: a sweep enqueues it later."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery import Task
from django.db import transaction


def enqueue_on_commit(task: Task, *args: Any, countdown: float | None = None) -> None:
    """Send a task once the caller's transaction is committed; a failure to send is logged, not raised."""
    transaction.on_commit(partial(task.apply_async, args=args, countdown=countdown), robust=True)
