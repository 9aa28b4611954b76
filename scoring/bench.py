"""What buyers and workers wait for, with thousands of proposals of the sample's kind."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from typing import Any

import weasyprint
from django.conf import settings
from django.db import connection, connections
from django.db.models import Count
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import demo as portal_demo
from portal.bench import BARE, EMPTY, Bench, Form, Page
from portal.files import pdf as portal_pdf
from portal.frame.processes import Processes, web_command
from portal.kit.compliance import Envelope
from portal.models import User
from portal.record import audit
from rfp import demo as rfp_demo
from rfp.bom import questions
from rfp.bom import reading as bom_reading
from rfp.compliance import tasks as rfp_tasks
from rfp.facts import BomLineFacts
from rfp.models import Lot, Proposal, Revision, Window
from rfp.proposals import actions as rfp_actions
from scoring import bench_data, demo
from scoring.marking.forms import Asked
from scoring.models import Evaluator, Ranking, Report
from scoring.ranking import inputs, order
from scoring.ranking.certainty import stability
from scoring.reports import pdf, summaries
from scoring.reports.contents import printing
from suppliers import demo as suppliers_demo
from suppliers.company.queries import may_attest

AT_ONCE = (1, 2, 8)  # writers of one chain
ROUNDS_AT_ONCE = 12
EVENTS = 200


def run(bench: Bench) -> None:
    """Build, then measure: the pages over HTTP, the rest in this process."""
    story = portal_demo.start(varied=0)
    bench.say("Building the sample…")
    for part in (portal_demo, suppliers_demo, rfp_demo):
        part.build(story)
    window = story.made["solicitation"].windows.get(number=1)
    for pk in Revision.objects.filter(received_at__isnull=False).values_list("pk", flat=True):
        _assess(pk)
    _evaluate(story, window)
    began = time.perf_counter()
    wanted = bench.made["proposals"]
    bench.say(f"Making {wanted:,} proposals of {bench_data.SUPPLIERS:,} suppliers…")
    bench_data.build(window, wanted)
    bench_data.alerts(wanted, story.now)
    bench_data.events(wanted, story.now)
    bench.say(f"{window.proposals.count():,} proposals in {time.perf_counter() - began:.0f} s.")
    _rank(bench, window)
    _fresh(bench, story)
    _bom(bench, story)
    _submit(bench, story)
    with _served() as served:
        _pages(bench, story, window, served)
        _marking(bench, story, window, served)
        _submit_over_http(bench, story, served)
    _pdf(bench, story, window)
    _at_once(bench, story)


# ---- data ---------------------------------------------------------------------------------------------------------


def _assess(pk: int) -> None:
    """What the workers do about a received revision."""
    rfp_tasks.assess_revision.run(pk)


def _evaluate(story: portal_demo.Demo, window: Window) -> None:
    begun = window.closes_at + timedelta(hours=10)
    seats = demo._panel(story, window.solicitation, at=window.opens_at)
    demo._open(story, window, Envelope.TECHNICAL, at=begun)
    demo._declare(story, window, seats, at=begun)
    demo._mark(story, window, seats, at=begun + timedelta(days=1))
    demo._decide_findings(story, window, at=begun + timedelta(days=8))
    demo._stand_in_for_inputs(story, window, at=begun + timedelta(days=8))
    demo._open(story, window, Envelope.PRICE, at=begun + timedelta(days=9))
    order.rescore_window(window)


# ---- work ---------------------------------------------------------------------------------------------------------


def _rank(bench: Bench, window: Window) -> None:
    def rank() -> None:
        order.rank_window(window)

    rank()
    bench.clock("rank the window again, with the write", rank, times=7, target_ms=100)
    ranking = Ranking.objects.get(window=window)
    bench.say(f"{ranking.ranked_count} ranked, {ranking.unranked_count} not.")
    bench.clock("how sure the ranking is, on a worker", lambda: stability.measure(window), times=1)


def _draft(story: portal_demo.Demo, *, lines: int = 0) -> Proposal:
    """A complete, signed draft; with a bill of materials of so many lines if asked for."""
    proposal: Proposal = story.made["proposal:P13"]
    proposal.refresh_from_db()
    owner = story.person("S01")
    rfp_actions.revise_proposal(proposal, by=owner, at=story.now)
    if lines:
        rfp_actions.replace_bom(proposal, _lines(lines), name="bench.csv", by=owner, at=story.now)
    rfp_actions.attest(proposal, name="Owner", title="Owner", by=owner, at=story.now)
    return proposal


def _lines(wanted: int) -> list[BomLineFacts]:
    """So many lines, each costed, of some hundred makers."""
    return [
        BomLineFacts(
            line_no=str(number),
            part=f"Part {number} " + "bracket, zinc plated " * (number % 4),
            qty=Decimal(1 + number % 9),
            unit_acquisition_cost=Decimal(number % 400 + 1) / 7 // Decimal("0.0001") * Decimal("0.0001"),
            origin=("US", "US", "MX", "DE", "TW")[number % 5],
            us_manufactured=number % 5 < 2,
            manufacturer=f"Quarrel Works {number % 120}",
            mpn=f"QW-{number}",
        )
        for number in range(1, wanted + 1)
    ]


def _fresh(bench: Bench, story: portal_demo.Demo) -> None:
    """A proposal that the workers have not seen, with a bill of sixty lines: the rules, the marks, the score."""
    spent, counts = [], []
    for turn in range(9):
        proposal = _draft(story, lines=60 + turn)
        revision = rfp_actions.submit_proposal(proposal, by=story.person("S01"), at=story.now)
        with CaptureQueriesContext(connection) as captured:
            began = time.process_time()
            _assess(revision.pk)
            spent.append((time.process_time() - began) * 1000)
        counts.append(len(captured))
    spent, counts = spent[1:], counts[1:]
    bench.note("assess and mark a fresh proposal, CPU", sorted(spent)[len(spent) // 2], max(spent), 20)
    bench.note("assess and mark a fresh proposal", max(counts), target=26, unit="SQL")


def _bom(bench: Bench, story: portal_demo.Demo) -> None:
    """Reading a file of many lines and putting them into a draft."""
    many = bench.made["lines"]
    rows = "".join(
        f"{line.line_no},{line.part},{line.qty},{line.unit_acquisition_cost},{line.origin},{line.manufacturer}\n"
        for line in _lines(many)
    )
    data = f"Line,Part,Qty,Unit cost,Origin,Manufacturer\n{rows}".encode()
    proposal, owner = _draft(story), story.person("S01")

    def read() -> None:
        choices = questions.Choices(answers={"quantity_basis": "product"})
        reading = bom_reading.read_bom(data, choices=choices, open_workbook=lambda _data: [])
        rfp_actions.replace_bom(proposal, reading.facts, name="bench.csv", by=owner, at=story.now)

    bench.clock(f"BOM of {many:,} lines, read and stored", read, times=1, target_ms=5000)


def _submit(bench: Bench, story: portal_demo.Demo) -> None:
    """The submit action itself: durable before it returns."""
    owner = story.person("S01")
    times, counts = [], []
    for _turn in range(12):
        proposal = _draft(story, lines=60)
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            rfp_actions.submit_proposal(proposal, by=owner, at=story.now)
            times.append((time.perf_counter() - began) * 1000)
        counts.append(len(captured))
    bench.note("submit, in the server", sorted(times)[len(times) // 2], max(times), 30)
    bench.note("submit, in the server", max(counts), target=30, unit="SQL")


def _at_once(bench: Bench, story: portal_demo.Demo) -> None:
    """Submissions pass the audit chain one at a time, from their event to their commit: what waiting for it costs."""
    window = story.made["proposal:P13"].window
    bench_data.build(window, window.proposals.count() + max(AT_ONCE), prefix="C", vary=False)
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
        printing.TEMPLATES[Report.Kind.SUMMARY],
        {**summaries.summary_of(first.proposal, chair).context, "title": "floor", "made_at": story.now},
    )

    def floor() -> None:
        weasyprint.HTML(string=html, base_url=portal_pdf.BASE, url_fetcher=portal_pdf._fetcher()).write_pdf()

    alone = bench.clock("PDF summary, WeasyPrint alone on its HTML", floor, times=5)
    ratio = bench.series["PDF summary, whole job"].median / alone.median
    bench.note("PDF summary, ratio to WeasyPrint alone", ratio, target=1.5, unit="x ")


# ---- pages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """Ports of the portal and of the floor, and the processes behind them."""

    port: int
    floor_port: int
    children: Processes

    def pages(self, wanted: Iterable[Wanted], clients: dict[int, Client]) -> list[Page]:
        return [
            Page(BARE, "/ok", self.floor_port),
            *(
                Page(
                    each.name,
                    each.path,
                    self.port,
                    _cookie(clients[each.person.pk]),
                    each.floor,
                    each.target,
                    each.most,
                )
                for each in wanted
            ),
        ]


@dataclass(frozen=True)
class Wanted:
    """A page, who asks for it, and what it may cost: a ratio to its floor and SQL statements."""

    name: str
    path: str
    person: User
    target: float | None = 5
    most: int | None = None
    floor: str = EMPTY


@contextmanager
def _served() -> Iterator[Served]:
    port, floor_port = _free_port(), _free_port()
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
                "portal.frame.floor:application",
                f"--bind=127.0.0.1:{floor_port}",
                "--worker-class=gthread",
                "--workers=2",
                "--threads=4",
                "--no-control-socket",
            ],
        )
        _wait_for(port, "/healthz")
        _wait_for(floor_port, "/ok")
        yield Served(port, floor_port, children)


def _pages(bench: Bench, story: portal_demo.Demo, window: Window, served: Served) -> None:
    """Once prices are open: the ranking, the lists of buyers, officers and auditors, one proposal."""
    number, wanted = window.solicitation.number, bench.made["proposals"]
    chair, officer, auditor = story.person("chair"), story.person("officer"), story.person("auditor")
    first = Ranking.objects.get(window=window).rows.get(position=50)
    ranking = reverse("scoring:ranking", args=[number]) + f"?window={window.number}"
    lot = Ranking.objects.get(window=window).rows.values("lot").annotate(n=Count("pk")).order_by("-n")[0]
    biggest = Lot.objects.get(pk=lot["lot"]).code
    last = (lot["n"] + 99) // 100
    proposals = reverse("scoring:proposal_list", args=[number]) + f"?window={window.number}"
    what_if = f"{reverse('scoring:what_if', args=[number])}?window={window.number}&lot={biggest}"
    suppliers, alerts = reverse("suppliers:supplier_list"), reverse("suppliers:alert_list")
    events = reverse("portal:audit_list")
    other = 8 if wanted <= 5000 else 16
    pages = [
        Wanted(EMPTY, reverse("portal:accessibility"), chair, 8, None, BARE),
        Wanted("ranking, first 100", f"{ranking}&lot={biggest}", chair, 4, 6),
        Wanted("ranking, last page", f"{ranking}&lot={biggest}&page={last}", chair, 4, 6),
        Wanted("ranking, all lots", f"{ranking}&lot=all", chair, other, 7),
        Wanted("ranking, one state", f"{ranking}&lot={biggest}&state=OH", chair, other, 7),
        Wanted("ranking, by supplier", f"{ranking}&lot={biggest}&sort=supplier", chair, other, 7),
        Wanted("proposals, first 100", proposals, chair),
        Wanted("proposals, last page", f"{proposals}&page=9999", chair),
        Wanted(
            "decisions, open",
            reverse("scoring:decision_list", args=[number]) + f"?window={window.number}",
            chair,
        ),
        Wanted("what if, other weights", what_if, chair, None),
        Wanted("suppliers, first 50", suppliers, officer),
        Wanted("suppliers, last page", f"{suppliers}?page=9999", officer),
        Wanted("suppliers, search", f"{suppliers}?q=cedar+thermal", officer),
        Wanted("alerts, first page", alerts, officer),
        Wanted("alerts, last page", f"{alerts}?show=all&page=9999", officer),
        Wanted("audit, first page", events, auditor),
        Wanted("audit, last page", f"{events}?page=9999", auditor),
        Wanted("proposal", reverse("scoring:proposal_detail", args=[first.proposal_id]), chair, 5, 10),
        Wanted("overview", reverse("scoring:overview", args=[number]), chair, None),
    ]
    clients = {person.pk: _client(person) for person in (chair, officer, auditor)}
    for each in pages:
        bench.count_queries(each.name, clients[each.person.pk], each.path)
    bench.ask(served.pages(pages, clients))
    for name in ("ranking, first 100", "ranking, all lots"):
        bench.hold(f"{name}, KB over the wire", round(bench.series[name].size / 1024, 1), 25)
    _csv(bench, served.port, f"{ranking}&lot=all", _cookie(clients[chair.pk]), number, served.children)


def _marking(bench: Bench, story: portal_demo.Demo, window: Window, served: Served) -> None:
    """While people mark: the queue, the desk, a mark that is saved, and the decisions."""
    number = window.solicitation.number
    reviewer, chair = story.person("reviewer"), story.person("chair")
    seat = Evaluator.objects.get(user=reviewer, solicitation=window.solicitation)
    bench_data.back_to_marking(window, seat.pk)
    todo = list(
        Proposal.objects.filter(window=window, number__startswith="B-")
        .exclude(current_revision__marks__evaluator=seat)
        .order_by("number")[: 3 * bench.rounds + 10]
    )
    queue = reverse("scoring:queue", args=[number]) + f"?window={window.number}"
    desk = reverse("scoring:proposal_mark", args=[todo[0].pk])
    decisions = reverse("scoring:decision_list", args=[number]) + f"?window={window.number}"
    pages = [
        Wanted(EMPTY, reverse("portal:accessibility"), chair, 8, None, BARE),
        Wanted("queue, first page", queue, reviewer),
        Wanted("queue, last page", f"{queue}&page=9999", reviewer),
        Wanted("queue, marked, last page", f"{queue}&show=done&page=9999", reviewer),
        Wanted("scoring desk", desk, reviewer, 5, 10),
        Wanted("decisions while marking", decisions, chair),
        Wanted("overview of a reviewer", reverse("scoring:overview", args=[number]), reviewer, None),
    ]
    clients = {person.pk: _client(person) for person in (chair, reviewer)}
    for each in pages:
        bench.count_queries(each.name, clients[each.person.pk], each.path)
    bench.ask(served.pages(pages, clients))

    def marks(proposal: Proposal, turn: int, **more: str) -> tuple[str, dict[str, str]]:
        assert proposal.current_revision is not None, "it was received"
        values: dict[str, str] = {}
        for criterion in inputs.criteria_to_mark(proposal.current_revision):
            each = Asked(criterion=criterion)
            values |= {each.anchor_name: str(1 + turn % 5), each.comment_name: "Shown with test data."}
        return reverse("scoring:proposal_mark", args=[proposal.pk]), values | more

    bench.count_sent("marks saved", clients[reviewer.pk], *marks(todo[-1], 0))
    bench.count_sent("marks saved, and next", clients[reviewer.pk], *marks(todo[-2], 0, next="1"))
    cookie = _cookie(clients[reviewer.pk])
    bench.send(
        [
            Form("marks saved", lambda turn: marks(todo[turn], turn), served.port, cookie, EMPTY, 4, 25),
            Form(
                "marks saved, and next",
                lambda turn: marks(todo[turn + bench.rounds + 1], turn, next="1"),
                served.port,
                cookie,
                EMPTY,
                4,
                25,
            ),
        ]
    )


def _submit_over_http(bench: Bench, story: portal_demo.Demo, served: Served) -> None:
    """The submit page, and submitting; then the page of a draft with very many lines."""
    owner = story.person("S01")
    client = _client(owner)
    path = reverse("rfp:proposal_submit", args=[story.made["proposal:P13"].pk])

    def prepare(_turn: int) -> tuple[str, dict[str, str]]:
        _draft(story, lines=60)
        return path, {}

    prepare(0)
    bench.count_sent("submit over HTTP", client, path, {})
    bench.send([Form("submit over HTTP", prepare, served.port, _cookie(client), EMPTY, None, None)])
    many = bench.made["lines"]
    for lines in (60, many):
        _draft(story, lines=lines)
        name = f"submit page, {lines:,} lines"
        bench.count_queries(name, client, path)
        rounds, bench.rounds = bench.rounds, min(bench.rounds, 5 if lines == many else bench.rounds)
        began = time.perf_counter()
        bench.ask([Page(name, path, served.port, _cookie(client), EMPTY)])
        bench.rounds = rounds
        if lines == many:
            bench.hold(f"{name}, ms", round(bench.series[name].median), 1000)
            bench.say(f"{name}: {time.perf_counter() - began:.1f} s for all rounds")


def _insecure() -> dict[str, str]:
    """The production settings over plain HTTP on this machine, with the keys of this home."""
    return {"ONSHORE_HOSTS": "localhost", "ONSHORE_HTTPS": "no", "ONSHORE_STAFF_MFA": "offered"}


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
    bench.note("CSV of the ranking, first byte", sorted(firsts)[2], max(firsts), 15)
    bench.note(f"CSV of the ranking, all {size / 1024:.0f} KB", sorted(totals)[2], max(totals), 150)
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
