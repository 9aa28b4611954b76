"""First pages of reviewers and chairs: what to mark, and what to decide in the RFPs they lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from portal.kit import formats
from portal.kit.formats import count_of
from portal.models import User
from rfp.asking import queries as asking_queries
from rfp.models import Window
from scoring.duties import queries as duties
from scoring.home import queries
from scoring.home.shapes import Home, Line, Section, Task, by_date, on_day, to_rfp

# ---- reviewers and chairs -----------------------------------------------------------------------------------------


def declarations(user: User) -> list[Task]:
    return [
        Task(
            title="Sign the conflict declaration",
            note=f"RFP {window.solicitation.number}, window {window.number}. Proposals open to you after that.",
            url=to_rfp("declare", window.solicitation.number, window.number),
            action="Sign",
        )
        for window in queries.to_declare(user)
    ]


def advice_to_give(user: User) -> list[Task]:
    """Questions of suppliers that an admin asked the person about."""
    return [
        Task(
            title=f"Suggest an answer about RFP {each.question.solicitation.number}",
            note=f"{each.asked_by} asks you about a supplier’s question.",
            url=reverse("rfp:advice", args=[each.pk]),
            action="Read",
        )
        for each in asking_queries.advice_to_give(user)[: queries.MOST]
    ]


def reviewer_home(user: User, now: datetime) -> Home:
    waiting = queries.to_mark(user)
    rows = list(waiting[: queries.MOST])
    count = waiting.count() if len(rows) == queries.MOST else len(rows)
    tasks = [*declarations(user), *of_chair(user, now), *advice_to_give(user)]
    due = duties.due_for(user, (each.window_id for each in rows))
    if rows:
        first = rows[0]
        begun = f"{count_of(first.given, 'mark')} given. " if first.given else ""
        tasks.append(
            Task(
                title=f"{'Continue' if first.given else 'Review'} {_called(first)}",
                note=f"{begun}{count_of(count, 'proposal')} in your queue.",
                url=reverse("scoring:proposal_mark", args=[first.pk]),
                action="Continue" if first.given else "Start",
                **_due(first, due, now),
            )
        )
    return Home(
        title="What needs you",
        lead=f"{count_of(queries.marked(user), 'review')} done, {count} to do.",
        tasks=by_date(tasks),
        nothing="Nothing waits for you. New proposals appear here when their window opens.",
        sections=(_queue(rows, due, now), *progress(user)),
    )


def _queue(rows: Iterable[Any], due: Mapping[int, datetime], now: datetime) -> Section:
    return Section(
        title="Your queue",
        heads=("Proposal", "State", "Due"),
        lines=[
            Line(
                title=_called(each),
                url=reverse("scoring:proposal_mark", args=[each.pk]),
                sub=f"{each.number}, RFP {each.lot.solicitation.number}, lot {each.lot.code}",
                state="now" if each.given else "todo",
                words=f"{count_of(each.given, 'mark')} given" if each.given else "To do",
                note=_due_words(_due(each, due, now)),
            )
            for each in rows
        ],
        empty="Nothing to mark right now.",
        all_url=reverse("scoring:rfp_list"),
        all_words="All RFPs",
    )


def _due_words(due: Mapping[str, Any]) -> str:
    """ "November 25, 2026", with "late" after it once it is over."""
    words: str = due.get("due_words", "")
    return f"{words}, late" if words and due.get("left") == "late" else words


def _called(proposal: Any) -> str:
    return proposal.current_revision.title or proposal.number


def _feedback(window: Window | None, now: datetime) -> dict[str, Any]:
    """When the window's suppliers were promised an answer: the date by which all marks are needed."""
    return on_day(window.feedback_by, now, over="late") if window and window.feedback_by else {}


def _due(proposal: Any, due: Mapping[int, datetime], now: datetime) -> dict[str, Any]:
    """When the reviewer's marks of the window are due; without a date, when suppliers were promised an answer."""
    at = due.get(proposal.window_id)
    if at is None:
        return _feedback(proposal.window, now)
    return on_day(at.astimezone(proposal.lot.solicitation.zone).date(), now, over="late")


def of_chair(user: User, now: datetime) -> list[Task]:
    """What chairs and admins open, decide and release, in the RFPs they lead."""
    return [*_openings(user, now), *_decisions(user), *releases(user)]


def _openings(user: User, now: datetime) -> list[Task]:
    tasks = [
        Task(
            title=f"Open the technical envelope of window {window.number}",
            note=f"RFP {window.solicitation.number}. Closed {_closed(window)}.",
            url=to_rfp("opening_list", window.solicitation.number),
            action="Open",
            **_feedback(window, now),
        )
        for window in queries.to_open(user, now)
    ]
    tasks += [
        Task(
            title=f"Confirm the {'price' if each.envelope == 'price' else 'technical'} opening of window "
            f"{each.window.number}",
            note=f"RFP {each.window.solicitation.number}. {each.proposed_by} started it. You are the second person.",
            url=to_rfp("opening_list", each.window.solicitation.number),
            action="Confirm",
            **_feedback(each.window, now),
        )
        for each in queries.openings_begun(user)
    ]
    return tasks


def _decisions(user: User) -> list[Task]:
    tasks = [
        Task(
            title=f"Decide {count_of(each.count, 'knock-out or missing input', 'knock-outs and missing inputs')}",
            note=f"RFP {each.number}, window {each.window}. Prices wait for them.",
            url=to_rfp("decision_list", each.number, each.window),
            action="Decide",
        )
        for each in queries.decisions_waiting(user)
    ]
    tasks += [
        Task(
            title=f"Decide {count_of(each.count, 'ranked proposal')} in lot {lot}",
            note=f"RFP {each.number}, window {each.window}. Shortlist, reserve, eliminate or award.",
            url=to_rfp("ranking", each.number, each.window, lot=lot),
            action="Decide",
        )
        for each, lot in queries.verdicts_waiting(user)
    ]
    return tasks


def _closed(window: Window) -> str:
    return formats.deadline(window.closes_at, window.solicitation.time_zone)


def releases(user: User) -> list[Task]:
    return [
        Task(
            title=f"Release the decisions of lot {each.lot.code}",
            note=(
                f"RFP {each.window.solicitation.number}, window {each.window.number}. {each.proposed_by} started it. "
                "You can be the second person."
            ),
            url=to_rfp("letter_list", each.window.solicitation.number, each.window.number, lot=each.lot.code),
            action="Read and release",
        )
        for each in queries.releases_begun(user)
    ]


def progress(user: User) -> tuple[Section, ...]:
    """How far the marking is in the RFPs that the user leads; nothing for others."""
    found = queries.progress(user)
    if not found:
        return ()
    lines = [
        Line(
            title=f"Window {row['window__number']}",
            url=to_rfp("overview", row["lot__solicitation__number"]),
            sub=f"RFP {row['lot__solicitation__number']} {row['lot__solicitation__title']}",
            words=f"{count_of(row['done'], 'review')} done on {count_of(row['total'], 'proposal')}",
            note=formats.number(row["out"]) if row["out"] else "",
        )
        for row in found
    ]
    return (Section(title="Progress", heads=("Window", "Reviews", "Knocked out"), lines=lines, empty=""),)
