"""What the decision queue shows: what was asked for, the groups, and the rows of one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from portal.kit import formats
from portal.kit.asked import IdPages
from rfp.models import Finding, Proposal, Window
from scoring.curing import queries as curing
from scoring.decisions import evidence
from scoring.decisions import lots as decisions_lots
from scoring.decisions import pending as decisions_pending
from scoring.decisions.forms import FilterForm, FindingsForm, InputsForm
from scoring.decisions.pending import HOLD, KINDS, MISSING_INPUT, Group
from scoring.marking.models import WaitingItem
from scoring.panel import queries
from scoring.panel.access import proposals_in
from scoring.panel.views.room import Room
from scoring.ranking.mark_models import AutomaticMark, PanelMark

PAGE = 50
SHAPES = {"not_met": "not", "referred": "refer", "unanswered": "todo", MISSING_INPUT: "todo", HOLD: "hit"}
OPEN, DECIDED = "open", "decided"
AnyForm = TypeVar("AnyForm", FindingsForm, InputsForm)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address asks for: the window, the state, and the filters."""

    window: Window
    state: str
    kind: str
    lot: str
    rule: str
    words: str
    group: str

    @property
    def decided(self) -> bool:
        return self.state == DECIDED

    def query(self, **changes: str) -> str:
        """The address's query with these changes; blanks are left out."""
        values = {
            "window": str(self.window.number),
            "state": self.state if self.decided else "",
            "kind": self.kind,
            "lot": self.lot,
            "rule": self.rule,
            "q": self.words,
            "group": self.group,
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


def asked_for(request: HttpRequest, room: Room) -> Asked:
    sent = request.GET
    return Asked(
        window=room.window(sent.get("window")),
        state=DECIDED if sent.get("state") == DECIDED else OPEN,
        kind=sent.get("kind", "") if sent.get("kind") in KINDS else "",
        lot=clean(sent.get("lot", ""))[:20],
        rule=clean(sent.get("rule", ""))[:10],
        words=clean(sent.get("q", "")).strip()[:120],
        group=clean(sent.get("group", ""))[:300],
    )


def clean(text: str) -> str:
    """Without NUL, which the database refuses."""
    return text.replace("\x00", "")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The groups that fit the filters, the counts by kind, and the group that is shown."""

    items: Items
    holds: Sequence[decisions_pending.Hold]
    groups: Sequence[Group]
    counts: dict[str, int]
    current: Group | None


@dataclass(frozen=True, kw_only=True)
class Items:
    """What fits the filters, before anything is read; each is made when it is asked for, and no query."""

    room: Room
    asked: Asked

    @property
    def proposals(self) -> QuerySet[Proposal]:
        """Only those that the user may read."""
        room, window = self.room, self.asked.window
        visible = proposals_in(room.viewer, window, room.access[window.pk])
        if self.asked.lot:
            visible = visible.filter(lot__code=self.asked.lot)
        return visible.filter(self._named("current_revision")) if self.asked.words else visible

    @property
    def findings(self) -> QuerySet[Any]:
        found = decisions_pending.findings_to_decide(self.asked.window, decided=self.asked.decided)
        found = found.filter(assessment__revision__proposal__in=self.proposals)
        return found.filter(rule=self.asked.rule) if self.asked.rule else found

    @property
    def inputs(self) -> QuerySet[AutomaticMark]:
        found = decisions_pending.inputs_to_decide(self.asked.window, decided=self.asked.decided)
        found = found.filter(revision__proposal__in=self.proposals)
        return found.filter(criterion__code=self.asked.rule) if self.asked.rule else found

    @property
    def waiting(self) -> QuerySet[WaitingItem]:
        """What nobody has decided, as it is counted and paged: findings and inputs in one."""
        room, window = self.room, self.asked.window
        found = decisions_pending.items_waiting(room.viewer, window, room.access[window.pk])
        if self.asked.lot:
            found = found.filter(lot__code=self.asked.lot)
        if self.asked.words:
            found = found.filter(self._named("revision"))
        if rule := self.asked.rule:
            found = found.filter(Q(code=rule) | Q(criterion__code=rule))
        return found

    def _named(self, revision: str) -> Q:
        named = Q(number__icontains=self.asked.words)
        if self.room.sees_names:
            named |= Q(**{f"{revision}__score__supplier_name__icontains": self.asked.words})
        return named

    def groups(self) -> list[Group]:
        if not self.asked.decided:
            return decisions_pending.groups_waiting(self.waiting)
        return [
            *decisions_pending.finding_groups(self.findings),
            *decisions_pending.input_groups(self.inputs),
        ]

    def page(self, group: Group, number: str | None) -> Page[Any]:
        """A page of the group's items, which were counted with their group."""
        is_input = group.kind == MISSING_INPUT
        rows: QuerySet[Any] = AutomaticMark.objects.all() if is_input else Finding.objects.all()
        if not self.asked.decided:
            ids = decisions_pending.ids_waiting(self.waiting, group)
        elif is_input:
            ids = decisions_pending.inputs_in(self.inputs, group).values_list("pk", flat=True)
        else:
            ids = decisions_pending.findings_in(self.findings, group).values_list("pk", flat=True)
            rows = rows.prefetch_related("overrides__by")
        rows = decisions_pending.as_rows(rows)
        return IdPages(ids, PAGE, fetch=lambda keys: rows.filter(pk__in=keys), count=group.count).get_page(
            number
        )


def queue_of(room: Room, asked: Asked) -> Queue:
    """The items in their groups, and the holds, as the filters narrow them."""
    items = Items(room=room, asked=asked)
    holds = [] if asked.decided or asked.rule else decisions_pending.holds_on(items.proposals)
    everything = items.groups()
    counts = dict.fromkeys(KINDS, 0)
    for group in everything:
        counts[group.kind] += group.count
    counts[HOLD] = len(holds)
    groups = [group for group in everything if asked.kind in ("", group.kind)]
    current = next((group for group in groups if group.key == asked.group), groups[0] if groups else None)
    return Queue(items=items, holds=holds, groups=groups, counts=counts, current=current)


def with_names(
    room: Room, states: Sequence[decisions_lots.LotState]
) -> list[tuple[decisions_lots.LotState, Any]]:
    """(lot, reviewers with marks left) for each lot."""
    left = decisions_lots.who_is_left(states, queries.panel_of(room.solicitation)) if states else {}
    return [(state, left[state.lot.pk]) for state in states]


def shown_holds(room: Room, holds: Sequence[decisions_pending.Hold]) -> list[dict[str, Any]]:
    """Holds in the words that this reader may read."""
    return [
        {
            "supplier": hold.supplier,
            "name": hold.name,
            "proposals": hold.proposals,
            "says": [
                (
                    f"{hold.place}. " * bool(hold.place) + each.words(in_full=room.reads_screening),
                    each.block.since,
                )
                for each in hold.blocks
            ],
        }
        for hold in holds
    ]


def kinds_of(queue: Queue, asked: Asked, total: int) -> list[dict[str, Any]]:
    """The tabs: every kind with its count."""
    first: dict[str, Any] = {
        "label": "All decided" if asked.decided else "All open",
        "kind": "",
        "count": total,
        "shape": "",
    }
    others: list[dict[str, Any]] = [
        {"label": label, "kind": kind, "count": queue.counts[kind], "shape": SHAPES[kind]}
        for kind, label in KINDS.items()
        if not (asked.decided and kind == HOLD)
    ]
    return [
        {**each, "url": "?" + asked.query(kind=each["kind"], group=""), "current": each["kind"] == asked.kind}
        for each in (first, *others)
    ]


def filter_form(room: Room, asked: Asked) -> FilterForm:
    lots = [
        ("", "All lots"),
        *((lot.code, f"{lot.code} {lot.title}"[:40]) for lot in room.solicitation.lots.all()),
    ]
    rules = [("", "All rules"), *evidence.rule_choices(room.solicitation)]
    return FilterForm(
        {
            "q": asked.words,
            "lot": asked.lot,
            "rule": asked.rule,
            "state": asked.state,
            "window": str(asked.window.number),
        },
        choices={
            "window": [(str(each.number), f"Window {each.number}") for each in room.windows],
            "lot": lots,
            "rule": rules,
            "state": [(OPEN, "Open"), (DECIDED, "Decided")],
        },
    )


@dataclass(frozen=True, kw_only=True)
class Row:
    """One finding or missing input, ready to be shown."""

    pk: int
    proposal: Any
    number: str
    supplier: str
    place: str
    lot: str
    says: str
    decided: str
    item: Any
    asked: str = ""


def rows_of(
    queue: Queue, group: Group | None, room: Room, asked: Asked, page: str | None
) -> tuple[list[Row], Page[Any] | None]:
    if group is None:
        return [], None
    shown = queue.items.page(group, page)
    if group.kind == MISSING_INPUT:
        stand_ins = decisions_pending.stand_ins(shown.object_list) if asked.decided else {}
        rows = [
            _input_row(mark, stand_ins.get((mark.revision_id, mark.criterion_id)), room) for mark in shown
        ]
    else:
        rows = [_finding_row(finding, room, is_decided=asked.decided) for finding in shown]
    return _with_requests(rows, room), shown


def _with_requests(rows: list[Row], room: Room) -> list[Row]:
    """The rows, each with how the last request to its supplier stands."""
    items = [(row.proposal, row.item) for row in rows]
    told = curing.last_requests(items, room.zone) if items else {}
    return [replace(row, asked=told.get(row.pk, "")) for row in rows]


def whole(row: Row) -> Any:
    """The row's item with all that its evidence shows; one query."""
    item = decisions_pending.with_proposal(type(row.item).objects.filter(pk=row.pk)).get()
    revision = item.assessment.revision if isinstance(item, Finding) else item.revision
    revision.proposal.current_revision = revision
    return item


def ask_of(room: Room, item: Any) -> str:
    """The address where the supplier is asked for what the item lacks; blank where nobody can ask, or there is nothing
    to ask for."""
    revision = item.assessment.revision if isinstance(item, Finding) else item.revision
    proposal = revision.proposal
    if not room.decides or proposal.window_id not in room.viewer.windows or curing.is_settled(proposal):
        return ""
    of = curing.of_item(item)
    if of[0] not in ("", curing.ANSWERS, curing.FILES):
        return ""
    found = curing.answers_to(*of, curing.may_be_asked(revision))
    query = urlencode([("for", each.name) for each in found])
    return f"{reverse('scoring:proposal_cure', args=[proposal.pk])}?{query}" if found else ""


def _row(item: Any, revision: Any, says: str, decided: str, room: Room) -> Row:
    score = revision.score
    lots = {lot.pk: lot.code for lot in room.solicitation.lots.all()}
    return Row(
        pk=item.pk,
        proposal=revision.proposal_id,
        number=revision.proposal.number,
        supplier=score.supplier_name,
        place=score.place,
        lot=lots[revision.proposal.lot_id],
        says=says,
        decided=decided,
        item=item,
    )


def _finding_row(finding: Finding, room: Room, *, is_decided: bool) -> Row:
    overrides = list(finding.overrides.all()) if is_decided else []
    decided = ""
    if overrides:
        last = overrides[-1]
        verb = (
            "Knocked out"
            if last.outcome == "not_met"
            else "Kept in"
            if last.exception
            else "Finding overridden"
        )
        on = formats.day(last.at.astimezone(room.solicitation.zone).date(), short=True)
        decided = f"{verb} by {last.by.name}, {on}: {last.reason}"
    return _row(finding, finding.assessment.revision, finding.message, decided, room)


def _input_row(mark: AutomaticMark, stand_in: PanelMark | None, room: Room) -> Row:
    decided = ""
    if stand_in is not None:
        on = formats.day(stand_in.at.astimezone(room.solicitation.zone).date(), short=True)
        value = f" {formats.number(stand_in.value, 1)}" if stand_in.kind == PanelMark.Kind.PANEL else ""
        decided = f"{stand_in.get_kind_display()}{value} by {stand_in.by.name}, {on}: {stand_in.reason}"
    return _row(mark, mark.revision, evidence.what_is_missing(mark), decided, room)


def row_shown(rows: Sequence[Row], picked: set[int]) -> Row | None:
    """Whose evidence is shown: the first row that is picked, else the first."""
    return next((row for row in rows if row.pk in picked), rows[0] if rows else None)


def empty_form(group: Group) -> FindingsForm | InputsForm:
    return InputsForm() if group.kind == MISSING_INPUT else FindingsForm()


def action_of(room: Room, asked: Asked, group: Group | None) -> str:
    if group is None:
        return ""
    name = "decision_inputs" if group.kind == MISSING_INPUT else "decision_findings"
    return f"{reverse(f'scoring:{name}', args=[room.solicitation.number])}?{asked.query(group=group.key)}"
