"""Who may see what, and the facts the rules read. Every view and task reads through here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Exists, F, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat

from portal.compliance import Audience, Effect, Envelope, Outcome
from portal.models import User
from rfp import stages
from rfp.facts import (
    BomLineFacts,
    CapacityFacts,
    DeliveryFacts,
    DocumentFacts,
    JobsLineFacts,
    PriceFacts,
    ProcessStepFacts,
    ProposalFacts,
    RampPeriodFacts,
    RequiredDocumentFacts,
    RequirementFacts,
    ResponseFacts,
)
from rfp.models import (
    Assessment,
    Attachment,
    BomLine,
    Capacity,
    Finding,
    JobsLine,
    Lot,
    Opening,
    Override,
    Proposal,
    Requirement,
    Revision,
    Solicitation,
    Window,
)
from suppliers.facts import ScreeningFacts, SupplierFacts

Person = User | AnonymousUser


# ---- who may see what -------------------------------------------------------------------------------------------


def solicitations_visible_to(user: Person) -> QuerySet[Solicitation]:
    """Published RFPs are public; an admin also sees what is being prepared."""
    if isinstance(user, User) and user.is_admin:
        return Solicitation.objects.all()
    return Solicitation.objects.filter(published_at__isnull=False)


def solicitations_editable_by(user: Person) -> QuerySet[Solicitation]:
    """RFPs an admin may still change."""
    if isinstance(user, User) and user.is_admin:
        return Solicitation.objects.filter(published_at__isnull=True)
    return Solicitation.objects.none()


def own_proposals(user: Person) -> QuerySet[Proposal]:
    """Proposals of the suppliers that the user works for. Staff hold no membership, so they get none."""
    if not isinstance(user, User) or not user.is_supplier:
        return Proposal.objects.none()
    return Proposal.objects.filter(supplier__memberships__user=user)


def opened_proposals() -> QuerySet[Proposal]:
    """Submitted, not withdrawn, its technical envelope open. The ground of every buyer's view."""
    return Proposal.objects.filter(
        Exists(opened(Envelope.TECHNICAL).filter(window=OuterRef("window"), lot=OuterRef("lot"))),
        current_revision__isnull=False,
        withdrawn_at__isnull=True,
    )


def sealed_subjects() -> QuerySet[Any, str]:
    """Proposals that no buyer may know of, as the audit names them: drafts, and those of unopened envelopes."""
    opened_now = opened(Envelope.TECHNICAL).filter(window=OuterRef("window"), lot=OuterRef("lot"))
    return (
        Proposal.objects.filter(~Exists(opened_now))
        .annotate(subject=Concat(Value("rfp.proposal:"), Cast("pk", CharField())))
        .values_list("subject", flat=True)
    )


def opened(envelope: Envelope) -> QuerySet[Opening]:
    """Openings of that envelope which two people have carried out."""
    return Opening.objects.filter(envelope=envelope.value, confirmed_at__isnull=False)


def open_lots(window: Window, envelope: Envelope) -> frozenset[int]:
    """Ids of the lots whose envelope of that window buyers may read."""
    return frozenset(opened(envelope).filter(window=window).values_list("lot", flat=True))


def _prices_are_open(prefix: str) -> Exists:
    """For a row that refers to a proposal by `prefix`: whether that proposal's price envelope is open."""
    return Exists(
        opened(Envelope.PRICE).filter(window=OuterRef(f"{prefix}window"), lot=OuterRef(f"{prefix}lot"))
    )


def is_open(proposal: Proposal, envelope: Envelope) -> bool:
    """Whether buyers may read that envelope of the proposal: the one of its window and lot."""
    return opened(envelope).filter(window=proposal.window_id, lot=proposal.lot_id).exists()


# ---- where things stand -----------------------------------------------------------------------------------------


def stage_of(solicitation: Solicitation, *, now: datetime) -> stages.Stage:
    """The stage of a solicitation; prefetch `windows` for lists."""
    return stages.stage_of(
        published_at=solicitation.published_at,
        final_status=solicitation.final_status,
        windows=[stages.Span(window.opens_at, window.closes_at) for window in solicitation.windows.all()],
        now=now,
    )


def open_solicitations(now: datetime) -> QuerySet[Solicitation]:
    """Twin of `stages.stage_of(...) == Stage.OPEN`, for lists."""
    return Solicitation.objects.filter(
        Exists(Window.objects.filter(solicitation=OuterRef("pk"), opens_at__lte=now, closes_at__gt=now)),
        published_at__lte=now,
        final_status="",
    )


def open_window(solicitation: Solicitation, *, now: datetime) -> Window | None:
    """The window that would take a proposal received at `now`."""
    return solicitation.windows.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at").first()


def draft_of(proposal: Proposal) -> Revision | None:
    """The revision being written, if any."""
    return proposal.revisions.filter(received_at__isnull=True).first()


def stage_of_proposal(proposal: Proposal, *, now: datetime) -> stages.ProposalStage:
    """What its supplier is told."""
    window = proposal.window or open_window(proposal.lot.solicitation, now=now)
    return stages.proposal_stage(
        has_draft=draft_of(proposal) is not None,
        is_submitted=proposal.is_submitted,
        is_withdrawn=proposal.withdrawn_at is not None,
        window_is_open=window is not None and window.opens_at <= now < window.closes_at,
    )


def requirements_for(lot: Lot) -> QuerySet[Requirement]:
    """Common requirements and the lot's own, in order, with the items each applies to."""
    return (
        Requirement.objects.filter(Q(lot=lot) | Q(lot__isnull=True), solicitation=lot.solicitation_id)
        .select_related("feeds")
        .prefetch_related("applies_to")
        .order_by(F("lot").asc(nulls_first=True), "position", "code")
    )


def requirements_of(lot: Lot) -> list[Requirement]:
    """The same, fetched once for this object: rules and scoring ask for them in turn."""
    known: list[Requirement] | None = lot.__dict__.get("_requirements")
    if known is None:
        known = lot.__dict__["_requirements"] = list(requirements_for(lot))
    return known


def applicable(requirements: Iterable[Requirement], item_ids: set[int]) -> list[Requirement]:
    """Those that concern at least one offered item; a requirement without items concerns all."""
    return [r for r in requirements if not (ids := {i.pk for i in r.applies_to.all()}) or ids & item_ids]


# ---- assessments ------------------------------------------------------------------------------------------------


def latest_assessment(revision: Revision) -> Assessment | None:
    return revision.assessments.order_by("-id").first()


def findings_of(assessment: Assessment | None) -> list[Finding]:
    """An assessment's findings with their overrides prefetched; two queries."""
    if assessment is None:
        return []
    return list(
        assessment.findings.prefetch_related(
            Prefetch("overrides", queryset=Override.objects.select_related("by").order_by("id"))
        )
    )


def unassessed_revisions(rulebook: str) -> QuerySet[Revision]:
    """Received, current, and without an assessment by this rulebook: what a sweep must enqueue.

    Once prices are open the assessment that people decided on stands, whatever the rulebook says since.
    """
    decided = _prices_are_open("proposal__")
    return Revision.objects.exclude(
        decided & Exists(Assessment.objects.filter(revision=OuterRef("pk")))
    ).filter(
        ~Exists(Assessment.objects.filter(revision=OuterRef("pk"), rulebook=rulebook)),
        received_at__isnull=False,
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def revisions_in_play() -> QuerySet[Revision]:
    """Received and current, of proposals that stand. Once prices are open the assessment that people decided on
    stands.
    """
    decided = _prices_are_open("proposal__")
    return Revision.objects.exclude(decided).filter(
        received_at__isnull=False,
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def opened_makers(supplier_id: int) -> list[str]:
    """Names of makers in a supplier's opened proposals, each once, in order."""
    lines = BomLine.objects.filter(revision__in=opened_revisions().filter(proposal__supplier=supplier_id))
    named = lines.exclude(manufacturer="").order_by("manufacturer")
    return list(named.values_list("manufacturer", flat=True).distinct())


def opened_revisions() -> QuerySet[Revision]:
    """What buyers may read: the current revisions of opened proposals."""
    return Revision.objects.filter(pk__in=opened_proposals().values("current_revision"))


def standing_outcome(finding: Finding) -> Outcome:
    """The outcome after the latest override, if a person decided."""
    overrides = list(finding.overrides.all())
    return Outcome(overrides[-1].outcome if overrides else finding.outcome)


def is_automatic_knockout(finding: Finding) -> bool:
    """Late, or a mandatory file that cannot be opened: nothing for a person to weigh. A file that was not sent, or
    is of another kind than its name says, waits for a person like every other knock-out."""
    if finding.outcome != Outcome.NOT_MET.value or finding.envelope != Envelope.TECHNICAL.value:
        return False
    return finding.rule == "AT-4" or (finding.rule == "AT-2" and finding.numbers.get("opens") == "false")


def is_knockout_in_force(finding: Finding) -> bool:
    """Whether it excludes its proposal: a person said that it is not met, or it is automatic."""
    if finding.effect != Effect.KNOCKOUT.value or standing_outcome(finding) is not Outcome.NOT_MET:
        return False
    return is_automatic_knockout(finding) or bool(finding.overrides.all())


def is_for_officers(finding: Finding) -> bool:
    """Screening: compliance officers decide it at their desk, as it stands now; no chair does."""
    return finding.audience == Audience.CHAIR.value


def is_unanswered(finding: Finding) -> bool:
    """A requirement that was left blank."""
    return finding.numbers.get("answered") == "false"


class Question(StrEnum):
    """Why a knock-out finding needs a person."""

    NOT_MET = "not_met"
    REFERRED = "referred"
    UNANSWERED = "unanswered"


def question_of(finding: Finding) -> Question | None:
    """What a person is asked about the finding, decided or not; None when it settles itself.

    Knock-outs that are not met, that the rule refers to a person, or that rest on a blank answer. Screening is for
    officers, and advice excludes nobody.
    """
    if finding.effect != Effect.KNOCKOUT.value or is_for_officers(finding) or is_automatic_knockout(finding):
        return None
    if finding.outcome == Outcome.NOT_MET.value:
        return Question.NOT_MET
    if finding.outcome == Outcome.REFER.value:
        return Question.UNANSWERED if is_unanswered(finding) else Question.REFERRED
    return None


def awaits_decision(finding: Finding) -> bool:
    """A knock-out question that no person has decided yet."""
    return question_of(finding) is not None and not finding.overrides.all()


def questions(findings: QuerySet[Any]) -> QuerySet[Any]:
    """Twin of `question_of(...) is not None`, for lists; annotates `answered`, the number's text or blank."""
    automatic = Q(outcome=Outcome.NOT_MET.value, envelope=Envelope.TECHNICAL.value) & (
        Q(rule="AT-4") | Q(rule="AT-2", opens="false")
    )
    # Texts, blank where the finding has no such number: a comparison with nothing would drop the row.
    return (
        findings.annotate(
            opens=Coalesce(KT("numbers__opens"), Value(""), output_field=TextField()),
            answered=Coalesce(KT("numbers__answered"), Value(""), output_field=TextField()),
        )
        .filter(effect=Effect.KNOCKOUT.value, outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value])
        .exclude(automatic)
        .exclude(audience=Audience.CHAIR.value)
    )


# ---- facts ------------------------------------------------------------------------------------------------------


def revision_for_facts(pk: int) -> Revision:
    """One revision with everything `facts_about` reads; a fixed number of queries.

    But for the lines of its bill of materials: there may be fifty thousand, and most readers need only know whether
    there are any (`has_bom`). `facts_about` fetches them when it needs them.
    """
    return (
        Revision.objects.annotate(has_bom=Exists(BomLine.objects.filter(revision=OuterRef("pk"))))
        .select_related(
            "proposal__supplier", "proposal__lot__solicitation", "proposal__window", "final_site", "capacity"
        )
        .prefetch_related(
            "items",
            "responses",
            "delivery_lines",
            "price_lines",
            "ramp_periods",
            "jobs_lines",
            "process_steps",
            Prefetch(
                "attachments",
                queryset=Attachment.objects.select_related("document", "requirement"),
            ),
        )
        .get(pk=pk)
    )


def facts_about(
    revision: Revision,
    *,
    supplier: SupplierFacts,
    screening: ScreeningFacts,
    window: Window | None,
    lines: tuple[BomLineFacts, ...] | None = None,
) -> ProposalFacts:
    """What the rules read. `revision` comes from `revision_for_facts`; `supplier` is the frozen snapshot for a
    received revision and the live profile for a draft. `lines` stand in for the stored bill of materials."""
    lot = revision.proposal.lot
    items = {item.pk: item.code for item in revision.items.all()}
    requirements = applicable(requirements_of(lot), set(items))
    requirement_facts = {requirement.pk: _requirement(requirement) for requirement in requirements}
    answers = {response.requirement_id: response.value for response in revision.responses.all()}
    evidence = {attachment.requirement_id for attachment in revision.attachments.all()}
    shared = _shared_hashes(revision)
    item_codes = {item.pk: item.code for item in lot.items.all()}
    return ProposalFacts(
        supplier=supplier,
        lot=lot.code,
        items=tuple(sorted(items.values())),
        final_site=str(revision.final_site_id or ""),
        responses=tuple(
            ResponseFacts(
                requirement=requirement_facts[requirement.pk],
                value=_answer(requirement, answers.get(requirement.pk), revision, supplier),
                evidence_present=requirement.pk in evidence,
            )
            for requirement in requirements
        ),
        capacity=_capacity(getattr(revision, "capacity", None)),
        deliveries=tuple(
            DeliveryFacts(item=item_codes[line.item_id], year=line.year, units=Decimal(line.units))
            for line in revision.delivery_lines.all()
        ),
        delivery_years=tuple(lot.solicitation.delivery_years),
        opening_stock=_count(revision.opening_stock),
        ramp=tuple(
            RampPeriodFacts(
                period=row.period, demand=Decimal(row.demand or 0), capacity=Decimal(row.capacity or 0)
            )
            for row in revision.ramp_periods.all()
        ),
        jobs=tuple(_jobs(revision.jobs_lines.all())),
        capex_musd=_plain(revision.capex_musd),
        process_steps=tuple(
            ProcessStepFacts(
                name=step.name,
                country=step.country,
                site=step.site,
                conversion_cost=_plain(step.conversion_cost),
                is_transforming=step.is_transforming,
            )
            for step in revision.process_steps.all()
        ),
        bom=(bom_facts(revision) if lines is None else lines) or None,
        prices=tuple(
            PriceFacts(item=item_codes[line.item_id], year=line.year, unit_price=_number(line.unit_price))
            for line in revision.price_lines.all()
        ),
        documents=tuple(_document(attachment, shared) for attachment in revision.attachments.all()),
        required_documents=tuple(
            RequiredDocumentFacts(
                code=r.code,
                title=r.text,
                mandatory=r.effect == Requirement.Effect.KNOCKOUT,
                envelope=r.envelope,
            )
            for r in requirements
            if r.data_type == Requirement.DataType.FILE or r.evidence_required
        ),
        received_at=revision.received_at,
        closes_at=window.closes_at if window else None,
        time_zone=lot.solicitation.time_zone,
        first_article=revision.first_article,
        start_of_production=revision.start_of_production,
        lead_time_days=revision.lead_time_days,
        lead_time_days_max=lot.lead_time_days_max,
        attested_at=revision.attested_at,
        screening=screening,
    )


def _shared_hashes(revision: Revision) -> set[str]:
    """SHA-256 of this revision's files that another supplier has sent too.

    Compared with current revisions of the same window alone: others are superseded, or sealed. A draft is compared
    with nothing: what rivals sent reaches neither its findings nor its fingerprint.
    """
    own = [attachment.document.sha256 for attachment in revision.attachments.all()]
    if not own or revision.received_at is None:
        return set()
    return set(
        Attachment.objects.filter(document__sha256__in=own)
        .exclude(revision__proposal__supplier=revision.proposal.supplier_id)
        .filter(
            revision__proposal__window=revision.proposal.window_id,
            revision__proposal__current_revision=F("revision"),
            revision__proposal__withdrawn_at__isnull=True,
        )
        .values_list("document__sha256", flat=True)
    )


def _requirement(row: Requirement) -> RequirementFacts:
    expected = row.expected if isinstance(row.expected, list) else [row.expected]
    return RequirementFacts(
        code=row.code,
        text=row.text,
        data_type=row.data_type,
        answered_by=row.answered_by,
        envelope=row.envelope,
        unit=row.unit,
        minimum=row.minimum,
        maximum=row.maximum,
        ideal=row.ideal,
        expected=tuple(_text(value) for value in expected if value is not None),
        choices=tuple(row.choices),
        effect=row.effect,
        feeds=row.feeds.code if row.feeds else "",
        items=tuple(sorted(item.code for item in row.applies_to.all())),
        evidence=row.evidence,
        evidence_required=row.evidence_required,
    )


def _answer(requirement: Requirement, value: Any, revision: Revision, supplier: SupplierFacts) -> str:
    """The answer as text, taken from the section that holds it."""
    capacity: Capacity | None = getattr(revision, "capacity", None)
    # The supplier's site as these facts know it: for a received revision that is the frozen one.
    site = supplier.site(str(revision.final_site_id or ""))
    sections: dict[str, Any] = {
        Requirement.AnsweredBy.RESPONSE: value,
        Requirement.AnsweredBy.SITE: f"{site.name}, {site.city}, {site.state}".rstrip(", ") if site else None,
        Requirement.AnsweredBy.PROCESS_STEPS: len(revision.process_steps.all()) or None,
        Requirement.AnsweredBy.CAPACITY: capacity.offered_per_year if capacity else None,
        Requirement.AnsweredBy.RAMP: len(revision.ramp_periods.all()) or None,
        Requirement.AnsweredBy.LEAD_TIME: revision.lead_time_days,
        Requirement.AnsweredBy.START: revision.start_of_production,
        Requirement.AnsweredBy.JOBS: len(revision.jobs_lines.all()) or None,
    }
    if requirement.data_type == Requirement.DataType.FILE:
        return (
            "attached" if any(a.requirement_id == requirement.pk for a in revision.attachments.all()) else ""
        )
    return _text(sections[requirement.answered_by])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"{len(value)} row{'s' if len(value) != 1 else ''}" if value else ""
    return str(value)


def _number(value: Decimal) -> Decimal:
    """The same number without the column's trailing zeros, so that a stored and a typed figure hash alike."""
    plain = value.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else _number(value)


def _count(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else _number(Decimal(value))


def _capacity(row: Capacity | None) -> CapacityFacts | None:
    if row is None:
        return None
    return CapacityFacts(
        lines=_count(row.lines),
        shifts=_count(row.shifts),
        hours_per_shift=_plain(row.hours_per_shift),
        days_per_year=_count(row.days_per_year),
        cycle_seconds=_plain(row.cycle_seconds),
        availability=_plain(row.availability),
        yield_rate=_plain(row.yield_rate),
        committed_per_year=_count(row.committed_per_year),
        offered_per_year=_count(row.offered_per_year),
        nameplate_per_year=_count(row.nameplate_per_year),
    )


def _jobs(rows: Iterable[JobsLine]) -> Iterable[JobsLineFacts]:
    for row in rows:
        yield JobsLineFacts(state=row.state, new=_number(row.new), retained=_number(row.retained))


def bom_facts(revision: Revision) -> tuple[BomLineFacts, ...]:
    """The bill of materials as the rules read it; one query, without a model instance for each of many lines."""
    rows = revision.bom_lines.order_by("position").values_list(*BOM_FIELDS)
    return tuple(_bom_line(row) for row in rows.iterator(chunk_size=5000))


def makers_on_bom(revision: Revision) -> list[str]:
    """Names of makers on the bill of materials, each once, in order."""
    named = revision.bom_lines.exclude(manufacturer="").order_by("manufacturer")
    return list(named.values_list("manufacturer", flat=True).distinct())


BOM_FIELDS = tuple(BomLineFacts.__dataclass_fields__)
_BOM_FIGURES = frozenset(
    (
        "qty",
        "unit_acquisition_cost",
        "inbound_freight",
        "duty",
        "materials",
        "direct_labor",
        "allocable_overhead",
        "profit",
    )
)
_BOM_ANSWERS = frozenset(("is_iron_steel", "is_cots_fastener"))


def _bom_line(row: Sequence[Any]) -> BomLineFacts:
    values = dict(zip(BOM_FIELDS, row, strict=True))
    for name in _BOM_FIGURES:
        values[name] = _plain(values[name])
    for name in _BOM_ANSWERS:
        values[name] = bool(values[name])
    return BomLineFacts(**values)


def _document(attachment: Attachment, shared: set[str]) -> DocumentFacts:
    document, requirement = attachment.document, attachment.requirement
    return DocumentFacts(
        name=document.name,
        size=document.size,
        extension=document.extension,
        sniffed=document.sniffed,
        opens=document.opens,
        encrypted=document.encrypted,
        pages=document.pages,
        shared_with_other_supplier=document.sha256 in shared,
        mandatory=bool(requirement and requirement.effect == Requirement.Effect.KNOCKOUT),
        requirement=requirement.code if requirement else "",
        envelope=requirement.envelope if requirement else Envelope.TECHNICAL.value,
    )
