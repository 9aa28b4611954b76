"""What open data says of an RFP, gathered: its public versions, its answers, and what was released of its awards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rfp.amending.snapshot import content
from rfp.asking.queries import answers
from rfp.opendata.outcomes import Outcome, outcome_of
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Solicitation, SolicitationDocument


@dataclass(frozen=True, kw_only=True)
class Version:
    """What was public from then on (`rfp.amending.snapshot.content`), and the addendum that made it so."""

    number: int
    at: datetime
    content: dict[str, Any]
    addendum: Addendum | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    number: int
    at: datetime
    question: str
    answer: str
    lot: str


@dataclass(frozen=True, kw_only=True)
class End:
    """`status`: complete, cancelled or unsuccessful."""

    status: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Process:
    """A published RFP. `documents`: id → the row, with its file."""

    number: str
    pk: int
    zone: ZoneInfo
    published_at: datetime
    versions: tuple[Version, ...]
    answers: tuple[Answer, ...]
    documents: dict[int, SolicitationDocument]
    end: End | None
    outcome: Outcome


def process_of(solicitation: Solicitation) -> Process:
    """Everything public of a published RFP; a fixed number of queries."""
    assert solicitation.published_at is not None, "open data is of published RFPs"
    end = None
    if solicitation.final_status and solicitation.final_at is not None:
        end = End(
            status=solicitation.final_status, reason=solicitation.final_reason, at=solicitation.final_at
        )
    return Process(
        number=solicitation.number,
        pk=solicitation.pk,
        zone=solicitation.zone,
        published_at=solicitation.published_at,
        versions=_versions(solicitation, solicitation.published_at),
        answers=_answers(solicitation),
        documents={each.pk: each for each in solicitation.documents.select_related("document")},
        end=end,
        outcome=outcome_of(solicitation.pk),
    )


def _versions(solicitation: Solicitation, published_at: datetime) -> tuple[Version, ...]:
    """The first is kept with the first addendum; before, it is what is public now."""
    made_by = {
        each.version: each
        for each in solicitation.addenda.filter(published_at__isnull=False).prefetch_related("changes")
    }
    kept = [
        Version(
            number=each.number, at=each.published_at, content=each.content, addendum=made_by.get(each.number)
        )
        for each in solicitation.versions.all()
    ]
    return tuple(kept) or (Version(number=1, at=published_at, content=content(solicitation), addendum=None),)


def _answers(solicitation: Solicitation) -> tuple[Answer, ...]:
    """Published answers, the oldest first. Who asked, and when, is not read here."""
    rows = answers(solicitation).order_by("number")
    found = rows.values_list("number", "answered_at", "published_text", "answer", "lot__code")
    return tuple(
        Answer(number=number, at=at, question=question, answer=answer, lot=lot or "")
        for number, at, question, answer, lot in found
        if number is not None and at is not None
    )
