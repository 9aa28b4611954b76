"""Letters about what is asked after the close. To suppliers: nothing of marks, findings or rivals."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from portal.kit.formats import deadline, when
from portal.letters import notices
from rfp.curing import queries
from rfp.curing.models import Clarification, Cure

BEFORE = timedelta(hours=4)


def cure_asked(cure: Cure, *, at: datetime) -> None:
    """To everyone at the company."""
    proposal = cure.proposal
    rfp = proposal.lot.solicitation
    by = deadline(cure.due_at, rfp.time_zone)
    note = f"\nNote from the buyer:\n{cure.text}\n" if cure.text else ""
    notices.post(
        proposal.supplier.members.all(),
        key=f"cure:{cure.pk}",
        subject=f"{proposal.number}: something is missing, answer by {by}",
        body=(
            f"Your proposal {proposal.number} for {rfp.title} has no answer, or none we can read, for:\n\n"
            f"{_named(cure)}\n{note}\n"
            f"An owner of your company account can answer until {by}. Sign in and open the proposal. "
            "Everything else stays exactly as you submitted it.\n\n"
            "If you don’t answer, the buyer decides on what you submitted.\n"
        ),
        at=at,
        link=reverse("rfp:cure", args=[proposal.pk, cure.pk]),
    )


def cure_received(cure: Cure, *, at: datetime) -> None:
    """The receipt of the new revision, and word to who asked."""
    proposal, revision = cure.proposal, cure.answer
    assert revision is not None, "it is answered"
    rfp = proposal.lot.solicitation
    received = when(at, rfp.zone, seconds=True)
    notices.post(
        proposal.supplier.members.all(),
        key=f"cured:{cure.pk}",
        subject=f"Received: {proposal.number}, revision {revision.number}",
        body=(
            f"We received your answers on {received} as revision {revision.number} of proposal {proposal.number} "
            f"({revision.title}).\n\n{_named(cure)}\n\nEverything else is as you submitted it before. "
            "The receipt of the earlier revision stays valid.\n\n"
            f"Fingerprint (SHA-256): {revision.content_sha256}\n"
        ),
        at=at,
        link=reverse("rfp:proposal_detail", args=[proposal.pk]),
    )
    notices.post(
        [cure.asked_by],
        key=f"cured-asked:{cure.pk}",
        subject=f"{rfp.number}: {proposal.number} was answered",
        body=(
            f"The supplier of {proposal.number} answered your request. Revision {revision.number} counts now and is "
            "being checked.\n"
        ),
        at=at,
    )


def _named(cure: Cure) -> str:
    return "\n".join(f"- {each.words}: {each.requirement.text}" for each in fields_of(cure))


def fields_of(cure: Cure) -> list[queries.Field]:
    """What a request names, in order."""
    return [queries.Field(each.requirement, each.is_file) for each in cure.fields.all()]


def clarification_asked(asked: Clarification, *, at: datetime) -> None:
    """To everyone at the company."""
    proposal = asked.proposal
    rfp = proposal.lot.solicitation
    by = deadline(asked.due_at, rfp.time_zone)
    notices.post(
        proposal.supplier.members.all(),
        key=f"clarification:{asked.pk}",
        subject=f"{proposal.number}: the buyer has a question, answer by {by}",
        body=(
            f"The buyer asks about your proposal {proposal.number} for {rfp.title}:\n\n{asked.text}\n\n"
            f"Answer by {by}. Sign in and open the proposal. Your answer explains the proposal. It doesn’t change it.\n"
        ),
        at=at,
        link=reverse("rfp:clarification", args=[proposal.pk, asked.pk]),
    )


def clarification_answered(asked: Clarification, *, at: datetime) -> None:
    """To who asked."""
    number = asked.proposal.number
    notices.post(
        [asked.asked_by],
        key=f"clarified:{asked.pk}",
        subject=f"{asked.proposal.lot.solicitation.number}: {number} answered your question",
        body=f"The supplier of {number} answered your question. Read it beside the proposal.\n",
        at=at,
    )


def remind_due(*, at: datetime) -> None:
    """Once, four hours before something is due that nobody answered."""
    soon = {"answered_at__isnull": True, "due_at__gt": at, "due_at__lte": at + BEFORE}
    path = ("proposal__supplier", "proposal__lot__solicitation")
    for cure in Cure.objects.filter(**soon).select_related(*path):
        _remind(cure, f"cure-soon:{cure.pk}", "Your proposal still lacks what the buyer asked for.", at=at)
    for asked in Clarification.objects.filter(**soon).select_related(*path):
        _remind(asked, f"clarification-soon:{asked.pk}", "The buyer’s question is still open.", at=at)


def _remind(asked: Cure | Clarification, key: str, says: str, *, at: datetime) -> None:
    proposal = asked.proposal
    by = deadline(asked.due_at, proposal.lot.solicitation.time_zone)
    notices.post(
        proposal.supplier.members.all(),
        key=key,
        subject=f"{proposal.number}: less than 4 hours left to answer",
        body=f"{says} Sign in, open {proposal.number}, and answer by {by}.\n",
        at=at,
    )
