"""Every proposal of some lots at once, as an evaluation file has them: a fixed number of queries.

What is sealed isn't read: prices come from lots whose price envelope is open, and nothing else asks for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, prefetch_related_objects

from portal.kit.compliance import Envelope
from rfp.models import Criterion, Lot, Revision, Solicitation, Window
from rfp.proposals import queries as proposals_queries
from scoring.duties.queries import Teams, teams_in
from scoring.facts import MarkFacts, PriceFacts, ScoreSheet
from scoring.panel.models import Conflict, Evaluator
from scoring.ranking import evaluation, inputs
from scoring.ranking import method as methods
from scoring.ranking.mark_models import AutomaticMark, Mark, MarkRemoval, PanelMark
from scoring.settling.queries import Agreed, agreed_on

Given = tuple[str, Decimal | None, str]  # evaluator, anchor, status
COST_KINDS = {"tooling_price": "tooling", "freight_price": "freight"}
Names = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """One proposal as it competes: its sheet, and what an evaluation file says beside it."""

    revision: Revision
    sheet: ScoreSheet
    marks: Mapping[str, Sequence[Given]]
    traces: Mapping[str, Mapping[str, Any]]
    price_inputs: Sequence[Mapping[str, Any]]

    @property
    def number(self) -> str:
        return self.revision.proposal.number

    @property
    def is_complete(self) -> bool:
        """Whether the ranking knows its place: it is knocked out, no mark is missing, or prices are open, so that a
        criterion that nobody marked counts as 0."""
        score = self.revision.score
        return score.knocked_out or not score.marks_missing or self.sheet.price is not None


def submitted(
    window: Window, lots: Sequence[Lot], *, price_open: bool, only: Iterable[Any] | None = None
) -> dict[int, list[Submitted]]:
    """lot id → its scored proposals by number. `price_open`: prices of these lots are open, and are read.

    `only`: ids of the proposals that are wanted.
    """
    solicitation = window.solicitation
    found = _revisions(window, lots, price_open=price_open)
    revisions = list(found if only is None else found.filter(proposal__in=list(only)))
    ids = [each.pk for each in revisions]
    panel = _Panel.of(window, ids)
    computed, agreed = _automatic(ids), _agreed(ids)
    criteria = inputs.criteria_of(solicitation)
    by_lot: dict[int, list[Submitted]] = {each.pk: [] for each in lots}
    same = {each.pk: each for each in lots}
    _with_claims(solicitation, revisions if price_open else ())
    for revision in revisions:
        # One object for each lot, so that what it asks is read once.
        revision.proposal.lot = same[revision.proposal.lot_id]
        revision.proposal.lot.solicitation = solicitation
        by_lot[revision.proposal.lot_id].append(
            _submitted(
                revision,
                criteria,
                panel,
                computed.get(revision.pk, []),
                agreed.get(revision.pk, {}),
                price_open=price_open,
            )
        )
    return by_lot


def _revisions(window: Window, lots: Sequence[Lot], *, price_open: bool) -> QuerySet[Revision]:
    """Current, not withdrawn, and scored."""
    found = (
        Revision.objects.filter(
            proposal__window=window,
            proposal__lot__in=list(lots),
            proposal__current_revision=F("pk"),
            proposal__withdrawn_at__isnull=True,
            score__isnull=False,
        )
        .select_related("proposal__lot", "score")
        .prefetch_related("items")
        .defer("supplier_snapshot")
        .order_by("proposal__number")
    )
    return found.prefetch_related("delivery_lines", "price_lines__item") if price_open else found


def _with_claims(solicitation: Solicitation, revisions: Sequence[Revision]) -> None:
    """Fetch what says which preferences count, if the RFP has any."""
    prefetch_related_objects([solicitation], "preferences")
    if revisions and solicitation.preferences.all():
        prefetch_related_objects(list(revisions), "responses", "attachments", "proposal__claim_refusals")


def _submitted(
    revision: Revision,
    criteria: Sequence[Criterion],
    panel: _Panel,
    computed: Sequence[AutomaticMark],
    agreed: Agreed,
    *,
    price_open: bool,
) -> Submitted:
    solicitation = revision.proposal.lot.solicitation
    codes = {each.pk: each.code for each in criteria}
    price = inputs.price_facts(revision, list(revision.price_lines.all())) if price_open else None
    given = panel.of_revision(revision, criteria)
    sheet = ScoreSheet(
        criteria=tuple(methods.criterion_facts(each, solicitation) for each in criteria),
        anchor_map=methods.anchor_map(solicitation.anchor_map),
        automatic=inputs.automatic_facts(revision, codes, computed),
        marks=tuple(
            MarkFacts(criterion=code, evaluator=evaluator, anchor=anchor)
            for code, rows in given.items()
            for evaluator, anchor, status in rows
            if status in ("given", "abstained")
        ),
        agreed=inputs.agreed_facts(agreed, codes),
        price=price,
        preferences=inputs.preference_facts(revision) if price_open else (),
        method=methods.method_facts(solicitation),
    )
    return Submitted(
        revision=revision,
        sheet=sheet,
        marks=given,
        traces={codes[mark.criterion_id]: _trace(mark) for mark in computed},
        price_inputs=_price_inputs(revision, price) if price else (),
    )


def _automatic(revisions: Sequence[int]) -> dict[int, list[AutomaticMark]]:
    """revision id → its computed marks, each with the last that was put in its place."""
    last: dict[tuple[int, int], PanelMark] = {}
    for mark in PanelMark.objects.filter(revision__in=revisions).order_by("id"):
        last[mark.revision_id, mark.criterion_id] = mark
    found: dict[int, list[AutomaticMark]] = defaultdict(list)
    for computed in AutomaticMark.objects.filter(revision__in=revisions).order_by("id"):
        stand_in = last.get((computed.revision_id, computed.criterion_id))
        # As `inputs.automatic_marks` annotates them.
        vars(computed).update(
            panel_kind=stand_in.kind if stand_in else None,
            panel_value=stand_in.value if stand_in else None,
            panel_reason=stand_in.reason if stand_in else "",
        )
        found[computed.revision_id].append(computed)
    return found


def _agreed(revisions: Sequence[int]) -> dict[int, Agreed]:
    """revision id → what the panel agreed on."""
    found: dict[int, Agreed] = defaultdict(dict)
    for key, row in agreed_on(revisions).items():
        found[key[0]][key] = row
    return found


def _trace(mark: Any) -> dict[str, Any]:
    """What a computed mark comes from, or what stands in its place and why."""
    if mark.value is None and not mark.left_to_evaluators and mark.panel_kind:
        return {**mark.trace, "stand_in": mark.panel_kind, "reason": mark.panel_reason}
    return dict(mark.trace)


def _price_inputs(revision: Revision, price: PriceFacts) -> list[dict[str, Any]]:
    """The lines that an offered total is the sum of: each item and year, then each counted cost."""
    prices = {(line.item_id, line.year): line for line in revision.price_lines.all()}
    found: list[dict[str, Any]] = []
    for line in revision.delivery_lines.all():
        priced = prices.get((line.item_id, line.year))
        if line.units and priced is not None:
            found.append(
                {
                    "item": priced.item.code,
                    "year": line.year,
                    "quantity": str(line.units),
                    "unit_price": f"{priced.unit_price:f}",
                    "kind": "unit",
                    "amount": f"{priced.unit_price * line.units:f}",
                }
            )
    found.sort(key=lambda each: (each["item"], each["year"]))
    return found + [
        {"item": cost, "kind": COST_KINDS.get(cost, "other"), "amount": f"{amount:f}"}
        for cost, amount in price.parts.items()
        if cost != "units"
    ]


# ---- whose marks count ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Panel:
    """The panel's marks and conflicts, for many revisions. Twin of `inputs.marks_that_count`, which asks for one."""

    seats: Sequence[Evaluator]
    marks: Mapping[
        int, Sequence[tuple[int, int, Decimal | None]]
    ]  # revision id → (criterion id, seat id, anchor)
    conflicts: Mapping[int, Sequence[tuple[int | None, datetime]]]  # user id → (supplier id, when)
    opened: Mapping[int, datetime]  # lot id → when its prices opened
    removed: frozenset[tuple[Any, int]]  # (proposal id, seat id)
    teams: Teams

    @classmethod
    def of(cls, window: Window, revisions: Sequence[int]) -> _Panel:
        marks: dict[int, list[tuple[int, int, Decimal | None]]] = defaultdict(list)
        rows = Mark.objects.filter(revision__in=revisions).order_by("evaluator_id")
        for revision, criterion, seat, anchor in rows.values_list(
            "revision_id", "criterion_id", "evaluator_id", "anchor"
        ):
            marks[revision].append((criterion, seat, anchor))
        conflicts: dict[int, list[tuple[int | None, datetime]]] = defaultdict(list)
        for each in Conflict.objects.filter(solicitation=window.solicitation_id):
            conflicts[each.user_id].append((each.supplier_id, each.at))
        openings = proposals_queries.opened(Envelope.PRICE).filter(window=window)
        removals = MarkRemoval.objects.filter(proposal__window=window, confirmed_at__isnull=False)
        return cls(
            seats=list(window.solicitation.evaluators.all()),
            marks=marks,
            conflicts=conflicts,
            opened={each.lot_id: each.confirmed_at for each in openings if each.confirmed_at},
            removed=frozenset(removals.values_list("proposal_id", "evaluator_id")),
            teams=teams_in(window),
        )

    def of_revision(self, revision: Revision, criteria: Iterable[Criterion]) -> dict[str, list[Given]]:
        """criterion → (evaluator, anchor, status) of everybody who marked it or is asked to, in the order of seats."""
        anchors = {(criterion, seat): anchor for criterion, seat, anchor in self.marks.get(revision.pk, ())}
        found: dict[str, list[Given]] = {}
        for criterion in criteria:
            rows = []
            for seat in self.seats:
                is_marked = (criterion.pk, seat.pk) in anchors
                if not is_marked and not self.teams.is_asked(revision.proposal_id, seat.pk, criterion.group):
                    continue
                anchor = anchors.get((criterion.pk, seat.pk))
                status = self._status(revision, seat, is_marked=is_marked, anchor=anchor)
                rows.append((inputs.key_of(seat.pk), anchor, status))
            found[criterion.code] = rows
        return found

    def _status(self, revision: Revision, seat: Evaluator, *, is_marked: bool, anchor: Decimal | None) -> str:
        if self._is_out(revision, seat, is_marked=is_marked):
            return "conflict"
        if not is_marked:
            return "missing"
        return "abstained" if anchor is None else "given"

    def _is_out(self, revision: Revision, seat: Evaluator, *, is_marked: bool) -> bool:
        """Whether a conflict keeps the seat's mark out: named before prices opened, or confirmed by two people."""
        proposal = revision.proposal
        opened = self.opened.get(proposal.lot_id)
        named = [
            at
            for supplier, at in self.conflicts.get(seat.user_id, ())
            if supplier is None or supplier == proposal.supplier_id
        ]
        if not is_marked:
            return bool(named)
        return (proposal.pk, seat.pk) in self.removed or any(opened is None or at < opened for at in named)


# ---- in the words of the file -----------------------------------------------------------------------------------


def proposal_line(each: Submitted) -> dict[str, Any]:
    """One of `proposals` in the file, without what decisions add."""
    revision, sheet = each.revision, each.sheet
    price, reference = (
        evaluation.usable(sheet.price.offered, sheet.price.reference, sheet.method.price_formula)
        if sheet.price
        else (None, None)
    )
    adjusted = [
        {"kind": p.kind, "value": methods.text(p.value), "cap": methods.text(p.cap), "why": p.title}
        for p in sheet.preferences
    ]
    return {
        "id": each.number,
        "price": methods.text(price),
        "reference": methods.text(reference),
        "price_inputs": list(each.price_inputs),
        "received_at": revision.in_time_at.isoformat() if revision.in_time_at else None,
        "gate": "knocked_out" if revision.score.knocked_out else "in",
        "categories": sorted({item.code for item in revision.items.all()}),
        "state": revision.score.state,
        "supplier": revision.score.supplier_name,
        **({"adjustments": adjusted} if adjusted else {}),
    }


def mark_lines(each: Submitted, names: Names) -> list[dict[str, Any]]:
    """Its `marks`. `names`: how each evaluator is called in the file."""
    found = []
    left = each.sheet.left_to_evaluators
    for criterion in each.sheet.criteria:
        if criterion.envelope != "technical" or (
            criterion.mode != "evaluator" and criterion.code not in left
        ):
            continue
        for evaluator, anchor, status in each.marks[criterion.code]:
            found.append(
                {
                    "proposal": each.number,
                    "criterion": criterion.code,
                    "evaluator": names[evaluator],
                    "mark": None if anchor is None else str(anchor),
                    "status": status,
                }
            )
    return found


def automatic_lines(each: Submitted) -> list[dict[str, Any]]:
    """Its `automatic` values with their traces; those of the price envelope once it is open."""
    modes = {criterion.code: criterion for criterion in each.sheet.criteria}
    return [
        {
            "proposal": each.number,
            "criterion": mark.criterion,
            "value": methods.text(mark.value),
            "trace": dict(each.traces[mark.criterion]),
        }
        for mark in each.sheet.automatic
        if modes[mark.criterion].envelope == "technical" or each.sheet.price is not None
    ]


def agreed_lines(each: Submitted) -> list[dict[str, Any]]:
    """Its `consensus`."""
    return [
        {
            "proposal": each.number,
            "criterion": agreed.criterion,
            "mark": str(agreed.anchor),
            "reason": agreed.reason,
        }
        for agreed in evaluation.agreed_that_stands(each.sheet)
    ]


def set_lines(
    window: Window, lot: Lot, proposals: Iterable[Submitted], names: Names, *, with_marks: bool = True
) -> dict[str, Any]:
    """One of `sets` in the file: a lot of a window."""
    found = list(proposals)
    marked = found if with_marks else []
    return {
        "window": window.number,
        "lot": lot.code,
        "proposals": [proposal_line(each) for each in found],
        "marks": [line for each in marked for line in mark_lines(each, names)],
        "automatic": [line for each in marked for line in automatic_lines(each)],
        "consensus": [line for each in marked for line in agreed_lines(each)],
    }


def method_and_criteria(
    solicitation: Solicitation, proposals: Iterable[Submitted], *, price_open: bool
) -> dict[str, Any]:
    """`method` and `criteria` of the file. A criterion that any proposal leaves to reviewers takes their marks."""
    left = frozenset[str]().union(*(each.sheet.left_to_evaluators for each in proposals))
    facts = [methods.criterion_facts(each, solicitation) for each in inputs.criteria_of(solicitation)]
    criteria = methods.criteria_lines(facts, methods.anchor_map(solicitation.anchor_map))
    for line in criteria:
        line["fallback"] = line["fallback"] or line["code"] in left
    return {
        "method": methods.method_lines(methods.method_facts(solicitation), facts, price_open=price_open),
        "criteria": criteria,
    }


def pseudonyms(solicitation: Solicitation) -> dict[str, str]:
    """Evaluator key → "Reviewer 1" and so on, in the order of the seats."""
    seats = solicitation.evaluators.order_by("pk").values_list("pk", flat=True)
    return {inputs.key_of(seat): f"Reviewer {number}" for number, seat in enumerate(seats, start=1)}
