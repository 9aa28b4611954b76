"""Dates as an iCalendar file (RFC 5545). Pure. Moments are in UTC, which every calendar shows in its reader's zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

LINE = 75  # octets of a line, without its end
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, kw_only=True)
class Event:
    """`uid`: the same whenever the event is told again. Either `at`, a moment, with `ends` where it is known, or whole
    days: `first`, `last`."""

    uid: str
    title: str
    words: str
    url: str
    at: datetime | None = None
    ends: datetime | None = None
    place: str = ""
    first: date | None = None
    last: date | None = None


def calendar(
    events: Iterable[Event], *, name: str, stamp: datetime, sequence: int, is_canceled: bool = False
) -> bytes:
    """The file. `stamp`: when the dates last changed; `sequence`: how often they did."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Onshore//RFP dates//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for event in events:
        lines += _event(event, stamp=stamp, sequence=sequence, is_canceled=is_canceled)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _event(event: Event, *, stamp: datetime, sequence: int, is_canceled: bool) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(stamp)}"
    yield f"SEQUENCE:{sequence}"
    if event.at is not None:
        # Without an end, it ends when it begins: a deadline.
        yield f"DTSTART:{_moment(event.at)}"
        if event.ends is not None:
            yield f"DTEND:{_moment(event.ends)}"
    elif event.first is not None and event.last is not None:
        yield f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}"
        # The end of days is exclusive.
        yield f"DTEND;VALUE=DATE:{date.fromordinal(event.last.toordinal() + 1):%Y%m%d}"
    yield f"SUMMARY:{_text(event.title)}"
    yield f"DESCRIPTION:{_text(event.words)}"
    if event.place:
        yield f"LOCATION:{_text(event.place)}"
    yield f"URL:{event.url}"
    yield f"STATUS:{'CANCELLED' if is_canceled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A TEXT value: escaped, without control characters that would end the line or the file."""
    clean = "".join(char for char in text if char in "\n\t" or (ord(char) >= 0x20 and ord(char) != 0x7F))
    return clean.translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets; those that go on begin with a blank. No character is cut in two."""
    part, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > LINE:
            yield part
            part, size = " ", 1
        part, size = part + char, size + width
    yield part
