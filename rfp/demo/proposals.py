"""The proposals of the sample: written by hand, or a variation on one of those."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo import Demo
from portal.files import storing
from portal.models import User
from rfp.bom import questions
from rfp.bom import reading as bom_reading
from rfp.demo.rfps import SAFETY, SAMPLE
from rfp.facts import BomLineFacts
from rfp.models import (
    Capacity,
    DeliveryLine,
    Item,
    JobsLine,
    Lot,
    PriceLine,
    ProcessStep,
    Proposal,
    RampPeriod,
    Requirement,
    Response,
    Revision,
    Statement,
)
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.publishing import queries as publishing_queries

# The sample counts every part per finished product.
PER_PRODUCT = questions.Choices(answers={"quantity_basis": "product"})
WORDS = {
    "T1": "summary",
    "D3": "home_plan",
    "C3": "ramp",
    "R1": "resilience",
    "W2": "community",
    "I1": "collaboration",
}


def varied(demo: Demo, number: int, written: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """(supplier key, a proposal like one of the sample's but with figures of its own)."""
    dice = demo.dice
    key = f"V{number % 24 + 1:02d}"
    base_key = demo.made[f"base:{key}"]
    candidates = [row for row in written if row["supplier"] == base_key]
    base = candidates[number // 24 % len(candidates)]
    # Half of them in the first window, a quarter each in the second and the third.
    opens, days = (
        ("2026-03-01T10:00:00-05:00", 30),
        ("2026-03-01T10:00:00-05:00", 30),
        ("2026-04-02T10:00:00-04:00", 42),
        ("2026-05-20T09:00:00-04:00", 30),
    )[number % 4]
    day = demo.at(opens) + timedelta(minutes=dice.randrange(0, days * 24 * 60))
    factor = Decimal(dice.randint(92, 118)) / 100
    busy = Decimal(dice.randint(60, 108)) / 100
    prices = {
        year: str((Decimal(price) * factor).quantize(Decimal("0.01")))
        for year, price in base["price"]["unit_price_by_year"].items()
    }
    capacity = {**base["capacity"], "committed_per_year": int(base["capacity"]["committed_per_year"] * busy)}
    jobs = {
        kind: {state: max(0, int(count * dice.uniform(0.5, 1.4))) for state, count in by_state.items()}
        for kind, by_state in base["jobs"].items()
    }
    return key, {
        **base,
        "id": f"W{number:02d}",
        "submitted_at": (day - demo.shift).isoformat(),
        "price": {**base["price"], "unit_price_by_year": prices},
        "capacity": capacity,
        "jobs": jobs,
        "foreign_factor": Decimal(dice.randint(60, 220)) / 100,
        "lead_time_days": max(14, int(base["lead_time_days"] * dice.uniform(0.75, 1.2))),
    }


def submitted(demo: Demo, row: dict[str, Any], *, supplier: str, safety: list[dict[str, Any]]) -> Proposal:
    submitted_at = demo.at(row["submitted_at"])
    started_at = min(submitted_at, demo.now) - timedelta(days=3)
    company, by = demo.made[f"supplier:{supplier}"], demo.person(supplier)
    lot = Lot.objects.select_related("solicitation").get(
        solicitation=demo.made["solicitation"], code=row["lot"]
    )
    window = lot.solicitation.windows.get(opens_at__lte=submitted_at, closes_at__gt=submitted_at)
    started_at = max(started_at, window.opens_at)
    proposal = proposals_actions.start_proposal(lot, supplier=company, by=by, at=started_at)
    _fill(demo, proposal, row, supplier=supplier, safety=safety, by=by, at=started_at)
    if submitted_at <= demo.now:
        signer = company.memberships.select_related("user").first()
        proposals_actions.attest(
            proposal,
            name=signer.user.name,
            title="Proposal manager",
            by=by,
            at=submitted_at - timedelta(minutes=2),
        )
        proposals_actions.submit_proposal(proposal, by=by, at=submitted_at)
    return proposal


def _fill(
    demo: Demo,
    proposal: Proposal,
    row: dict[str, Any],
    *,
    supplier: str,
    safety: list[dict[str, Any]],
    by: User,
    at: datetime,
) -> None:
    """Write a sample proposal into the draft, the way the form's sections do."""
    draft = proposals_queries.draft_of(proposal)
    assert draft is not None
    items = {item.code: item for item in proposal.lot.items.all()}
    offered = [items[code] for code in row["items"]]
    draft.title, draft.summary = row["title"], row["narrative"]["summary"]
    draft.final_site = demo.made[f"site:{supplier}:{row['site'][-1]}"]
    draft.lead_time_days, draft.capex_musd = row["lead_time_days"], Decimal(str(row["capex_usd_million"]))
    draft.first_article, draft.start_of_production = (
        demo.on(row["first_article"]),
        demo.on(row["start_of_production"]),
    )
    draft.opening_stock = row["ramp"]["opening_stock"]
    draft.tooling_price = Decimal(row["price"]["tooling_usd"])
    draft.save()
    draft.items.set(offered)
    _answers(demo, proposal, row, safety)
    _offer(draft, row, offered)
    _making(demo, draft, row, supplier)
    _files(proposal, row, by=by, at=at)


def _offer(draft: Revision, row: dict[str, Any], offered: list[Item]) -> None:
    """What it delivers, when, and at which prices."""
    Capacity.objects.create(
        revision=draft,
        **{
            {"days": "days_per_year", "cycle_s": "cycle_seconds", "yield": "yield_rate"}.get(
                name, name
            ): value
            for name, value in row["capacity"].items()
        },
    )
    for item in offered:
        for year, units in row["delivery_plan"].items():
            DeliveryLine.objects.create(revision=draft, item=item, year=int(year), units=units)
        for year, price in row["price"]["unit_price_by_year"].items():
            PriceLine.objects.create(revision=draft, item=item, year=int(year), unit_price=Decimal(price))
    ramp = row["ramp"]
    RampPeriod.objects.bulk_create(
        RampPeriod(revision=draft, period=period, demand=demand, capacity=capacity)
        for period, demand, capacity in zip(ramp["periods"], ramp["demand"], ramp["capacity"], strict=True)
    )


def _making(demo: Demo, draft: Revision, row: dict[str, Any], supplier: str) -> None:
    """The jobs, and the steps of making it."""
    states = {*row["jobs"]["new_by_state"], *row["jobs"]["retained_by_state"]}
    JobsLine.objects.bulk_create(
        JobsLine(
            revision=draft,
            state=state,
            new=row["jobs"]["new_by_state"].get(state, 0),
            retained=row["jobs"]["retained_by_state"].get(state, 0),
        )
        for state in sorted(states)
    )
    ProcessStep.objects.bulk_create(
        ProcessStep(
            revision=draft,
            position=position,
            name=step["name"],
            country=step["country"],
            site=demo.made[f"site:{supplier}:{step['site'][-1]}"].name if step["site"] else "",
            conversion_cost=step["conversion_cost_usd"],
            is_transforming=step["is_transforming"],
        )
        for position, step in enumerate(row["process_steps"])
    )


def _files(proposal: Proposal, row: dict[str, Any], *, by: User, at: datetime) -> None:
    """The bill of materials, and the files the RFP asks for."""
    if row["bom"]:
        path = SAMPLE / row["bom"]
        reading = bom_reading.read_bom(path.read_bytes(), choices=PER_PRODUCT)
        lines = [_dearer(line, row.get("foreign_factor", Decimal(1))) for line in reading.facts]
        proposals_actions.replace_bom(proposal, lines, name=path.name, by=by, at=at)
    for name in row["attachments"]:
        requirement = proposal.lot.requirements.filter(data_type=Requirement.DataType.FILE).first()
        checked = storing.check_file(
            SimpleUploadedFile(name, _sheet(f"{row['title']}: wetted materials (sample)"))
        )
        proposals_actions.attach(
            proposal, checked, requirement=requirement, title="Wetted materials", by=by, at=at
        )


def _dearer(line: BomLineFacts, factor: Decimal) -> BomLineFacts:
    """A bought part from abroad at another price, so that variations differ in their domestic share."""
    if line.us_manufactured or line.parent_line or line.unit_acquisition_cost is None:
        return line
    return replace(
        line, unit_acquisition_cost=(line.unit_acquisition_cost * factor).quantize(Decimal("0.01"))
    )


def _answers(demo: Demo, proposal: Proposal, row: dict[str, Any], safety: list[dict[str, Any]]) -> None:
    draft = proposals_queries.draft_of(proposal)
    asked = {r.code: r for r in publishing_queries.requirements_for(proposal.lot)}
    own = [r for r in asked.values() if r.answered_by == Requirement.AnsweredBy.RESPONSE]
    answers = {
        **row["answers"],
        "C-08": [{SAFETY[name]: str(value) for name, value in year.items()} for year in safety],
    }
    Response.objects.bulk_create(
        Response(revision=draft, requirement=requirement, value=answers[requirement.code])
        for requirement in own
        if answers.get(requirement.code) is not None and requirement.data_type != Requirement.DataType.FILE
    )
    criteria = {c.code: c for c in proposal.lot.solicitation.criteria.all()}
    Statement.objects.bulk_create(
        Statement(revision=draft, criterion=criteria[code], text=row["narrative"][words])
        for code, words in WORDS.items()
    )


def _sheet(text: str) -> bytes:
    """A one-page PDF with a line of text, the sample's stand-in for a supplier's document."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    plain = text.encode("ascii", "replace").decode().replace("(", "[").replace(")", "]")
    page.Contents = pdf.make_stream(f"BT /F1 12 Tf 72 720 Td ({plain}) Tj ET".encode())
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
