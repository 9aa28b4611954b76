"""Background letters. A task carries an id, nothing more."""

from __future__ import annotations

import logging

from portal.frame.jobs import job
from portal.kit import clock
from portal.letters import digests, notices

logger = logging.getLogger(__name__)


@job("letters")
def send_notices() -> None:
    """Empty the outbox."""
    notices.send_waiting(at=clock.wall_time())


@job("letters")
def post_digests() -> None:
    """Write the day's letters of those whose morning has come."""
    digests.post_due(at=clock.wall_time())
