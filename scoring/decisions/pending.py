"""What still waits for a person in one window: the decision queue, and what keeps a lot's prices sealed.

Everything here is counted over competing proposals: received, not withdrawn, not knocked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from portal.kit.compliance import Envelope
from rfp.compliance import queries as compliance_queries
from rfp.compliance.queries import Question
from rfp.models import Assessment, Finding, Proposal, Window
from rfp.proposals import queries as proposals_queries
from scoring.decisions import standings
from scoring.marking.models import Readiness, WaitingItem
from scoring.panel.access import Access, Viewer
from scoring.ranking.mark_models import AutomaticMark, PanelMark
from suppliers.qualification.blocks import may_be_stopped

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


# ---- the open ones, as the database keeps them ------------------------------------------------------------------


def items_waiting(viewer: Viewer, window: Window, access: Access) -> QuerySet[WaitingItem]:
    """What waits in the window, as far as the person may read it; what an item is about comes from
    `findings_to_decide` and `inputs_to_decide`."""
    found = WaitingItem.objects.filter(
        Q(envelope=Envelope.TECHNICAL.value) | Q(lot__in=access.price_lots),
        window=window,
        lot__in=access.technical_lots,
    )
    if viewer.conflicts.everybody:
        return found.none()
    return found.exclude(supplier__in=viewer.conflicts.suppliers) if viewer.conflicts.suppliers else found


def groups_waiting(found: QuerySet[WaitingItem]) -> list[Group]:
    """Those items in their groups, like `finding_groups` and `input_groups`; one query."""
    rows = (
        found.values_list(
            "kind", "code", "title", "criterion", "criterion__code", "criterion__title", "lot__code"
        )
        .annotate(count=Count("pk"))
        .order_by()
    )
    merged: Merged = {}
    for kind, rule, title, criterion, code, name, lot, count in rows:
        named = (f"{kind}:{rule}:{title}", kind, rule, title)
        if kind == MISSING_INPUT:
            named = (f"{kind}:{criterion}", kind, code, name)
        merged.setdefault(named, Counter())[lot] += count
    return _groups(merged)


def ids_waiting(found: QuerySet[WaitingItem], group: Group) -> QuerySet[Any, Any]:
    """Ids of the group's findings, or of its automatic marks, by lot and number."""
    rows, item = found.filter(kind=group.kind), "finding"
    if group.kind == MISSING_INPUT:
        rows, item = rows.filter(criterion=int(group.key.partition(":")[2])), "mark"
    else:
        rows = rows.filter(code=group.code, title=group.title)
    return rows.order_by("lot__position", "number", item).values_list(item, flat=True)


# ---- groups -----------------------------------------------------------------------------------------------------

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
    """The group's findings, by lot and number."""
    rows = found.filter(rule=group.code, title=group.title)
    if group.kind == Question.NOT_MET.value:
        rows = rows.filter(outcome="not_met")
    elif group.kind == Question.UNANSWERED.value:
        rows = rows.filter(outcome="refer", answered="false")
    else:
        rows = rows.filter(outcome="refer").exclude(answered="false")
    return rows.order_by(
        "assessment__revision__proposal__lot__position", "assessment__revision__proposal__number", "id"
    )


def inputs_in(found: QuerySet[AutomaticMark], group: Group) -> QuerySet[AutomaticMark]:
    """The group's missing inputs, by lot and number."""
    rows = found.filter(criterion=int(group.key.partition(":")[2]))
    return rows.order_by("revision__proposal__lot__position", "revision__proposal__number", "id")


def with_proposal(found: QuerySet[Any]) -> QuerySet[Any]:
    """Findings or automatic marks with all that the evidence beside one shows."""
    if found.model is Finding:
        return found.select_related(
            "assessment__revision__score", "assessment__revision__proposal__lot__solicitation"
        )
    return found.select_related("criterion", "revision__score", "revision__proposal__lot__solicitation")


ROW = ("number", "lot_id", "window_id", "supplier_id", "current_revision_id")


def as_rows(found: QuerySet[Any]) -> QuerySet[Any]:
    """The same with what a row of a list shows; what its evidence shows is read for the one that is looked at."""
    way = "assessment__revision" if found.model is Finding else "revision"
    own = (
        ("rule", "part", "message")
        if found.model is Finding
        else ("trace", "criterion__code", "criterion__title")
    )
    score = (f"{way}__score__{name}" for name in ("revision_id", "supplier_name", "place", "knocked_out"))
    links = ("assessment__revision_id",) if found.model is Finding else ("criterion_id",)
    return found.select_related(
        f"{way}__score", f"{way}__proposal", *(() if found.model is Finding else ("criterion",))
    ).only(*own, *links, f"{way}__proposal_id", *(f"{way}__proposal__{name}" for name in ROW), *score)


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


def holds_on(proposals: QuerySet[Proposal]) -> list[Hold]:
    """What stops these proposals as of now and nobody has overridden, by supplier; four queries, one where nothing
    stops any."""
    suppliers, numbers = may_be_stopped()
    if not suppliers and not numbers:
        return []
    rows = list(
        proposals.filter(
            Q(supplier__in=suppliers) | Q(number__in=numbers), current_revision__score__knocked_out=False
        )
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
    opened = proposals_queries.opened(Envelope.TECHNICAL).filter(window=window)
    kept = Readiness.objects.filter(window=window, lot__in=opened.values("lot"), is_knocked_out=False)
    total = kept.aggregate(count=Coalesce(Sum(F("questions") + F("inputs")), 0))
    return int(total["count"])
