"""The sample's panel: one window decided, its letters held but for one lot; one half marked; and the PDFs."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.demo import Demo, DemoError
from portal.kit import formats
from portal.kit.compliance import Envelope, Outcome
from rfp.compliance import queries as rfp_queries
from rfp.compliance.queries import Question
from rfp.models import Proposal, Revision, Solicitation, Window
from scoring.curing import sample as curing_sample
from scoring.decisions import actions as decisions_actions
from scoring.decisions import lots as decisions_lots
from scoring.decisions import opening_actions, verdict_actions
from scoring.decisions import pending as decisions_pending
from scoring.decisions import queries as decisions_queries
from scoring.decisions.verdict_actions import unfit_for_a_place
from scoring.demo import choices, letters
from scoring.duties import queries as duties
from scoring.marking import actions as marking_actions
from scoring.models import Decision, Evaluator, PanelMark, RankedProposal, Ranking, Score
from scoring.moderation import sample
from scoring.panel import actions as panel_actions
from scoring.panel.access import proposals_visible_to
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from scoring.reports import files

# How many anchors a reviewer adds or takes away on average: people differ, and the portal must show it.
LENIENCY = {"chair": 0.0, "reviewer": 0.45, "third": -0.4}
COMMENTS = (
    "Test data back the {committed} units per year, under our conditions.",
    "Credible, but the {lead}-day lead time depends on one machine.",
    "Claims {committed} units per year without a report. Ask for the raw data.",
    "Follows the guidance closely, down to the first article on {first}.",
    "Specific about parts and costs, with ${capex} M to invest.",
    "General intentions for {city}, little that we could verify before {first}.",
)


def build(demo: Demo) -> None:
    """Take window 1 through its whole evaluation and window 2 halfway; window 3 takes proposals."""
    solicitation = demo.made["solicitation"]
    first, second = (solicitation.windows.get(number=number) for number in (1, 2))
    seats = _panel(demo, solicitation, at=first.opens_at)
    demo.wait_for("every proposal assessed and scored", lambda: _all_scored(demo))
    _decided_window(demo, first, seats)
    _half_marked_window(demo, second, seats)
    curing_sample.build(demo, second)
    demo.wait_for("what was answered on request assessed", lambda: _all_scored(demo))
    letters.ask_for_reports(demo, first)


def _decided_window(demo: Demo, window: Window, seats: dict[str, Evaluator]) -> None:
    begun = window.closes_at + timedelta(hours=10)
    _open(demo, window, Envelope.TECHNICAL, at=begun)
    _declare(demo, window, seats, at=begun + timedelta(hours=2), conflict="V05")
    _mark(demo, window, seats, at=begun + timedelta(days=1))
    sample.settle(demo, window, seats, at=begun + timedelta(days=7))
    _decide_findings(demo, window, at=begun + timedelta(days=8))
    _stand_in_for_inputs(demo, window, at=begun + timedelta(days=8, hours=2))
    _open(demo, window, Envelope.PRICE, at=begun + timedelta(days=9))
    demo.wait_for("the ranking", lambda: _is_ranked(window))
    _decide_lots(demo, window, at=begun + timedelta(days=10))
    choices.build(demo, window, at=begun + timedelta(days=9, hours=2))
    letters.release_one_lot(demo, window, at=begun + timedelta(days=11))


def _half_marked_window(demo: Demo, window: Window, seats: dict[str, Evaluator]) -> None:
    """The chair is done, the others are not; findings and inputs wait; one reviewer was recused from a supplier."""
    begun = window.closes_at + timedelta(hours=10)
    _open(demo, window, Envelope.TECHNICAL, at=begun)
    _declare(demo, window, seats, at=begun + timedelta(hours=3))
    recused = (
        Proposal.objects.filter(window=window, withdrawn_at=None).order_by("supplier__legal_name").first()
    )
    assert recused is not None, "the sample has proposals in its second window"
    panel_actions.recuse(
        seats["third"],
        supplier=recused.supplier,
        reason="Her former firm audited this plant in 2025.",
        by=demo.person("chair"),
        at=begun + timedelta(hours=4),
    )
    sample.share_out(demo, window, seats, at=begun + timedelta(hours=5))
    _mark(demo, window, {"chair": seats["chair"]}, at=begun + timedelta(days=1))
    _mark(demo, window, {"reviewer": seats["reviewer"]}, at=begun + timedelta(days=2), share=2)
    _mark(demo, window, {"third": seats["third"]}, at=begun + timedelta(days=3), share=4)


def _panel(demo: Demo, solicitation: Solicitation, *, at: datetime) -> dict[str, Evaluator]:
    """The RFP is published by then: admin and officer name its chair together."""
    admin = demo.person("admin")
    seats = {
        key: panel_actions.seat_evaluator(
            solicitation, user=demo.person(key), is_chair=False, by=admin, at=at
        )
        for key in LENIENCY
        if key != "chair"
    }
    change = panel_actions.propose_chair(
        solicitation,
        user=demo.person("chair"),
        reason="She chaired the last panel.",
        by=admin,
        at=at,
    )
    return {"chair": panel_actions.confirm_chair(change, by=demo.person("officer"), at=at), **seats}


def _declare(
    demo: Demo, window: Window, seats: dict[str, Evaluator], *, at: datetime, conflict: str = ""
) -> None:
    """Everybody on the panel and the admin sign for the window; `conflict`: a supplier that the third names."""
    for person in (*(seat.user for seat in seats.values()), demo.person("admin")):
        named = conflict and person == seats["third"].user
        panel_actions.declare_conflicts(
            window,
            signed_name=person.name,
            conflicts=[demo.made[f"supplier:{conflict}"]] if named else [],
            statement="I worked there until 2024." if named else "",
            by=person,
            at=at,
        )


def _all_scored(demo: Demo) -> bool:
    received = Proposal.objects.filter(current_revision__isnull=False)
    return Score.objects.filter(revision__in=received.values("current_revision")).count() == received.count()


def _open(demo: Demo, window: Window, envelope: Envelope, *, at: datetime) -> None:
    """Chair and admin open the technical envelope, or prices of every lot that has proposals."""
    lots = (
        [state.lot for state in decisions_lots.lots_before_prices(window)]
        if envelope is Envelope.PRICE
        else []
    )
    opening_actions.propose_openings(window, envelope=envelope, lots=lots, by=demo.person("chair"), at=at)
    opening_actions.confirm_openings(
        window, envelope=envelope, lots=lots, by=demo.person("admin"), at=at + timedelta(minutes=4)
    )


def _mark(demo: Demo, window: Window, seats: dict[str, Evaluator], *, at: datetime, share: int = 1) -> None:
    """Each seat marks its proposals of the window, or one in `share` of them."""
    order = ("lot__code", "created_at", "pk")
    received = Proposal.objects.filter(window=window).order_by(*order)
    places = {pk: at for at, pk in enumerate(received.values_list("pk", flat=True))}
    for key, seat in seats.items():
        visible = (
            proposals_visible_to(seat.user).filter(duties.asked_of(seat), window=window).order_by(*order)
        )
        for step, proposal in enumerate(visible.select_related("current_revision", "window")):
            if step % share:
                continue
            assert proposal.current_revision_id is not None
            revision = ranking_queries.revision_to_score(proposal.current_revision_id)
            written = f"{proposal.supplier_id} {revision.title}"
            facts = _facts(revision)
            marks = [
                (
                    criterion,
                    *(
                        sample.quarrel(key, places[proposal.pk], place)
                        or _opinion(key, written, criterion.code, facts)
                    ),
                )
                for place, criterion in enumerate(inputs.criteria_to_mark(revision))
            ]
            marking_actions.record_marks(
                revision, marks, evaluator=seat, by=seat.user, at=at + timedelta(minutes=20 * step)
            )


def _facts(revision: Revision) -> dict[str, str]:
    """What a reviewer of the sample refers to in a comment."""
    capacity = getattr(revision, "capacity", None)
    return {
        "committed": formats.number(capacity.committed_per_year if capacity else 0),
        "lead": str(revision.lead_time_days),
        "first": formats.day(revision.first_article) if revision.first_article else "the start of production",
        "capex": formats.number(revision.capex_musd),
        "city": revision.final_site.city if revision.final_site else "the plant",
    }


def _opinion(reviewer: str, proposal: str, criterion: str, facts: dict[str, str]) -> tuple[int, str]:
    """(anchor, comment): the same every time, led by the proposal, bent by the reviewer."""
    worth = zlib.crc32(f"{proposal} {criterion}".encode()) % 1000 / 1000
    quality = zlib.crc32(proposal.encode()) % 1000 / 1000
    mood = zlib.crc32(f"{reviewer} {proposal} {criterion}".encode()) % 1000 / 1000
    anchor = round(2.1 + 1.3 * quality + 1.2 * worth + (mood - 0.5) * 1.4 + LENIENCY[reviewer])
    return min(5, max(1, anchor)), COMMENTS[int(mood * 5.99)].format(**facts)


REASONS = {
    Question.NOT_MET: "We reviewed the evidence as a panel. The proposal does not meet the requirement.",
    Question.REFERRED: "We reviewed the documents as a panel. The offer meets the requirement.",
    Question.UNANSWERED: "No answer in the proposal or its files.",
}
EXCEPTION = "The shortfall is small, and a committed plan closes it within the first year."


def _decide_findings(demo: Demo, window: Window, *, at: datetime) -> None:
    """The first finding is excepted and the last knocks out; referred ones are cleared, all others knock out."""
    found = decisions_pending.findings_to_decide(window).order_by(
        "assessment__revision__proposal__created_at", "pk"
    )
    waiting = list(
        found.select_related("assessment__revision__proposal__window__solicitation").prefetch_related(
            "overrides"
        )
    )
    for at_place, finding in enumerate(waiting):
        question = rfp_queries.question_of(finding)
        assert question is not None, "it waits for a decision"
        is_first, is_last = at_place == 0, at_place == len(waiting) - 1
        stays = is_first or (question is Question.REFERRED and not is_last)
        reason = REASONS[Question.NOT_MET] if is_last else REASONS[question]
        decisions_actions.decide_findings(
            [finding],
            outcome=Outcome.MET if stays else Outcome.NOT_MET,
            exception=is_first,
            reason=EXCEPTION if is_first else reason,
            by=demo.person("chair"),
            at=at,
        )


def _stand_in_for_inputs(demo: Demo, window: Window, *, at: datetime) -> None:
    """Every other missing input gets a mark from the panel, the rest a recorded zero."""
    found = decisions_pending.inputs_to_decide(window).order_by("revision__proposal__created_at", "pk")
    for number, mark in enumerate(
        found.select_related("criterion", "revision__proposal__window__solicitation")
    ):
        is_panel = number % 2 == 0
        decisions_actions.stand_in_for_input(
            [(mark.revision, mark.criterion)],
            kind=PanelMark.Kind.PANEL if is_panel else PanelMark.Kind.ZERO,
            value=Decimal(40) if is_panel else Decimal(0),
            reason="The summary gives a range. The panel used the low end."
            if is_panel
            else "The proposal has no figure.",
            by=demo.person("chair"),
            at=at,
        )


def _is_ranked(window: Window) -> bool:
    ranking = Ranking.objects.filter(window=window).first()
    if ranking is None or ranking.is_stale or not ranking.rows.exists():
        return False
    return not ranking.rows.filter(price_open=False).exists()


def _decide_lots(demo: Demo, window: Window, *, at: datetime) -> None:
    """In each lot the best that nothing stops is shortlisted, the next is the reserve, and the others are eliminated.

    What is stopped stays undecided, and keeps its lot's letters back.
    """
    ranked = RankedProposal.objects.filter(ranking__window=window, rank__isnull=False).order_by("position")
    places: dict[int, list[Decision.Verdict]] = {}
    for row in ranked.select_related("proposal__window__solicitation", "proposal__lot"):
        left = places.setdefault(row.lot_id, [Decision.Verdict.SHORTLISTED, Decision.Verdict.RESERVE])
        stops = unfit_for_a_place([row.proposal], window).get(row.proposal_id)
        if stops:
            demo.say(f"  Lot {row.lot_code}: {row.supplier_name} is not decided. {stops}")
            continue
        verdict = left.pop(0) if left else Decision.Verdict.ELIMINATED
        verdict_actions.decide(
            row.proposal,
            verdict=verdict,
            reason=_verdict_reason(row, verdict),
            by=demo.person("chair"),
            at=at,
        )


def _verdict_reason(row: RankedProposal, verdict: Decision.Verdict) -> str:
    if verdict is Decision.Verdict.SHORTLISTED:
        return f"Rank {row.rank} in its lot, with nothing open."
    if verdict is Decision.Verdict.RESERVE:
        return f"Rank {row.rank} in its lot. It takes the place if the first withdraws."
    return f"Rank {row.rank} in its lot. The places went to proposals with more points."


def results(out: Path, *, worker_pid: int) -> list[str]:
    """Write shortlist.json and evaluation.json, and say the ranking in lines.

    Raises DemoError when the worker did not do its part.
    """
    ranking = Ranking.objects.order_by("window__number").first()
    if ranking is None or not _is_ranked(ranking.window):
        raise DemoError("There is no ranking with prices.")
    rows = list(
        ranking.rows.filter(standing=RankedProposal.Standing.RANKED).select_related("revision__score")
    )
    web_pid = json.loads((out / "web_pid").read_text())
    entries = [_entry(row) for row in rows]
    if any(web_pid in (each["assessed_by_pid"], each["scored_by_pid"]) for each in entries):
        raise DemoError("A proposal was assessed or scored outside the worker.")
    (out / "shortlist.json").write_text(json.dumps({"web_pid": web_pid, "proposals": entries}, indent=1))
    (out / "evaluation.json").write_bytes(_evaluation_file(ranking.window))
    decisions = decisions_queries.latest_decisions(row.proposal_id for row in rows)
    lines = [f"\n{'Lot':<4} {'Rank':>4}  {'Score':>6}  {'Proposal':<9} {'Supplier':<52} Decision"]
    for row in rows:
        decision = decisions.get(row.proposal_id)
        said = decision.get_verdict_display() if decision else ""
        lines.append(
            f"{row.lot_code:<4} {row.rank:>4}  {row.score:>6.2f}  {row.proposal_number:<9} "
            f"{row.supplier_name[:50]:<52} {said}"
        )
    lines.append(f"\n{ranking.unranked_count} proposals are not ranked (knocked out or below the threshold).")
    lines += [f"  {path}" for path in sorted([*out.glob("*.pdf"), *out.glob("*.zip")])] + [
        f"  {out / 'shortlist.json'}"
    ]
    lines += [f"  {out / 'evaluation.json'}: compute it again with manage.py recompute"]
    return lines


def _evaluation_file(window: Window) -> bytes:
    """What a decided window's ranking was made from."""
    lots = [lot for lot in window.solicitation.lots.all() if window.proposals.filter(lot=lot).exists()]
    return files.whole(window, lots, price_open=True).content


def _entry(row: RankedProposal) -> dict[str, Any]:
    assessment = row.revision.assessments.latest()
    return {
        "lot": row.lot_code,
        "rank": row.rank,
        "supplier": row.supplier_name,
        "score": str(row.score),
        "revision": row.revision_id,
        "assessed_by_pid": assessment.worker_pid,
        "scored_by_pid": row.revision.score.scored_by_pid,
    }
