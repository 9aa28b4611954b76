"""Submitting and marking over HTTP while everything dies: what was acknowledged is stored, once, and follows through.

Clients repeat what was not acknowledged, as people do. Meanwhile the processes are killed with SIGKILL, one at a time
and each in the middle of requests: a kill waits until some are under way. When work is done that many times over, a
kill is due, so a slow machine sees the same run as a fast one. The seed decides what dies when and who marks what.
"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.test import Client

from portal.embedded import servers as embedded_servers
from portal.frame import processes
from portal.frame.processes import ChildEnded, Processes, web_command, worker_command
from portal.frame.queues import QUEUES
from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Notice, Role, User
from portal.record import audit
from rfp import schedule as rfp_schedule
from rfp.models import Assessment, Proposal
from scoring import schedule as scoring_schedule
from scoring.models import Mark, Ranking, Score
from scoring.ranking import inputs, queries
from tests import factories as make
from tests.conftest import worker_environment
from tests.processes import broker
from tests.processes.site import Answer, Postgres, Site, Visitor, free_port, parent_of, state_of, wait_until

CLIENTS = 6
PATIENCE = 600.0  # seconds after which a run counts as hung
TOKEN = "c" * 32
KINDS = (
    "pool child",
    "worker",
    "broker",
    "web worker",
    "web master",
    "PostgreSQL backend",
    "postmaster",
)


@dataclass
class Try:
    """One request of somebody's, until it is acknowledged."""

    path: str
    data: dict[str, str]
    visitor: Visitor
    what: str
    done: Callable[[], None] = lambda: None


@dataclass
class Kill:
    """One kill: what died, what was under way, and how many of those requests were not answered by it."""

    kind: str
    pid: int
    requests: dict[int, str]
    jobs: int
    at: float
    cut: int = 0

    def line(self) -> str:
        what = ", ".join(
            f"{count} × {name}" for name, count in sorted(Counter(self.requests.values()).items())
        )
        return (
            f"{self.at:7.2f} s  {self.kind} (process {self.pid}) killed with {what} and {self.jobs} jobs under way; "
            f"{self.cut} of the requests were not acknowledged"
        )


@dataclass
class Run:
    """A chaotic run of `size` submissions and as many marks."""

    size: int
    seed: int
    servers: embedded_servers.Servers
    folder: Path
    tried: Counter[str] = field(default_factory=Counter)
    kills: list[Kill] = field(default_factory=list)
    under_way: dict[int, str] = field(default_factory=dict)
    acknowledged: int = 0
    longest: float = 0.0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    marks: dict[tuple[int, str], int] = field(default_factory=dict)
    drafts: list[Proposal] = field(default_factory=list)
    lines: list[list[Try]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.ended, self.all_killed = threading.Event(), threading.Event()
        self.submitted: list[Try] = []
        self.redis = redis.Redis.from_url(self.servers.redis_url)
        self.postgres = Postgres()

    # ---- the run ---------------------------------------------------------------------------------------------------

    def go(self) -> None:
        """Everything, until nothing waits. Raises AssertionError when it hangs; `wrong()` says what is wrong."""
        self.began = time.monotonic()
        with self._portal() as (site, children):
            for each in itertools.chain(*self.lines):
                each.visitor.site = site
            threads = [
                threading.Thread(target=self._client, args=(line,), daemon=True) for line in self.lines
            ]
            for thread in threads:
                thread.start()
            self._kill_all(children)
            for thread in threads:
                thread.join(PATIENCE)
                assert not thread.is_alive(), "a client still waits"
            self._settle()
        self.seconds = time.monotonic() - self.began
        (self.folder / "kills.log").write_text("".join(f"{kill.line()}\n" for kill in self.kills))
        self.log = site.log.read_text()

    @contextmanager
    def _portal(self) -> Iterator[tuple[Site, Processes]]:
        """Web server and worker as `serve` runs them, watched as it watches them; only the pauses are shorter."""
        environment = {
            **worker_environment(self.servers),
            "ONSHORE_ENV": "test",
            "ONSHORE_BROKER_MS": "1000",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        bind = f"127.0.0.1:{free_port()}"
        before, processes.LONGEST_PAUSE = processes.LONGEST_PAUSE, 1.0
        with Processes(self.folder) as children:
            children.start("worker", worker_command(2), environment)
            children.start("web", web_command(bind, workers=2, threads=4), environment)
            watch = threading.Thread(target=self._watch, args=(children,), daemon=True)
            watch.start()
            site = Site(bind, environment, self.folder / "web.log")
            wait_until(lambda: alive(site))
            try:
                yield site, children
            finally:
                self.ended.set()
                watch.join(10)
                processes.LONGEST_PAUSE = before
                connections.close_all()

    def _watch(self, children: Processes) -> None:
        while not self.ended.wait(0.1):
            try:
                children.look()
            except ChildEnded as problem:
                self.problems.append(str(problem))
                return

    # ---- people ----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """What each client does, in order: no two of them mark the same proposal as the same reviewer."""
        self.submitted = [*self._submissions()]
        # Mixed, but each kind in its own order: a mark is followed by another one on the same proposal.
        kinds = ["mark"] * self.size + ["submission"] * self.size
        self.dice.shuffle(kinds)
        rows = {"submission": iter(self.submitted), "mark": iter(self._marks())}
        tries = [next(rows[kind]) for kind in kinds]
        self.lines = [[] for _ in range(CLIENTS)]
        place: dict[str, int] = {}
        for number, each in enumerate(tries):
            line = place.setdefault(f"{each.path} {each.visitor.cookies['sessionid']}", number % CLIENTS)
            self.lines[line].append(each)

    def _submissions(self) -> Iterator[Try]:
        solicitation = make.make_solicitation()
        suppliers = [make.make_supplier() for _ in range(max(2, self.size // 20))]
        for number in range(self.size):
            supplier = suppliers[number % len(suppliers)]
            draft = make.make_draft(solicitation, supplier, price=str(100 + number % 50))
            self.drafts.append(draft)
            yield Try(f"/proposals/{draft.pk}/submit/", {}, signed_in(make.owner_of(supplier)), "submission")

    def _marks(self) -> Iterator[Try]:
        solicitation = make.make_solicitation()
        proposals = [make.make_proposal(solicitation) for _ in range(max(2, min(30, self.size // 8)))]
        for proposal in proposals:
            make.assess_and_score(proposal)
        window = make.close(solicitation.windows.get())
        chair, seats = make.make_panel(solicitation)
        make.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=make.make_user(Role.ADMIN))
        visitors = {seat.pk: signed_in(seat.user) for seat in (chair, *seats)}
        revision = queries.revision_to_score(Proposal.objects.get(pk=proposals[0].pk).current_revision_id)
        (criterion,) = inputs.criteria_to_mark(revision)
        given: dict[tuple[int, str], int] = {}
        for _ in range(self.size):
            seat, proposal = self.dice.choice((chair, *seats)), self.dice.choice(proposals)
            key = (seat.pk, str(proposal.pk))
            # Another one than before, so that each is an event of its own.
            anchor = given[key] = self.dice.choice([n for n in range(6) if n != given.get(key)])
            yield Try(
                f"/evaluate/proposals/{proposal.pk}/mark/",
                {f"anchor-{criterion.pk}": str(anchor)},
                visitors[seat.pk],
                "mark",
                lambda key=key, anchor=anchor: self.marks.__setitem__(key, anchor),  # type: ignore[misc]
            )

    def _client(self, line: list[Try]) -> None:
        for each in line:
            began = time.monotonic()
            while not self._is_acknowledged(each):
                if self.ended.wait(0.1):
                    return
            each.done()
            with self.lock:
                self.acknowledged += 1
                self.longest = max(self.longest, time.monotonic() - began)
        dice = random.Random(self.seed)
        while not self.all_killed.is_set():  # somebody impatient sends again what was acknowledged
            if not self._is_acknowledged(dice.choice(self.submitted)):
                self.ended.wait(0.1)

    def _is_acknowledged(self, each: Try) -> bool:
        with self.lock:
            number = next(self.numbers)
            self.under_way[number] = each.what
        how = "broken"
        try:
            answer = each.visitor.post(each.path, each.data)
            how = str(answer.status)
            self._judge(each, answer)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            with self.lock:
                del self.under_way[number]
                self.tried[how] += 1
                if how not in ("302", "200"):
                    for kill in self.kills:
                        kill.cut += number in kill.requests
        return how in ("302", "200")  # a form that is refused is refused for ever, and a problem

    def _judge(self, each: Try, answer: Answer) -> None:
        if answer.status == 302 and "/accounts/" in answer.headers["Location"]:
            self.problems.append(f"{each.what}: signed out")
        if answer.status not in (302, 503):
            self.problems.append(f"{each.what}: answered {answer.status}")

    # ---- killing ---------------------------------------------------------------------------------------------------

    def _kill_all(self, children: Processes) -> None:
        count = max(len(KINDS), self.size // 8)
        kinds = [KINDS[n % len(KINDS)] for n in range(count)]
        self.dice.shuffle(kinds)
        try:
            for number, kind in enumerate(kinds):
                due = (number + 1) * 2 * self.size // (count + 1)
                wait_until(lambda due=due: self.acknowledged >= due, seconds=PATIENCE)  # type: ignore[misc]
                deadline = time.monotonic() + PATIENCE
                while not (self._in_the_middle(kind) and self._kill(kind, children)):
                    assert time.monotonic() < deadline, f"no {kind} to kill"
                    time.sleep(0.005)
        finally:
            self.all_killed.set()

    def _in_the_middle(self, kind: str) -> bool:
        """Requests are under way; for what does jobs, a job too, while there may be any."""
        if kind in ("pool child", "worker") and not self._jobs_under_way():
            return self._jobs_wait() == 0 and self.acknowledged >= 2 * self.size
        return len(self.under_way) >= 2

    def _jobs_under_way(self) -> int:
        try:
            return int(self.redis.hlen("unacked"))
        except redis.RedisError:
            return 0

    def _jobs_wait(self) -> int:
        try:
            return sum(int(self.redis.llen(queue)) for queue in QUEUES)
        except redis.RedisError:
            return 0

    def _kill(self, kind: str, children: Processes) -> bool:
        """Whether there was one: what died before may not be back yet."""
        pid, jobs = self._victim(kind, children), self._jobs_under_way()
        with self.lock:
            if not pid or not self.under_way:
                return False
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
            self.kills.append(Kill(kind, pid, dict(self.under_way), jobs, time.monotonic() - self.began))
            return True

    def _victim(self, kind: str, children: Processes) -> int:
        """The process to kill; 0 while there is none."""
        worker, web = children.running["worker"].pid, children.running["web"].pid
        try:
            if kind == "pool child":
                return self._one_of(children_of(worker))
            if kind == "web worker":
                return self._one_of(children_of(web))
            if kind == "broker":
                return int(self.redis.info("server")["process_id"])
            if kind == "PostgreSQL backend":
                return self._one_of(backends(self.postgres.pid))
            pid = {"worker": worker, "web master": web, "postmaster": self.postgres.pid}[kind]
        except (redis.RedisError, OSError, IndexError):
            return 0
        return pid if state_of(pid) not in ("", "Z") else 0

    def _one_of(self, pids: list[int]) -> int:
        return self.dice.choice(pids) if pids else 0

    # ---- afterwards ------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """What beat would do each minute, whenever the workers have nothing to do, until nothing waits."""
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, "jobs are never done"
            try:
                if self._jobs_wait() or self._jobs_under_way():
                    time.sleep(0.2)
                    continue
                if not any(self._waiting().values()):
                    return
                rfp_schedule.sweep_unassessed()
                scoring_schedule.sweep_unscored()
            except DatabaseError:  # the last kill may have been the database's
                connections.close_all()
            time.sleep(1)

    def _waiting(self) -> dict[str, int]:
        pks = [draft.pk for draft in self.drafts]
        scored = Score.objects.filter(revision__proposal__in=pks).count()
        stale = sum(ranking.is_stale for ranking in Ranking.objects.all())
        return {"to score": len(pks) - scored, "to rank": stale}

    def wrong(self) -> list[str]:
        """Everything that is not as it should be, a line each."""
        found = list(dict.fromkeys(self.problems))
        for draft in self.drafts:
            counts = self._stored(draft)
            if set(counts.values()) != {1}:
                found.append(f"{draft.pk}: {counts}")
        stored = {
            (mark.evaluator_id, str(mark.revision.proposal_id)): mark.anchor
            for mark in Mark.objects.select_related("revision")
        }
        found += [
            f"mark {key}: {anchor} acknowledged, {stored.get(key)} stored"
            for key, anchor in self.marks.items()
            if stored.get(key) != anchor
        ]
        events = AuditEvent.objects.filter(verb="marks.recorded").count()
        if events != self.size:
            found.append(f"{events} events of {self.size} marks")
        found += [str(broken) for broken in audit.verify()[1]]
        found += list(audit.differing())  # marks from events, scores from marks, rankings from scores
        found += [f"{kill.kind}: killed between requests" for kill in self.kills if not kill.requests]
        found += [f"{kind}: never killed" for kind in {*KINDS} - {kill.kind for kill in self.kills}]
        if "Internal Server Error" in self.log:
            found.append("the log has an error without words")
        return found

    def _stored(self, draft: Proposal) -> dict[str, int]:
        proposal = Proposal.objects.get(pk=draft.pk)
        revisions = proposal.revisions.filter(received_at__isnull=False)
        return {
            "revisions": revisions.count(),
            "assessments": Assessment.objects.filter(revision__in=revisions).count(),
            "scores": Score.objects.filter(revision__in=revisions).count(),
            "receipts": Notice.objects.filter(
                key__startswith=f"submitted:{proposal.current_revision_id}:"
            ).count(),
            "events": AuditEvent.objects.filter(
                verb="proposal.submitted", subject=audit.subject_of(proposal)
            ).count(),
        }

    def table(self) -> str:
        """The figures, as they are printed."""
        lines = [
            f"\nchaos, seed {self.seed}: {self.size} submissions, {self.size} marks, {CLIENTS} clients, "
            f"{self.seconds:.0f} s",
            f"{'requests':<22}{sum(self.tried.values()):>6}   "
            + ", ".join(f"{count} × {how}" for how, count in sorted(self.tried.items())),
            f"{'longest wait':<22}{self.longest:>6.1f} s until acknowledged, tries included",
            f"{'killed':<22}{'times':>6}{'requests under way':>20}{'cut off':>9}{'jobs under way':>16}",
        ]
        for kind in KINDS:
            kills = [kill for kill in self.kills if kill.kind == kind]
            lines.append(
                f"{kind:<22}{len(kills):>6}{sum(len(kill.requests) for kill in kills):>20}"
                f"{sum(kill.cut for kill in kills):>9}{sum(kill.jobs for kill in kills):>16}"
            )
        found = self.wrong()
        lines.append(f"{'wrong':<22}{len(found):>6}   each kill is in {self.folder / 'kills.log'}")
        return "\n".join(lines + [f"  {each}" for each in found])


def alive(site: Site) -> bool:
    try:
        return Visitor(site).get("/readyz").status == 200
    except OSError:
        return False


def signed_in(user: User) -> Visitor:
    """Signed in without a password, which takes the time of a dozen requests to check."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    assert Session.objects.filter(session_key=client.cookies[name].value).exists()
    cookies: dict[str, str] = {name: client.cookies[name].value, "csrftoken": TOKEN}
    unused: Any = None
    return Visitor(unused, cookies=cookies)


def children_of(pid: int) -> list[int]:
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
        and state_of(int(folder.name)) not in ("", "Z")
        and _parent_of(int(folder.name)) == pid
    ]


def _parent_of(pid: int) -> int:
    try:
        return parent_of(pid)
    except OSError:
        return 0


def backends(postmaster: int) -> list[int]:
    """Processes of PostgreSQL that serve the portal's clients, not this process."""
    own = connection.connection.get_backend_pid() if connection.connection else 0
    name = str(settings.DATABASES["default"]["NAME"]).encode()
    found = []
    for pid in children_of(postmaster):
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if pid != own and name in title:
            found.append(pid)
    return found


def run(size: int, seed: int, servers: embedded_servers.Servers, folder: Path) -> Run:
    """A whole run; its table is printed by who asks for it."""
    made = Run(size, seed, servers, folder)
    made.prepare()  # what this enqueues reaches no worker
    broker.attended = True
    try:
        made.go()
    finally:
        broker.attended = False
    return made
