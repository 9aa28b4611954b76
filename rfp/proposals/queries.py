"""Proposals: whose they are, what of them is opened, and where one stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from portal.kit.compliance import Envelope
from portal.models import User
from rfp import conditions, stages
from rfp.proposals.models import Proposal, Revision
from rfp.publishing.models import Opening, Window
from rfp.publishing.queries import Person, applicable, open_window, requirements_of, wordings_of
from rfp.publishing.question_models import Requirement


def own_proposals(user: Person) -> QuerySet[Proposal]:
    """Proposals of the suppliers that the user works for. Staff hold no membership, so they get none."""
    if not isinstance(user, User) or not user.is_supplier:
        return Proposal.objects.none()
    return Proposal.objects.filter(supplier__memberships__user=user)


def opened_proposals() -> QuerySet[Proposal]:
    """Submitted, not withdrawn, its technical envelope open. The ground of every buyer's view."""
    return Proposal.objects.filter(
        Exists(opened(Envelope.TECHNICAL).filter(window=OuterRef("window"), lot=OuterRef("lot"))),
        current_revision__isnull=False,
        withdrawn_at__isnull=True,
    )


def sealed_subjects() -> QuerySet[Any, str]:
    """Proposals that no buyer may know of, as the audit names them: drafts, and those of unopened envelopes."""
    opened_now = opened(Envelope.TECHNICAL).filter(window=OuterRef("window"), lot=OuterRef("lot"))
    return (
        Proposal.objects.filter(~Exists(opened_now))
        .annotate(subject=Concat(Value("rfp.proposal:"), Cast("pk", CharField())))
        .values_list("subject", flat=True)
    )


def opened(envelope: Envelope) -> QuerySet[Opening]:
    """Openings of that envelope which two people have carried out."""
    return Opening.objects.filter(envelope=envelope.value, confirmed_at__isnull=False)


def open_lots(window: Window, envelope: Envelope) -> frozenset[int]:
    """Ids of the lots whose envelope of that window buyers may read."""
    return frozenset(opened(envelope).filter(window=window).values_list("lot", flat=True))


def _prices_are_open(prefix: str) -> Exists:
    """For a row that refers to a proposal by `prefix`: whether that proposal's price envelope is open."""
    return Exists(
        opened(Envelope.PRICE).filter(window=OuterRef(f"{prefix}window"), lot=OuterRef(f"{prefix}lot"))
    )


def is_open(proposal: Proposal, envelope: Envelope) -> bool:
    """Whether buyers may read that envelope of the proposal: the one of its window and lot."""
    return opened(envelope).filter(window=proposal.window_id, lot=proposal.lot_id).exists()


def draft_of(proposal: Proposal) -> Revision | None:
    """The revision being written, if any."""
    return proposal.revisions.filter(received_at__isnull=True, counts_from__isnull=True).first()


def stage_of_proposal(proposal: Proposal, *, now: datetime) -> stages.ProposalStage:
    """What its supplier is told."""
    window = proposal.window or open_window(proposal.lot.solicitation, now=now)
    return stages.proposal_stage(
        has_draft=draft_of(proposal) is not None,
        is_submitted=proposal.is_submitted,
        is_withdrawn=proposal.withdrawn_at is not None,
        window_is_open=window is not None and window.opens_at <= now < window.closes_at,
    )


# ---- what became of proposals -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a supplier was told of its proposal: a state and its word, since when, and the page that says more."""

    state: str
    words: str
    at: datetime
    url: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the buyer asked about a proposal after its opening, and how that stands; `is_open`: it can be answered."""

    title: str
    words: str
    url: str
    due_at: datetime
    is_open: bool


Asker = Callable[[Proposal, datetime], Sequence[Wanted]]
# Requests are made in a higher wing: it says here what its supplier has to know.
_ASKERS: list[Asker] = []
Teller = Callable[[Collection[UUID]], Mapping[UUID, Told]]
# Decisions are made in a higher street: it says here what was released of them.
_TELLERS: list[Teller] = []
Announcer = Callable[[int], str]
_ANNOUNCERS: list[Announcer] = []


def tell(teller: Teller) -> None:
    """Have `told_of` ask this too: proposal ids → what their suppliers were told."""
    _TELLERS.append(teller)


def ask(asker: Asker) -> None:
    """Have `wanted_of` ask this too: a proposal → what was asked about it."""
    _ASKERS.append(asker)


def wanted_of(proposal: Proposal, *, now: datetime) -> list[Wanted]:
    """What was asked about a received proposal since its window closed, in order."""
    window = proposal.window
    if not proposal.is_submitted or window is None or now < window.closes_at:
        return []
    return [each for asker in _ASKERS for each in asker(proposal, now)]


def announce(announcer: Announcer) -> None:
    """Have `award_notices_of` ask this: an RFP's id → where its award notices are, blank while there are none."""
    _ANNOUNCERS.append(announcer)


def award_notices_of(solicitation: int) -> str:
    """Where the RFP's public award notices are; blank while no award is released."""
    return next((url for announcer in _ANNOUNCERS if (url := announcer(solicitation))), "")


def told_of(proposals: Collection[UUID]) -> dict[UUID, Told]:
    """proposal id → what its supplier was told; nothing of a decision that isn't released."""
    found: dict[UUID, Told] = {}
    for teller in _TELLERS:
        found |= teller(proposals)
    return found


# ---- what a revision has to answer --------------------------------------------------------------------------------


def asked_in(revision: Revision) -> list[Requirement]:
    """The questions that a revision has to answer, as it reads them, in order."""
    return asked_among(revision, requirements_of(revision.proposal.lot, revision.reads_version))


def asked_among(
    revision: Revision,
    requirements: Iterable[Requirement],
    wordings: Iterable[Requirement] | None = None,
) -> list[Requirement]:
    """Those that concern what is offered, and whose condition its answers meet. `requirements`: all of its lot, since
    the question that decides must be among them. `wordings`: those that it answered, where the caller has them."""
    found = applicable(requirements, {item.pk for item in revision.items.all()})
    if not any(each.only_if for each in found):
        return found
    codes = {each.pk: each.code for each in wordings or wordings_of(revision.proposal.lot)}
    answers = {codes.get(each.requirement_id, ""): each.value for each in revision.responses.all()}
    return conditions.applying(found, answers)
