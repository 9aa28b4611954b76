"""The database's clock: one clock for every process, and the only one deadlines are held against."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class WallTime(Func):
    """The same as `wall_time`, within a query that is asked anyway."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def transaction_start() -> datetime:
    """When the current transaction began. Ask before anything that may wait for a lock."""
    return _ask("SELECT now()")


def wall_time() -> datetime:
    """The database's time at this moment."""
    return _ask("SELECT clock_timestamp()")


def _ask(statement: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        moment: datetime = cursor.fetchone()[0]
        return moment
