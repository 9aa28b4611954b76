"""The queues that jobs wait in. A job names its own where it is declared (`portal.frame.jobs.job`); nobody else does.

A worker for all of them takes from each in turn, so no queue waits for another to be empty. Larger installations run
workers of their own for each: `celery -A portal.celery worker --queues assess`.

No Django here: the settings import this module.
"""

from typing import Any

QUEUES = {
    "assess": "what people just sent is checked: proposals, companies, files; and the sweeps that find what was missed",
    "rank": "rankings after marks and openings",
    "documents": "PDFs people requested",
    "letters": "emails and reminders",
    "bulk": "everyone at once: screening runs, previews, tidying up",
}

# A request waits a second at most to enqueue; without a broker the row says `queued` and the sweep enqueues it later.
PUBLISH_ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}


def transport_options(visibility_timeout: int, *, patience: float) -> dict[str, Any]:
    """Celery's options for Redis; both in seconds. `patience`: how long Redis is waited for."""
    return {
        "visibility_timeout": visibility_timeout,
        # Left alone, a worker looks for what came back every 100 seconds only.
        "unacked_restore_interval": max(1, min(10, visibility_timeout // 4)),
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2 * patience,
        "socket_timeout": 4 * patience,  # one that hangs is given up, too
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    }
