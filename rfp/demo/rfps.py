"""The RFPs of the sample: the one with proposals, one for invited companies, and one that is being prepared."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo import Demo
from portal.files import storing
from rfp.models import (
    Criterion,
    Item,
    Lot,
    Milestone,
    Preference,
    Requirement,
    Solicitation,
    Window,
)
from rfp.publishing import actions as publishing_actions
from rfp.publishing.preparing import second_look
from rfp.rules import deep_content, domestic_content, facilities, jobs

SAMPLE = Path(__file__).parents[1] / "sample"

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


def published(demo: Demo, written: dict[str, Any]) -> Solicitation:
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
    _other_dates(demo, solicitation, head)
    criteria = {row["code"]: _criterion(solicitation, row, at) for at, row in enumerate(written["criteria"])}
    areas = {area["code"]: area["title"] for area in written["areas"]}
    for at, row in enumerate(written["common_requirements"]):
        _requirement(demo, solicitation, None, row, criteria, at)
    for at, row in enumerate(written["lots"]):
        _lot(demo, solicitation, row, areas, criteria, scoring["price_method"]["references"], at)
    _read_me(demo, solicitation)
    _publish(demo, solicitation)
    return solicitation


def _other_dates(demo: Demo, solicitation: Solicitation, head: dict[str, Any]) -> None:
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


def _publish(demo: Demo, solicitation: Solicitation) -> None:
    """With the points that the check finds: the panel is seated later."""
    at = demo.at("2026-01-15T09:00:00-05:00")
    looked = [point.key for point in second_look.points(solicitation, now=at)]
    publishing_actions.publish_solicitation(solicitation, by=demo.person("admin"), looked=looked, at=at)


def _questions_until(demo: Demo, head: dict[str, Any]) -> datetime:
    row = next(each for each in head["timeline"] if each["code"] == "questions_close")
    return datetime.combine(
        demo.on(row["date"]), time.fromisoformat(row["time"]), ZoneInfo(head["time_zone"])
    )


def in_preparation(demo: Demo) -> None:
    """A draft that is scored in another way: another formula, shares, and a scale of its own for each criterion."""
    _small(demo, "draft.json", at=demo.at("2026-03-02T09:00:00-05:00"))


def for_invited(demo: Demo) -> Solicitation:
    """A draft for invited companies, with questions until a day."""
    return _small(demo, "invited.json", at=demo.at("2026-06-01T09:00:00-04:00"))


def _small(demo: Demo, name: str, *, at: datetime) -> Solicitation:
    """An RFP with one window, one lot and one item, as a file of the sample says."""
    written = json.loads((SAMPLE / name).read_text())
    span, lot, item, criteria, method, asked, preferences = (
        written.pop(part)
        for part in ("window", "lot", "item", "criteria", "method", "requirements", "preferences")
    )
    figures = ("technical_threshold", "trim", *SHARES)
    numbers = {part: Decimal(method.pop(part)) for part in figures if part in method}
    until = written.pop("questions_until", None)
    draft = Solicitation(**written, **method, **numbers, is_sample=True)
    if until is not None:
        draft.questions_until = datetime.combine(demo.on(until), time(17), draft.zone)
    publishing_actions.create_solicitation(draft, template=None, by=demo.person("admin"), at=at)
    opens, closes = (datetime.combine(demo.on(span[part]), datetime.min.time(), draft.zone) for part in span)
    Window.objects.create(solicitation=draft, number=1, opens_at=opens, closes_at=closes)
    Item.objects.create(lot=Lot.objects.create(solicitation=draft, **lot), **item)
    for position, row in enumerate(criteria):
        values = {part: Decimal(row.pop(part)) for part in ("weight", "minimum") if part in row}
        Criterion.objects.create(solicitation=draft, position=position, **row, **values)
    for row in asked:
        Requirement.objects.create(solicitation=draft, **row)
    for row in preferences:
        Preference.objects.create(solicitation=draft, **row)
    return draft


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
