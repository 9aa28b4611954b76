"""What a score is computed from: criteria, answers, marks and prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.db.models import (
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from portal.kit.compliance import Envelope
from rfp.models import (
    CostUse,
    Criterion,
    Finding,
    Preference,
    PriceLine,
    Proposal,
    Requirement,
    Revision,
    Solicitation,
)
from rfp.proposals import queries as proposals_queries
from scoring.facts import (
    AgreedFacts,
    AnswerFacts,
    AutomaticFacts,
    MarkFacts,
    PreferenceFacts,
    PriceFacts,
    ScoreSheet,
)
from scoring.panel.access import (
    conflicts_with,
)
from scoring.ranking import method as methods
from scoring.ranking.mark_models import AutomaticMark, Mark, MarkRemoval, PanelMark
from scoring.settling.queries import Agreed, agreed_on

# ---- marking ----------------------------------------------------------------------------------------------------


def criteria_to_mark(revision: Revision, left: Iterable[int] | None = None) -> list[Criterion]:
    """Technical criteria that reviewers mark on this revision: theirs, and computed ones without a figure.

    `left`: ids of criteria whose computed marks are left to reviewers, where the caller has read them.
    """
    solicitation = revision.proposal.lot.solicitation
    computed = AutomaticMark.objects.filter(revision=revision, left_to_evaluators=True)
    if left is not None:
        asked = set(left)
    elif "criteria" in getattr(solicitation, "_prefetched_objects_cache", {}):
        asked = set(computed.values_list("criterion", flat=True))
    else:
        # Both in one query; the criteria stay with the RFP for whoever asks next.
        told = Criterion.objects.annotate(is_left=Exists(computed.filter(criterion=OuterRef("pk"))))
        prefetch_related_objects([solicitation], Prefetch("criteria", queryset=told))
        asked = {each.pk for each in solicitation.criteria.all() if cast(Any, each).is_left}
    criteria = criteria_of(solicitation)
    return [
        each
        for each in criteria
        if each.envelope == Envelope.TECHNICAL.value
        and (each.mode == Criterion.Mode.EVALUATOR or each.pk in asked)
    ]


def criteria_of(solicitation: Solicitation) -> list[Criterion]:
    """The RFP's criteria in order, fetched once for this object."""
    prefetch_related_objects([solicitation], "criteria")
    return list(solicitation.criteria.all())


# ---- what scoring reads -----------------------------------------------------------------------------------------


def answers_that_feed(revision: Revision) -> list[AnswerFacts]:
    """Numeric answers to requirements it has to answer that feed a criterion of mode automatic."""
    requirements = [
        each
        for each in proposals_queries.asked_in(revision)
        if each.feeds is not None
        and each.feeds.mode == Criterion.Mode.AUTOMATIC
        and each.feeds.value_source == "requirement"
    ]
    values = {response.requirement_id: response.value for response in revision.responses.all()}
    capacity = getattr(revision, "capacity", None)
    sections: dict[str, int | None] = {
        Requirement.AnsweredBy.LEAD_TIME: revision.lead_time_days,
        Requirement.AnsweredBy.CAPACITY: capacity.offered_per_year if capacity else None,
    }
    return [
        AnswerFacts(
            requirement=requirement.code,
            criterion=requirement.feeds.code,
            value=decimal_or_none(
                values.get(requirement.pk)
                if requirement.answered_by == Requirement.AnsweredBy.RESPONSE
                else sections.get(requirement.answered_by)
            ),
            start=_start(requirement),
            ideal=decimal_or_none(requirement.ideal),
            less_is_better=decimal_or_none(requirement.minimum) is None,
        )
        for requirement in requirements
        if requirement.feeds is not None and requirement.data_type in NUMERIC
    ]


def _start(requirement: Requirement) -> Decimal | None:
    """The answer that gets no marks: the limit; of two limits the one farther from the ideal."""
    limits = [decimal_or_none(limit) for limit in (requirement.minimum, requirement.maximum)]
    given = [limit for limit in limits if limit is not None]
    ideal = decimal_or_none(requirement.ideal)
    if not given or ideal is None:
        return given[0] if given else None
    return max(given, key=lambda limit: abs(limit - ideal))


NUMERIC = (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER)


def numbers_of(findings: Iterable[Finding], revision: Revision) -> dict[str, Decimal]:
    """Rule results that value functions may name, like `DC-2.lo_pct`, and `lead_time.pct_of_limit`."""
    numbers: dict[str, Decimal] = {}
    for finding in findings:
        for name, text in finding.numbers.items():
            if (value := decimal_or_none(text)) is not None:
                numbers.setdefault(f"{finding.rule}.{name}", value)
    limit = revision.proposal.lot.lead_time_days_max
    if limit and revision.lead_time_days is not None:
        numbers["lead_time.pct_of_limit"] = Decimal(revision.lead_time_days) * 100 / limit
    return numbers


def decimal_or_none(value: Any) -> Decimal | None:
    """A finite number from stored text, or None."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def price_facts(revision: Revision, lines: Iterable[PriceLine] | None = None) -> PriceFacts:
    """Offered and reference totals: unit prices over the offered units, and the costs that the RFP counts.

    None where a unit has no price or a counted cost was left blank. Call only when the price envelope is open.
    `lines`: the price lines with their items, where the caller has read them.
    """
    found = revision.price_lines.select_related("item") if lines is None else lines
    units = {(line.item_id, line.year): line.units for line in revision.delivery_lines.all() if line.units}
    prices = {(line.item_id, line.year): line for line in found}
    if not units or not units.keys() <= prices.keys():
        return PriceFacts(offered=None, reference=None)
    parts = {"units": sum((prices[pair].unit_price * count for pair, count in units.items()), Decimal(0))}
    for cost, use in revision.proposal.lot.solicitation.cost_uses.items():
        if use == CostUse.COUNTED:
            amount = getattr(revision, cost)
            if amount is None:
                return PriceFacts(offered=None, reference=None)
            parts[cost] = amount
    references = [prices[pair].item.reference_price for pair in units]
    reference = None
    if all(each is not None for each in references):
        reference = sum(
            (Decimal(prices[pair].item.reference_price or 0) * count for pair, count in units.items()),
            Decimal(0),
        )
    return PriceFacts(offered=sum(parts.values(), Decimal(0)), reference=reference, parts=parts)


def preference_facts(revision: Revision) -> tuple[PreferenceFacts, ...]:
    """The preferences that count: claimed, and not refused. Call only when prices are open."""
    claimed = claimed_preferences(revision)
    if not claimed:
        return ()
    refused = {each.code for each in revision.proposal.claim_refusals.all()}
    return tuple(
        PreferenceFacts(code=each.code, title=each.title, kind=each.kind, value=each.value, cap=each.cap)
        for each in claimed
        if each.code not in refused
    )


def claimed_preferences(revision: Revision) -> list[Preference]:
    """The preferences of the RFP that the revision claims: a yes to the question, with a file where one is required."""
    declared = list(revision.proposal.lot.solicitation.preferences.all())
    if not declared:
        return []
    asked = proposals_queries.asked_in(revision)
    answers = {response.requirement_id: response.value for response in revision.responses.all()}
    files = {attachment.requirement_id for attachment in revision.attachments.all()}
    claimed = {
        each.code
        for each in asked
        if answers.get(each.pk) is True and (each.pk in files or not each.evidence_required)
    }
    return [each for each in declared if each.claimed_by in claimed]


def key_of(seat: int) -> str:
    """How traces and sheets name an evaluator."""
    return f"E{seat}"


def score_sheet(
    revision: Revision,
    *,
    price_open: bool,
    all_marks: bool = False,
    automatic: Sequence[AutomaticMark] | None = None,
    agreed: Agreed | None = None,
) -> ScoreSheet:
    """What decides the revision's score now; a fixed number of queries.

    Marks of a reviewer with a conflict do not count; `all_marks` counts those that were taken out after prices opened.
    `automatic`: the computed marks, `agreed`: what the panel agreed on, where the caller has read them.
    """
    solicitation = revision.proposal.lot.solicitation
    criteria = criteria_of(solicitation)
    codes = {criterion.pk: criterion.code for criterion in criteria}
    given = marks_that_count(revision, all_marks=all_marks).order_by("evaluator_id")
    return ScoreSheet(
        criteria=tuple(methods.criterion_facts(criterion, solicitation) for criterion in criteria),
        anchor_map=methods.anchor_map(solicitation.anchor_map),
        automatic=automatic_facts(revision, codes, automatic),
        marks=tuple(
            MarkFacts(criterion=codes[criterion], evaluator=key_of(evaluator), anchor=anchor)
            for criterion, evaluator, anchor in given.values_list("criterion_id", "evaluator_id", "anchor")
        ),
        agreed=agreed_facts(agreed_on([revision.pk]) if agreed is None else agreed, codes),
        price=price_facts(revision) if price_open else None,
        preferences=preference_facts(revision) if price_open else (),
        method=methods.method_facts(solicitation),
    )


def agreed_facts(agreed: Agreed, codes: Mapping[int, str]) -> tuple[AgreedFacts, ...]:
    """What a panel agreed on, for one revision. `codes`: criterion id → code."""
    return tuple(
        AgreedFacts(criterion=codes[criterion], anchor=row.anchor, reason=row.reason)
        for (_revision, criterion), row in agreed.items()
        if row.anchor is not None
    )


def automatic_marks(revision: Revision) -> list[AutomaticMark]:
    """The computed marks without their traces, each with the last that was put in its place; one query."""
    last = PanelMark.objects.filter(revision=OuterRef("revision"), criterion=OuterRef("criterion"))
    last = last.order_by("-id")
    return list(
        revision.automatic_marks.defer("trace").annotate(
            panel_value=Subquery(last.values("value")[:1]), panel_kind=Subquery(last.values("kind")[:1])
        )
    )


def automatic_facts(
    revision: Revision, codes: Mapping[int, str], marks: Sequence[AutomaticMark] | None = None
) -> tuple[AutomaticFacts, ...]:
    """Computed marks, with what the panel put in place of a missing input. `codes`: criterion id → code."""
    found: Sequence[Any] = automatic_marks(revision) if marks is None else marks
    lacking = [mark for mark in found if mark.value is None and not mark.left_to_evaluators]
    if any(not hasattr(mark, "panel_kind") for mark in lacking):
        # Just computed, and not read from the table: ask for it.
        found = automatic_marks(revision)
    facts = []
    for mark in found:
        value, panel = mark.value, ""
        if value is None and not mark.left_to_evaluators and mark.panel_kind:
            value, panel = mark.panel_value, mark.panel_kind
        facts.append(
            AutomaticFacts(
                criterion=codes[mark.criterion_id],
                value=value,
                left_to_evaluators=mark.left_to_evaluators,
                stand_in=panel,
            )
        )
    return tuple(facts)


def missing_inputs(revisions: Iterable[int]) -> QuerySet[AutomaticMark]:
    """Automatic marks of these revisions without an input and without anything that stands in for it."""
    stand_in = PanelMark.objects.filter(revision=OuterRef("revision"), criterion=OuterRef("criterion"))
    return AutomaticMark.objects.filter(
        ~Exists(stand_in), revision__in=list(revisions), value__isnull=True, left_to_evaluators=False
    ).select_related("criterion")


def marks_that_count(revision: Revision, *, all_marks: bool = False) -> QuerySet[Mark]:
    """Marks without those of reviewers who have a conflict with the supplier.

    A conflict named before the lot's prices opened takes the marks out by itself; later, chair and compliance officer
    take them out together (`MarkRemoval`), which `all_marks` leaves aside.
    """
    proposal = revision.proposal
    opened = (
        proposals_queries.opened(Envelope.PRICE)
        .filter(window=proposal.window_id, lot=proposal.lot_id)
        .values("confirmed_at")[:1]
    )
    named = (
        conflicts_with(proposal.supplier_id, solicitation=proposal.lot.solicitation_id)
        .filter(user=OuterRef("evaluator__user"))
        .annotate(opened_at=Subquery(opened))
        .filter(Q(opened_at__isnull=True) | Q(at__lt=F("opened_at")))
    )
    found = revision.marks.exclude(Exists(named))
    if all_marks:
        return found
    removed = MarkRemoval.objects.filter(
        proposal=proposal, evaluator=OuterRef("evaluator"), confirmed_at__isnull=False
    )
    return found.exclude(Exists(removed))


def has_removals(proposal: Proposal) -> bool:
    """Whether marks were taken out of the proposal's total after prices opened."""
    return proposal.mark_removals.filter(confirmed_at__isnull=False).exists()
