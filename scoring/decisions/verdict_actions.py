"""The panel's verdicts: shortlist, reserve, eliminate, award, one proposal or several of a lot at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Lot, Proposal, Window
from rfp.proposals import queries as proposals_queries
from scoring.decisions import queries, standings
from scoring.decisions.models import Decision
from scoring.drawing import queries as drawing
from scoring.panel.access import must_decide_about
from scoring.ranking.models import RankedProposal

Verdict = Decision.Verdict
# Who has one of these has a place, or may get one: nothing about the proposal may be open.
PLACES = (Verdict.SHORTLISTED, Verdict.RESERVE, Verdict.AWARDED)
# Each of these takes one of the lot's slots.
TAKES_A_SLOT = (Verdict.SHORTLISTED, Verdict.AWARDED)
# What a row of the ranking may say that keeps its proposal from a place.
STOPS = {
    "not_met": "A knock-out is waiting for a decision.",
    "referred": "An open finding needs a person’s decision.",
    "unanswered": "A knock-out question has no answer, and no one has decided it.",
    "mark_missing": "The input for an automatic mark is missing. Record a panel mark or a zero first.",
}


class SomeRefused(Refused):
    """Several were to be decided and some can't be. `why`: proposal id → the reason, in words. None was decided."""

    def __init__(self, why: Mapping[UUID, str], numbers: Mapping[UUID, str]) -> None:
        super().__init__(" ".join(f"{numbers[pk]}: {said}" for pk, said in why.items()))
        self.why = why


def decide(proposal: Proposal, *, verdict: Decision.Verdict, reason: str, by: User, at: datetime) -> Decision:
    """Decide one proposal, with a reason. Raises Refused."""
    try:
        return decide_several([proposal], verdict=verdict, reasons={proposal.pk: reason}, by=by, at=at)[0]
    except SomeRefused as refused:
        raise Refused(refused.why[proposal.pk]) from refused


def decide_several(
    proposals: Sequence[Proposal],
    *,
    verdict: Decision.Verdict,
    reasons: Mapping[UUID, str],
    by: User,
    at: datetime,
) -> list[Decision]:
    """Decide several proposals of one lot of a window, all or none. `reasons`: proposal id → its reason.

    Raises Refused, and SomeRefused where the reasons lie with single proposals.
    """
    window, lot = _one_lot(proposals)
    with transaction.atomic():
        # Two people who decide in the same lot at once count its slots one after the other.
        Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        why = _refusals(proposals, window, verdict, reasons, by)
        if why:
            raise SomeRefused(why, {each.pk: each.number for each in proposals})
        _must_leave_slots(proposals, window, lot, verdict)
        return [_record(each, verdict, reasons[each.pk].strip(), by=by, at=at) for each in proposals]


def _one_lot(proposals: Sequence[Proposal]) -> tuple[Window, Lot]:
    if not proposals:
        raise Refused("Select at least one proposal.")
    window, lot = proposals[0].window, proposals[0].lot
    if window is None or any(each.window_id is None for each in proposals):
        raise Refused("You can only decide a submitted proposal.")
    if any((each.window_id, each.lot_id) != (window.pk, lot.pk) for each in proposals):
        raise Refused("Decide one lot at a time.")
    return window, lot


def _record(
    proposal: Proposal, verdict: Decision.Verdict, reason: str, *, by: User, at: datetime
) -> Decision:
    decision = Decision.objects.create(proposal=proposal, verdict=verdict, reason=reason, by=by, at=at)
    audit.record("proposal.decided", proposal, by=by, at=at, verdict=str(verdict))
    return decision


def _refusals(
    proposals: Sequence[Proposal],
    window: Window,
    verdict: Decision.Verdict,
    reasons: Mapping[UUID, str],
    by: User,
) -> dict[UUID, str]:
    """proposal id → why this verdict can't be given to it now."""
    why: dict[UUID, str] = {}
    unfit = unfit_for_a_place(proposals, window) if verdict in PLACES else {}
    before = queries.latest_decisions([each.pk for each in proposals])
    for proposal in proposals:
        try:
            must_decide_about(proposal, by)
        except Refused as refused:
            why[proposal.pk] = str(refused)
            continue
        if not reasons.get(proposal.pk, "").strip():
            why[proposal.pk] = "Enter a reason."
        elif proposal.withdrawn_at is not None:
            why[proposal.pk] = "The supplier withdrew this proposal."
        elif proposal.pk in unfit:
            why[proposal.pk] = unfit[proposal.pk]
        elif verdict != Verdict.AWARDED and _is_announced(proposal, before.get(proposal.pk)):
            why[proposal.pk] = (
                "Suppliers know of this award. End it on the Letters page, with a second person."
            )
        elif verdict == Verdict.WITHDREW and not _has_place(before.get(proposal.pk)):
            why[proposal.pk] = "Only a shortlisted, reserve or awarded proposal has a place to give up."
    if why or verdict not in TAKES_A_SLOT:
        return why
    return _undrawn(proposals, window, before) or _out_of_turn(proposals, window, before)


def give_up(proposal: Proposal, *, reason: str, by: User, at: datetime) -> Decision:
    """Record that the supplier gave up an award that suppliers know of. Two people ended it: `outcomes.award_actions`,
    which holds the lot."""
    return _record(proposal, Verdict.WITHDREW, reason, by=by, at=at)


def _is_announced(proposal: Proposal, decision: Decision | None) -> bool:
    """Whether it is awarded, and the last letter told suppliers so."""
    if decision is None or decision.verdict != Verdict.AWARDED:
        return False
    told = proposal.letters.order_by("-id").values_list("outcome", flat=True).first()
    return str(told) == Verdict.AWARDED.value


def _has_place(decision: Decision | None) -> bool:
    return decision is not None and decision.verdict in PLACES


def unfit_for_a_place(proposals: Sequence[Proposal], window: Window) -> dict[UUID, str]:
    """proposal id → what keeps it from a place as of now; a fixed number of queries."""
    rows = {
        row.proposal_id: row
        for row in RankedProposal.objects.filter(ranking__window=window, proposal__in=proposals)
    }
    priced = proposals_queries.open_lots(window, Envelope.PRICE)
    blocks = standings.blocks_of((each.pk, each.number, each.supplier_id) for each in proposals)
    why = {}
    for proposal in proposals:
        said = (
            _unfit(rows.get(proposal.pk), blocks.get(proposal.pk, ()))
            if proposal.lot_id in priced
            else "You can shortlist after prices open."
        )
        if said:
            why[proposal.pk] = said
    return why


def _unfit(row: RankedProposal | None, blocks: Sequence[standings.LiveBlock]) -> str:
    if row is None or row.standing != RankedProposal.Standing.RANKED:
        return "You can only shortlist a ranked proposal."
    said = next((words for flag, words in STOPS.items() if flag in row.flags), "")
    return said or " ".join(f"{each.words(in_full=True)}." for each in blocks if each.stops)


def _undrawn(
    proposals: Sequence[Proposal], window: Window, before: Mapping[UUID, Decision]
) -> dict[UUID, str]:
    """Where the RFP has a draw decide, nobody gets a slot over an equal that is still waiting: draw first."""
    if not drawing.settles_by_draw(window.solicitation):
        return {}
    taking = {each.pk for each in proposals if not _takes_slot(before.get(each.pk))}
    shared = RankedProposal.objects.filter(ranking__window=window, lot=proposals[0].lot_id, shared=True)
    ranks = dict(shared.filter(proposal__in=taking).values_list("proposal", "rank"))
    equals = list(shared.filter(rank__in=set(ranks.values())).exclude(proposal__in=taking)) if ranks else []
    decided = queries.latest_decisions([each.proposal_id for each in equals])
    waiting: dict[int | None, str] = {}
    for each in equals:
        decision = decided.get(each.proposal_id)
        if decision is None or decision.verdict in (Verdict.RESERVE, Verdict.UNDECIDED):
            waiting.setdefault(each.rank, each.proposal_number)
    return {
        pk: f"Tied with {waiting[rank]} at place {rank}. This RFP settles ties by a draw: draw first, "
        "or decide all of them together."
        for pk, rank in ranks.items()
        if rank in waiting
    }


def _out_of_turn(
    proposals: Sequence[Proposal], window: Window, before: Mapping[UUID, Decision]
) -> dict[UUID, str]:
    """Once a place was given up, the reserve gets it in order of rank."""
    taking = {each.pk for each in proposals if not _takes_slot(before.get(each.pk))}
    lot = proposals[0].lot_id
    if not taking or not queries.places_given_up(window.pk, lot):
        return {}
    reserve = queries.reserve_of(window.pk, lot)
    ahead = [row for row in reserve if row.proposal_id not in taking]
    first = ahead[0] if ahead else None
    # Equals have the same rank: neither is ahead of the other.
    late = {row.proposal_id for row in reserve if first and queries.turn(row) > queries.turn(first)}
    outside = taking - {row.proposal_id for row in reserve}
    return {
        pk: f"Next on the reserve list: {queries.next_in_words(ahead)}."
        for pk in late & taking | outside
        if first
    }


def _takes_slot(decision: Decision | None) -> bool:
    return decision is not None and decision.verdict in TAKES_A_SLOT


def _must_leave_slots(
    proposals: Sequence[Proposal], window: Window, lot: Lot, verdict: Decision.Verdict
) -> None:
    if verdict not in TAKES_A_SLOT:
        return
    slots = window.solicitation.slots_per_lot
    taken = queries.holders_of_slots(window.pk, lot.pk) - {each.pk for each in proposals}
    if len(taken) + len(proposals) > slots:
        raise Refused(
            f"Lot {lot.code} has {count_of(slots, 'slot')}, and {len(taken)} taken. "
            f"You selected {count_of(len(proposals), 'proposal')}."
        )
