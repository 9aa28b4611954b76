"""Addenda for tests, through the real actions."""

from __future__ import annotations

from typing import Any

from portal.models import Role, User
from rfp.amending import actions
from rfp.amending.changes import KIND, QUESTION_FIELDS
from rfp.amending.values import plain
from rfp.models import Addendum, Proposal, Requirement, Solicitation
from tests import factories as make


def admins() -> tuple[User, User]:
    """Two that may act together."""
    return make.make_user(Role.ADMIN), make.make_user(Role.ADMIN)


def question(solicitation: Solicitation, code: str = "R1") -> Requirement:
    return solicitation.requirements.get(code=code, until__isnull=True)


def values_of(requirement: Requirement, **changed: Any) -> dict[str, Any]:
    """What the form of a changed question says."""
    return {name: plain(getattr(requirement, name)) for name in QUESTION_FIELDS} | changed


def draft_addendum(
    solicitation: Solicitation, *changes: tuple[str, str, dict[str, Any]], by: User
) -> Addendum:
    """(kind, subject, values), each a change of an addendum that says why."""
    addendum = actions.start_addendum(solicitation, by=by, at=make.NOW)
    for kind, subject, values in changes:
        actions.set_change(addendum, kind=kind, subject=subject, values=values, by=by, at=make.NOW)
    actions.save_addendum(addendum, why="The floor is stronger.", standings={}, by=by, at=make.NOW)
    return addendum


def publish(
    solicitation: Solicitation, *changes: tuple[str, str, dict[str, Any]], **standing: str
) -> Addendum:
    """The addendum with these changes, published by two. `standing`: code → what becomes of old answers."""
    first, second = admins()
    addendum = draft_addendum(solicitation, *changes, by=first)
    rows = {each.pk: standing[each.subject] for each in addendum.changes.all() if each.subject in standing}
    actions.save_addendum(addendum, why="The floor is stronger.", standings=rows, by=first, at=make.NOW)
    actions.propose_addendum(addendum, by=first, at=make.NOW)
    published = actions.publish_addendum(addendum, by=second, at=make.NOW)
    solicitation.refresh_from_db()
    return published


def heavier(
    solicitation: Solicitation, minimum: str = "1900", code: str = "R1"
) -> tuple[str, str, dict[str, Any]]:
    """R1 asks for more than the 1,800 kg that drafts of the factories offer."""
    return KIND.REQUIREMENT, code, values_of(question(solicitation, code), minimum=minimum)


def fresh(proposal: Proposal) -> Proposal:
    """As a request would read it."""
    rows = Proposal.objects.select_related("lot__solicitation", "window", "supplier", "current_revision")
    return rows.get(pk=proposal.pk)
