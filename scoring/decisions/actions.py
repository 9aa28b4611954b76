"""Decisions of chair and admins: knock-outs and missing inputs; and what an officer overrides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from portal.accounts import pairs
from portal.kit.compliance import Envelope, Outcome
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.compliance import actions as rfp_actions
from rfp.compliance import queries as compliance_queries
from rfp.models import Criterion, Finding, Override, Proposal, Revision
from rfp.proposals.revision_facts import revision_for_facts
from scoring.curing.actions import must_not_be_asked
from scoring.decisions import standings
from scoring.decisions.models import StandingOverride
from scoring.panel import queries as panel_queries
from scoring.panel.access import must_decide_about
from scoring.ranking import inputs, scores
from scoring.ranking import queries as ranking_queries
from scoring.ranking.actions import prices_stay_sealed, request_ranking
from scoring.ranking.mark_models import AutomaticMark, ClaimRefusal, PanelMark

CHANGE_FINDING = pairs.act("finding.change", "change a decided knock-out", "scoring:decision_list")
CHANGE_INPUT = pairs.act("input.change", "change a decided missing input", "scoring:decision_list")


@pairs.two_people(Refused)
def decide_findings(
    findings: Collection[Finding],
    *,
    outcome: Outcome,
    reason: str,
    by: User,
    at: datetime,
    exception: bool = False,
) -> None:
    """Decide knock-out findings of one window with one reason, all or none; their proposals' standing follows.

    NOT_MET knocks out; MET says that the finding is wrong, or with `exception` keeps the proposal in although it
    stands. Raises Refused.
    """
    with transaction.atomic():
        must_not_be_asked({each.assessment.revision.proposal_id for each in findings}, at=at)
        _hold({each.assessment.revision_id for each in findings})
        for finding in findings:
            _decide_finding(finding, outcome=outcome, reason=reason, by=by, at=at, exception=exception)
        _must_not_be_who_decided(findings, by=by, at=at)
        revisions = {finding.assessment.revision_id for finding in findings}
        windows = {finding.assessment.revision.proposal.window for finding in findings}
        for pk in sorted(revisions):
            scores.rescore(ranking_queries.revision_to_score(pk))
        for window in windows:
            assert window is not None, "an assessed proposal is in a window"
            request_ranking(window)


def _hold(revisions: Collection[int]) -> None:
    """Hold them all, before the audit chain: a mark that is being stored holds its revision and then waits for the
    chain."""
    held = Revision.objects.filter(pk__in=revisions).select_for_update(no_key=True)
    list(held.order_by("pk").values_list("pk"))


def _must_not_be_who_decided(findings: Collection[Finding], *, by: User, at: datetime) -> None:
    """Whoever changes a decision is another person than all who decided before. Raises NotTwoPeople.

    After the new decisions are stored: their findings are locked by then, so that no decision slips in between.
    """
    before = Override.objects.filter(finding__in=findings).exclude(by=by).select_related("by").order_by("pk")
    said = [(each.by, each) for each in before]
    if said:
        rfp = next(iter(findings)).assessment.revision.proposal.lot.solicitation
        pairs.demand(
            CHANGE_FINDING,
            said,
            by,
            about=f"{count_of(len({each.finding_id for _by, each in said}), 'finding')} of {rfp.number}",
            args=[rfp.number],
            at=at,
            seats=panel_queries.seated_at(rfp.pk),
        )


def _decide_finding(
    finding: Finding, *, outcome: Outcome, reason: str, by: User, at: datetime, exception: bool
) -> None:
    proposal = finding.assessment.revision.proposal
    must_decide_about(proposal, by)
    if compliance_queries.is_automatic_knockout(finding):
        raise Refused("This knock-out is automatic. You can’t override it.")
    if compliance_queries.question_of(finding) is None:
        raise Refused("This finding is not a knock-out that you can decide.")
    if proposal.current_revision_id != finding.assessment.revision_id:
        raise Refused("The supplier has submitted a newer revision. Read it before you decide.")
    sealed = prices_stay_sealed(proposal)
    if finding.envelope == Envelope.PRICE.value:
        if sealed:
            raise Refused("This finding is about prices, which are sealed. Decide it after prices open.")
    elif not sealed:
        raise Refused("Prices are open. You can no longer decide knock-outs.")
    rfp_actions.override_finding(finding, outcome=outcome, exception=exception, reason=reason, by=by, at=at)


@pairs.two_people(Refused)
def stand_in_for_input(
    marks: Collection[tuple[Revision, Criterion]],
    *,
    kind: PanelMark.Kind,
    value: Decimal,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    """Put the panel's mark (0 to 100) or a recorded zero in place of missing inputs, all or none. Raises Refused.

    The first to do so decides alone; a change takes a person who decided none before.
    """
    if not reason.strip():
        raise Refused("Enter a reason.")
    if not 0 <= value <= 100:
        raise Refused("A panel mark must be between 0 and 100.")
    with transaction.atomic():
        must_not_be_asked({revision.proposal_id for revision, _criterion in marks}, at=at)
        _hold({revision.pk for revision, _criterion in marks})
        for revision, criterion in marks:
            _stand_in(revision, criterion, kind=kind, value=value, reason=reason, by=by, at=at)
        _must_not_be_who_stood_in(marks, by=by, at=at)
        for revision in {revision.pk: revision for revision, _criterion in marks}.values():
            scores.rescore(ranking_queries.revision_to_score(revision.pk))
            assert revision.proposal.window is not None, "it is submitted"
            request_ranking(revision.proposal.window)


def _must_not_be_who_stood_in(
    marks: Collection[tuple[Revision, Criterion]], *, by: User, at: datetime
) -> None:
    """The same for missing inputs. Raises NotTwoPeople."""
    wanted = {(revision.pk, criterion.pk) for revision, criterion in marks}
    before = (
        PanelMark.objects.filter(revision__in={revision for revision, _criterion in wanted})
        .exclude(by=by)
        .select_related("by")
        .order_by("pk")
    )
    said = [(each.by, each) for each in before if (each.revision_id, each.criterion_id) in wanted]
    if said:
        rfp = next(iter(marks))[0].proposal.lot.solicitation
        count = len({(each.revision_id, each.criterion_id) for _by, each in said})
        pairs.demand(
            CHANGE_INPUT,
            said,
            by,
            about=f"{count_of(count, 'input')} of {rfp.number}",
            args=[rfp.number],
            at=at,
            seats=panel_queries.seated_at(rfp.pk),
        )


def _stand_in(
    revision: Revision,
    criterion: Criterion,
    *,
    kind: PanelMark.Kind,
    value: Decimal,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    proposal = revision.proposal
    must_decide_about(proposal, by)
    if proposal.current_revision_id != revision.pk:
        raise Refused("The supplier has submitted a newer revision. Read it before you decide.")
    if not prices_stay_sealed(proposal):
        raise Refused("Prices are open. You can no longer decide missing inputs.")
    computed = AutomaticMark.objects.select_for_update(no_key=True).filter(
        revision=revision, criterion=criterion, value__isnull=True, left_to_evaluators=False
    )
    if not computed.exists():
        raise Refused(f"Nothing is missing for {criterion.code}.")
    if revision.panel_marks.filter(criterion=criterion, by=by).exists():
        raise Refused("You made this decision. Only a different person can change it.")
    PanelMark.objects.create(
        revision=revision,
        criterion=criterion,
        kind=kind,
        value=Decimal(0) if kind == PanelMark.Kind.ZERO else value,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    audit.record(
        "mark.stood_in", revision, by=by, at=at, criterion=criterion.code, kind=str(kind), value=str(value)
    )


# ---- holds ------------------------------------------------------------------------------------------------------


def override_standing(
    proposal: Proposal, *, kind: str, keys: Collection[str], reason: str, by: User, at: datetime
) -> StandingOverride:
    """An officer lets a proposal be shortlisted although its supplier is on hold, or no longer qualified.

    `kind` and `keys` are those of the block that the officer read; if it rests on more by now, it is read again. A
    confirmed match or a suspension is never overridden. Raises Refused.
    """
    if not by.is_officer:
        raise Refused("Only a compliance officer can override a hold.")
    if not reason.strip():
        raise Refused("Enter a reason.")
    with transaction.atomic():
        read = (each for each in standings.blocks_on(proposal) if each.block.kind == kind)
        current = next((each for each in read if each.block.keys <= set(keys)), None)
        if current is None:
            raise Refused("The supplier’s status has changed. Review it again before you override it.")
        if not current.block.may_be_overridden:
            raise Refused(f"{current.block.words}. You can’t override this.")
        if not current.stops:
            raise Refused("This is already overridden.")
        override = StandingOverride.objects.create(
            proposal=proposal,
            kind=current.block.kind,
            keys=sorted(current.block.keys),
            reason=reason.strip(),
            by=by,
            at=at,
        )
        audit.record("proposal.standing_overridden", proposal, by=by, at=at, kind=str(current.block.kind))
        return override


def refuse_claim(proposal: Proposal, code: str, *, reason: str, by: User, at: datetime) -> ClaimRefusal:
    """A preference that the proposal claims won't count for it. Final, and only before prices open. Raises Refused."""
    if not reason.strip():
        raise Refused("Enter a reason.")
    assert proposal.current_revision_id is not None, "it is submitted"
    with transaction.atomic():
        must_decide_about(proposal, by)
        if not prices_stay_sealed(proposal):
            raise Refused("Prices are open. What counts can’t change now.")
        revision = revision_for_facts(proposal.current_revision_id)
        if code not in [each.code for each in inputs.claimed_preferences(revision)]:
            raise Refused("The proposal doesn’t claim this preference.")
        refusal, is_new = ClaimRefusal.objects.get_or_create(
            proposal=proposal, code=code, defaults={"reason": reason.strip(), "by": by, "at": at}
        )
        if not is_new:
            raise Refused("This claim is already refused.")
        audit.record("preference.refused", proposal, by=by, at=at, code=code)
        return refusal
