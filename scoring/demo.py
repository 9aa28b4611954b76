"""The sample's panel: two openings, three reviewers who disagree, knock-outs decided, a shortlist, the PDFs."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal.compliance import Envelope, Outcome
from portal.demo import Demo, DemoError
from rfp import queries as rfp_queries
from rfp.models import Proposal, Window
from scoring import actions, queries
from scoring.models import Decision, Evaluator, RankedProposal, Ranking, Report, Score

# How many anchors a reviewer adds or takes away on average: people differ, and the portal must show it.
LENIENCY = {"chair": 0.0, "reviewer": 0.45, "third": -0.4}
COMMENTS = (
    "Shown with test data at our conditions.",
    "Believable, but the dates depend on one machine.",
    "Claims without a report; ask for the raw data.",
    "Follows the guidance closely.",
    "Named parts, dates and money.",
    "General intentions; little that could be checked.",
)


def build(demo: Demo) -> None:
    """Take the closed window through its whole evaluation."""
    solicitation = demo.made["solicitation"]
    window = solicitation.windows.get(number=1)
    begun = window.closes_at + timedelta(hours=10)
    seats = _panel(demo, window, at=window.opens_at)
    demo.wait_for("every proposal assessed and scored", lambda: _all_scored(demo))
    _open(demo, window, Envelope.TECHNICAL, at=begun)
    _mark(demo, window, seats, at=begun + timedelta(days=1))
    _decide_knockouts(demo, window, at=begun + timedelta(days=8))
    _open(demo, window, Envelope.PRICE, at=begun + timedelta(days=9))
    demo.wait_for("the ranking", lambda: _is_ranked(window))
    _shortlist(demo, window, at=begun + timedelta(days=10))
    _reports(demo, window)


def _panel(demo: Demo, window: Window, *, at: datetime) -> dict[str, Evaluator]:
    seats = {}
    for key in LENIENCY:
        seat = actions.seat_evaluator(
            window.solicitation,
            user=demo.person(key),
            is_chair=key == "chair",
            by=demo.person("admin"),
            at=at,
        )
        conflicts = [demo.made["supplier:V05"]] if key == "third" else []
        actions.declare_conflicts(
            seat,
            signed_name=seat.user.name,
            conflicts=conflicts,
            statement="I worked there until 2024." if conflicts else "",
            by=seat.user,
            at=at,
        )
        seats[key] = seat
    return seats


def _all_scored(demo: Demo) -> bool:
    received = Proposal.objects.filter(current_revision__isnull=False)
    return Score.objects.filter(revision__in=received.values("current_revision")).count() == received.count()


def _open(demo: Demo, window: Window, envelope: Envelope, *, at: datetime) -> None:
    opening = actions.propose_opening(window, envelope=envelope, by=demo.person("chair"), at=at)
    actions.confirm_opening(opening, by=demo.person("admin"), at=at + timedelta(minutes=4))


def _mark(demo: Demo, window: Window, seats: dict[str, Evaluator], *, at: datetime) -> None:
    for key, seat in seats.items():
        visible = queries.proposals_visible_to(seat.user).filter(window=window).order_by("number")
        for step, proposal in enumerate(visible.select_related("current_revision", "window")):
            assert proposal.current_revision_id is not None
            revision = queries.revision_to_score(proposal.current_revision_id)
            marks = [
                (criterion, *_opinion(key, proposal.number, criterion.code))
                for criterion in queries.criteria_to_mark(revision)
            ]
            actions.record_marks(
                revision, marks, evaluator=seat, by=seat.user, at=at + timedelta(minutes=20 * step)
            )


def _opinion(reviewer: str, proposal: str, criterion: str) -> tuple[int, str]:
    """(anchor, comment): the same every time, led by the proposal, bent by the reviewer."""
    worth = zlib.crc32(f"{proposal} {criterion}".encode()) % 1000 / 1000
    quality = zlib.crc32(proposal.encode()) % 1000 / 1000
    mood = zlib.crc32(f"{reviewer} {proposal} {criterion}".encode()) % 1000 / 1000
    anchor = round(2.1 + 1.3 * quality + 1.2 * worth + (mood - 0.5) * 1.4 + LENIENCY[reviewer])
    return min(5, max(1, anchor)), COMMENTS[int(mood * 5.99)]


def _decide_knockouts(demo: Demo, window: Window, *, at: datetime) -> None:
    for finding in queries.knockouts_in(window):
        if rfp_queries.awaits_confirmation(finding):
            actions.decide_knockout(
                finding,
                outcome=Outcome.NOT_MET,
                reason="Read and confirmed on the papers sent.",
                by=demo.person("chair"),
                at=at,
            )


def _is_ranked(window: Window) -> bool:
    ranking = Ranking.objects.filter(window=window).first()
    return ranking is not None and ranking.price_open and not ranking.is_stale


def _shortlist(demo: Demo, window: Window, *, at: datetime) -> None:
    """The first of each lot that may be shortlisted; the rest stays undecided."""
    ranked = RankedProposal.objects.filter(
        ranking__window=window, standing=RankedProposal.Standing.RANKED, lot_rank=1, flags=[]
    )
    for row in ranked.select_related("proposal__window__solicitation"):
        actions.decide(
            row.proposal,
            verdict=Decision.Verdict.SHORTLISTED,
            reason="First in its lot; no open flag.",
            by=demo.person("chair"),
            at=at,
        )


def _reports(demo: Demo, window: Window) -> None:
    first = RankedProposal.objects.select_related("proposal__window").get(ranking__window=window, position=1)
    chair = demo.person("chair")
    reports = [
        actions.request_summary(first.proposal, by=chair, at=demo.now),
        actions.request_shortlist_report(window, by=chair, at=demo.now),
    ]
    wanted = Report.objects.filter(pk__in=[report.pk for report in reports])
    settled = (Report.State.DONE, Report.State.FAILED)
    demo.wait_for("the PDFs", lambda: wanted.filter(state__in=settled).count() == len(reports))
    demo.made["reports"] = list(wanted.select_related("document"))


def results(out: Path, *, worker_pid: int) -> list[str]:
    """Write shortlist.json and say the ranking in lines. Raises DemoError when the worker did not do its part."""
    ranking = Ranking.objects.order_by("window__number").first()
    if ranking is None or not ranking.price_open:
        raise DemoError("There is no ranking with prices.")
    rows = list(
        ranking.rows.filter(standing=RankedProposal.Standing.RANKED).select_related("revision__score")
    )
    web_pid = json.loads((out / "web_pid").read_text())
    entries = [_entry(row) for row in rows]
    if any(web_pid in (each["assessed_by_pid"], each["scored_by_pid"]) for each in entries):
        raise DemoError("A proposal was assessed or scored outside the worker.")
    (out / "shortlist.json").write_text(json.dumps({"web_pid": web_pid, "proposals": entries}, indent=1))
    decisions = queries.latest_decisions(row.proposal_id for row in rows)
    lines = [f"\n{'Rank':>4}  {'Score':>6}  {'Lot':<4} {'Proposal':<9} {'Supplier':<52} Decision"]
    for row in rows:
        decision = decisions.get(row.proposal_id)
        said = decision.get_verdict_display() if decision else ""
        lines.append(
            f"{row.rank:>4}  {row.score:>6.2f}  {row.lot_code:<4} {row.proposal_number:<9} "
            f"{row.supplier_name[:50]:<52} {said}"
        )
    lines.append(f"\n{ranking.unranked_count} proposals are not ranked (knocked out or below the threshold).")
    lines += [f"  {path}" for path in sorted(out.glob("*.pdf"))] + [f"  {out / 'shortlist.json'}"]
    return lines


def _entry(row: RankedProposal) -> dict[str, Any]:
    assessment = row.revision.assessments.latest()
    return {
        "rank": row.rank,
        "supplier": row.supplier_name,
        "score": str(row.score),
        "revision": row.revision_id,
        "assessed_by_pid": assessment.worker_pid,
        "scored_by_pid": row.revision.score.scored_by_pid,
    }
