"""What minutes say: agreed marks and criteria that were opened again in one lot since the last minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict

from django.db.models import QuerySet

from portal.kit.formats import listed
from portal.models import User
from rfp.models import Lot, Window
from scoring.minutes.models import Minutes
from scoring.panel.access import proposals_visible_to
from scoring.panel.models import ConflictDeclaration, Evaluator
from scoring.ranking.mark_models import Mark
from scoring.settling.models import Consensus, Reopening


class Settled(TypedDict):
    """An agreed mark, or one that was taken back (`agreed` is blank), beside the reviewers' marks."""

    proposal: str
    criterion: str
    marks: str
    agreed: str
    reason: str
    at: str


class Reopened(TypedDict):
    """A criterion that one reviewer was asked to mark again."""

    proposal: str
    criterion: str
    reviewer: str
    reason: str
    at: str


class Content(TypedDict):
    """What minutes hold. `through`: the last agreement and the last reopening that they cover."""

    present: list[str]
    absent: list[str]
    settled: list[Settled]
    reopened: list[Reopened]
    remarks: str
    through: list[int]


def minutes_of(window: Window, lot: Lot) -> QuerySet[Minutes]:
    """The signed minutes of a lot, the newest first."""
    return Minutes.objects.filter(window=window, lot=lot).select_related("by").order_by("-number")


def declared_in(window: Window, seats: Iterable[Evaluator]) -> list[Evaluator]:
    """The seats whose people signed the window's declaration, and so could take part; one query."""
    signed = set(ConflictDeclaration.objects.filter(window=window).values_list("user", flat=True))
    return [seat for seat in seats if seat.user_id in signed]


def since_last(window: Window, lot: Lot, user: User) -> Content:
    """What was settled and opened again since the last minutes on proposals that the person may read; nobody is present
    yet. A fixed number of queries."""
    last = minutes_of(window, lot).values_list("content", flat=True).first()
    agreed_to, reopened_to = last["through"] if last else (0, 0)
    visible = proposals_visible_to(user).filter(window=window, lot=lot)
    agreements = list(
        Consensus.objects.filter(pk__gt=agreed_to, revision__proposal__in=visible)
        .select_related("criterion", "revision__proposal")
        .order_by("id")
    )
    reopenings = list(
        Reopening.objects.filter(pk__gt=reopened_to, revision__proposal__in=visible)
        .select_related("criterion", "revision__proposal", "evaluator__user")
        .order_by("id")
    )
    marks = _marks_on({each.revision_id for each in agreements})
    return {
        "present": [],
        "absent": [],
        "settled": [_settled(each, marks) for each in agreements],
        "reopened": [_reopened(each) for each in reopenings],
        "remarks": "",
        "through": [
            max((each.pk for each in agreements), default=agreed_to),
            max((each.pk for each in reopenings), default=reopened_to),
        ],
    }


Marks = Mapping[tuple[int, int], list[str]]


def _marks_on(revisions: Collection[int]) -> Marks:
    """(revision id, criterion id) → "Name 4" of each reviewer, in the order of seats."""
    found: dict[tuple[int, int], list[str]] = {}
    marks = Mark.objects.filter(revision__in=revisions).select_related("evaluator__user")
    for mark in marks.order_by("evaluator_id"):
        said = "no mark" if mark.anchor is None else str(mark.anchor)
        found.setdefault((mark.revision_id, mark.criterion_id), []).append(
            f"{mark.evaluator.user.name} {said}"
        )
    return found


def _settled(each: Consensus, marks: Marks) -> Settled:
    return {
        "proposal": each.revision.proposal.number,
        "criterion": each.criterion.title,
        "marks": listed(marks.get((each.revision_id, each.criterion_id), [])),
        "agreed": "" if each.anchor is None else str(each.anchor),
        "reason": each.reason,
        "at": each.at.isoformat(),
    }


def _reopened(each: Reopening) -> Reopened:
    return {
        "proposal": each.revision.proposal.number,
        "criterion": each.criterion.title,
        "reviewer": each.evaluator.user.name,
        "reason": each.reason,
        "at": each.at.isoformat(),
    }


def is_empty(content: Content) -> bool:
    return not (content["settled"] or content["reopened"])


def as_read_by(user: User, minutes: Minutes) -> dict[str, Any]:
    """The signed content without proposals that the person may not read; `hidden` counts those lines. One query."""
    content = minutes.content
    numbers = {row["proposal"] for row in (*content["settled"], *content["reopened"])}
    visible = set(proposals_visible_to(user).filter(number__in=numbers).values_list("number", flat=True))
    kept = {
        key: [row for row in content[key] if row["proposal"] in visible] for key in ("settled", "reopened")
    }
    hidden = sum(len(content[key]) - len(kept[key]) for key in kept)
    return {**content, **kept, "hidden": hidden}
