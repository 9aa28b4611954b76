"""Letters about what changed in an RFP: to each supplier with a proposal, what it means for that proposal."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from portal.kit.formats import count_of, deadline, listed
from portal.letters import notices
from rfp.amending import queries
from rfp.amending.queries import Asked
from rfp.proposals.models import Proposal
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Solicitation, Window

STOP = "You watch this RFP. To stop these emails, open its page and choose Stop watching."
# How long before the close suppliers are reminded.
REMINDERS = (timedelta(hours=48), timedelta(hours=4))


def published(addendum: Addendum, asked: list[Asked], *, at: datetime) -> None:
    """What an addendum changed, and what of it waits for each proposal."""
    rfp = addendum.solicitation
    said = "\n".join(_lines(addendum))
    why = f"\nWhy: {addendum.why}\n" if addendum.why else ""
    for each in asked:
        todo = f"reconfirm {count_of(len(each.again), 'answer')}" if each.again else "nothing to do"
        notices.post(
            each.proposal.supplier.members.all(),
            key=f"addendum:{addendum.pk}:{each.proposal.pk}",
            subject=f"{rfp.number}: {addendum} published, {todo} for {each.proposal.number}",
            body=f"{addendum} changes {rfp.title}.\n\n{said}\n{why}\n{_what_to_do(each)}",
            at=at,
            link=reverse("rfp:proposal_detail", args=[each.proposal.pk]),
        )


def tell_watchers(addendum: Addendum, *, at: datetime) -> None:
    """The same to those who watch the RFP and have no proposal that it concerns."""
    rfp = addendum.solicitation
    said = "\n".join(_lines(addendum))
    why = f"\nWhy: {addendum.why}\n" if addendum.why else ""
    notices.post(
        queries.watchers(rfp),
        key=f"watched:{addendum.pk}",
        subject=f"{rfp.number}: {addendum} published",
        body=f"{addendum} changes {rfp.title}.\n\n{said}\n{why}\n{STOP}\n",
        at=at,
    )


def _lines(addendum: Addendum) -> list[str]:
    lines = []
    for change in addendum.changes.all():
        lines.append(f"- {change.title}")
        for each in change.says:
            before, after = each["before"] or "nothing", each["after"] or "nothing"
            lines.append(f"  {each['label']}: {before} → {after}")
    return lines


def _what_to_do(asked: Asked) -> str:
    proposal = asked.proposal
    if proposal.lot.withdrawn_at is not None:
        return f"Lot {proposal.lot.code} is withdrawn, so the buyer will not consider {proposal.number}.\n"
    if not asked.again:
        return f"Your answers in {proposal.number} stand. You don’t have to do anything.\n"
    codes = listed([each.requirement.code for each in asked.again])
    return (
        f"Reconfirm or change these answers in {proposal.number}{_until(asked)}: {codes}. "
        f"Everything else stays as it is.\n\n{_otherwise(proposal)}\n"
    )


def _until(asked: Asked) -> str:
    window = asked.proposal.window
    zone = asked.proposal.lot.solicitation.time_zone
    return f" by {deadline(window.closes_at, zone)}" if window else " before you submit it"


def _otherwise(proposal: Proposal) -> str:
    if proposal.is_submitted:
        return (
            "If you don’t, the proposal counts as incomplete. A person confirms that before it is excluded."
        )
    return "You can’t submit the draft until you do."


def remind_due(*, at: datetime) -> None:
    """Write where answers still wait and a window closes within 48 or 4 hours; once for each."""
    closing = Window.objects.filter(
        closes_at__gt=at, closes_at__lte=at + max(REMINDERS), opens_at__lte=at, solicitation__version__gt=1
    )
    for window in closing.select_related("solicitation"):
        if window.solicitation.final_status:
            continue
        before = min(each for each in REMINDERS if window.closes_at - at <= each)
        playing = queries.proposals_in_play(window.solicitation, now=at)
        for asked in queries.asked_of(playing.filter(Q(window=window) | Q(window__isnull=True))):
            if asked.again and asked.proposal.lot.withdrawn_at is None:
                _remind(asked, window, before=before, at=at)


def _remind(asked: Asked, window: Window, *, before: timedelta, at: datetime) -> None:
    proposal = asked.proposal
    rfp = window.solicitation
    hours = int(before.total_seconds() // 3600)
    count, codes = len(asked.again), listed([each.requirement.code for each in asked.again])
    by = deadline(window.closes_at, rfp.time_zone)
    notices.post(
        proposal.supplier.members.all(),
        key=f"reconfirm:{hours}:{proposal.pk}:{rfp.version}:{window.closes_at:%Y%m%d%H%M}",
        subject=f"{proposal.number}: {count_of(count, 'answer')} to reconfirm, less than {hours} hours left",
        body=(
            f"An addendum changed {rfp.title}. Reconfirm or change these answers in {proposal.number} by {by}: "
            f"{codes}.\n\n{_otherwise(proposal)}\n"
        ),
        at=at,
        link=reverse("rfp:proposal_reconfirm", args=[proposal.pk]),
    )


def ended_for_watchers(solicitation: Solicitation, *, event: int, at: datetime) -> None:
    words = solicitation.get_final_status_display().lower()
    notices.post(
        queries.watchers(solicitation),
        key=f"watched-end:{event}",
        subject=f"{solicitation.number} {words}",
        body=f"{solicitation.title} is {words}.\n\nReason: {solicitation.final_reason}\n",
        at=at,
    )


def ended(solicitation: Solicitation, proposals: list[Proposal], *, event: int, at: datetime) -> None:
    """The RFP is canceled or closed, with the reason; to every supplier with a proposal or a draft."""
    words = solicitation.get_final_status_display().lower()
    for proposal in proposals:
        notices.post(
            proposal.supplier.members.all(),
            key=f"ended:{event}:{proposal.pk}",
            subject=f"{solicitation.number} {words}",
            body=(
                f"{solicitation.title} is {words}. It takes no more proposals.\n\n"
                f"Reason: {solicitation.final_reason}\n\nYour proposal {proposal.number} stays readable.\n"
            ),
            at=at,
        )
