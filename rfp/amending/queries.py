"""Addenda: who may work on them, whom they concern, and what of them is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from portal.kit import along
from portal.models import User
from rfp.asking.models import Question
from rfp.compliance.models import Finding
from rfp.compliance.queries import revisions_in_play
from rfp.proposals import reconfirming
from rfp.proposals.models import Proposal, Revision
from rfp.proposals.reconfirming import Again
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import Person, published_visible_to
from rfp.rules import responses
from rfp.signals import asks_who_reviews
from suppliers.company.models import Membership


def reviews(user: User, solicitation: Solicitation) -> bool:
    """Whether the person sits on the RFP's panel."""
    answers = asks_who_reviews.send(sender=Solicitation, solicitation_id=solicitation.pk, user_id=user.pk)
    return any(answer for _receiver, answer in answers)


def solicitations_amendable_by(user: Person) -> QuerySet[Solicitation]:
    """Published RFPs whose addenda the person may read: admins draft them, officers may be the second person."""
    if isinstance(user, User) and (user.is_admin or user.is_officer):
        return published_visible_to(user)
    return Solicitation.objects.none()


def addenda_of(solicitation: Solicitation) -> QuerySet[Addendum]:
    """Newest first, with their changes and the people."""
    rows = solicitation.addenda.select_related("created_by", "proposed_by", "published_by", "discarded_by")
    return rows.prefetch_related("changes").order_by("-number")


def with_answers(rows: QuerySet[Addendum]) -> QuerySet[Addendum]:
    """With the published answers that each changed the RFP for, as `answers`; what still waits is not among them."""
    answers = Question.objects.filter(number__isnull=False).order_by("number")
    return rows.prefetch_related(Prefetch("questions", queryset=answers, to_attr="answers"))


# ---- whom a change concerns --------------------------------------------------------------------------------------


def proposals_in_play(solicitation: Solicitation, *, now: datetime) -> QuerySet[Proposal]:
    """Proposals that can still change: drafts without a window, and those of windows that are not closed."""
    return Proposal.objects.filter(
        Q(window__isnull=True) | Q(window__closes_at__gt=now),
        lot__solicitation=solicitation,
        withdrawn_at__isnull=True,
    )


def watchers(solicitation: Solicitation) -> QuerySet[User]:
    """People who watch the RFP and whose company has no proposal in it: those get letters of their own."""
    proposes = Membership.objects.filter(
        user=OuterRef("pk"),
        supplier__proposals__lot__solicitation=solicitation,
        supplier__proposals__withdrawn_at__isnull=True,
    )
    return User.objects.filter(~Exists(proposes), watches__solicitation=solicitation, is_active=True)


@dataclass(frozen=True)
class Asked:
    """What a proposal's supplier is asked to look at again, in what was submitted or else in the draft. `draft`: the
    draft, if something of it waits."""

    proposal: Proposal
    again: tuple[Again, ...]
    draft: Revision | None = None


ROWS = (
    "proposal__supplier",
    "proposal__lot__solicitation",
    "proposal__window",
    "items",
    "responses",
    "attachments",
    "reconfirmed",
)


def for_reconfirming(pk: int) -> Revision:
    """One revision with all that says what it is asked again; one query."""
    found = along.first(Revision.objects.filter(pk=pk), *ROWS)
    if found is None:
        raise Revision.DoesNotExist
    return found


def incomplete_at_close(*, now: datetime) -> list[int]:
    """Ids of received revisions whose window closed with an answer to reconfirm, which no assessment says yet."""
    said = Finding.objects.filter(
        assessment__revision=OuterRef("pk"),
        rule=responses.requirements.code,
        numbers__contains={responses.requirements.number("reconfirmed"): "false"},
    )
    behind = revisions_in_play().filter(
        ~Exists(said),
        proposal__window__closes_at__lte=now,
        rfp_version__lt=F("proposal__window__version"),
    )
    ids = behind.order_by("received_at").values_list("pk", flat=True)
    return [pk for pk in ids if reconfirming.waiting(for_reconfirming(pk))]


def asked_of(proposals: QuerySet[Proposal]) -> list[Asked]:
    """For each of the proposals what waits for its supplier, those with nothing to do as well; few queries each lot."""
    drafts = Revision.objects.filter(received_at__isnull=True)
    lots: dict[int, Any] = {}
    found = []
    rows = proposals.select_related("supplier", "lot__solicitation", "window").prefetch_related(
        *(f"current_revision__{name}" for name in ("items", "responses", "attachments", "reconfirmed")),
        Prefetch(
            "revisions",
            queryset=drafts.prefetch_related("items", "responses", "attachments", "reconfirmed"),
            to_attr="drafts",
        ),
    )
    for proposal in rows.order_by("number"):
        # One lot object for all its proposals: the wordings are fetched once.
        proposal.lot = lots.setdefault(proposal.lot_id, proposal.lot)
        draft: Revision | None = next(iter(getattr(proposal, "drafts", [])), None)
        drafted = _waits(proposal, draft)
        again = _waits(proposal, proposal.current_revision) if proposal.current_revision else drafted
        found.append(Asked(proposal, again, draft if drafted else None))
    return found


def _waits(proposal: Proposal, revision: Revision | None) -> tuple[Again, ...]:
    if revision is None:
        return ()
    revision.proposal = proposal
    return tuple(reconfirming.waiting(revision))
