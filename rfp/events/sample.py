"""The sample's site visit: one company comes."""

from __future__ import annotations

from datetime import datetime, time

from portal.demo import Demo
from rfp.events import actions
from rfp.publishing.key_facts import MilestoneKind
from rfp.publishing.models import Milestone, Solicitation

# Hockhollow comes with two people.
COMES, NAMES = "S01", ("Dana Whitlock", "Jorge Castellano")


def set_up(demo: Demo, draft: Solicitation) -> Milestone:
    """The visit, before the RFP is published."""
    return Milestone.objects.create(
        solicitation=draft,
        title="Visit of the pilot hall",
        kind=MilestoneKind.VISIT,
        on=demo.on("2026-07-07"),
        at=time(10),
        ends=time(12),
        place="Gate 4, 2100 Harbor Road, Columbus, OH. Bring safety shoes.",
        sign_up_until=datetime.combine(demo.on("2026-07-02"), time(17), draft.zone),
        places=12,
        per_company=3,
    )


def build(demo: Demo, visit: Milestone) -> None:
    """Signed up through the same verb as on the page."""
    actions.sign_up(
        visit,
        demo.made[f"supplier:{COMES}"],
        names=NAMES,
        by=demo.person(COMES),
        at=demo.at("2026-06-12T13:20:00-04:00"),
    )
