"""Dates that few can keep: days on which nobody works, and windows that are short or over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from rfp.checks.declared import Found, check
from rfp.checks.facts import RfpFacts
from rfp.checks.holidays import holiday_on

SHORT = timedelta(days=7)
WEEKEND = {5: "a Saturday", 6: "a Sunday"}
Part = tuple[str, int] | None


@check("days", says="No date on a weekend or a federal holiday", section="dates")
def days_off(facts: RfpFacts) -> Iterable[Found]:
    for what, about, day, part in _dates(facts):
        if holiday := holiday_on(day):
            yield Found(f"{what} on a federal holiday: {holiday}, {_said(day)}.", about, part)
        elif weekend := WEEKEND.get(day.weekday()):
            yield Found(f"{what} on {weekend}: {_said(day)}.", about, part)


def _dates(facts: RfpFacts) -> Iterator[tuple[str, str, date, Part]]:
    """(what happens, what it is about, its day, its row), for the dates that suppliers or buyers have to keep."""
    for window in facts.windows:
        part = ("window", window.pk)
        closes = _last_day(window.closes_at, facts)
        yield f"Window {window.number} closes", f"closes-{window.number}", closes, part
        if window.feedback_by:
            what = f"Feedback on window {window.number} is due"
            yield what, f"feedback-{window.number}", window.feedback_by, part
    for milestone in facts.milestones:
        about = f"milestone-{milestone.pk}"
        yield f"“{milestone.title}” is", about, milestone.on, ("milestone", milestone.pk)
    if facts.questions_until:
        yield "Questions close", "questions", _last_day(facts.questions_until, facts), None


def _last_day(until: datetime, facts: RfpFacts) -> date:
    """The day on which the last moment before `until` falls: midnight belongs to the day before."""
    return (until - timedelta(microseconds=1)).astimezone(facts.zone).date()


def _said(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


@check("short", says="At least 7 days to respond", section="dates")
def short_windows(facts: RfpFacts) -> Iterable[Found]:
    for window in facts.windows:
        about, part = str(window.number), ("window", window.pk)
        if window.closes_at <= facts.now:
            yield Found(f"Window {window.number} has already closed.", about, part)
        elif window.closes_at - facts.now < SHORT:
            yield Found(f"Window {window.number} closes in less than 7 days.", about, part)
        elif window.closes_at - window.opens_at < SHORT:
            yield Found(f"Window {window.number} is open for less than 7 days.", about, part)


@check("questions", says="A date by which questions close", section="basics")
def questions(facts: RfpFacts) -> Iterable[Found]:
    if facts.questions_until is None:
        yield Found("Questions have no closing date. Suppliers can ask until the last window closes.", "none")
        return
    if facts.questions_until <= facts.now:
        yield Found("Questions have already closed.", "over")
    elif facts.windows and facts.questions_until >= max(each.closes_at for each in facts.windows):
        yield Found("Questions close after the last window, too late for an answer to help.", "late")


CHECKS = (days_off, short_windows, questions)
