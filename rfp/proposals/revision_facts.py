"""A stored revision as its rules read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef

from portal.kit import along
from portal.kit.compliance import Envelope
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
from rfp.proposals.line_models import BomLine, Capacity, JobsLine
from rfp.proposals.models import Attachment, Revision
from rfp.proposals.queries import asked_in
from rfp.publishing.models import Window
from rfp.publishing.question_models import Requirement
from suppliers.facts import ScreeningFacts, SupplierFacts

# ---- facts ------------------------------------------------------------------------------------------------------


# What the facts are made of, besides the lines of the bill of materials.
ROWS = (
    "proposal__supplier",
    "proposal__lot__solicitation__criteria",
    "proposal__lot__items",
    "proposal__window",
    "final_site",
    "items",
    "capacity",
    "responses",
    "statements__criterion",
    "delivery_lines",
    "price_lines",
    "ramp_periods",
    "jobs_lines",
    "process_steps",
    "attachments__document",
    "attachments__requirement",
)


def revision_for_facts(pk: int) -> Revision:
    """One revision with everything `facts_about` reads; one query.

    But for the lines of its bill of materials: there may be fifty thousand, and most readers need only know whether
    there are any (`has_bom`). `facts_about` fetches them when it needs them.
    """
    lines = BomLine.objects.filter(revision=OuterRef("pk"))
    found = along.first(Revision.objects.filter(pk=pk).annotate(has_bom=Exists(lines)), *ROWS)
    if found is None:
        raise Revision.DoesNotExist
    return found


def facts_about(
    revision: Revision,
    *,
    supplier: SupplierFacts,
    screening: ScreeningFacts,
    window: Window | None,
    lines: tuple[BomLineFacts, ...] | None = None,
    missed: Collection[Requirement] = (),
) -> ProposalFacts:
    """What the rules read. `revision` comes from `revision_for_facts`; `supplier` is the frozen snapshot for a
    received revision and the live profile for a draft. `lines` stand in for the stored bill of materials. `missed`:
    what an addendum asked again, and nobody reconfirmed in time."""
    lot = revision.proposal.lot
    items = {item.pk: item.code for item in revision.items.all()}
    requirements = asked_in(revision)
    asked = {requirement.question for requirement in requirements}
    requirements += [each for each in missed if each.question not in asked]
    asked |= {each.question for each in missed}
    again = {requirement.question for requirement in missed}
    known = {requirement.pk: requirement_facts(requirement) for requirement in requirements}
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
                requirement=known[requirement.pk],
                value=_answer(requirement, answers.get(requirement.pk), revision, supplier),
                evidence_present=requirement.pk in evidence,
                was_not_reconfirmed=requirement.question in again,
            )
            for requirement in requirements
        ),
        capacity=_capacity(getattr(revision, "capacity", None)),
        deliveries=tuple(
            DeliveryFacts(item=item_codes[line.item_id], year=line.year, units=Decimal(line.units))
            for line in revision.delivery_lines.all()
        ),
        delivery_years=tuple(lot.solicitation.delivery_years),
        bom_is_asked=lot.solicitation.asks_for("bom"),
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
        documents=tuple(_document(each, shared, asked) for each in revision.attachments.all()),
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
        received_at=revision.in_time_at,
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


def requirement_facts(row: Requirement) -> RequirementFacts:
    """What rules know of a question."""
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


def _document(attachment: Attachment, shared: set[str], asked: set[int]) -> DocumentFacts:
    """A file for a question that isn't asked is one for nothing in particular."""
    document, requirement = attachment.document, attachment.requirement
    is_asked = requirement is not None and (not requirement.only_if or requirement.question in asked)
    return DocumentFacts(
        name=document.name,
        size=document.size,
        extension=document.extension,
        sniffed=document.sniffed,
        opens=document.opens,
        encrypted=document.encrypted,
        pages=document.pages,
        shared_with_other_supplier=document.sha256 in shared,
        mandatory=bool(is_asked and requirement and requirement.effect == Requirement.Effect.KNOCKOUT),
        requirement=requirement.code if is_asked and requirement else "",
        envelope=requirement.envelope if requirement else Envelope.TECHNICAL.value,
    )
