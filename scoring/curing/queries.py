"""What may be asked of a supplier about its proposal, and what was asked: as the panel reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.models import User
from rfp.compliance import queries as compliance_queries
from rfp.curing import queries as curing
from rfp.curing.letters import fields_of
from rfp.curing.models import Clarification, Cure
from rfp.curing.queries import BY, Field, State
from rfp.models import Finding, Proposal, Revision, Window
from rfp.proposals import queries as proposals_queries
from rfp.proposals import revision_facts
from rfp.rules import documents, responses
from scoring.panel.access import proposals_visible_to
from scoring.ranking.mark_models import AutomaticMark, PanelMark

LEAD_TIME = "lead_time.pct_of_limit"
ANSWERS, FILES = responses.requirements.code, documents.documents.code


def may_be_asked(revision: Revision) -> list[Field]:
    """What is missing, was not asked for or decided before, and may be answered. A few queries, however many."""
    found = curing.missing(revision_facts.revision_for_facts(revision.pk))
    if not found:
        return []
    decided = _decided(revision)
    asked = {
        (field.requirement_id, field.is_file)
        for cure in curing.cures_of([revision.proposal_id])
        for field in cure.fields.all()
    }
    return [each for each in found if each.key not in asked and not _names(each) & decided]


def _names(field: Field) -> set[tuple[str, str]]:
    """How findings and missing inputs name it: (rule, part), or ("", code of the criterion)."""
    feeds = field.requirement.feeds
    rule = FILES if field.is_file else ANSWERS
    return {(rule, field.requirement.code)} | ({("", feeds.code)} if feeds and not field.is_file else set())


def _decided(revision: Revision) -> set[tuple[str, str]]:
    assessment = compliance_queries.latest_assessment(revision)
    findings = assessment.findings.filter(overrides__isnull=False) if assessment else ()
    stood_in = PanelMark.objects.filter(revision=revision).values_list("criterion__code", flat=True)
    return {(each.rule, each.part) for each in findings} | {("", code) for code in stood_in}


def answers_to(rule: str, part: str, source: str, fields: Iterable[Field]) -> list[Field]:
    """Those of the fields that a finding (`rule`, `part`) or a missing input (`part`: its criterion, `source`: what it
    is computed from) is about."""
    if rule:
        return [each for each in fields if (rule, part) in _names(each)]
    return [
        each
        for each in fields
        if ("", part) in _names(each)
        or (source == LEAD_TIME and each.requirement.answered_by == BY.LEAD_TIME and not each.is_file)
    ]


def live_requests(proposals: Iterable[UUID], *, now: datetime) -> QuerySet[Cure]:
    """Requests about these proposals that the supplier may still answer."""
    return Cure.objects.filter(curing.alive(now), proposal__in=list(proposals))


def is_settled(proposal: Proposal) -> bool:
    """Whether nothing of the proposal waits for what may be missing: it is out, or its prices are open."""
    score = getattr(proposal.current_revision, "score", None)
    is_out = score is not None and score.knocked_out
    return is_out or proposals_queries.is_open(proposal, Envelope.PRICE)


def asked_in(window: Window, user: User) -> QuerySet[Proposal]:
    """The window's proposals that the user may read, and of which something was asked."""
    visible = proposals_visible_to(user).filter(window=window)
    asked = (
        Exists(Cure.objects.filter(proposal=OuterRef("pk"))),
        Exists(Clarification.objects.filter(proposal=OuterRef("pk"))),
    )
    return visible.filter(asked[0] | asked[1])


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that was asked: a question, or what is missing. `fields`: what it names; `answer`: in words."""

    is_cure: bool
    text: str
    fields: tuple[Field, ...]
    by: str
    at: datetime
    state: str
    words: str
    answer: str
    is_cured: bool


def of_item(item: Finding | AutomaticMark) -> tuple[str, str, str]:
    """What `answers_to` asks of a finding or a missing input."""
    if isinstance(item, Finding):
        return item.rule, item.part, ""
    return "", item.criterion.code, item.trace.get("source", "")


def last_requests(items: Iterable[tuple[UUID, Finding | AutomaticMark]], zone: str) -> dict[int, str]:
    """id of an item → how the last request about it stands now, in words. `items`: (proposal id, item); one query where
    nothing was asked, else four."""
    found: dict[int, str] = {}
    asked: dict[UUID, list[Cure]] = {}
    pairs = list(items)
    for cure in curing.cures_of({proposal for proposal, _item in pairs}):
        asked.setdefault(cure.proposal_id, []).append(cure)
    if not asked:
        return found
    now = clock.wall_time()
    for proposal, item in pairs:
        for cure in asked.get(proposal, ()):
            if answers_to(*of_item(item), fields_of(cure)):
                found[item.pk] = curing.in_words(cure, zone, now=now)
    return found


SHAPES = {State.ASKED: "now", State.ANSWERED: "met", State.LAPSED: "not"}


def threads(proposals: Iterable[Proposal], zone: str, *, now: datetime) -> dict[UUID, list[Item]]:
    """proposal id → what was asked of it and answered, in order; five queries."""
    ids = [each.pk for each in proposals]
    paths = ("cures__asked_by", "cures__fields__requirement", "clarifications__asked_by")
    found = Proposal.objects.filter(pk__in=ids).only("pk").prefetch_related(*paths)
    return {each.pk: thread_of(each, zone, now=now) for each in found}


def thread_of(proposal: Proposal, zone: str, *, now: datetime) -> list[Item]:
    """The same of one proposal; no query where it was entered (`panel.queries.proposal_to_enter`)."""
    asked: list[Cure | Clarification] = [*proposal.cures.all(), *proposal.clarifications.all()]
    return [_item(each, zone, now=now) for each in sorted(asked, key=lambda each: each.asked_at)]


def is_asked(proposal: Proposal) -> bool:
    """Whether anything was asked; no query where the proposal was entered."""
    return bool(proposal.cures.all() or proposal.clarifications.all())


def _item(asked: Cure | Clarification, zone: str, *, now: datetime) -> Item:
    return Item(
        is_cure=isinstance(asked, Cure),
        text=asked.text,
        fields=tuple(fields_of(asked)) if isinstance(asked, Cure) else (),
        by=asked.asked_by.name,
        at=asked.asked_at,
        state=SHAPES[curing.state_of(asked, now=now)],
        words=curing.in_words(asked, zone, now=now),
        answer=asked.answer if isinstance(asked, Clarification) else "",
        is_cured=isinstance(asked, Cure) and asked.answered_at is not None,
    )
