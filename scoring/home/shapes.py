"""What a first page is made of: tasks with their dates, and sections of where things stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from portal.kit import formats
from portal.kit.formats import count_of


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do: until when, with how much time left, and the one link that does it."""

    title: str
    note: str
    url: str
    action: str
    due: datetime | None = None
    due_words: str = ""
    left: str = ""
    zone: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a section: what, its state in a shape and a word, and a note."""

    title: str
    url: str = ""
    sub: str = ""
    state: str = ""
    words: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Where things stand; `all_url` leads to the whole list."""

    title: str
    heads: tuple[str, str, str]
    lines: Sequence[Line]
    empty: str
    all_url: str = ""
    all_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A first page."""

    title: str
    lead: str
    tasks: Sequence[Task]
    nothing: str
    sections: Sequence[Section] = field(default_factory=tuple)


def by_date(tasks: Iterable[Task]) -> list[Task]:
    """The nearest date first; what has none comes last, in its own order."""
    return sorted(tasks, key=lambda task: (task.due is None, task.due.timestamp() if task.due else 0))


def until(at: datetime, zone: str, now: datetime) -> dict[str, Any]:
    """The due date of a task, in words, with the time left."""
    days = (at - now).days
    left = "late" if at <= now else "less than a day left" if days < 1 else f"{count_of(days, 'day')} left"
    return {"due": at, "due_words": formats.deadline(at, zone), "left": left, "zone": zone}


def to_rfp(route: str, number: str, window: int | None = None, **query: str) -> str:
    asked = {"window": str(window)} if window is not None else {}
    pairs = "&".join(f"{name}={value}" for name, value in (asked | query).items())
    address = reverse(f"scoring:{route}", args=[number])
    return f"{address}?{pairs}" if pairs else address


def on_day(day: date, now: datetime, *, over: str = "ended") -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=now.tzinfo)
    days = (day - now.date()).days
    left = over if days < 0 else "today" if days == 0 else f"{count_of(days, 'day')} left"
    return {"due": at, "due_words": formats.day(day), "left": left}
