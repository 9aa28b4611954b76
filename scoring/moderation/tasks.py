"""Background work on how a panel agrees. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from rfp.models import Window
from scoring.moderation import agreement


@job("bulk")
def measure_agreement(window_id: int) -> None:
    """How far the panel agrees, by lot. Twice stores nothing new."""
    agreement.measure(Window.objects.select_related("solicitation").get(pk=window_id))
