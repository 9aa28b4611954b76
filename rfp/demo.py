"""The sample RFP with its proposals: twenty written by hand, and variations on them.

Window 1 is decided, window 2 is closed and half marked, window 3 is open. A proposal whose moment of submission has
not come yet stays the draft that it is.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo import Demo
from portal.files import storing
from portal.models import User
from rfp.amending import sample as addenda_sample
from rfp.asking import sample as questions_sample
from rfp.bom import questions
from rfp.bom import reading as bom_reading
from rfp.facts import BomLineFacts
from rfp.models import (
    Capacity,
    Criterion,
    DeliveryLine,
    Item,
    JobsLine,
    Lot,
    Milestone,
    Preference,
    PriceLine,
    ProcessStep,
    Proposal,
    RampPeriod,
    Requirement,
    Response,
    Revision,
    Solicitation,
    Statement,
    Window,
)
from rfp.opendata import sample as opendata_sample
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.publishing import actions as publishing_actions
from rfp.publishing import queries as publishing_queries
from rfp.rules import deep_content, domestic_content, facilities, jobs

SAMPLE = Path(__file__).parent / "sample"

# Two of the sample's proposals are moved into the second window, where their knock-outs wait for a decision.
MOVED = {"P08": "2026-05-12T12:51:40-04:00", "P20": "2026-05-12T14:12:00-04:00"}

# Answers that three proposals of the second window lack, so that the panel has something to ask for.
LEFT_OUT = {"P03": "L2-R07", "P09": "L4-R10", "P19": "L9-R07"}

ANSWERED_BY = {
    "C-01": Requirement.AnsweredBy.SITE,
    "C-02": Requirement.AnsweredBy.PROCESS_STEPS,
    "C-03": Requirement.AnsweredBy.CAPACITY,
    "C-04": Requirement.AnsweredBy.RAMP,
    "C-05": Requirement.AnsweredBy.LEAD_TIME,
    "C-06": Requirement.AnsweredBy.START,
    "C-09": Requirement.AnsweredBy.JOBS,
}
# The columns of OSHA's Form 300A, in words.
SAFETY = {
    "year": "Year",
    "G": "Deaths (G)",
    "H": "Days away (H)",
    "I": "Restricted (I)",
    "J": "Other (J)",
    "hours": "Hours worked",
}
TABLES = {
    "C-02": ["step", "site", "cost"],
    "C-04": ["quarter", "units"],
    "C-08": list(SAFETY.values()),
    "C-09": ["state", "new", "kept"],
}
FEEDS = {
    "energy_efficiency": "T2",
    "reliability": "T3",
    "computing_power": "T1",
    "capacity": "C1",
    "ramp": "C3",
    "lead_time": "C2",
    "jobs": "W1",
}
SHARES = ("technical_share", "price_share")
SOURCES = {
    "T2": "requirement",
    "T3": "requirement",
    "D1": domestic_content.component_test.key("lo_pct"),
    "D2": deep_content.deep_roll_up.key("us_pct"),
    "C1": facilities.capacity_for_the_offer.key("utilization_pct"),
    "C2": "lead_time.pct_of_limit",
    "R2": deep_content.deep_roll_up.key("covered_pct"),
    "W1": jobs.jobs_and_wages.key("fte_per_musd"),
}
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


def build(demo: Demo) -> None:
    """Publish the RFP, prepare another one, then submit the proposals dated before today."""
    written = json.loads((SAMPLE / "rfp.json").read_text())
    solicitation = _solicitation(demo, written)
    demo.made["solicitation"] = solicitation
    _in_preparation(demo)
    proposals = json.loads((SAMPLE / "proposals.json").read_text())["proposals"]
    safety = {row["id"]: row["safety"] for row in _suppliers()}
    for each in proposals:
        each = {**each, "submitted_at": MOVED.get(each["id"], each["submitted_at"])}
        demo.made[f"proposal:{each['id']}"] = _proposal(
            demo, _as_told(demo, each), supplier=each["supplier"], safety=safety[each["supplier"]]
        )
        demo.say(f"  {each['id']}")
    for number in range(demo.varied):
        key, each = _varied(demo, number, proposals)
        demo.made[f"proposal:W{number:02d}"] = _proposal(
            demo, each, supplier=key, safety=safety[each["supplier"]]
        )
    addenda_sample.build(demo, solicitation)
    questions_sample.build(demo, solicitation)


def results(out: Path, *, worker_pid: int) -> list[str]:
    """Write ocds.json."""
    return [f"\n  {opendata_sample.write(out)}"]


def _as_told(demo: Demo, written: dict[str, Any]) -> dict[str, Any]:
    """A written proposal; in the whole demo without the answer that it is asked for after the opening."""
    left_out = LEFT_OUT.get(written["id"]) if demo.varied else None
    kept = {code: value for code, value in written["answers"].items() if code != left_out}
    return {**written, "answers": kept}


def _suppliers() -> list[dict[str, Any]]:
    path = SAMPLE.parent.parent / "suppliers" / "sample" / "suppliers.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text())["suppliers"]
    return rows


# ---- the RFP ------------------------------------------------------------------------------------------------------


def _solicitation(demo: Demo, written: dict[str, Any]) -> Solicitation:
    head, admin = written["solicitation"], demo.person("admin")
    scoring = written["scoring"]
    solicitation = Solicitation.objects.create(
        number=head["number"],
        title=head["title"],
        buyer=head["buyer"],
        summary=head["summary"] + "\n\n" + "\n".join(f"– {aim}" for aim in head["aims"]),
        time_zone=head["time_zone"],
        price_basis=head["price_basis"],
        delivery_years=head["delivery_years"],
        is_sample=True,
        anchor_map=scoring["anchor_map"],
        technical_threshold=Decimal(scoring["technical_threshold_pct"]),
        slots_per_lot=scoring["shortlist"]["slots_per_lot"],
        names_hidden=True,
        questions_until=_questions_until(demo, head),
        **head["facts"],
        created_by=admin,
    )
    _windows(demo, solicitation, head)
    for row in head["timeline"]:
        if row["code"] in ("issued", "questions_close", "closes"):
            # The page says itself when an RFP was published, and when questions and windows close, to the second.
            continue
        Milestone.objects.create(
            solicitation=solicitation,
            title=row["title"],
            kind=row.get("kind", ""),
            on=demo.on(row["date"]),
            at=time.fromisoformat(row["time"]) if "time" in row else None,
            by_month=row.get("precision") == "month",
        )
    criteria = {row["code"]: _criterion(solicitation, row, at) for at, row in enumerate(written["criteria"])}
    areas = {area["code"]: area["title"] for area in written["areas"]}
    for at, row in enumerate(written["common_requirements"]):
        _requirement(demo, solicitation, None, row, criteria, at)
    for at, row in enumerate(written["lots"]):
        _lot(demo, solicitation, row, areas, criteria, scoring["price_method"]["references"], at)
    _read_me(demo, solicitation)
    publishing_actions.publish_solicitation(solicitation, by=admin, at=demo.at("2026-01-15T09:00:00-05:00"))
    return solicitation


def _questions_until(demo: Demo, head: dict[str, Any]) -> datetime:
    row = next(each for each in head["timeline"] if each["code"] == "questions_close")
    return datetime.combine(
        demo.on(row["date"]), time.fromisoformat(row["time"]), ZoneInfo(head["time_zone"])
    )


def _in_preparation(demo: Demo) -> None:
    """A draft that is scored in another way: another formula, shares, and a scale of its own for each criterion."""
    written = json.loads((SAMPLE / "draft.json").read_text())
    span, lot, item, criteria, method, asked, preferences = (
        written.pop(name)
        for name in ("window", "lot", "item", "criteria", "method", "requirements", "preferences")
    )
    numbers = {name: Decimal(method.pop(name)) for name in ("technical_threshold", "trim", *SHARES)}
    draft = Solicitation(**written, **method, **numbers, is_sample=True)
    publishing_actions.create_solicitation(
        draft, template=None, by=demo.person("admin"), at=demo.at("2026-03-02T09:00:00-05:00")
    )
    opens, closes = (datetime.combine(demo.on(span[name]), datetime.min.time(), draft.zone) for name in span)
    Window.objects.create(solicitation=draft, number=1, opens_at=opens, closes_at=closes)
    Item.objects.create(lot=Lot.objects.create(solicitation=draft, **lot), **item)
    for position, row in enumerate(criteria):
        figures = {name: Decimal(row.pop(name)) for name in ("weight", "minimum") if name in row}
        Criterion.objects.create(solicitation=draft, position=position, **row, **figures)
    for row in asked:
        Requirement.objects.create(solicitation=draft, **row)
    for row in preferences:
        Preference.objects.create(solicitation=draft, **row)


def _windows(demo: Demo, solicitation: Solicitation, head: dict[str, Any]) -> None:
    """The sample's three windows; closing times are the exclusive midnight."""
    zone = solicitation.zone
    for row in head["rolling_windows"]:
        Window.objects.create(
            solicitation=solicitation,
            number=row["n"],
            opens_at=datetime.combine(demo.on(row["opens"]), datetime.min.time(), zone),
            closes_at=datetime.combine(demo.on(row["closes"]) + timedelta(days=1), datetime.min.time(), zone),
            feedback_by=demo.on(row["feedback_by"]),
        )


def _criterion(solicitation: Solicitation, row: dict[str, Any], position: int) -> Criterion:
    value = row["value_function"] or {}
    return Criterion.objects.create(
        solicitation=solicitation,
        code=row["code"],
        group=row["group"],
        title=row["title"],
        weight=Decimal(str(row["weight"])),
        mode=row["mode"],
        fallback_to_evaluator=row.get("fallback") == "evaluator",
        envelope=row["envelope"],
        anchors=row["anchors"] or {},
        supplier_guidance=row["supplier_guidance"],
        scorer_guidance=row["scorer_guidance"],
        value_source=SOURCES.get(row["code"], ""),
        value_from=value.get("from"),
        value_ideal=value.get("ideal"),
        value_unit=value.get("unit", ""),
        position=position,
    )


def _lot(
    demo: Demo,
    solicitation: Solicitation,
    row: dict[str, Any],
    areas: dict[str, str],
    criteria: dict[str, Criterion],
    references: dict[str, dict[str, Any]],
    position: int,
) -> None:
    lot = Lot.objects.create(
        solicitation=solicitation,
        code=row["code"],
        area=areas[row["area"]],
        title=row["title"],
        summary=row["summary"],
        price_unit=row["price_unit"],
        lead_time_days_max=row["lead_time_days_max"],
        position=position,
    )
    for part in row["sub_components"]:
        Item.objects.create(
            lot=lot,
            code=part["code"],
            title=part["title"],
            unit=part["unit"],
            reference_price=Decimal(str(references[row["code"]][part["code"]])),
            reference_annual_volume=part["reference_annual_volume"],
        )
    for at, requirement in enumerate(row["requirements"]):
        _requirement(demo, solicitation, lot, requirement, criteria, at)


def _requirement(
    demo: Demo,
    solicitation: Solicitation,
    lot: Lot | None,
    row: dict[str, Any],
    criteria: dict[str, Criterion],
    position: int,
) -> None:
    is_table = row["code"] in TABLES
    limits = {name: "" if row[name] is None else str(row[name]) for name in ("min", "max", "ideal")}
    if row["data_type"] == "date":
        limits = {name: demo.on(text).isoformat() if text else "" for name, text in limits.items()}
    requirement = Requirement.objects.create(
        solicitation=solicitation,
        lot=lot,
        code=row["code"],
        text=row["text"],
        why=row["why"],
        data_type=Requirement.DataType.TABLE if is_table else row["data_type"],
        answered_by=ANSWERED_BY.get(row["code"], Requirement.AnsweredBy.RESPONSE),
        unit="" if is_table else row["unit"] or "",
        minimum=limits["min"],
        maximum=limits["max"],
        ideal=limits["ideal"],
        expected=row["expected"],
        choices=[] if row["code"] == "C-01" else row["choices"] or [],
        columns=TABLES.get(row["code"], []),
        evidence=row["evidence"] or "",
        effect=row["effect"],
        feeds=criteria.get(FEEDS.get(row.get("feeds") or "", "")),
        position=position,
    )
    if lot is not None and row["applies_to"]:
        requirement.applies_to.set(lot.items.filter(code__in=row["applies_to"]))


def _read_me(demo: Demo, solicitation: Solicitation) -> None:
    text = f"{solicitation.title}\n\nSample. Companies, people and thresholds are invented.\n"
    checked = storing.check_file(SimpleUploadedFile("instructions.txt", text.encode()))
    publishing_actions.add_document(
        solicitation,
        checked,
        title="Instructions to suppliers (sample)",
        by=demo.person("admin"),
        at=demo.at("2026-01-14T09:00:00-05:00"),
    )


# ---- the proposals ------------------------------------------------------------------------------------------------


def _varied(demo: Demo, number: int, written: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
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


def _proposal(demo: Demo, row: dict[str, Any], *, supplier: str, safety: list[dict[str, Any]]) -> Proposal:
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
