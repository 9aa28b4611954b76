"""Requests and clarifications: who may read them, what may be asked for, and where one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from portal.kit import formats
from portal.kit.compliance import Envelope
from portal.kit.formats import date_in, decimal_in
from rfp.curing.models import Clarification, Cure
from rfp.proposals import queries as proposals_queries
from rfp.proposals.models import Attachment, Proposal, Revision
from rfp.proposals.queries import Wanted, asked_in
from rfp.publishing.queries import Person
from rfp.publishing.question_models import Criterion, Requirement

TYPE, BY = Requirement.DataType, Requirement.AnsweredBy
# The fields of a revision that answer a question and can be asked for by themselves. The sheets can't.
FIELDS = {BY.LEAD_TIME: "lead_time_days", BY.START: "start_of_production"}
# How long a supplier may get to answer what is missing.
HOURS = (24, 48, 72)


@dataclass(frozen=True)
class Field:
    """The answer to a question, or its file."""

    requirement: Requirement
    is_file: bool = False

    @property
    def key(self) -> tuple[int, bool]:
        return self.requirement.pk, self.is_file

    @property
    def name(self) -> str:
        """In forms: `12`, or `12-file`."""
        return f"{self.requirement.pk}{'-file' if self.is_file else ''}"

    @property
    def words(self) -> str:
        return f"{self.requirement.code} {'file' if self.is_file else 'answer'}"


# ---- what may be asked for --------------------------------------------------------------------------------------


def missing(revision: Revision) -> list[Field]:
    """What the received revision lacks, or nobody can read, of what excludes it or is marked by computation.

    Never what is in the price envelope or claims a preference, and never an answer that is there. `revision` comes from
    `revision_facts.revision_for_facts`.
    """
    asked = asked_in(revision)
    # A claim that was not made would improve the offer.
    claims = {each.claimed_by for each in revision.proposal.lot.solicitation.preferences.all()}
    found = []
    for requirement in asked:
        is_sealed = requirement.envelope != Envelope.TECHNICAL.value
        if is_sealed or requirement.code in claims or not _matters(requirement):
            continue
        if lacks_answer(revision, requirement):
            found.append(Field(requirement))
        if lacks_file(revision, requirement):
            found.append(Field(requirement, is_file=True))
    return found


def _matters(requirement: Requirement) -> bool:
    feeds = requirement.feeds
    return requirement.effect == Requirement.Effect.KNOCKOUT or (
        feeds is not None and feeds.mode == Criterion.Mode.AUTOMATIC
    )


def lacks_answer(revision: Revision, requirement: Requirement) -> bool:
    """Whether its answer is blank, or is not what its kind of question takes."""
    if requirement.data_type == TYPE.FILE:
        return False
    by = BY(requirement.answered_by)
    if by in FIELDS:
        return getattr(revision, FIELDS[by]) is None
    if by != BY.RESPONSE:
        return False
    value = next((r.value for r in revision.responses.all() if r.requirement_id == requirement.pk), None)
    return not _is_readable(requirement, value)


def _is_readable(requirement: Requirement, value: Any) -> bool:
    if value is None or value in ("", []):
        return False
    kind = TYPE(requirement.data_type)
    if kind in (TYPE.NUMBER, TYPE.INTEGER):
        number = None if isinstance(value, bool) else decimal_in(str(value))
        return number is not None and (kind is TYPE.NUMBER or number == number.to_integral_value())
    if kind is TYPE.DATE:
        return date_in(str(value)) is not None
    if kind is TYPE.BOOLEAN:
        return isinstance(value, bool)
    return True


def lacks_file(revision: Revision, requirement: Requirement) -> bool:
    """Whether its file was not sent, or none that was sent opens."""
    if requirement.data_type != TYPE.FILE and not requirement.evidence_required:
        return False
    return not any(_opens(a) for a in revision.attachments.all() if a.requirement_id == requirement.pk)


def _opens(attachment: Attachment) -> bool:
    document = attachment.document
    return bool(document.opens) and not document.encrypted and document.size > 0 and document.pages != 0


# ---- where one stands -------------------------------------------------------------------------------------------


class State(StrEnum):
    """Of a request or a clarification."""

    ASKED = "asked"
    ANSWERED = "answered"
    LAPSED = "lapsed"


def state_of(asked: Cure | Clarification, *, now: datetime) -> State:
    if asked.answered_at is not None:
        return State.ANSWERED
    return State.ASKED if now < asked.due_at else State.LAPSED


def in_words(asked: Cure | Clarification, zone: str, *, now: datetime) -> str:
    """ "Asked, due Oct 3, 5:00 pm ET", "Cured Oct 2, 9:12 am ET", "Not answered by Oct 3, 5:00 pm ET"."""
    state = state_of(asked, now=now)
    if state is State.ANSWERED:
        done = "Cured" if isinstance(asked, Cure) else "Answered"
        return f"{done} {formats.when(asked.answered_at, zone, short=True)}"
    due = formats.when(asked.due_at, zone, short=True)
    return f"Asked, due {due}" if state is State.ASKED else f"Not answered by {due}"


def alive(now: datetime) -> Q:
    """Asked, not answered, and not over."""
    return Q(answered_at__isnull=True, due_at__gt=now)


def cures_of(proposals: Iterable[Any]) -> QuerySet[Cure]:
    """Requests about these proposals, with what they name, in order."""
    return Cure.objects.filter(proposal__in=proposals).prefetch_related("fields__requirement__feeds")


# ---- suppliers --------------------------------------------------------------------------------------------------


def own_cures(user: Person) -> QuerySet[Cure]:
    """Requests to the companies the user works for."""
    own = proposals_queries.own_proposals(user)
    return Cure.objects.filter(proposal__in=own).prefetch_related("fields__requirement")


def own_clarifications(user: Person) -> QuerySet[Clarification]:
    """Clarifications asked of the companies the user works for."""
    return Clarification.objects.filter(proposal__in=proposals_queries.own_proposals(user))


def wanted_of(proposal: Proposal, now: datetime) -> list[Wanted]:
    """What was asked about one proposal, as its supplier reads it, in order; three queries."""
    asked: list[Cure | Clarification] = [
        *cures_of([proposal]),
        *Clarification.objects.filter(proposal=proposal),
    ]
    zone = proposal.lot.solicitation.time_zone
    return [_wanted(each, zone, now=now) for each in sorted(asked, key=lambda each: each.asked_at)]


def _wanted(asked: Cure | Clarification, zone: str, *, now: datetime) -> Wanted:
    state = state_of(asked, now=now)
    route, title = "rfp:clarification", "The buyer has a question."
    if isinstance(asked, Cure):
        route, title = "rfp:cure", "The buyer asks for what is missing."
    due = formats.deadline(asked.due_at, zone)
    words = {
        State.ASKED: f"Answer by {due}",
        State.ANSWERED: f"You answered {formats.when(asked.answered_at, zone, short=True)}",
        State.LAPSED: f"It was due {due}",
    }[state]
    return Wanted(
        title=title,
        words=words,
        url=reverse(route, args=[asked.proposal_id, asked.pk]),
        due_at=asked.due_at,
        is_open=state is State.ASKED,
    )


def open_requests(user: Person, now: datetime, *, most: int) -> list[Cure | Clarification]:
    """What the user's companies still have to answer, the nearest first; four queries at most."""
    path = ("proposal__lot__solicitation", "revision")
    found: list[Cure | Clarification] = [
        *own_cures(user).filter(alive(now)).select_related(*path).order_by("due_at")[:most],
        *own_clarifications(user).filter(alive(now)).select_related(*path).order_by("due_at")[:most],
    ]
    return sorted(found, key=lambda each: each.due_at)[:most]
