"""The decision queue: everything in a window that a person must decide, one rule at a time, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from portal import clock, formats, pairs
from portal.formats import count_of
from portal.refused import Refused
from rfp.models import Finding, Proposal, Window
from scoring import actions, evidence, pending, queries
from scoring.access import proposals_visible_to
from scoring.forms import FilterForm, FindingsForm, InputsForm
from scoring.models import AutomaticMark, PanelMark
from scoring.pending import HOLD, KINDS, MISSING_INPUT, Group
from scoring.views.room import Room, in_room

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
    holds: Sequence[pending.Hold]
    groups: Sequence[Group]
    counts: dict[str, int]
    current: Group | None


@dataclass(frozen=True, kw_only=True)
class Items:
    """What fits the filters, before anything is read: proposals, and their findings and missing inputs."""

    proposals: QuerySet[Proposal]
    findings: QuerySet[Finding]
    inputs: QuerySet[AutomaticMark]


def items_of(room: Room, asked: Asked) -> Items:
    """Only proposals that the user may read are in it; no query."""
    visible = proposals_visible_to(room.user).filter(window=asked.window)
    if asked.lot:
        visible = visible.filter(lot__code=asked.lot)
    if asked.words:
        visible = visible.filter(
            Q(number__icontains=asked.words)
            | Q(current_revision__score__supplier_name__icontains=asked.words)
        )
    findings = pending.findings_to_decide(asked.window, decided=asked.decided).filter(
        assessment__revision__proposal__in=visible
    )
    inputs = pending.inputs_to_decide(asked.window, decided=asked.decided).filter(
        revision__proposal__in=visible
    )
    if asked.rule:
        findings = findings.filter(rule=asked.rule)
        inputs = inputs.filter(criterion__code=asked.rule)
    return Items(proposals=visible, findings=findings, inputs=inputs)


def queue_of(room: Room, asked: Asked) -> Queue:
    """The items in their groups, and the holds, as the filters narrow them."""
    items = items_of(room, asked)
    holds = [] if asked.decided or asked.rule else pending.holds_on(items.proposals)
    everything = [*pending.finding_groups(items.findings), *pending.input_groups(items.inputs)]
    counts = dict.fromkeys(KINDS, 0)
    for group in everything:
        counts[group.kind] += group.count
    counts[HOLD] = len(holds)
    groups = [group for group in everything if asked.kind in ("", group.kind)]
    current = next((group for group in groups if group.key == asked.group), groups[0] if groups else None)
    return Queue(items=items, holds=holds, groups=groups, counts=counts, current=current)


@in_room
def decision_list(request: HttpRequest, room: Room) -> HttpResponse:
    asked = asked_for(request, room)
    return render_queue(request, room, asked)


def render_queue(
    request: HttpRequest,
    room: Room,
    asked: Asked,
    *,
    form: FindingsForm | InputsForm | None = None,
    picked: Iterable[int] = (),
    said: str = "",
) -> HttpResponse:
    access = room.access[asked.window.pk]
    context: dict[str, Any] = {"window": asked.window, "window_access": access, "asked": asked, "said": said}
    if access.technical_open:
        context |= queue_context(request, room, asked, form, set(picked))
    return render(request, "scoring/decision_list.html", room.context("decision_list", **context))


def queue_context(
    request: HttpRequest,
    room: Room,
    asked: Asked,
    form: FindingsForm | InputsForm | None,
    picked: set[int],
) -> dict[str, Any]:
    queue = queue_of(room, asked)
    group = queue.current if asked.kind != HOLD else None
    if group is not None and form is None:
        form = empty_form(group)
    rows, page = rows_of(queue, group, room, asked, request.GET.get("page"))
    states = pending.lots_before_prices(asked.window) if not asked.decided else []
    shows_holds = asked.kind in ("", HOLD)
    total = sum(queue.counts.values())
    return {
        "filter_form": filter_form(room, asked),
        "kinds": kinds_of(queue, asked, total),
        "groups": [
            (each, SHAPES[each.kind], KINDS[each.kind], asked.query(group=each.key)) for each in queue.groups
        ],
        "group": group,
        "group_kind": KINDS[group.kind] if group else "",
        "group_shape": SHAPES[group.kind] if group else "",
        "rule": evidence.rule_of(group) if group else None,
        "rows": rows,
        "page": page,
        "picked": picked or ({rows[0].pk} if rows and not asked.decided else set()),
        "evidence": evidence_of_row(room, rows, picked) if group else None,
        "form": form,
        "choice_field": form["kind" if isinstance(form, InputsForm) else "outcome"] if form else None,
        "evidence_query": asked.query(),
        "item_kind": MISSING_INPUT if group and group.kind == MISSING_INPUT else "finding",
        "choices": InputsForm.CHOICES if group and group.kind == MISSING_INPUT else FindingsForm.CHOICES,
        "action": action_of(room, asked, group),
        "may_decide": room.decides and (asked.window.pk in room.viewer.windows),
        "must_sign": room.decides and asked.window.pk not in room.viewer.windows,
        "holds": shown_holds(room, queue.holds) if shows_holds else [],
        "waiting": total - queue.counts[HOLD],
        "with_officers": queue.counts[HOLD],
        "cards": countersignatures(room) if asked.decided and room.sees_pairs else [],
        "lot_states": with_names(room, states),
        "ready": [state for state in states if state.is_ready],
    }


def countersignatures(room: Room) -> list[pairs.Card]:
    """Changes of decisions that an officer must countersign first."""
    acts = (actions.CHANGE_FINDING, actions.CHANGE_INPUT)
    return pairs.cards_on(acts, [room.solicitation.number], room.user, at=clock.wall_time())


def with_names(room: Room, states: Sequence[pending.LotState]) -> list[tuple[pending.LotState, Any]]:
    """(lot, reviewers with marks left) for each lot."""
    left = pending.who_is_left(states, queries.panel_of(room.solicitation)) if states else {}
    return [(state, left[state.lot.pk]) for state in states]


def shown_holds(room: Room, holds: Sequence[pending.Hold]) -> list[dict[str, Any]]:
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


def rows_of(
    queue: Queue, group: Group | None, room: Room, asked: Asked, page: str | None
) -> tuple[list[Row], Page[Any] | None]:
    if group is None:
        return [], None
    if group.kind == MISSING_INPUT:
        marks = pending.inputs_in(queue.items.inputs, group)
        shown: Page[Any] = Paginator(marks, PAGE).get_page(page)
        stand_ins = pending.stand_ins(shown.object_list) if asked.decided else {}
        return [
            _input_row(mark, stand_ins.get((mark.revision_id, mark.criterion_id)), room) for mark in shown
        ], shown
    shown = Paginator(pending.findings_in(queue.items.findings, group), PAGE).get_page(page)
    return [_finding_row(finding, room) for finding in shown], shown


def _row(item: Any, revision: Any, says: str, decided: str) -> Row:
    score = revision.score
    return Row(
        pk=item.pk,
        proposal=revision.proposal_id,
        number=revision.proposal.number,
        supplier=score.supplier_name,
        place=score.place,
        lot=revision.proposal.lot.code,
        says=says,
        decided=decided,
        item=item,
    )


def _finding_row(finding: Finding, room: Room) -> Row:
    overrides = list(finding.overrides.all())
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
    return _row(finding, finding.assessment.revision, finding.message, decided)


def _input_row(mark: AutomaticMark, stand_in: PanelMark | None, room: Room) -> Row:
    decided = ""
    if stand_in is not None:
        on = formats.day(stand_in.at.astimezone(room.solicitation.zone).date(), short=True)
        value = f" {formats.number(stand_in.value, 1)}" if stand_in.kind == PanelMark.Kind.PANEL else ""
        decided = f"{stand_in.get_kind_display()}{value} by {stand_in.by.name}, {on}: {stand_in.reason}"
    return _row(mark, mark.revision, evidence.what_is_missing(mark), decided)


def evidence_of_row(room: Room, rows: Sequence[Row], picked: set[int]) -> evidence.Evidence | None:
    """Of the first row that is picked, else of the first."""
    chosen = next((row for row in rows if row.pk in picked), rows[0] if rows else None)
    if chosen is None:
        return None
    return evidence.evidence_for(chosen.item, room.access)


def empty_form(group: Group) -> FindingsForm | InputsForm:
    return InputsForm() if group.kind == MISSING_INPUT else FindingsForm()


def action_of(room: Room, asked: Asked, group: Group | None) -> str:
    if group is None:
        return ""
    name = "decision_inputs" if group.kind == MISSING_INPUT else "decision_findings"
    return f"{reverse(f'scoring:{name}', args=[room.solicitation.number])}?{asked.query(group=group.key)}"


# ---- deciding ---------------------------------------------------------------------------------------------------


def picked_in(request: HttpRequest) -> list[int]:
    return [int(each) for each in request.POST.getlist("item") if each.isdigit() and len(each) < 18]


@require_POST
@in_room
def decide_findings(request: HttpRequest, room: Room) -> HttpResponse:
    """Decide the findings that were picked with one reason."""

    def found(items: Items) -> QuerySet[Finding]:
        return items.findings.select_related(
            "assessment__revision__proposal__window__solicitation"
        ).prefetch_related("overrides")

    def decide(chosen: Sequence[Finding], form: FindingsForm) -> None:
        outcome, exception = form.verdict
        actions.decide_findings(
            chosen,
            outcome=outcome,
            exception=exception,
            reason=form.cleaned_data["reason"],
            by=room.user,
            at=clock.wall_time(),
        )

    return decide_picked(request, room, FindingsForm(request.POST), found, decide)


@require_POST
@in_room
def decide_inputs(request: HttpRequest, room: Room) -> HttpResponse:
    """Put a panel mark or a recorded zero in place of the inputs that were picked."""

    def found(items: Items) -> QuerySet[AutomaticMark]:
        return items.inputs.select_related("criterion", "revision__proposal__window__solicitation")

    def decide(chosen: Sequence[AutomaticMark], form: InputsForm) -> None:
        actions.stand_in_for_input(
            [(mark.revision, mark.criterion) for mark in chosen],
            kind=PanelMark.Kind(form.cleaned_data["kind"]),
            value=form.cleaned_data["value"] or Decimal(0),
            reason=form.cleaned_data["reason"],
            by=room.user,
            at=clock.wall_time(),
        )

    return decide_picked(request, room, InputsForm(request.POST), found, decide)


def decide_picked(
    request: HttpRequest,
    room: Room,
    form: AnyForm,
    found: Callable[[Items], QuerySet[Any]],
    decide: Callable[[Sequence[Any], AnyForm], None],
) -> HttpResponse:
    """Decide all that was picked or none; with bad input the same page again, nothing lost. Raises Http404."""
    if not room.decides:
        raise Http404
    asked, picked = asked_for(request, room), picked_in(request)
    chosen = list(found(items_of(room, asked)).filter(pk__in=picked))
    if problem := not_all(picked, len(chosen)):
        form.add_error(None, problem)
    elif form.is_valid():
        try:
            decide(chosen, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_deciding(request, room, asked, len(chosen))
    return render_queue(request, room, asked, form=form, picked=picked)


def not_all(picked: Sequence[int], found: int) -> str:
    """Why the choice cannot be decided as it was made; blank when it can."""
    if not picked:
        return "Select at least one row to decide."
    if found < len(set(picked)):
        return "Someone else decided part of your selection, or a proposal changed. Review what is left."
    return ""


def after_deciding(request: HttpRequest, room: Room, asked: Asked, count: int) -> HttpResponse:
    """The queue without what was decided: in place for htmx, else by a redirect."""
    said = f"{count_of(count, 'decision')} recorded."
    if request.htmx:  # type: ignore[attr-defined]
        return render_queue(request, room, asked, said=said)
    messages.success(request, said)
    return redirect(f"{reverse('scoring:decision_list', args=[room.solicitation.number])}?{asked.query()}")


@in_room
def decision_evidence(request: HttpRequest, room: Room, kind: str, item: int) -> HttpResponse:
    """The evidence on one finding or missing input, for the panel beside the form."""
    asked = asked_for(request, room)
    items = items_of(room, asked)
    found: Any = None
    if kind == "finding":
        found = pending.with_proposal(items.findings).filter(pk=item).first()
    elif kind == MISSING_INPUT:
        found = pending.with_proposal(items.inputs).filter(pk=item).first()
    if found is None:
        raise Http404
    return render(
        request,
        "scoring/decision_evidence.html",
        {"evidence": evidence.evidence_for(found, room.access), "zone": room.zone},
    )
