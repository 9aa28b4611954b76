"""What buyers and workers wait for, with thousands of proposals of the sample's kind."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import weasyprint
from django.conf import settings
from django.db import connection, connections, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from portal import audit, roles
from portal import demo as portal_demo
from portal import pdf as portal_pdf
from portal.bench import BARE, EMPTY, Bench, Page
from portal.compliance import Envelope
from portal.models import User
from portal.processes import Processes, web_command
from rfp import actions as rfp_actions
from rfp import assessment
from rfp import demo as rfp_demo
from rfp import queries as rfp_queries
from rfp.models import Proposal, Revision, Window
from scoring import demo, evaluation, pdf, queries, summaries
from scoring.models import Ranking, Report
from suppliers import demo as suppliers_demo
from suppliers.queries import may_attest

AT_ONCE = (1, 2, 8)  # writers of one chain
ROUNDS_AT_ONCE = 12
EVENTS = 200

REVISION_ROWS = (
    "rfp_revision_items",
    "rfp_response",
    "rfp_statement",
    "rfp_bomline",
    "rfp_priceline",
    "rfp_deliveryline",
    "rfp_capacity",
    "rfp_rampperiod",
    "rfp_jobsline",
    "rfp_processstep",
    "scoring_mark",
)


def run(bench: Bench) -> None:
    """Build, then measure: the pages over HTTP, the rest in this process."""
    story = portal_demo.start(varied=0)
    bench.say("Building the sample…")
    for part in (portal_demo, suppliers_demo, rfp_demo):
        part.build(story)
    window = story.made["solicitation"].windows.get(number=1)
    _assess_all(bench)
    _evaluate(story, window)
    _multiply(bench, window, bench.made["proposals"])
    _rank(bench, window)
    _submit(bench, story)
    _pages(bench, story, window)
    _pdf(bench, story, window)
    _at_once(bench, story)


# ---- data ---------------------------------------------------------------------------------------------------------


def _assess_all(bench: Bench) -> None:
    """Every sample proposal through the rules and the automatic marks, timed; the second time names are known."""
    received = list(Revision.objects.filter(received_at__isnull=False).values_list("pk", flat=True))

    def work(pk: int) -> None:
        assessment.assess(rfp_queries.revision_for_facts(pk))
        evaluation.mark_automatically(queries.revision_to_score(pk))

    for pk in received:
        work(pk)
    with_bom = [pk for pk in received if Revision.objects.get(pk=pk).bom_lines.exists()]
    began = time.process_time()
    for pk in with_bom:
        work(pk)
    spent = (time.process_time() - began) / len(with_bom) * 1000
    bench.note("assess and mark one proposal, CPU", spent, target=20)


def _evaluate(story: portal_demo.Demo, window: Window) -> None:
    begun = window.closes_at + timedelta(hours=10)
    seats = demo._panel(story, window.solicitation, at=window.opens_at)
    demo._open(story, window, Envelope.TECHNICAL, at=begun)
    demo._declare(story, window, seats, at=begun)
    demo._mark(story, window, seats, at=begun + timedelta(days=1))
    demo._decide_findings(story, window, at=begun + timedelta(days=8))
    demo._stand_in_for_inputs(story, window, at=begun + timedelta(days=8))
    demo._open(story, window, Envelope.PRICE, at=begun + timedelta(days=9))
    evaluation.rescore_window(window)


def _multiply(bench: Bench, window: Window, wanted: int, *, prefix: str = "B") -> None:
    """Copy the window's proposals until there are as many as wanted, rows and all, with scores that differ."""
    bench.say(f"Copying proposals until there are {wanted}…")
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        # Received revisions and findings are guarded by triggers; only the owner's replica may write them like this.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(
            """
            CREATE TEMP TABLE copies ON COMMIT DROP AS
            SELECT p.id AS old_proposal, p.current_revision_id AS old, gen_random_uuid() AS new_proposal,
                   nextval(pg_get_serial_sequence('rfp_revision', 'id')) AS new, n
            FROM generate_series(1, %s) AS n
            JOIN (SELECT *, row_number() OVER (ORDER BY number) AS at, count(*) OVER () AS of FROM rfp_proposal
                  WHERE window_id = %s) AS p ON p.at = n %% p.of + 1
            """,
            [max(0, wanted - window.proposals.count()), window.pk],
        )
        _copy(
            cursor,
            "rfp_proposal",
            "old_proposal",
            {"id": "m.new_proposal", "number": f"'{prefix}-' || m.n", "current_revision_id": "m.new"},
            key="id",
        )
        _copy(cursor, "rfp_revision", "old", {"id": "m.new", "proposal_id": "m.new_proposal"}, key="id")
        for table in REVISION_ROWS:
            _copy(cursor, table, "old", {"revision_id": "m.new"}, key="revision_id", without=("id",))
        _copy(cursor, "rfp_assessment", "old", {"revision_id": "m.new"}, key="revision_id", without=("id",))
        cursor.execute(
            """
            CREATE TEMP TABLE assessed ON COMMIT DROP AS
            SELECT o.id AS old, a.id AS new, m.new AS revision FROM copies m
            JOIN rfp_assessment o ON o.revision_id = m.old JOIN rfp_assessment a ON a.revision_id = m.new
            """
        )
        _copy(
            cursor,
            "rfp_finding",
            "old",
            {"assessment_id": "m.new"},
            key="assessment_id",
            without=("id",),
            mapping="assessed",
        )
        _copy(
            cursor,
            "scoring_automaticmark",
            "old",
            {"assessment_id": "m.new", "revision_id": "m.revision"},
            key="assessment_id",
            without=("id",),
            mapping="assessed",
        )
        _copy(
            cursor,
            "scoring_score",
            "old",
            {"revision_id": "m.new", "total": "t.total + (random() - 0.5)::numeric(12, 11) * 20"},
            key="revision_id",
            without=("id",),
        )
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bench.say(f"{window.proposals.count()} proposals, {Revision.objects.count()} revisions.")


def _copy(
    cursor: Any,
    table: str,
    old: str,
    changed: dict[str, str],
    *,
    key: str,
    without: tuple[str, ...] = (),
    mapping: str = "copies",
) -> None:
    """Insert the rows of a table again for every copy; `changed` maps a column to its new SQL expression."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall() if name not in without]
    values = [changed.get(name, f't."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "
        f"FROM {table} t JOIN {mapping} m ON t.{key} = m.{old}"
    )


# ---- work ---------------------------------------------------------------------------------------------------------


def _rank(bench: Bench, window: Window) -> None:
    def rank() -> None:
        evaluation.rank_window(window)

    rank()
    bench.clock("rank the window again, with the write", rank, times=7, target_ms=100)
    ranking = Ranking.objects.get(window=window)
    bench.say(f"{ranking.ranked_count} ranked, {ranking.unranked_count} not.")


def _submit(bench: Bench, story: portal_demo.Demo) -> None:
    """The submit action itself: durable before it returns."""
    proposal: Proposal = story.made["proposal:P13"]
    proposal.refresh_from_db()
    owner = story.person("S01")
    at = story.now

    def submit() -> None:
        rfp_actions.submit_proposal(proposal, by=owner, at=at)

    times = []
    for _ in range(12):
        rfp_actions.revise_proposal(proposal, by=owner, at=at)
        rfp_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=at)
        began = time.perf_counter()
        submit()
        times.append((time.perf_counter() - began) * 1000)
    bench.note("submit, in the server", sorted(times)[len(times) // 2], max(times), 50)


def _at_once(bench: Bench, story: portal_demo.Demo) -> None:
    """Submissions pass the audit chain one at a time, from their event to their commit: what waiting for it costs."""
    window = story.made["proposal:P13"].window
    _multiply(bench, window, window.proposals.count() + max(AT_ONCE), prefix="C")
    copies = list(window.proposals.filter(number__startswith="C-").values_list("pk", flat=True))
    for writers in AT_ONCE:
        times = _race(writers, lambda n, together: _submissions(copies[n], story.now, together))
        for name, found in (("submit", 0), ("  waiting for the audit chain", 1)):
            ordered = sorted(pair[found] for pair in times)
            p95 = ordered[round(len(ordered) * 0.95) - 1]
            bench.note(f"{name}, {writers} at once", ordered[len(ordered) // 2], p95)
    for writers in AT_ONCE:
        spans = _race(writers, lambda n, together: _events(story, together))
        spent = max(end for _begin, end in spans) - min(begin for begin, _end in spans)
        bench.note(f"audit events, {writers} at once", writers * EVENTS / spent, unit="a second")


def _submissions(pk: str, at: datetime, together: Barrier) -> list[tuple[float, float]]:
    """Revise and submit a proposal again and again, all writers at the same moment: (milliseconds, of them waiting)."""
    proposal = Proposal.objects.get(pk=pk)
    owner = next(each for each in proposal.supplier.members.all() if may_attest(each, proposal.supplier))
    waited: list[float] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        answer = execute(sql, params, many, context)
        if "pg_advisory_xact_lock" in sql:
            waited.append((time.perf_counter() - began) * 1000)
        return answer

    found = []
    for _ in range(ROUNDS_AT_ONCE):
        rfp_actions.revise_proposal(proposal, by=owner, at=at)
        rfp_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=at)
        together.wait(60)
        waited.clear()
        began = time.perf_counter()
        with connection.execute_wrapper(watch):
            rfp_actions.submit_proposal(proposal, by=owner, at=at)
        found.append(((time.perf_counter() - began) * 1000, sum(waited)))
    return found


def _events(story: portal_demo.Demo, together: Barrier) -> list[tuple[float, float]]:
    """Append to the chain, an event and its commit at a time: when it began and ended, in seconds of one clock."""
    person = story.person("admin")
    audit.record("account.created", person, by=None, at=story.now)
    together.wait(60)
    began = time.monotonic()
    for _ in range(EVENTS):
        audit.record("account.created", person, by=None, at=story.now)
    return [(began, time.monotonic())]


def _race(
    writers: int, work: Callable[[int, Barrier], list[tuple[float, float]]]
) -> list[tuple[float, float]]:
    """Processes that do the same at once, each on a connection of its own; what all of them found."""
    context = multiprocessing.get_context("fork")
    together, answers = context.Barrier(writers), context.SimpleQueue()
    connections.close_all()

    def run(number: int) -> None:
        try:
            answers.put(work(number, together))
        except BaseException:
            together.abort()
            answers.put([])
            raise
        finally:
            connections.close_all()

    children = [context.Process(target=run, args=(number,)) for number in range(writers)]
    for child in children:
        child.start()
    found = [answers.get() for _ in children]
    for child in children:
        child.join()
    if not all(found):
        raise AssertionError("A writer failed; its traceback is above.")
    return [pair for each in found for pair in each]


def _pdf(bench: Bench, story: portal_demo.Demo, window: Window) -> None:
    first = Ranking.objects.get(window=window).rows.select_related("proposal").get(position=1)
    chair = story.person("chair")

    def make() -> None:
        report = Report.objects.create(
            kind=Report.Kind.SUMMARY,
            window=window,
            proposal=first.proposal,
            requested_by=chair,
            requested_at=story.now,
        )
        pdf.make(report.pk)
        report.refresh_from_db()
        assert report.state == Report.State.DONE, report.error

    make()
    bench.clock("PDF summary, whole job", make, times=5)
    html = render_to_string(
        pdf.TEMPLATES[Report.Kind.SUMMARY],
        {**summaries.summary_of(first.proposal, chair).context, "title": "floor", "made_at": story.now},
    )

    def floor() -> None:
        weasyprint.HTML(string=html, base_url=portal_pdf.BASE, url_fetcher=portal_pdf._fetcher()).write_pdf()

    alone = bench.clock("PDF summary, WeasyPrint alone on its HTML", floor, times=5)
    ratio = bench.series["PDF summary, whole job"].median / alone.median
    bench.note("PDF summary, ratio to WeasyPrint alone", ratio, target=1.5, unit="x ")


# ---- pages --------------------------------------------------------------------------------------------------------


def _pages(bench: Bench, story: portal_demo.Demo, window: Window) -> None:
    number = window.solicitation.number
    chair, reviewer = story.person("chair"), story.person("reviewer")
    first = Ranking.objects.get(window=window).rows.get(position=50)
    ranking = reverse("scoring:ranking", args=[number]) + f"?window={window.number}"
    last = (Ranking.objects.get(window=window).rows.count() + 99) // 100
    detail = reverse("scoring:proposal_detail", args=[first.proposal_id])
    desk = reverse("scoring:proposal_mark", args=[first.proposal_id])
    wanted: list[tuple[str, str, User, str, float | None, int | None]] = [
        (EMPTY, reverse("portal:accessibility"), chair, BARE, 8, None),
        ("ranking, first 100", ranking, chair, EMPTY, 4, 10),
        ("ranking, last page", f"{ranking}&page={last}", chair, EMPTY, 4, 10),
        ("ranking, one lot", f"{ranking}&lot=L1", chair, EMPTY, 12, 10),
        ("ranking, by supplier", f"{ranking}&sort=supplier", chair, EMPTY, 12, 10),
        ("proposals, first 100", reverse("scoring:proposal_list", args=[number]), chair, EMPTY, 4, 10),
        ("proposal", detail, chair, EMPTY, 5, 12),
        ("scoring desk", desk, reviewer, EMPTY, 5, 12),
    ]
    port, floor_port = _free_port(), _free_port()
    clients = {person.pk: _client(person) for person in (chair, reviewer)}
    for name, path, person, _floor, _target, _most in wanted:
        bench.count_queries(name, clients[person.pk], path)
    with Processes(settings.HOME / "log") as children:
        children.start(
            "bench-web", web_command(f"127.0.0.1:{port}"), {"ONSHORE_ENV": "production", **_insecure()}
        )
        children.start(
            "bench-floor",
            [
                sys.executable,
                "-m",
                "gunicorn",
                "portal.floor:application",
                f"--bind=127.0.0.1:{floor_port}",
                "--worker-class=gthread",
                "--workers=2",
                "--threads=4",
                "--no-control-socket",
            ],
        )
        _wait_for(port, "/healthz")
        _wait_for(floor_port, "/ok")
        bench.ask(
            [
                Page(BARE, "/ok", floor_port),
                *(
                    Page(name, path, port, _cookie(clients[person.pk]), floor, target, most)
                    for name, path, person, floor, target, most in wanted
                ),
            ]
        )
        _csv(bench, port, ranking, _cookie(clients[chair.pk]), number, children)


def _insecure() -> dict[str, str]:
    """The production settings over plain HTTP on this machine, with the keys of this home."""
    return {"ONSHORE_HOSTS": "localhost", "ONSHORE_HTTPS": "no"}


def _csv(bench: Bench, port: int, ranking: str, cookie: str, number: str, children: Processes) -> None:
    path = reverse("scoring:ranking_export", args=[number, "csv"]) + "?" + ranking.partition("?")[2]
    workers = _children_of(children.running["bench-web"].pid)
    before = sum(_resident(pid) for pid in workers)
    firsts, totals, size = [], [], 0
    for _ in range(5):
        kept = http.client.HTTPConnection("127.0.0.1", port)
        began = time.perf_counter()
        kept.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
        answer = kept.getresponse()
        assert answer.status == 200, answer.status
        size = len(answer.read(1))
        firsts.append((time.perf_counter() - began) * 1000)
        size += len(answer.read())
        totals.append((time.perf_counter() - began) * 1000)
        kept.close()
    grown = (sum(_resident(pid) for pid in workers) - before) / 1024 / 1024
    bench.note("CSV of the ranking, first byte", sorted(firsts)[2], max(firsts), 50)
    bench.note(f"CSV of the ranking, all {size / 1024:.0f} KB", sorted(totals)[2], max(totals), 400)
    bench.note("CSV of the ranking, memory grown", max(grown, 0), target=20, unit="MB")


def _client(person: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    return client


def _cookie(client: Client) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait_for(port: int, path: str, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            asked.request("GET", path, headers={"Host": "localhost"})
            if asked.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"Nothing answers on port {port}.")


def _children_of(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


def _resident(pid: int) -> int:
    """Resident memory in bytes; 0 where /proc is missing."""
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
