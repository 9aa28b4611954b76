"""The sample's letters and documents: one lot is released with its debriefs, and reports are made of the window."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.demo import Demo, DemoError
from rfp.models import Criterion, Lot, Proposal, Window
from scoring.decisions import verdict_actions
from scoring.models import Decision, RankedProposal, Release, Report
from scoring.outcomes import actions as outcomes_actions
from scoring.outcomes import letters, queries
from scoring.outcomes.models import Outcome
from scoring.ranking import queries as ranking_queries
from scoring.reports import actions as reports_actions

VISITED = "First in its lot. Our visit to the plant confirmed the plan."


def release_one_lot(demo: Demo, window: Window, *, at: datetime) -> None:
    """The lot with the most letters is awarded and released, so that its standstill runs; letters of the others are
    held."""
    at = max(at, demo.now - timedelta(days=2))
    drafts = [letters.draft_of(window, lot, at=at) for lot in window.solicitation.lots.all()]
    # The chair's drafts alone stand in the way.
    ready = [draft for draft in drafts if draft.waiting and len(draft.obstacles) == 1]
    if not ready:
        raise DemoError("No lot of the first window can be released.")
    chair = demo.person("chair")
    lot = max(ready, key=lambda each: len(each.letters)).lot
    _award(window, lot, by=chair, at=at - timedelta(hours=3))
    draft = letters.draft_of(window, lot, at=at)
    for letter in draft.letters:
        _explain(letter, by=chair, at=at)
    release = outcomes_actions.propose_release(window, draft.lot, by=chair, at=at + timedelta(hours=1))
    outcomes_actions.confirm_release(release, by=demo.person("admin"), at=at + timedelta(hours=2))


def _award(window: Window, lot: Lot, *, by: Any, at: datetime) -> None:
    """The shortlisted proposal of the lot gets the award."""
    chosen = [due for due in queries.due_in(window, lot) if due.outcome is Outcome.SHORTLISTED]
    proposal = Proposal.objects.select_related("window__solicitation", "lot").get(
        pk=chosen[0].row.proposal_id
    )
    verdict_actions.decide(proposal, verdict=Decision.Verdict.AWARDED, reason=VISITED, by=by, at=at)


def _explain(letter: letters.Prepared, *, by: Any, at: datetime) -> None:
    """The chair replaces the draft of the weakest of the criteria that reviewers mark, and accepts the others."""
    revision, proposal = letter.due.row.revision, letter.due.row.proposal
    criteria = {each.pk: each for each in proposal.lot.solicitation.criteria.all()}
    marked = [
        line
        for line in letter.debrief.lines
        if line.mark and criteria[line.criterion].mode == Criterion.Mode.EVALUATOR
    ]
    name = letter.due.row.supplier_name.rstrip(". ")
    own = {}
    if marked and revision.lead_time_days is not None:
        weakest = min(marked, key=lambda line: Decimal(line.mark))
        own[weakest.criterion] = (
            f"{name} commits to a {revision.lead_time_days}-day lead time for {revision.title}, "
            "but backs this part with fewer facts than the others."
        )
    edited: list[outcomes_actions.Explanation] = []
    accepted: list[outcomes_actions.Explanation] = []
    for line in letter.debrief.lines:
        text = own.get(line.criterion, line.text)
        said = outcomes_actions.Explanation(criterion=criteria[line.criterion], text=text, mark=line.mark)
        (edited if line.criterion in own else accepted).append(said)
    outcomes_actions.answer_for(proposal, edited=edited, accepted=accepted, by=by, at=at)


def ask_for_reports(demo: Demo, window: Window) -> None:
    first = (
        RankedProposal.objects.filter(ranking__window=window, rank=1)
        .select_related("proposal__window")
        .order_by("-score", "position")[0]
    )
    chair = demo.person("chair")
    told = Release.objects.filter(window=window, confirmed_at__isnull=False).select_related("lot").get().lot
    best = ranking_queries.ranked_rows(window.pk, told.pk).values_list("proposal", flat=True)[:3]
    reports = [
        reports_actions.request_summary(first.proposal, by=chair, at=demo.now),
        reports_actions.request_shortlist_report(window, by=chair, at=demo.now),
        reports_actions.request_comparison(window, best, by=chair, at=demo.now),
        reports_actions.request_lot_report(
            Report.Kind.EVALUATION, window, told, by=demo.person("admin"), at=demo.now
        ),
        reports_actions.request_lot_report(
            Report.Kind.DOSSIER, window, told, by=demo.person("admin"), at=demo.now
        ),
    ]
    wanted = Report.objects.filter(pk__in=[report.pk for report in reports])
    settled = (Report.State.DONE, Report.State.FAILED)
    # A dossier is two dozen PDFs.
    demo.wait_for("the PDFs", lambda: wanted.filter(state__in=settled).count() == len(reports), seconds=600)
    demo.made["reports"] = list(wanted.select_related("document"))
