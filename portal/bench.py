"""Measuring over real HTTP: medians, p95 and ratios to floors that were taken in the same run.

The machine is never quiet, so the pages take turns: every round asks each page once, and a slow moment slows them all.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

BARE, EMPTY = "bare", "empty"
# Any secret will do for a form's token: it must only be the cookie's.
TOKEN = "b" * 32


@dataclass
class Series:
    """Times of one thing, in milliseconds, with its SQL statements where they were counted."""

    name: str
    times: list[float] = field(default_factory=list)
    queries: int | None = None
    size: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[max(0, round(len(self.times) * 0.95) - 1)]


@dataclass(frozen=True)
class Page:
    """A page to ask for: on which port, as whom (a session cookie), and against which floor and target ratio."""

    name: str
    path: str
    port: int
    cookie: str = ""
    floor: str = ""
    target: float | None = None
    most_queries: int | None = None


@dataclass(frozen=True)
class Form:
    """A form to send, again and again: `prepare` gives the address and the fields of the next one, and is not timed."""

    name: str
    prepare: Callable[[int], tuple[str, dict[str, str]]]
    port: int
    cookie: str
    floor: str = ""
    target: float | None = None
    most_queries: int | None = None


class Bench:
    """Collects what is measured and prints it at the end."""

    def __init__(self, say: Callable[[str], None], *, rounds: int) -> None:
        self.say = say
        self.rounds = rounds
        self.series: dict[str, Series] = {}
        self.lines: list[str] = []
        self.missed: list[str] = []
        self.made: dict[str, Any] = {}

    def send(self, forms: Iterable[Form]) -> None:
        """Every form once a round, after one round to warm up; the answer must be a redirect, which is not followed."""
        listed = list(forms)
        for turn in range(self.rounds + 1):
            for form in listed:
                path, values = form.prepare(turn)
                took, size = self._sent(form, path, values)
                series = self.series.setdefault(form.name, Series(form.name))
                series.size = size
                if turn >= 1:
                    series.times.append(took)
        for form in listed:
            self._report(form)

    def _sent(self, form: Form, path: str, values: dict[str, str]) -> tuple[float, int]:
        headers = {
            "Cookie": f"{form.cookie}; csrftoken={TOKEN}",
            "Host": "localhost",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({**values, "csrfmiddlewaretoken": TOKEN})
        kept = http.client.HTTPConnection("127.0.0.1", form.port)
        kept.connect()
        began = time.perf_counter()
        kept.request("POST", path, body=body, headers=headers)
        answer = kept.getresponse()
        size = len(answer.read())
        took = (time.perf_counter() - began) * 1000
        kept.close()
        if answer.status not in (302, 303):
            raise AssertionError(f"{form.name}: {path} answered {answer.status}")
        return took, size

    def ask(self, pages: Iterable[Page]) -> None:
        """Every page once a round, after two rounds to warm up, on kept connections."""
        listed = list(pages)
        connections = {
            port: http.client.HTTPConnection("127.0.0.1", port) for port in {p.port for p in listed}
        }
        for turn in range(self.rounds + 2):
            for page in listed:
                took, size = self._one(connections[page.port], page)
                series = self.series.setdefault(page.name, Series(page.name))
                series.size = size
                if turn >= 2:
                    series.times.append(took)
        for page in listed:
            self._report(page)

    def _one(self, kept: http.client.HTTPConnection, page: Page) -> tuple[float, int]:
        headers = {"Host": "localhost", "Accept-Encoding": "gzip"} | (
            {"Cookie": page.cookie} if page.cookie else {}
        )
        try:
            took, size, code = self._timed(kept, page.path, headers)
        except http.client.RemoteDisconnected:
            # The server ends a kept connection after two idle seconds; opening one anew is not the page's time.
            kept.close()
            kept.connect()
            took, size, code = self._timed(kept, page.path, headers)
        if code != 200:
            raise AssertionError(f"{page.name}: {page.path} answered {code}")
        return took, size

    def _timed(
        self, kept: http.client.HTTPConnection, path: str, headers: dict[str, str]
    ) -> tuple[float, int, int]:
        began = time.perf_counter()
        kept.request("GET", path, headers=headers)
        answer = kept.getresponse()
        size = len(answer.read())
        return (time.perf_counter() - began) * 1000, size, answer.status

    def _report(self, page: Page | Form) -> None:
        mine = self.series[page.name]
        text = f"{page.name:<44} {mine.median:8.1f} ms  p95 {mine.p95:7.1f}  {mine.size / 1024:7.1f} KB"
        if mine.queries is not None:
            text += f"  {mine.queries:>3} SQL"
            if page.most_queries is not None:
                self.hold(f"{page.name}, SQL", mine.queries, page.most_queries)
        if page.floor:
            ratio = mine.median / self.series[page.floor].median
            text += f"  {ratio:5.2f} x {page.floor}"
            if page.target is not None:
                text += f" (target {page.target:g})"
                self.hold(f"{page.name}, ratio to {page.floor}", round(ratio, 2), page.target)
        self.lines.append(text)

    def count_queries(self, name: str, client: Client, path: str) -> None:
        """SQL statements of one page, asked in this process after one warming."""
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer = client.get(path)
            if hasattr(answer, "streaming_content"):
                b"".join(answer.streaming_content)
        self.series.setdefault(name, Series(name)).queries = len(captured)

    def count_sent(self, name: str, client: Client, path: str, values: dict[str, str]) -> None:
        """SQL statements of one form that is sent in this process, its commit included."""
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(path, values)
        assert answer.status_code in (302, 303), f"{name}: {path} answered {answer.status_code}"
        self.series.setdefault(name, Series(name)).queries = len(captured)

    def clock(
        self, name: str, work: Callable[[], Any], *, times: int, target_ms: float | None = None
    ) -> Series:
        """Time `work` in this process; milliseconds of wall time."""
        series = self.series.setdefault(name, Series(name))
        for _ in range(times):
            began = time.perf_counter()
            work()
            series.times.append((time.perf_counter() - began) * 1000)
        self.note(name, series.median, series.p95, target_ms)
        return series

    def note(
        self,
        name: str,
        median: float,
        p95: float | None = None,
        target: float | None = None,
        unit: str = "ms",
    ) -> None:
        text = f"{name:<44} {median:8.1f} {unit}"
        if p95 is not None:
            text += f"  p95 {p95:7.1f}"
        if target is not None:
            text += f"  (target {target:g})"
            self.hold(name, round(median, 1), target)
        self.lines.append(text)

    def hold(self, what: str, value: float, target: float) -> None:
        """Remember what is over its target; nothing fails by the clock."""
        if value > target:
            self.missed.append(f"{what}: {value:g}, target {target:g}")

    def print(self) -> None:
        for line in self.lines:
            self.say(line)
        self.say("\nNot reached in this run:" if self.missed else "\nEvery target was reached in this run.")
        for line in self.missed:
            self.say(f"  {line}")
