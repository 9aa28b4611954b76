"""What people did about proposals, act by act: marks changed, agreed on, opened again, findings decided, verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.kit.compliance import Outcome
from rfp.compliance import queries as compliance_queries
from rfp.models import Override
from scoring.decisions.models import Decision, StandingOverride
from scoring.outcomes.models import FinalAward, Letter
from scoring.ranking.mark_models import MarkRemoval, PanelMark
from scoring.ranking.models import RankedProposal
from scoring.settling.models import Consensus, MarkVersion, Reopening

OFFICERS_ONLY = "Screening"


@dataclass(frozen=True, kw_only=True, order=True)
class Act:
    """What one person did, and why."""

    at: datetime
    who: str
    what: str
    why: str


Acts = dict[Any, list[Act]]
"""proposal id → its acts in order."""


def history_of(rows: Sequence[RankedProposal], *, price_open: bool, officer: bool) -> Acts:
    """Every act about these proposals' current revisions; a fixed number of queries.

    `price_open`: decisions on findings about prices are told, too. `officer`: so are the names of findings that only
    compliance officers, admins and auditors read.
    """
    proposals = {row.revision_id: row.proposal_id for row in rows}
    acts: Acts = defaultdict(list)
    for found in (
        _marks(proposals),
        _findings(proposals, price_open=price_open, officer=officer),
        _verdicts(list(proposals.values())),
        _letters(list(proposals.values())),
    ):
        for proposal, act in found:
            acts[proposal].append(act)
    for each in acts.values():
        each.sort()
    return acts


Found = Iterable[tuple[Any, Act]]


def _marks(proposals: Mapping[int, Any]) -> Found:
    ids = list(proposals)
    for old in MarkVersion.objects.filter(revision__in=ids).select_related("criterion", "evaluator__user"):
        was = "an abstention" if old.anchor is None else str(old.anchor)
        yield (
            proposals[old.revision_id],
            Act(
                at=old.marked_at,
                who=old.evaluator.user.name,
                what=f"First marked {old.criterion.title} with {was}. Changed later.",
                why=old.comment,
            ),
        )
    for agreed in Consensus.objects.filter(revision__in=ids).select_related("criterion", "by"):
        what = (
            f"Took back the agreed mark for {agreed.criterion.title}"
            if agreed.anchor is None
            else f"Recorded {agreed.anchor} as the panel’s mark for {agreed.criterion.title}"
        )
        yield (
            proposals[agreed.revision_id],
            Act(at=agreed.at, who=agreed.by.name, what=what, why=agreed.reason),
        )
    reopened = Reopening.objects.filter(revision__in=ids)
    for again in reopened.select_related("criterion", "evaluator__user", "by"):
        what = f"Asked {again.evaluator.user.name} to mark {again.criterion.title} again"
        yield proposals[again.revision_id], Act(at=again.at, who=again.by.name, what=what, why=again.reason)
    for stand_in in PanelMark.objects.filter(revision__in=ids).select_related("criterion", "by"):
        what = f"{stand_in.get_kind_display()} for {stand_in.criterion.title}: {stand_in.value.normalize():f}"
        yield (
            proposals[stand_in.revision_id],
            Act(at=stand_in.at, who=stand_in.by.name, what=what, why=stand_in.reason),
        )
    removed = MarkRemoval.objects.filter(proposal__in=list(proposals.values()), confirmed_at__isnull=False)
    for removal in removed.select_related("evaluator__user", "proposed_by", "confirmed_by"):
        assert removal.confirmed_by is not None and removal.confirmed_at is not None, "it is confirmed"
        who = f"{removal.proposed_by.name} and {removal.confirmed_by.name}"
        what = f"Took {removal.evaluator.user.name}’s marks out of the total"
        yield removal.proposal_id, Act(at=removal.confirmed_at, who=who, what=what, why=removal.reason)


def _findings(proposals: Mapping[int, Any], *, price_open: bool, officer: bool) -> Found:
    found = Override.objects.filter(finding__assessment__revision__in=list(proposals))
    for row in found.select_related("finding__assessment", "by"):
        if not price_open and row.finding.envelope == "price":
            continue
        hidden = not officer and compliance_queries.is_for_officers(row.finding)
        title = OFFICERS_ONLY if hidden else row.finding.title
        said = "exception" if row.exception else "met" if row.outcome == Outcome.MET.value else "not met"
        yield (
            proposals[row.finding.assessment.revision_id],
            Act(at=row.at, who=row.by.name, what=f"{title}: {said}", why="" if hidden else row.reason),
        )


def _verdicts(proposals: Sequence[Any]) -> Found:
    for row in Decision.objects.filter(proposal__in=proposals).select_related("by"):
        yield (
            row.proposal_id,
            Act(at=row.at, who=row.by.name, what=row.get_verdict_display(), why=row.reason),
        )
    for allowed in StandingOverride.objects.filter(proposal__in=proposals).select_related("by"):
        what = f"Override of a hold: {allowed.kind.replace('_', ' ')}"
        yield allowed.proposal_id, Act(at=allowed.at, who=allowed.by.name, what=what, why=allowed.reason)


def _letters(proposals: Sequence[Any]) -> Found:
    letters = Letter.objects.filter(proposal__in=proposals)
    for letter in letters.select_related("release__proposed_by", "release__confirmed_by"):
        release = letter.release
        who = f"{release.proposed_by.name} and {release.confirmed_by.name if release.confirmed_by else ''}"
        what = f"Told the supplier: {letter.get_outcome_display()}"
        yield letter.proposal_id, Act(at=letter.at, who=who, what=what, why="")
    finals = FinalAward.objects.filter(letter__proposal__in=proposals).select_related("letter", "by")
    for final in finals:
        yield (
            final.letter.proposal_id,
            Act(at=final.at, who=final.by.name, what="Made the award final", why=""),
        )
