"""Awards after their release: they become final, or end because the winner withdrew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.accounts import pairs
from portal.kit import clock
from portal.kit.formats import deadline
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Lot
from scoring.decisions import queries as decisions_queries
from scoring.decisions import verdict_actions
from scoring.decisions.models import Decision
from scoring.outcomes.models import AwardEnd, FinalAward, Letter, Outcome
from scoring.panel import access
from scoring.panel import queries as panel_queries
from scoring.panel.access import must_decide_about

END = pairs.act("award.end", "end an award", "scoring:letter_list")
BOTH = "Two people end an award: the chair and an admin."


def finish_award(letter: Letter, *, by: User, at: datetime | None = None) -> FinalAward:
    """Make a released award final, once its standstill ended and nothing took it back. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        must_decide_about(letter.proposal, by)
        Lot.objects.select_for_update(no_key=True).get(pk=letter.release.lot_id)
        if letter.outcome != Outcome.AWARDED:
            raise Refused("Only an award can become final.")
        if not _stands(letter):
            raise Refused("This award was taken back.")
        if AwardEnd.objects.filter(letter=letter, dropped_at__isnull=True).exists():
            raise Refused("Someone started to end this award.")
        until = letter.release.standstill_until
        assert until is not None, "its release is confirmed"
        if now < until:
            zone = letter.release.window.solicitation.time_zone
            raise Refused(
                f"The standstill period ends {deadline(until, zone)}. The award can’t be final before then."
            )
        final, is_new = FinalAward.objects.get_or_create(letter=letter, defaults={"by": by, "at": now})
        if not is_new:
            raise Refused("This award is already final.")
        audit.record("award.final", letter.proposal, by=by, at=now, letter=letter.pk)
        return final


def _stands(letter: Letter) -> bool:
    latest = decisions_queries.latest_decisions([letter.proposal_id]).get(letter.proposal_id)
    is_awarded = latest is not None and latest.verdict == Decision.Verdict.AWARDED
    return is_awarded and not letter.proposal.withdrawn_at


def propose_end(letter: Letter, *, reason: str, by: User, at: datetime) -> AwardEnd:
    """The first of two people: the winner withdrew, so its award is to end. Raises Refused."""
    with transaction.atomic():
        must_decide_about(letter.proposal, by)
        Lot.objects.select_for_update(no_key=True).get(pk=letter.release.lot_id)
        if letter.outcome != Outcome.AWARDED or not _stands(letter):
            raise Refused("Only an award that stands can end.")
        if not reason.strip():
            raise Refused("Enter a reason.")
        if AwardEnd.objects.filter(letter=letter, dropped_at__isnull=True).exists():
            raise Refused("Someone has already started to end this award. A second person must confirm it.")
        end = AwardEnd.objects.create(letter=letter, reason=reason.strip(), proposed_by=by, proposed_at=at)
        audit.record("award.end_proposed", letter.proposal, by=by, at=at, letter=letter.pk)
        return end


@pairs.two_people(Refused)
def confirm_end(end: AwardEnd, *, by: User, at: datetime) -> Decision:
    """The second person: the award ends, and its place goes to the reserve in order of rank. Raises Refused."""
    with transaction.atomic():
        locked = _begun(end, by)
        letter = locked.letter
        solicitation = letter.release.window.solicitation
        pairs.demand(
            END,
            [(locked.proposed_by, locked)],
            by,
            about=f"the award to {letter.proposal.number} in lot {letter.release.lot.code}",
            args=[solicitation.number],
            at=at,
            seats=panel_queries.seated_at(solicitation.pk),
        )
        if not _stands(letter):
            raise Refused("This award was taken back.")
        locked.confirmed_by, locked.confirmed_at = by, at
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.record("award.ended", letter.proposal, by=by, at=at, letter=letter.pk)
        return verdict_actions.give_up(letter.proposal, reason=locked.reason, by=by, at=at)


def _begun(end: AwardEnd, by: User) -> AwardEnd:
    """The end as someone else started it, its lot locked. Raises Refused."""
    Lot.objects.select_for_update(no_key=True).get(pk=end.letter.release.lot_id)
    locked = (
        AwardEnd.objects.select_for_update(of=("self",))
        .select_related("proposed_by", "letter__proposal", "letter__release__lot")
        .select_related("letter__release__window__solicitation")
        .get(pk=end.pk)
    )
    must_decide_about(locked.letter.proposal, by)
    if locked.confirmed_at is not None:
        raise Refused("This award already ended.")
    if locked.dropped_at is not None:
        raise Refused("The end of this award was taken back. Start it again.")
    solicitation = locked.letter.release.window.solicitation
    if locked.proposed_by_id == by.pk or access.is_chair(locked.proposed_by, solicitation) == access.is_chair(
        by, solicitation
    ):
        raise Refused(BOTH)
    return locked


def drop_end(end: AwardEnd, *, by: User, at: datetime) -> None:
    """Take back the end of an award that waits for its second person. Raises Refused."""
    with transaction.atomic():
        locked = (
            AwardEnd.objects.select_for_update(of=("self",)).select_related("letter__proposal").get(pk=end.pk)
        )
        must_decide_about(locked.letter.proposal, by)
        if locked.confirmed_at is not None or locked.dropped_at is not None:
            raise Refused("This is already settled.")
        locked.dropped_at = at
        locked.save(update_fields=["dropped_at"])
        pairs.settle([locked], at=at)
        audit.record("award.end_dropped", locked.letter.proposal, by=by, at=at, letter=locked.letter_id)
