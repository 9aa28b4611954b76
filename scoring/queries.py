"""What the buyers' pages and the scoring read. Who may see what is asked of `scoring.access`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    prefetch_related_objects,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from portal.compliance import Audience, Effect, Envelope, Outcome
from portal.formats import count_of
from portal.models import User
from rfp.compliance import queries as compliance_queries
from rfp.models import (
    Assessment,
    CostUse,
    Criterion,
    Finding,
    JobsLine,
    Opening,
    Proposal,
    Requirement,
    Revision,
    Solicitation,
    Window,
)
from rfp.proposals import queries as proposals_queries
from rfp.publishing import queries as publishing_queries
from rfp.rules.domestic_content import component_test
from scoring.access import (
    LotAccess,
    Person,
    conflicts_with,
    proposals_visible_to,
    solicitations_visible_to,
)
from scoring.facts import (
    AnswerFacts,
    AutomaticFacts,
    CriterionFacts,
    MarkFacts,
    PriceFacts,
    ScoreSheet,
    ValueFunction,
)
from scoring.models import (
    AutomaticMark,
    ChairChange,
    Conflict,
    ConflictDeclaration,
    Decision,
    Evaluator,
    Mark,
    MarkRemoval,
    PanelMark,
    RankedProposal,
    Ranking,
    Report,
    Review,
    Score,
)
from suppliers.models import Supplier

# ---- who may see what: see `scoring.access` --------------------------------------------------------------------


def rooms_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Visible RFPs with their windows, openings and lots; four queries."""
    windows = Window.objects.order_by("number").prefetch_related(_openings())
    return solicitations_visible_to(user).prefetch_related(Prefetch("windows", queryset=windows), "lots")


def _openings() -> Prefetch[str, QuerySet[Opening], str]:
    return Prefetch("openings", queryset=Opening.objects.select_related("proposed_by", "confirmed_by"))


def with_openings(windows: list[Window]) -> None:
    """Bring the windows' openings along; one query."""
    prefetch_related_objects(windows, _openings())


def suppliers_to_declare(window: Window, user: User) -> QuerySet[Supplier]:
    """Suppliers with a proposal in this opened window that the user was not asked about before, by name.

    A reviewer must be able to name them before signing; this is all that is shown of them.
    """
    asked = ConflictDeclaration.listed.through.objects.filter(
        conflictdeclaration__user=user,
        conflictdeclaration__window__solicitation=window.solicitation_id,
        supplier=OuterRef("pk"),
    )
    return (
        Supplier.objects.filter(
            ~Exists(asked), proposals__in=proposals_queries.opened_proposals().filter(window=window)
        )
        .distinct()
        .order_by("legal_name", "pk")
    )


def suppliers_to_add(solicitation: Solicitation, user: User) -> QuerySet[Supplier]:
    """Suppliers that the user was asked about in this RFP and has no conflict with yet, by name."""
    named = Conflict.objects.filter(solicitation=solicitation, user=user, supplier=OuterRef("pk"))
    return suppliers_asked_about(solicitation, user).filter(~Exists(named))


def suppliers_asked_about(solicitation: Solicitation, user: User) -> QuerySet[Supplier]:
    """Suppliers in the windows that the user signed for, by name."""
    listed = ConflictDeclaration.listed.through.objects.filter(
        conflictdeclaration__user=user,
        conflictdeclaration__window__solicitation=solicitation,
        supplier=OuterRef("pk"),
    )
    return Supplier.objects.filter(Exists(listed)).order_by("legal_name", "pk")


def declarations_of(solicitation: Solicitation) -> QuerySet[ConflictDeclaration]:
    """Every signed declaration of the RFP, by window."""
    return (
        ConflictDeclaration.objects.filter(window__solicitation=solicitation)
        .select_related("user", "window")
        .order_by("window__number", "id")
    )


def conflicts_of(solicitation: Solicitation) -> QuerySet[Conflict]:
    """Every conflict of the RFP, in the order in which they were recorded."""
    return solicitation.conflicts.select_related("user", "supplier", "by").order_by("id")


def proposals_received(solicitation: Solicitation, *, now: datetime) -> dict[int, int]:
    """window id → how many proposals were received and not withdrawn, for windows that have closed.

    While a window is open nobody is told: the count would tell when rivals submit.
    """
    received = Q(proposals__current_revision__isnull=False, proposals__withdrawn_at__isnull=True)
    closed = solicitation.windows.filter(closes_at__lte=now).order_by()
    return dict(closed.annotate(count=Count("proposals", filter=received)).values_list("pk", "count"))


def latest_verdict(proposal: str) -> Subquery:
    """The verdict that counts, blank while there is none; `proposal` names the outer column."""
    return Subquery(
        Decision.objects.filter(proposal=OuterRef(proposal)).order_by("-id").values("verdict")[:1]
    )


def findings_for_buyers(assessment: Assessment | None, *, access: LotAccess, officer: bool) -> list[Finding]:
    """Findings a buyer may read, overrides prefetched. Officers and who decides see screening. Nothing of the closed
    price envelope is among them: an outcome alone would tell how the price compares, or what a sealed answer says."""
    shown = []
    for finding in compliance_queries.findings_of(assessment):
        if finding.audience == Audience.CHAIR.value and not (access.decides or officer):
            continue
        if finding.envelope == Envelope.PRICE.value and not access.price_open:
            continue
        shown.append(finding)
    return shown


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
        asked = {each.pk for each in solicitation.criteria.all() if each.is_left}  # type: ignore[attr-defined]
    criteria = criteria_of(solicitation)
    return [
        each
        for each in criteria
        if each.envelope == Envelope.TECHNICAL.value
        and (each.mode == Criterion.Mode.EVALUATOR or each.pk in asked)
    ]


def statements_of(revision: Revision) -> dict[int, str]:
    """criterion id → the supplier's own words, fetched once for this object."""
    prefetch_related_objects([revision], "statements")
    return {each.criterion_id: each.text for each in revision.statements.all()}


def criteria_of(solicitation: Solicitation) -> list[Criterion]:
    """The RFP's criteria in order, fetched once for this object."""
    prefetch_related_objects([solicitation], "criteria")
    return list(solicitation.criteria.all())


def marks_by(evaluator: Evaluator, revision: Revision) -> dict[int, Mark]:
    """criterion id → this evaluator's mark on the revision."""
    return {mark.criterion_id: mark for mark in revision.marks.filter(evaluator=evaluator)}


def queue_for(evaluator: Evaluator, window: Window | None) -> QuerySet[Any]:
    """Proposals of the window (of all windows for None) that this evaluator may mark, the least-reviewed first.

    Annotated as `with_own_marks` does. For a page of them see `to_mark` and `marked`.
    """
    proposals = proposals_visible_to(evaluator.user).filter(lot__solicitation=evaluator.solicitation_id)
    found = proposals.filter(**({"window": window} if window else {}))
    return with_own_marks(found, evaluator).order_by("reviewers", "number")


def with_own_marks(found: QuerySet[Any], evaluator: Evaluator) -> QuerySet[Any]:
    """With `marks_own` given by this evaluator of `to_mark` criteria, and `name`, the supplier's.

    A proposal is done when `marks_own` reaches `to_mark`.
    """
    revision = OuterRef("current_revision")
    own = Review.objects.filter(revision=revision, evaluator=evaluator).values("given")
    left = AutomaticMark.objects.filter(
        revision=revision, left_to_evaluators=True, criterion__envelope=Envelope.TECHNICAL.value
    )
    always = Criterion.objects.filter(
        solicitation=evaluator.solicitation_id,
        mode=Criterion.Mode.EVALUATOR,
        envelope=Envelope.TECHNICAL.value,
    )
    asked_of_all = always.order_by().values("solicitation").annotate(n=Count("pk")).values("n")
    counted = left.order_by().values("revision").annotate(n=Count("pk")).values("n")
    return (
        found.annotate(
            marks_own=Coalesce(Subquery(own), 0),
            to_mark=Coalesce(Subquery(asked_of_all, output_field=IntegerField()), 0)
            + Coalesce(Subquery(counted, output_field=IntegerField()), 0),
            # The supplier's name as received, without the page of JSON around it.
            name=KeyTextTransform("legal_name", "current_revision__supplier_snapshot"),
        )
        .select_related("lot", "current_revision")
        .defer("current_revision__supplier_snapshot")
    )


def done_by(evaluator: Evaluator, solicitation: Solicitation) -> Q:
    """Proposals on which the evaluator has given every mark that is asked for."""
    reviews = Review.objects.filter(evaluator=evaluator, is_done=True)
    done = Q(Exists(reviews.filter(revision=OuterRef("current_revision"))))
    if any(
        each.mode == Criterion.Mode.EVALUATOR and each.envelope == Envelope.TECHNICAL.value
        for each in criteria_of(solicitation)
    ):
        return done
    # Reviewers are asked only where a computed mark is left to them; elsewhere there is nothing to give.
    left = AutomaticMark.objects.filter(revision=OuterRef("current_revision"), left_to_evaluators=True)
    return done | ~Q(Exists(left))


# ---- what scoring reads -----------------------------------------------------------------------------------------


def criterion_facts(criterion: Criterion) -> CriterionFacts:
    value = None
    if criterion.mode == Criterion.Mode.AUTOMATIC:
        value = ValueFunction(
            source=criterion.value_source, start=criterion.value_from, ideal=criterion.value_ideal
        )
    return CriterionFacts(
        code=criterion.code,
        title=criterion.title,
        weight=criterion.weight,
        mode=criterion.mode,
        envelope=criterion.envelope,
        value=value,
        fallback_to_evaluator=criterion.fallback_to_evaluator,
    )


def answers_that_feed(revision: Revision) -> list[AnswerFacts]:
    """Numeric answers to applicable requirements that feed a criterion of mode automatic."""
    items = {item.pk for item in revision.items.all()}
    feeding = [
        each
        for each in publishing_queries.requirements_of(revision.proposal.lot)
        if each.feeds is not None
        and each.feeds.mode == Criterion.Mode.AUTOMATIC
        and each.feeds.value_source == "requirement"
    ]
    requirements = publishing_queries.applicable(feeding, items)
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


def price_facts(revision: Revision) -> PriceFacts:
    """Offered and reference totals: unit prices over the offered units, and the costs that the RFP counts.

    None where a unit has no price or a counted cost was left blank. Call only when the price envelope is open.
    """
    units = {(line.item_id, line.year): line.units for line in revision.delivery_lines.all() if line.units}
    prices = {(line.item_id, line.year): line for line in revision.price_lines.select_related("item")}
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


def score_sheet(
    revision: Revision,
    *,
    price_open: bool,
    all_marks: bool = False,
    automatic: Sequence[AutomaticMark] | None = None,
) -> ScoreSheet:
    """What decides the revision's score now; a fixed number of queries.

    Marks of a reviewer with a conflict do not count; `all_marks` counts those that were taken out after prices opened.
    `automatic`: the computed marks, where the caller has read them.
    """
    solicitation = revision.proposal.lot.solicitation
    criteria = criteria_of(solicitation)
    codes = {criterion.pk: criterion.code for criterion in criteria}
    given = marks_that_count(revision, all_marks=all_marks).order_by("evaluator_id")
    return ScoreSheet(
        criteria=tuple(criterion_facts(criterion) for criterion in criteria),
        anchor_map=anchor_map(solicitation.anchor_map),
        automatic=automatic_facts(revision, codes, automatic),
        marks=tuple(
            MarkFacts(criterion=codes[criterion], evaluator=f"E{evaluator}", anchor=anchor)
            for criterion, evaluator, anchor in given.values_list("criterion_id", "evaluator_id", "anchor")
        ),
        price=price_facts(revision) if price_open else None,
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


def seated_at(solicitation: int) -> dict[int, datetime]:
    """user id → when the person got the seat or the chair on that RFP's panel; one query."""
    return dict(Evaluator.objects.filter(solicitation=solicitation).values_list("user", "seated_at"))


def chair_change_of(solicitation: Solicitation) -> ChairChange | None:
    """The change of the chair that waits for a second person."""
    waiting = solicitation.chair_changes.filter(confirmed_at__isnull=True, dropped_at__isnull=True)
    return waiting.select_related("user", "proposed_by").first()


def conflicted_marks(proposal: Proposal) -> list[tuple[Evaluator, Conflict, MarkRemoval | None]]:
    """(seat, conflict, removal if one was asked for) of reviewers who marked this proposal and named a conflict with
    its supplier only after prices opened; four queries."""
    opening = (
        proposals_queries.opened(Envelope.PRICE)
        .filter(window=proposal.window_id, lot=proposal.lot_id)
        .first()
    )
    if opening is None:
        return []
    seats = (
        Evaluator.objects.filter(marks__revision=proposal.current_revision_id)
        .select_related("user")
        .distinct()
    )
    removals = {
        each.evaluator_id: each
        for each in proposal.mark_removals.select_related("proposed_by", "confirmed_by")
    }
    late = {
        each.user_id: each
        for each in conflicts_with(proposal.supplier_id, solicitation=proposal.lot.solicitation_id).filter(
            at__gte=opening.confirmed_at
        )
    }
    return [(seat, late[seat.user_id], removals.get(seat.pk)) for seat in seats if seat.user_id in late]


def has_removals(proposal: Proposal) -> bool:
    """Whether marks were taken out of the proposal's total after prices opened."""
    return proposal.mark_removals.filter(confirmed_at__isnull=False).exists()


def anchor_map(stored: Mapping[str, Any]) -> dict[int, Decimal]:
    return {int(anchor): Decimal(str(mark)) for anchor, mark in stored.items()}


def revision_to_score(pk: int) -> Revision:
    """A revision with its RFP's criteria; most of the frozen supplier stays in the database."""
    return (
        Revision.objects.select_related("proposal__lot__solicitation", "proposal__window")
        .prefetch_related("proposal__lot__solicitation__criteria")
        .defer("supplier_snapshot")
        .get(pk=pk)
    )


@dataclass(frozen=True)
class Received:
    """The supplier's name and sites as they were when the revision was received."""

    name: str
    sites: list[dict[str, str]]


def received_from(revision: Revision, *, lock: bool = False) -> Received:
    """What the frozen supplier says; `lock` holds the revision for the caller's transaction."""
    revisions = Revision.objects.select_for_update(no_key=True) if lock else Revision.objects.all()
    name, sites = revisions.values_list(
        KeyTextTransform("legal_name", "supplier_snapshot"), KeyTransform("sites", "supplier_snapshot")
    ).get(pk=revision.pk)
    return Received(name, sites)


def held_for_marking(revision: Revision) -> Received:
    """Hold the revision, and its window against an opening of prices, until the transaction ends; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.supplier_snapshot ->> 'legal_name', r.supplier_snapshot -> 'sites'
            FROM rfp_revision r JOIN rfp_proposal p ON p.id = r.proposal_id JOIN rfp_window w ON w.id = p.window_id
            WHERE r.id = %s FOR SHARE OF w FOR NO KEY UPDATE OF r
            """,
            [revision.pk],
        )
        name, sites = cursor.fetchone()
    return Received(name, sites if isinstance(sites, list) else json.loads(sites))


Assessed = tuple[Assessment | None, list[Finding]]


def latest_findings(revision: Revision) -> Assessed:
    """The latest assessment and all of its findings; one query where there are any."""
    return _findings(revision, Q())


def findings_that_decide(revision: Revision) -> Assessed:
    """The latest assessment and its findings that a score depends on: knock-outs not met or referred, what people
    decided, the domestic share."""
    decides = Q(effect=Effect.KNOCKOUT.value, outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value])
    assessment, found = _findings(revision, decides | Q(rule=component_test.code))
    return assessment, that_decide(found)


def that_decide(findings: Iterable[Finding]) -> list[Finding]:
    """Those that a score depends on; what people decided about knock-outs comes along in one query."""
    outcomes = (Outcome.NOT_MET.value, Outcome.REFER.value)
    knockouts = [
        each for each in findings if each.effect == Effect.KNOCKOUT.value and each.outcome in outcomes
    ]
    if knockouts:
        prefetch_related_objects(knockouts, "overrides")
    return [each for each in findings if each.rule == component_test.code or each in knockouts]


def _findings(revision: Revision, which: Q) -> Assessed:
    latest = Assessment.objects.filter(revision=revision).order_by("-id").values("id")[:1]
    found = list(Finding.objects.filter(which, assessment=latest).select_related("assessment"))
    if not found:
        return compliance_queries.latest_assessment(revision), []
    return found[0].assessment, found


def unscored_revisions() -> QuerySet[Revision]:
    """Current, assessed, and without a score: what a sweep must enqueue."""
    return Revision.objects.filter(
        Exists(Assessment.objects.filter(revision=OuterRef("pk"))),
        ~Exists(Score.objects.filter(revision=OuterRef("pk"))),
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def stale_rankings() -> QuerySet[Ranking]:
    return Ranking.objects.filter(requests__gt=F("served"))


def scores_in(window: Window) -> QuerySet[Score]:
    """Scores of a window's current revisions."""
    return Score.objects.filter(
        revision__proposal__window=window,
        revision__proposal__current_revision=F("revision"),
        revision__proposal__withdrawn_at__isnull=True,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """What a ranking reads of one score; `score` and `lot` are ids."""

    score: int
    lot: int
    total: Decimal | None
    total_before: Decimal | None
    technical: Decimal
    threshold_percent: Decimal
    price: Decimal | None
    marks_missing: int
    knocked_out: bool
    received_at: datetime
    supplier_name: str


def score_rows(window: Window) -> Iterator[ScoreRow]:
    """The scores of a window's current revisions; one query."""
    rows = scores_in(window).values_list(
        "id",
        "revision__proposal__lot_id",
        "total",
        "total_before",
        "technical",
        "threshold_percent",
        "price_total",
        "marks_missing",
        "knocked_out",
        "revision__received_at",
        "supplier_name",
    )
    names = [each.name for each in fields(ScoreRow)]
    return (ScoreRow(**dict(zip(names, row, strict=True))) for row in rows)


def latest_decisions(proposals: Iterable[Any]) -> dict[Any, Decision]:
    """proposal id → the decision that counts; one query."""
    found = Decision.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id")
    return {decision.proposal_id: decision for decision in found}


def ranking_of(window: Window) -> Ranking | None:
    """The window's stored ranking."""
    return Ranking.objects.filter(window=window).select_related("window__solicitation").first()


def lots_ranked(rows: QuerySet[RankedProposal]) -> list[tuple[int, int, int, int, bool]]:
    """(lot id, rows, of them ranked, first position, ranked with prices) of each lot among these rows, in order; one
    query."""
    counted = (
        rows.values_list("lot")
        .annotate(
            count=Count("pk"), ranked=Count("rank"), first=Min("position"), priced=BoolAnd("price_open")
        )
        .order_by("first")
    )
    return list(counted)


def ranked_counts(rows: QuerySet[RankedProposal]) -> tuple[int, int]:
    """(how many rows, how many of them have a rank); one query."""
    found = rows.order_by().aggregate(count=Count("pk"), ranked=Count("rank"))
    return found["count"], found["ranked"]


def ranked_in_lot(row: RankedProposal) -> int:
    """How many proposals have a rank in the row's lot."""
    return RankedProposal.objects.filter(ranking=row.ranking_id, lot=row.lot_id, rank__isnull=False).count()


def row_of(proposal: Proposal) -> RankedProposal | None:
    """The proposal's row in its window's ranking."""
    return (
        RankedProposal.objects.filter(ranking__window=proposal.window_id, proposal=proposal)
        .select_related("ranking", "proposal", "lot")
        .first()
    )


def proposal_to_read(user: Person) -> QuerySet[Proposal]:
    """Visible proposals with what every page about one needs beside it; one query."""
    return proposals_visible_to(user).select_related(
        "supplier", "lot", "window__solicitation", "current_revision__final_site", "current_revision__score"
    )


def waiting_reports(now: datetime) -> QuerySet[Report]:
    """Requested and not made yet; and those whose worker was lost so long ago that no broker brings them back."""
    return Report.objects.filter(
        Q(state=Report.State.QUEUED)
        | Q(
            state=Report.State.RUNNING,
            requested_at__lt=now - REPORT_IS_LOST_AFTER,
            requested_at__gt=now - REPORT_IS_GIVEN_UP_AFTER,
        )
    )


REPORT_IS_LOST_AFTER = timedelta(hours=2)
REPORT_IS_GIVEN_UP_AFTER = timedelta(hours=24)


# ---- how far the marking is -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Proposals of a window done and to do: by one evaluator, or by everybody who may mark them."""

    given: int
    wanted: int
    own: bool

    @property
    def says(self) -> str:
        done = f"{self.given:,} of {count_of(self.wanted, 'proposal')} "
        return done + ("marked by you" if self.own else "with all marks in")


def marking_progress(solicitation: Solicitation, seat: Evaluator | None) -> dict[int, Progress]:
    """window id → progress, for opened windows: the reviewer's own, else the panel's; two queries at most."""
    if seat is not None:
        queue = proposals_visible_to(seat.user).filter(lot__solicitation=solicitation)
        done = Count("pk", filter=done_by(seat, solicitation))
        counted = queue.order_by().values("window").annotate(wanted=Count("pk"), given=done)
    else:
        received = proposals_queries.opened_proposals().filter(lot__solicitation=solicitation)
        whole = Q(current_revision__score__marks_missing=0)
        counted = (
            received.order_by().values("window").annotate(wanted=Count("pk"), given=Count("pk", filter=whole))
        )
    return {
        row["window"]: Progress(given=row["given"], wanted=row["wanted"], own=seat is not None)
        for row in counted
    }


def new_jobs_by_state(user: Person, solicitation: Solicitation) -> dict[int, dict[str, Decimal]]:
    """window id → state → new places offered there, over the proposals the user may read; one query."""
    rows = (
        JobsLine.objects.filter(
            revision__proposal__in=proposals_visible_to(user).filter(lot__solicitation=solicitation),
            revision__proposal__current_revision=F("revision"),
            new__gt=0,
        )
        .values_list("revision__proposal__window", "state")
        .annotate(places=Sum("new"))
        .order_by("state")
    )
    found: dict[int, dict[str, Decimal]] = {}
    for window, state, places in rows:
        found.setdefault(window, {})[state] = places
    return found


def panel_of(solicitation: Solicitation) -> QuerySet[Evaluator]:
    """Everybody on the panel, the chair first."""
    return solicitation.evaluators.select_related("user").order_by("-is_chair", "id")
