"""What still waits for a person in one window: the decision queue, and what keeps a lot's prices sealed.

Everything here is counted over competing proposals: received, not withdrawn, not knocked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.kit.compliance import Envelope
from rfp.compliance import queries as compliance_queries
from rfp.compliance.queries import Question
from rfp.models import Assessment, Finding, Proposal, Window
from rfp.proposals import queries as proposals_queries
from scoring.decisions import standings
from scoring.ranking.mark_models import AutomaticMark, PanelMark
from scoring.ranking.queries import scores_in
from suppliers.models import Qualification
from suppliers.screening.queries import stopping_alerts

# ---- the queue --------------------------------------------------------------------------------------------------


def findings_to_decide(window: Window, *, decided: bool = False) -> QuerySet[Any]:
    """Knock-out questions of the window's proposals, on their latest assessments.

    Undecided ones of competing proposals; or, with `decided`, those that a person has decided. Findings of sealed
    prices wait for their opening. See `rfp.compliance.queries.question_of`.
    """
    latest = (
        Assessment.objects.filter(revision=OuterRef("assessment__revision")).order_by("-id").values("id")[:1]
    )
    priced = proposals_queries.opened(Envelope.PRICE).filter(
        window=window, lot=OuterRef("assessment__revision__proposal__lot")
    )
    found = compliance_queries.questions(
        Finding.objects.filter(
            Q(envelope=Envelope.TECHNICAL.value) | Exists(priced),
            assessment=latest,
            assessment__revision__proposal__in=proposals_queries.opened_proposals().filter(window=window),
            assessment__revision__proposal__current_revision=F("assessment__revision"),
        )
    )
    if decided:
        return found.filter(overrides__isnull=False).distinct()
    return found.filter(overrides__isnull=True, assessment__revision__score__knocked_out=False)


def inputs_to_decide(window: Window, *, decided: bool = False) -> QuerySet[AutomaticMark]:
    """Automatic marks of the window's competing proposals whose input is missing; with `decided`, stood in for."""
    stand_in = PanelMark.objects.filter(revision=OuterRef("revision"), criterion=OuterRef("criterion"))
    return AutomaticMark.objects.filter(
        Exists(stand_in) if decided else ~Exists(stand_in),
        value__isnull=True,
        left_to_evaluators=False,
        criterion__envelope=Envelope.TECHNICAL.value,
        revision__proposal__in=proposals_queries.opened_proposals().filter(window=window),
        revision__proposal__current_revision=F("revision"),
        **({} if decided else {"revision__score__knocked_out": False}),
    )


@dataclass(frozen=True, kw_only=True)
class Group:
    """Items of the queue that are decided the same way: findings of one rule, or inputs of one criterion."""

    key: str
    kind: str
    code: str
    title: str
    count: int
    lots: tuple[str, ...]


MISSING_INPUT = "input"
HOLD = "hold"
KINDS = {
    Question.NOT_MET.value: "Knock-out not met",
    Question.REFERRED.value: "A person decides",
    Question.UNANSWERED.value: "Question not answered",
    MISSING_INPUT: "Input missing",
    HOLD: "Supplier on hold",
}


# (key, kind, code, title) → lot code → items.
Merged = dict[tuple[str, str, str, str], Counter[str]]


def _groups(merged: Merged) -> list[Group]:
    """By kind in the order of the tabs, the largest first within a kind."""
    groups = [
        Group(key=key, kind=kind, code=code, title=title, count=lots.total(), lots=tuple(sorted(lots)))
        for (key, kind, code, title), lots in merged.items()
    ]
    order = list(KINDS)
    return sorted(groups, key=lambda each: (order.index(each.kind), -each.count, each.code, each.title))


def finding_groups(found: QuerySet[Any]) -> list[Group]:
    """Findings grouped by rule, title, and kind of question."""
    rows = (
        found.values("rule", "title", "outcome", "answered", "assessment__revision__proposal__lot__code")
        .annotate(count=Count("pk", distinct=True))
        .order_by()
    )
    merged: Merged = {}
    for row in rows:
        kind, rule, title = _kind(row["outcome"], row["answered"]), row["rule"], row["title"]
        lots = merged.setdefault((f"{kind}:{rule}:{title}", kind, rule, title), Counter())
        lots[row["assessment__revision__proposal__lot__code"]] += row["count"]
    return _groups(merged)


def _kind(outcome: str, answered: Any) -> str:
    if outcome == "not_met":
        return Question.NOT_MET.value
    return Question.UNANSWERED.value if answered == "false" else Question.REFERRED.value


def input_groups(found: QuerySet[AutomaticMark]) -> list[Group]:
    """Missing inputs by criterion."""
    rows = (
        found.values("criterion", "criterion__code", "criterion__title", "revision__proposal__lot__code")
        .annotate(count=Count("pk"))
        .order_by()
    )
    merged: Merged = {}
    for row in rows:
        key = f"{MISSING_INPUT}:{row['criterion']}"
        named = (key, MISSING_INPUT, row["criterion__code"], row["criterion__title"])
        merged.setdefault(named, Counter())[row["revision__proposal__lot__code"]] += row["count"]
    return _groups(merged)


def findings_in(found: QuerySet[Any], group: Group) -> QuerySet[Any]:
    """The group's findings, by lot and number, with what a row shows."""
    rows = found.filter(rule=group.code, title=group.title)
    if group.kind == Question.NOT_MET.value:
        rows = rows.filter(outcome="not_met")
    elif group.kind == Question.UNANSWERED.value:
        rows = rows.filter(outcome="refer", answered="false")
    else:
        rows = rows.filter(outcome="refer").exclude(answered="false")
    return with_proposal(rows).order_by(
        "assessment__revision__proposal__lot__position", "assessment__revision__proposal__number", "id"
    )


def inputs_in(found: QuerySet[AutomaticMark], group: Group) -> QuerySet[AutomaticMark]:
    """The group's missing inputs, by lot and number, with what a row shows."""
    rows = found.filter(criterion=int(group.key.partition(":")[2]))
    return with_proposal(rows).order_by(
        "revision__proposal__lot__position", "revision__proposal__number", "id"
    )


def with_proposal(found: QuerySet[Any]) -> QuerySet[Any]:
    """Findings or automatic marks with their proposal, score and decisions."""
    if found.model is Finding:
        return (
            found.select_related(
                "assessment__revision__score",
                "assessment__revision__proposal__lot__solicitation",
            )
            .defer("assessment__revision__supplier_snapshot")
            .prefetch_related("overrides__by")
        )
    return found.select_related(
        "criterion", "revision__score", "revision__proposal__lot__solicitation"
    ).defer("revision__supplier_snapshot")


def stand_ins(marks: Iterable[AutomaticMark]) -> dict[tuple[int, int], PanelMark]:
    """(revision id, criterion id) → what stands in for the missing input; one query."""
    rows = PanelMark.objects.filter(revision__in=[mark.revision_id for mark in marks]).select_related("by")
    return {(row.revision_id, row.criterion_id): row for row in rows.order_by("id")}


@dataclass(frozen=True, kw_only=True)
class Hold:
    """What stops a supplier's proposals as of now, and the proposals it stops."""

    supplier: int
    name: str
    place: str
    proposals: tuple[tuple[UUID, str, str], ...]
    blocks: tuple[standings.LiveBlock, ...]


def may_be_stopped(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """At least those that something stops: what `suppliers.qualification.blocks.live_blocks` weighs, asked the other
    way round, so that few of many proposals are read.
    """
    stopping = stopping_alerts()
    ended = Q(status__in=(Qualification.Status.SUSPENDED, Qualification.Status.EXPIRED)) | Q(
        status=Qualification.Status.QUALIFIED, valid_until__lte=timezone.now().date() + timedelta(days=1)
    )
    named = stopping.annotate(number=Func(F("proposals"), function="unnest")).values("number")
    return proposals.filter(
        Q(supplier__in=stopping.values("supplier"))
        | Q(supplier__in=Qualification.objects.filter(ended).values("supplier"))
        | Q(number__in=named)
    )


def holds_on(proposals: QuerySet[Proposal]) -> list[Hold]:
    """What stops these proposals as of now and nobody has overridden, by supplier; four queries."""
    rows = list(
        may_be_stopped(proposals)
        .filter(current_revision__score__knocked_out=False)
        .order_by("number")
        .values_list(
            "pk",
            "supplier",
            "number",
            "lot__code",
            "current_revision__score__supplier_name",
            "current_revision__score__place",
        )
    )
    blocks = standings.blocks_of((pk, number, supplier) for pk, supplier, number, *_rest in rows)
    found: dict[int, Hold] = {}
    for pk, supplier, number, lot, name, place in rows:
        stopping = tuple(each for each in blocks.get(pk, ()) if each.stops)
        if not stopping:
            continue
        before = found.get(supplier)
        known = before.blocks if before else ()
        found[supplier] = Hold(
            supplier=supplier,
            name=name,
            place=place,
            proposals=(*(before.proposals if before else ()), (pk, number, lot)),
            blocks=(*known, *(each for each in stopping if each not in known)),
        )
    return list(found.values())


def waiting_in(window: Window) -> int:
    """How many decisions wait for chair and admins in the window, holds apart; one query."""
    counted = scores_in(window).filter(
        revision__proposal__in=proposals_queries.opened_proposals(), knocked_out=False
    )
    total = counted.aggregate(
        count=Coalesce(Sum("awaiting_decision"), 0) + Coalesce(Sum("automatic_missing"), 0)
    )
    return int(total["count"])
