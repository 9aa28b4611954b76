"""What panel, chair and officers do: each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from portal import audit, clock
from portal.compliance import Effect, Envelope, Outcome
from portal.jobs import enqueue_on_commit
from portal.models import User
from rfp import actions as rfp_actions
from rfp import queries as rfp_queries
from rfp.actions import Refused
from rfp.models import Criterion, Finding, Opening, Proposal, Revision, Solicitation, Window
from scoring import evaluation, notices, queries, tasks
from scoring.models import (
    ConflictDeclaration,
    Decision,
    Evaluator,
    Mark,
    RankedProposal,
    Ranking,
    Report,
)
from suppliers.models import Supplier

# ---- the panel --------------------------------------------------------------------------------------------------


def seat_evaluator(
    solicitation: Solicitation, *, user: User, is_chair: bool, by: User, at: datetime
) -> Evaluator:
    """Give a reviewer a seat on the panel. Raises Refused for others and for who wrote the RFP."""
    if not user.is_reviewer:
        raise Refused("Only reviewers sit on a panel.")
    if user.pk == solicitation.created_by_id:
        raise Refused("Who publishes an RFP does not mark its proposals.")
    if is_chair and solicitation.evaluators.filter(is_chair=True).exclude(user=user).exists():
        raise Refused("This RFP has a chair already.")
    with transaction.atomic():
        seat, _is_new = Evaluator.objects.update_or_create(
            solicitation=solicitation, user=user, defaults={"is_chair": is_chair}
        )
        event = audit.record("panel.seated", seat, by=by, at=at, chair=is_chair)
        change = "chairs the panel" if is_chair else "is a reviewer on the panel"
        notices.panel_changed(solicitation, user, change=change, event=event.seq, by=by, at=at)
        return seat


def unseat_evaluator(evaluator: Evaluator, *, by: User, at: datetime) -> None:
    """Take back a seat nobody has used. Raises Refused after a declaration: those are kept for good."""
    with transaction.atomic():
        locked = Evaluator.objects.select_for_update().get(pk=evaluator.pk)
        if hasattr(locked, "declaration") or locked.marks.exists():
            raise Refused("This reviewer has signed the declaration. The seat stays on record.")
        event = audit.record("panel.unseated", locked, by=by, at=at, user=locked.user_id)
        locked.delete()
        notices.panel_changed(
            locked.solicitation, locked.user, change="left the panel", event=event.seq, by=by, at=at
        )


def declare_conflicts(
    evaluator: Evaluator,
    *,
    signed_name: str,
    conflicts: Iterable[Supplier],
    statement: str,
    by: User,
    at: datetime,
) -> ConflictDeclaration:
    """Sign the conflict declaration, once and for good. Raises Refused."""
    if by.pk != evaluator.user_id:
        raise Refused("A declaration is signed by the reviewer alone.")
    suppliers = list(conflicts)
    if suppliers and not statement.strip():
        raise Refused("Say what the conflict is.")
    with transaction.atomic():
        declaration, is_new = ConflictDeclaration.objects.get_or_create(
            evaluator=evaluator,
            defaults={"signed_name": signed_name, "statement": statement.strip(), "declared_at": at},
        )
        if not is_new:
            raise Refused("You have signed this declaration already.")
        declaration.conflicts.set(suppliers)
        audit.record("panel.declared", evaluator, by=by, at=at, conflicts=len(suppliers))
        return declaration


# ---- openings ---------------------------------------------------------------------------------------------------


def propose_opening(window: Window, *, envelope: Envelope, by: User, at: datetime | None = None) -> Opening:
    """The first of two people opens an envelope of a closed window. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        _must_open_envelopes(window, by)
        if now < window.closes_at:
            raise Refused("The window is still open. An envelope is opened after it closes, never before.")
        if envelope is Envelope.PRICE:
            _must_be_ready_for_prices(window)
        opening, is_new = Opening.objects.get_or_create(
            window=window,
            envelope=envelope.value,
            defaults={"proposed_by": by, "proposed_at": now},
        )
        if not is_new:
            raise Refused("This opening was begun already; a second person confirms it.")
        audit.record("envelope.proposed", window, by=by, at=now, envelope=envelope.value)
        return opening


def confirm_opening(opening: Opening, *, by: User, at: datetime | None = None) -> Opening:
    """The second person confirms: from now on the envelope is readable. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        locked = Opening.objects.select_for_update(of=("self",)).select_related("window").get(pk=opening.pk)
        _must_open_envelopes(locked.window, by)
        if locked.confirmed_at is not None:
            raise Refused("This envelope is open already.")
        # Marks and decisions that are being stored hold this row; those that come later find the envelope open.
        window = (
            Window.objects.select_for_update(of=("self",), no_key=True)
            .select_related("solicitation")
            .get(pk=locked.window_id)
        )
        if now < window.closes_at:
            raise Refused("The window is open again. An envelope is opened after it closes, never before.")
        first = locked.proposed_by
        if first.pk == by.pk or first.is_admin == by.is_admin:
            raise Refused("Two people open an envelope: the chair and an admin.")
        if locked.envelope == Envelope.PRICE.value:
            _must_be_ready_for_prices(window)
        locked.confirmed_by, locked.confirmed_at = by, now
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        _after_opening(window, Envelope(locked.envelope))
        audit.record("envelope.opened", window, by=by, at=now, envelope=locked.envelope)
        return locked


def _after_opening(window: Window, envelope: Envelope) -> None:
    Ranking.objects.get_or_create(window=window)
    Ranking.objects.filter(window=window).update(requests=F("requests") + 1)
    task = tasks.rescore_window if envelope is Envelope.PRICE else tasks.rank_window
    enqueue_on_commit(task, window.pk)


def _must_open_envelopes(window: Window, by: User) -> None:
    if not (by.is_admin or queries.is_chair(by, window.solicitation)):
        raise Refused("The chair and an admin open envelopes.")


def _must_be_ready_for_prices(window: Window) -> None:
    """Price opens after the technical envelope and after every proposal is marked and its knock-outs decided."""
    if gaps := queries.gaps_before_prices(window):
        raise Refused(" ".join(gaps))


# ---- marks ------------------------------------------------------------------------------------------------------


def record_mark(
    revision: Revision,
    criterion: Criterion,
    *,
    evaluator: Evaluator,
    anchor: int | None,
    comment: str,
    by: User,
    at: datetime,
) -> Mark:
    """Store one evaluator's mark (None abstains) and the proposal's own score. Raises Refused."""
    return record_marks(revision, [(criterion, anchor, comment)], evaluator=evaluator, by=by, at=at)[0]


def record_marks(
    revision: Revision,
    marks: Iterable[tuple[Criterion, int | None, str]],
    *,
    evaluator: Evaluator,
    by: User,
    at: datetime,
) -> list[Mark]:
    """Several criteria of one revision at once: (criterion, anchor or None to abstain, comment). Raises Refused."""
    proposal = revision.proposal
    with transaction.atomic():
        _must_be_able_to_mark(proposal, revision, evaluator, by)
        allowed = {criterion.pk for criterion in queries.criteria_to_mark(revision)}
        stored = []
        for criterion, anchor, comment in marks:
            if criterion.pk not in allowed:
                raise Refused(f"{criterion.code} is computed; reviewers do not mark it.")
            if anchor is not None and not 0 <= anchor <= 5:
                raise Refused("A mark is a whole number from 0 to 5.")
            mark, _is_new = Mark.objects.update_or_create(
                revision=revision,
                criterion=criterion,
                evaluator=evaluator,
                defaults={
                    "anchor": anchor,
                    "abstained": anchor is None,
                    "comment": comment.strip(),
                    "marked_at": at,
                },
            )
            stored.append(mark)
        evaluation.rescore(revision)
        if proposal.window is not None:
            request_ranking(proposal.window)
        audit.record(
            "marks.recorded",
            revision,
            by=by,
            at=at,
            marks={mark.criterion.code: mark.anchor for mark in stored},
        )
        return stored


def _must_be_able_to_mark(proposal: Proposal, revision: Revision, evaluator: Evaluator, by: User) -> None:
    if by.pk != evaluator.user_id:
        raise Refused("A mark is given by the reviewer alone.")
    if not queries.proposals_visible_to(by).filter(pk=proposal.pk).exists():
        raise Refused("This proposal is not yours to mark.")
    if proposal.current_revision_id != revision.pk:
        raise Refused("The supplier has submitted a newer revision. Read it before you mark it.")
    if proposal.window is None or not _prices_stay_sealed(proposal.window):
        raise Refused("Prices are open: the technical marks stand as they are.")


def _prices_stay_sealed(window: Window) -> bool:
    """Whether prices are sealed, and stay so until the caller's transaction ends: an opening waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rfp_window WHERE id = %s FOR SHARE", [window.pk])
    return not rfp_queries.is_open(window, Envelope.PRICE)


def request_ranking(window: Window) -> None:
    """Have the window ranked soon. Requests that come together are served together."""
    ranking, _is_new = Ranking.objects.get_or_create(window=window)
    was_waiting = ranking.is_stale
    Ranking.objects.filter(pk=ranking.pk).update(requests=F("requests") + 1)
    if not was_waiting:
        enqueue_on_commit(tasks.rank_window, window.pk, countdown=tasks.COALESCE_SECONDS)


# ---- decisions --------------------------------------------------------------------------------------------------


def decide_knockout(finding: Finding, *, outcome: Outcome, reason: str, by: User, at: datetime) -> None:
    """Confirm a knock-out or set it aside, with a reason; the proposal's standing follows. Raises Refused."""
    revision = finding.assessment.revision
    window = revision.proposal.window
    assert window is not None, "an assessed proposal is in a window"
    if not (by.is_admin or queries.is_chair(by, window.solicitation)):
        raise Refused("The chair or an admin decides knock-outs.")
    if finding.effect != Effect.KNOCKOUT.value or finding.outcome != Outcome.NOT_MET.value:
        raise Refused("This finding is no knock-out.")
    if rfp_queries.is_automatic_knockout(finding):
        raise Refused("This knock-out is automatic: nobody sets it aside.")
    with transaction.atomic():
        if not _prices_stay_sealed(window):
            raise Refused("Prices are open: knock-outs were decided before.")
        rfp_actions.override_finding(finding, outcome=outcome, reason=reason, by=by, at=at)
        evaluation.rescore(queries.revision_to_score(revision.pk))
        request_ranking(window)


def decide(proposal: Proposal, *, verdict: Decision.Verdict, reason: str, by: User, at: datetime) -> Decision:
    """Shortlist or eliminate a proposal, with a reason. Raises Refused."""
    window = proposal.window
    if window is None or not (by.is_admin or queries.is_chair(by, window.solicitation)):
        raise Refused("The chair or an admin decides.")
    if not reason.strip():
        raise Refused("Give a reason.")
    with transaction.atomic():
        if verdict == Decision.Verdict.SHORTLISTED:
            _must_be_fit_for_the_shortlist(proposal, window)
        decision = Decision.objects.create(
            proposal=proposal, verdict=verdict, reason=reason.strip(), by=by, at=at
        )
        audit.record("proposal.decided", proposal, by=by, at=at, verdict=str(verdict))
        return decision


def _must_be_fit_for_the_shortlist(proposal: Proposal, window: Window) -> None:
    if not rfp_queries.is_open(window, Envelope.PRICE):
        raise Refused("A shortlist is drawn after prices are open.")
    row = RankedProposal.objects.filter(ranking__window=window, proposal=proposal).first()
    if row is None or row.standing != RankedProposal.Standing.RANKED:
        raise Refused("Only a ranked proposal can be shortlisted.")
    if "mark_missing" in row.flags:
        raise Refused("A computed mark is missing: the proposal cannot be shortlisted until it is there.")
    if "knockout" in row.flags:
        raise Refused("A knock-out waits for a decision.")


# ---- reports ----------------------------------------------------------------------------------------------------


def request_summary(proposal: Proposal, *, by: User, at: datetime) -> Report:
    """Have the PDF summary of one proposal made by a worker."""
    assert proposal.window is not None, "a summary is made of a submitted proposal"
    return _request_report(Report.Kind.SUMMARY, proposal.window, proposal, by=by, at=at)


def request_shortlist_report(window: Window, *, by: User, at: datetime) -> Report:
    """Have the PDF report of a window's ranking made by a worker."""
    return _request_report(Report.Kind.SHORTLIST, window, None, by=by, at=at)


def _request_report(
    kind: Report.Kind, window: Window, proposal: Proposal | None, *, by: User, at: datetime
) -> Report:
    with transaction.atomic():
        report = Report.objects.create(
            kind=kind, window=window, proposal=proposal, requested_by=by, requested_at=at
        )
        enqueue_on_commit(tasks.make_report, report.pk)
        audit.record("report.requested", report, by=by, at=at, kind=str(kind))
        return report
