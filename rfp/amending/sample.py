"""The sample's addenda: one is published and asks a supplier who is still writing to reconfirm one answer; another
waits for its second person."""

from __future__ import annotations

from datetime import timedelta

from portal.demo import Demo
from rfp.amending import actions
from rfp.amending.changes import KIND
from rfp.amending.values import plain
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Solicitation

TWO_WEEKS = timedelta(days=14)
Changes = tuple[tuple[KIND, str, dict[str, str]], ...]


def build(demo: Demo, solicitation: Solicitation) -> None:
    """Written by the admin; the compliance officer publishes the first. None is on the last day of the last window."""
    last = solicitation.windows.order_by("-closes_at").first()
    if last is None or last.closes_at - demo.now < timedelta(days=1):
        return
    first = _addendum(
        demo,
        solicitation,
        (
            (KIND.REQUIREMENT, "L5-R05", {"maximum": "8"}),
            (KIND.REQUIREMENT, "C-10", {"why": "Drawings of the machines leave the buyer’s network."}),
        ),
        why="The hall shares its transformer, so the distortion of one shelf has to be lower.",
    )
    actions.publish_addendum(first, by=demo.person("officer"), at=demo.now)
    if last.feedback_by is not None:
        dates = (last.closes_at + TWO_WEEKS, last.feedback_by + TWO_WEEKS)
        later = dict(zip(("closes_at", "feedback_by"), map(plain, dates), strict=True))
        _addendum(
            demo,
            solicitation,
            ((KIND.WINDOW, str(last.number), later),),
            why="Two suppliers asked for more time.",
        )


def _addendum(demo: Demo, solicitation: Solicitation, changes: Changes, *, why: str) -> Addendum:
    admin, now = demo.person("admin"), demo.now
    addendum = actions.start_addendum(solicitation, by=admin, at=now)
    for kind, subject, values in changes:
        actions.set_change(addendum, kind=kind, subject=subject, values=values, by=admin, at=now)
    minor = {each.pk: "minor" for each in addendum.changes.filter(subject="C-10")}
    actions.save_addendum(addendum, why=why, standings=minor, by=admin, at=now)
    return actions.propose_addendum(addendum, by=admin, at=now)
