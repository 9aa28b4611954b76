"""Which proposals, rankings and reports a buyer's user may see, and what scoring reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    prefetch_related_objects,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from portal.compliance import Audience, Effect, Envelope, Outcome
from portal.formats import count_of
from portal.models import User
from rfp import queries as rfp_queries
from rfp.models import (
    Assessment,
    Attachment,
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
    ConflictDeclaration,
    Decision,
    Evaluator,
    Mark,
    RankedProposal,
    Ranking,
    Report,
    Score,
)
from suppliers.models import Supplier

Person = User | AnonymousUser


# ---- who may see what -------------------------------------------------------------------------------------------


def seat_of(user: Person, solicitation: Solicitation) -> Evaluator | None:
    """The user's seat on the RFP's panel, with the declaration if it is signed and `conflict_ids`; one query."""
    if not isinstance(user, User) or not user.is_reviewer:
        return None
    named = ConflictDeclaration.conflicts.through.objects.filter(
        conflictdeclaration__evaluator=OuterRef("pk")
    )
    seats = solicitation.evaluators.select_related("declaration", "user").filter(user=user)
    return seats.annotate(conflict_ids=ArraySubquery(named.values("supplier_id"))).first()


def solicitations_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Published RFPs whose buyers' pages the user may enter: a reviewer's by seat, an admin's and auditor's all."""
    if not isinstance(user, User):
        return Solicitation.objects.none()
    published = Solicitation.objects.filter(published_at__isnull=False)
    if user.is_admin or user.is_auditor:
        return published
    if user.is_reviewer:
        return published.filter(evaluators__user=user)
    return published.none()


def proposals_visible_to(user: Person) -> QuerySet[Proposal]:
    """Opened proposals; a reviewer's only after the conflict declaration and without the suppliers named in it."""
    if not isinstance(user, User):
        return Proposal.objects.none()
    opened = rfp_queries.opened_proposals()
    if user.is_admin or user.is_auditor:
        return opened
    if not user.is_reviewer:
        return opened.none()
    declared = ConflictDeclaration.objects.filter(
        evaluator__user=user, evaluator__solicitation=OuterRef("lot__solicitation")
    )
    return opened.filter(Exists(declared)).exclude(
        Exists(declared.filter(conflicts=OuterRef("supplier"))),
    )


def is_chair(user: Person, solicitation: Solicitation) -> bool:
    seat = seat_of(user, solicitation)
    return seat is not None and seat.is_chair


def sees_the_panel(user: Person, window: Window) -> bool:
    """Whether the user may read others' marks and the ranking.

    Reviewers mark alone until the price envelope is open, which closes the marking; chair, admins and auditors see
    the panel as soon as the technical envelope is.
    """
    if not isinstance(user, User) or not rfp_queries.is_open(window, Envelope.TECHNICAL):
        return False
    if user.is_admin or user.is_auditor:
        return True
    seat = seat_of(user, window.solicitation)
    if seat is None or not hasattr(seat, "declaration"):
        return False
    return seat.is_chair or rfp_queries.is_open(window, Envelope.PRICE)


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a user may read of one window, asked for once a page: two queries."""

    seat: Evaluator | None
    technical_open: bool
    price_open: bool
    sees_panel: bool
    decides: bool

    @property
    def has_declared(self) -> bool:
        return self.seat is not None and hasattr(self.seat, "declaration")


def access_to(user: Person, window: Window) -> Access:
    """What the user may read of the window; two queries."""
    return access_from(user, seat_of(user, window.solicitation), window.openings.all())


def access_from(user: Person, seat: Evaluator | None, openings: Iterable[Opening]) -> Access:
    """`sees_panel` is `sees_the_panel`; `decides`: chair or admin, who confirm, open and shortlist."""
    opened = {opening.envelope for opening in openings if opening.confirmed_at is not None}
    technical, price = Envelope.TECHNICAL.value in opened, Envelope.PRICE.value in opened
    declared = seat is not None and hasattr(seat, "declaration")
    is_chair = seat is not None and seat.is_chair
    is_officer = isinstance(user, User) and (user.is_admin or user.is_auditor)
    return Access(
        seat=seat,
        technical_open=technical,
        price_open=technical and price,
        sees_panel=technical and (is_officer or (declared and (is_chair or price))),
        decides=is_chair or (isinstance(user, User) and user.is_admin),
    )


def rooms_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Visible RFPs with their windows and openings; three queries."""
    windows = Window.objects.order_by("number").prefetch_related(_openings())
    return solicitations_visible_to(user).prefetch_related(Prefetch("windows", queryset=windows))


def _openings() -> Prefetch[str, QuerySet[Opening], str]:
    return Prefetch("openings", queryset=Opening.objects.select_related("proposed_by", "confirmed_by"))


def with_openings(windows: list[Window]) -> None:
    """Bring the windows' openings along; one query."""
    prefetch_related_objects(windows, _openings())


def undeclared_rfp_of(user: Person, proposal: Any) -> str | None:
    """The number of the RFP that a reviewer must sign for before reading this opened proposal; None if not so."""
    if not isinstance(user, User) or not user.is_reviewer:
        return None
    return (
        rfp_queries.opened_proposals()
        .filter(
            pk=proposal,
            lot__solicitation__in=solicitations_visible_to(user),
            lot__solicitation__evaluators__user=user,
            lot__solicitation__evaluators__declaration__isnull=True,
        )
        .values_list("lot__solicitation__number", flat=True)
        .first()
    )


def suppliers_to_declare(solicitation: Solicitation) -> QuerySet[Supplier]:
    """Suppliers with a proposal in an opened window: whom a reviewer must be able to name before signing."""
    return (
        Supplier.objects.filter(
            proposals__in=rfp_queries.opened_proposals().filter(lot__solicitation=solicitation)
        )
        .distinct()
        .order_by("legal_name")
    )


def conflicts_of(seat: Evaluator | None) -> set[int]:
    """Suppliers that the reviewer named in the declaration. `seat` comes from `seat_of`."""
    return set(seat.conflict_ids) if seat is not None else set()  # type: ignore[attr-defined]


def proposals_received(solicitation: Solicitation) -> dict[int, int]:
    """window id → how many proposals were received and not withdrawn. Of sealed ones this is all that is told."""
    counted = (
        Proposal.objects.filter(
            window__solicitation=solicitation, current_revision__isnull=False, withdrawn_at__isnull=True
        )
        .values_list("window")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return dict(counted)


def latest_verdict(proposal: str) -> Subquery:
    """The verdict that counts, blank while there is none; `proposal` names the outer column."""
    return Subquery(
        Decision.objects.filter(proposal=OuterRef(proposal)).order_by("-id").values("verdict")[:1]
    )


def attachments_visible_to(user: Person) -> QuerySet[Attachment]:
    """Files of the current revisions of visible proposals."""
    return Attachment.objects.filter(
        revision__proposal__in=proposals_visible_to(user),
        revision__proposal__current_revision=F("revision"),
    ).select_related("document")


def knockouts_visible_to(user: User, window: Window, *, access: Access) -> list[Finding]:
    """Knock-outs not met of proposals the user may see; screening for chair and admin only; sealed words left out."""
    own = set(proposals_visible_to(user).filter(window=window).values_list("pk", flat=True))
    shown = []
    for finding in knockouts_in(window):
        if finding.assessment.revision.proposal_id not in own:
            continue
        if finding.audience == Audience.CHAIR.value and not access.decides:
            continue
        shown.append(_unsealed(finding, price_open=access.price_open))
    return shown


def _unsealed(finding: Finding, *, price_open: bool) -> Finding:
    """The finding without what the closed price envelope holds. Not for saving."""
    if finding.envelope == Envelope.PRICE.value and not price_open:
        finding.message, finding.fix, finding.numbers = "", "", {}
    return finding


def gaps_before_prices(window: Window) -> list[str]:
    """What is still missing before the price envelope may be opened, a sentence each."""
    if not rfp_queries.is_open(window, Envelope.TECHNICAL):
        return ["The technical envelope opens first."]
    gaps = []
    received = rfp_queries.opened_proposals().filter(window=window).count()
    scores = scores_in(window)
    if received != scores.count():
        gaps.append("Some proposals are not assessed and scored yet.")
    if undecided := scores.filter(awaiting_confirmation__gt=0).count():
        gaps.append(f"Knock-outs of {count_of(undecided, 'proposal')} wait for a decision.")
    if unmarked := scores.filter(marks_missing__gt=0, knocked_out=False).count():
        gaps.append(
            f"Marks missing: {count_of(unmarked, 'proposal')}. Prices open after the marking is done."
        )
    return gaps


def ranked_visible_to(user: Person, ranking: Ranking) -> QuerySet[RankedProposal]:
    """Rows of a ranking without suppliers that the reviewer has a conflict with. See `sees_the_panel` first."""
    rows = ranking.rows.all()
    seat = seat_of(user, ranking.window.solicitation)
    if seat is None:
        return rows
    return rows.exclude(supplier__in=seat.declaration.conflicts.values("pk"))


def reports_visible_to(user: Person) -> QuerySet[Report]:
    """A report belongs to who asked for it: it holds what that person could see."""
    if not isinstance(user, User) or user.is_supplier:
        return Report.objects.none()
    return Report.objects.filter(requested_by=user, window__solicitation__in=solicitations_visible_to(user))


def findings_for_buyers(assessment: Assessment | None, *, access: Access) -> list[Finding]:
    """Findings a buyer may read, overrides prefetched. Admins and chairs see screening. Of the closed price
    envelope a knock-out keeps its outcome only; advice is left out, since its outcome alone would tell how
    the price compares. The rows returned are not for saving."""
    shown = []
    for finding in rfp_queries.findings_of(assessment):
        if finding.audience == Audience.CHAIR.value and not access.decides:
            continue
        is_sealed = finding.envelope == Envelope.PRICE.value and not access.price_open
        if is_sealed and finding.effect == Effect.ADVISORY.value:
            continue
        shown.append(_unsealed(finding, price_open=access.price_open))
    return shown


# ---- marking ----------------------------------------------------------------------------------------------------


def criteria_to_mark(revision: Revision) -> list[Criterion]:
    """Technical criteria that reviewers mark on this revision: theirs, and computed ones without a figure."""
    left = AutomaticMark.objects.filter(revision=revision, criterion=OuterRef("pk"), left_to_evaluators=True)
    return list(
        revision.proposal.lot.solicitation.criteria.filter(
            Q(mode=Criterion.Mode.EVALUATOR) | Exists(left), envelope=Envelope.TECHNICAL.value
        )
    )


def marks_by(evaluator: Evaluator, revision: Revision) -> dict[int, Mark]:
    """criterion id → this evaluator's mark on the revision."""
    return {mark.criterion_id: mark for mark in revision.marks.filter(evaluator=evaluator)}


def queue_for(evaluator: Evaluator, window: Window | None) -> QuerySet[Any]:
    """Proposals of the window (of all windows for None) that this evaluator may mark, the least-reviewed first.

    Annotated: `marks_own` given by this evaluator of `to_mark` criteria, and `reviewers` who gave any. A proposal
    is done when `marks_own` reaches `to_mark`.
    """
    revision = OuterRef("current_revision")
    own = Mark.objects.filter(revision=revision, evaluator=evaluator)
    anybody = Mark.objects.filter(revision=revision)
    left = AutomaticMark.objects.filter(
        revision=revision, left_to_evaluators=True, criterion__envelope=Envelope.TECHNICAL.value
    )
    always = Criterion.objects.filter(
        solicitation=evaluator.solicitation_id,
        mode=Criterion.Mode.EVALUATOR,
        envelope=Envelope.TECHNICAL.value,
    )
    proposals = proposals_visible_to(evaluator.user).filter(lot__solicitation=evaluator.solicitation_id)
    return (
        proposals.filter(**({"window": window} if window else {}))
        .annotate(
            marks_own=_count(own, "pk"),
            to_mark=Value(always.count()) + _count(left, "pk"),
            reviewers=_count(anybody, "evaluator"),
        )
        .select_related("supplier", "lot", "current_revision")
        .order_by("reviewers", "number")
    )


def _count(rows: QuerySet[Any], what: str) -> Coalesce:
    """How many different `what` among rows that refer to the outer row."""
    counted = rows.order_by().values("revision").annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


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
    items = set(revision.items.values_list("pk", flat=True))
    requirements = rfp_queries.applicable(
        rfp_queries.requirements_for(revision.proposal.lot).filter(
            feeds__mode=Criterion.Mode.AUTOMATIC, feeds__value_source="requirement"
        ),
        items,
    )
    values = dict(revision.responses.values_list("requirement_id", "value"))
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
    """Offered and reference totals over the offered units. Call only when the price envelope is open."""
    units = {(line.item_id, line.year): line.units for line in revision.delivery_lines.all() if line.units}
    prices = {(line.item_id, line.year): line for line in revision.price_lines.select_related("item")}
    if not units or not units.keys() <= prices.keys():
        return PriceFacts(offered=None, reference=None)
    offered = sum((prices[pair].unit_price * count for pair, count in units.items()), Decimal(0))
    references = [prices[pair].item.reference_price for pair in units]
    if any(reference is None for reference in references):
        return PriceFacts(offered=offered, reference=None)
    reference = sum(
        (Decimal(prices[pair].item.reference_price or 0) * count for pair, count in units.items()), Decimal(0)
    )
    return PriceFacts(offered=offered, reference=reference)


def score_sheet(revision: Revision, *, price_open: bool) -> ScoreSheet:
    """What decides the revision's score now; a fixed number of queries."""
    solicitation = revision.proposal.lot.solicitation
    return ScoreSheet(
        criteria=tuple(criterion_facts(criterion) for criterion in solicitation.criteria.all()),
        anchor_map=anchor_map(solicitation.anchor_map),
        automatic=tuple(
            AutomaticFacts(
                criterion=mark.criterion.code, value=mark.value, left_to_evaluators=mark.left_to_evaluators
            )
            for mark in revision.automatic_marks.select_related("criterion")
        ),
        marks=tuple(
            MarkFacts(criterion=mark.criterion.code, evaluator=f"E{mark.evaluator_id}", anchor=mark.anchor)
            for mark in revision.marks.select_related("criterion").order_by("evaluator_id")
        ),
        price=price_facts(revision) if price_open else None,
    )


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


def lock_to_score(revision: Revision) -> tuple[str, list[dict[str, str]]]:
    """Hold the revision for the caller's transaction; (the supplier's name, its sites) as received."""
    name, sites = (
        Revision.objects.select_for_update(no_key=True)
        .values_list(
            KeyTextTransform("legal_name", "supplier_snapshot"), KeyTransform("sites", "supplier_snapshot")
        )
        .get(pk=revision.pk)
    )
    return name, sites


def findings_that_decide(assessment: Assessment | None) -> list[Finding]:
    """The findings a score depends on: knock-outs not met, with what people decided, and the domestic share."""
    if assessment is None:
        return []
    return list(
        assessment.findings.filter(
            Q(effect=Effect.KNOCKOUT.value, outcome=Outcome.NOT_MET.value) | Q(rule="DC-2")
        ).prefetch_related("overrides")
    )


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


def knockouts_in(window: Window) -> list[Finding]:
    """Knock-outs not met on the latest assessments of a window's proposals, decided or not."""
    latest = (
        Assessment.objects.filter(revision=OuterRef("assessment__revision")).order_by("-id").values("id")[:1]
    )
    return list(
        Finding.objects.filter(
            assessment=latest,
            effect=Effect.KNOCKOUT.value,
            outcome=Outcome.NOT_MET.value,
            assessment__revision__proposal__in=rfp_queries.opened_proposals().filter(window=window),
            assessment__revision__proposal__current_revision=F("assessment__revision"),
        )
        .select_related("assessment__revision__proposal__supplier", "assessment__revision__proposal__lot")
        .prefetch_related("overrides__by")
        .order_by("assessment__revision__proposal__number", "id")
    )


def latest_decisions(proposals: Iterable[Any]) -> dict[Any, Decision]:
    """proposal id → the decision that counts; one query."""
    found = Decision.objects.filter(proposal__in=list(proposals)).select_related("by").order_by("id")
    return {decision.proposal_id: decision for decision in found}


def ranking_of(window: Window) -> Ranking | None:
    """The window's stored ranking."""
    return Ranking.objects.filter(window=window).select_related("window__solicitation").first()


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
        return done + ("marked by you" if self.own else "with no mark missing")


def marking_progress(solicitation: Solicitation, seat: Evaluator | None) -> dict[int, Progress]:
    """window id → progress, for opened windows: the reviewer's own, else the panel's; two queries at most."""
    if seat is not None:
        if not hasattr(seat, "declaration"):
            return {}
        queue = queue_for(seat, None).filter(lot__solicitation=solicitation)
        done = Count("pk", filter=Q(marks_own__gte=F("to_mark")))
        counted = queue.order_by().values("window").annotate(wanted=Count("pk"), given=done)
    else:
        received = rfp_queries.opened_proposals().filter(lot__solicitation=solicitation)
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
    return solicitation.evaluators.select_related("user", "declaration").order_by("-is_chair", "id")
