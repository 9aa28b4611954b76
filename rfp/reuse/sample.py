"""The sample's library: what its RFP asks of every lot, and a few criteria."""

from __future__ import annotations

from portal.demo import Demo
from rfp.publishing import queries
from rfp.publishing.models import Solicitation
from rfp.reuse import library_actions


def build(demo: Demo, solicitation: Solicitation) -> None:
    """Keep the common requirements and three criteria."""
    library_actions.keep(
        solicitation,
        requirements=queries.asked_now(solicitation).filter(lot__isnull=True).prefetch_related("applies_to"),
        criteria=solicitation.criteria.filter(code__in=("T1", "D3", "R1")),
        by=demo.person("admin"),
        at=demo.at("2026-03-03T09:00:00-05:00"),
    )
