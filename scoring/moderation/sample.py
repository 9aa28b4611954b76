"""The sample's panel at work: who marks what and by when, where reviewers disagree, and what the chair settles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.demo import Demo, DemoError
from rfp.models import Criterion, Revision, Window
from scoring.board import actions as board_actions
from scoring.board.forms import at_five
from scoring.duties.models import AssignmentRun
from scoring.marking import actions as marking_actions
from scoring.moderation import actions as moderation_actions
from scoring.panel.models import Evaluator
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from scoring.ranking.mark_models import Mark

# (proposal, in the order of the window's list; criterion, in the order of the RFP): marks that are far apart.
QUARRELS = {(0, 0): (5, 4, 1), (3, 1): (4, 4, 1), (5, 0): (4, 5, 2), (7, 0): (2, 4, 5)}
SEATS = ("chair", "reviewer", "third")
VIEWS = {
    5: "The report shows the figures at full load, and the method is the one we asked for.",
    4: "Credible. The figures come from their own lab, but the method is described.",
    2: "Half of the figures are for another model. I counted only the rest.",
    1: "The figures are for another model. Nothing here is about this one.",
}
AGREED = "We read the report together. It covers the rated load, not the overload, so neither end stands."
AGAIN = "Read the appendix on spare parts before you mark this. Your first mark does not mention it."
READ_AGAIN = "The appendix names two sources for each spare part. I had missed it."


def quarrel(key: str, proposal: int, criterion: int) -> tuple[int, str] | None:
    """(mark, comment) where the reviewers of the sample are far apart; None elsewhere."""
    marks = QUARRELS.get((proposal, criterion))
    if marks is None:
        return None
    mark = marks[SEATS.index(key)]
    return mark, VIEWS[mark]


def settle(demo: Demo, window: Window, seats: Mapping[str, Evaluator], *, at: datetime) -> None:
    """The chair agrees with the panel on one criterion, and opens another again for one reviewer, who marks it anew."""
    chair, third = demo.person("chair"), seats["third"]
    apart = _far_apart(window, third)
    if len(apart) < 2:
        raise DemoError("The sample's reviewers do not disagree.")
    revision, criterion = apart[0]
    moderation_actions.agree(revision, criterion, 3, reason=AGREED, by=chair, at=at)
    revision, criterion = apart[1]
    moderation_actions.reopen(
        revision, criterion, third, reason=AGAIN, by=chair, at=at + timedelta(minutes=20)
    )
    marking_actions.record_marks(
        revision, [(criterion, 3, READ_AGAIN)], evaluator=third, by=third.user, at=at + timedelta(hours=3)
    )


def _far_apart(window: Window, seat: Evaluator) -> list[tuple[Revision, Criterion]]:
    """Where this reviewer gave the lowest mark of all, and another one at least three more."""
    found = []
    lowest = Mark.objects.filter(evaluator=seat, revision__proposal__window=window, anchor__lte=2)
    for mark in lowest.order_by("revision__proposal__number", "criterion__position"):
        others = Mark.objects.filter(revision=mark.revision_id, criterion=mark.criterion_id, anchor__gte=4)
        if others.count() >= 2:
            revision = ranking_queries.revision_to_score(mark.revision_id)
            criteria = {each.pk: each for each in inputs.criteria_to_mark(revision)}
            found.append((revision, criteria[mark.criterion_id]))
    return found


def share_out(demo: Demo, window: Window, seats: Mapping[str, Evaluator], *, at: datetime) -> None:
    """Two reviewers for each proposal, experts first; due in four days, the third reviewer's some days ago."""
    chair = demo.person("chair")
    lots = list(window.solicitation.lots.all())
    board_actions.set_people(
        window,
        [(seat, None, [lot.pk for lot in lots[place::2]]) for place, seat in enumerate(seats.values())],
        by=chair,
        at=at,
    )
    run = board_actions.ask_for_run(
        window, lots=[lot.code for lot in lots], group="", each=2, cap=None, by=chair, at=at
    )
    demo.wait_for("the assignment", lambda: _planned(run).planned_at is not None)
    board_actions.apply_run(_planned(run), by=chair, at=at + timedelta(minutes=6))
    zone = window.solicitation.time_zone
    for seat, days, reason in ((None, 4, ""), (seats["third"], -2, "She is away from next week on.")):
        due = at_five((demo.now + timedelta(days=days)).date(), zone)
        if due > at:
            board_actions.set_due(
                window, seat=seat, due_at=due, reason=reason, by=chair, at=at + timedelta(minutes=9)
            )


def _planned(run: AssignmentRun) -> AssignmentRun:
    return AssignmentRun.objects.select_related("window__solicitation").get(pk=run.pk)
