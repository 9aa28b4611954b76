"""An RFP's rows as its contents: plain JSON, in the words of the builder. Codes stand for rows, and nothing for ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from rfp.method.scales import YES_NO, kind_of, plain, steps_of
from rfp.publishing import queries
from rfp.publishing.forms import lots, scoring, windows
from rfp.publishing.forms.criterion import CriterionForm
from rfp.publishing.forms.preference import PreferenceForm
from rfp.publishing.forms.requirement import TYPED_FIELDS
from rfp.publishing.forms.scales import RFP_MARKS
from rfp.publishing.method_words import FROM_REQUIREMENTS, reference_of
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.reuse.contents.schema import FORMAT, HEAD, REQUIREMENT
from rfp.sections import KEYS

Contents = Mapping[str, Any]
_EMPTY: dict[str, Any] = {
    "unit": "",
    "minimum": "",
    "maximum": "",
    "ideal": "",
    "choices": [],
    "columns": [],
    "expected": None,
}


def as_file(solicitation: Solicitation) -> bytes:
    """The contents as a file holds them: the same RFP gives the same bytes."""
    return (json.dumps(contents_of(solicitation), indent=2, ensure_ascii=False) + "\n").encode()


def contents_of(solicitation: Solicitation) -> dict[str, Any]:
    """Everything an admin types, but the documents and the panel. Sealed reference prices are left out."""
    readable = queries.lots_with_readable_references(solicitation)
    return {
        "format": FORMAT,
        "head": _named(solicitation, HEAD),
        "dates": {
            "questions_until": _plain(_local(solicitation.questions_until, solicitation)),
            "windows": [
                {
                    name: _plain(_local(getattr(each, name), solicitation))
                    for name in windows.WindowForm.Meta.fields
                }
                for each in solicitation.windows.all()
            ],
            "milestones": [
                _named(each, windows.MilestoneForm.Meta.fields)
                | {"sign_up_until": _plain(_local(each.sign_up_until, solicitation))}
                for each in solicitation.milestones.all()
            ],
        },
        "lots": [
            lot_of(each, with_references=each.pk in readable)
            for each in solicitation.lots.prefetch_related("items")
        ],
        "criteria": [criterion_of(each) for each in solicitation.criteria.all()],
        "requirements": [requirement_of(each) for each in asked(solicitation)],
        "preferences": [_named(each, PreferenceForm.Meta.fields) for each in solicitation.preferences.all()],
        "method": method_of(solicitation),
        "sections_off": [key for key in KEYS if key in solicitation.sections_off],
        "rule_uses": json.loads(json.dumps(solicitation.rule_uses, sort_keys=True)),
        "rules": json.loads(json.dumps(solicitation.rule_params, sort_keys=True)),
    }


def asked(solicitation: Solicitation) -> list[Requirement]:
    """The requirements with what they name."""
    rows = queries.asked_now(solicitation).select_related("lot", "feeds").prefetch_related("applies_to")
    return list(rows.order_by("position", "code"))


def lot_of(lot: Lot, *, with_references: bool = True) -> dict[str, Any]:
    """A lot with its items."""
    found = _named(lot, lots.LotHeadForm.Meta.fields)
    items = [_named(item, lots.ItemForm.Meta.fields) for item in lot.items.all()]
    if not with_references:
        items = [{**item, "reference_price": None} for item in items]
    return found | {"items": items}


def criterion_of(criterion: Criterion) -> dict[str, Any]:
    """A criterion with the steps of its scale; what its mode has no use for is empty."""
    found = _named(criterion, CriterionForm.Meta.fields) | {"scale": "rfp", "steps": []}
    is_automatic = criterion.mode == Criterion.Mode.AUTOMATIC
    if not is_automatic:
        found |= {"value_source": "", "fallback_to_evaluator": False}
    if not is_automatic or criterion.value_source == FROM_REQUIREMENTS:
        found |= {"value_from": None, "value_ideal": None, "value_unit": ""}
    if criterion.mode == Criterion.Mode.PRICE:
        found["minimum"] = None
    if criterion.mode == Criterion.Mode.EVALUATOR or found["fallback_to_evaluator"]:
        return found | {"scale": kind_of(criterion.scale), "steps": _steps(criterion)}
    return found | {"quorum": None}


def _steps(criterion: Criterion) -> list[dict[str, Any]]:
    kind = kind_of(criterion.scale)
    if kind in ("rfp", "yes_no"):
        marks = YES_NO if kind == "yes_no" else map(str, RFP_MARKS)
        texts = {mark: str(criterion.anchors.get(mark, "")) for mark in marks}
        return [
            {"mark": mark, "worth": None, "text": text} for mark, text in texts.items() if any(texts.values())
        ]
    return [
        {"mark": step.mark, "worth": plain(step.value), "text": step.text}
        for step in steps_of(criterion.scale, criterion.anchors, {})
    ]


def requirement_of(requirement: Requirement) -> dict[str, Any]:
    """A requirement; what its kind of answer has no use for is empty."""
    found = _named(requirement, REQUIREMENT)
    found |= {name: _plain(getattr(requirement, name)) for name in ("choices", "columns")}
    found["expected"] = _expected(requirement)
    unused = set(_EMPTY) - set(TYPED_FIELDS[requirement.data_type])
    if requirement.answered_by != Requirement.AnsweredBy.RESPONSE:
        unused.add("choices")
    found |= {name: _EMPTY[name] for name in unused}
    lot, feeds = requirement.lot, requirement.feeds
    return found | {
        "lot": lot.code if lot else None,
        "feeds": feeds.code if feeds else None,
        "applies_to": sorted(item.code for item in requirement.applies_to.all()),
    }


def method_of(solicitation: Solicitation) -> dict[str, Any]:
    """How it is scored."""
    return _named(solicitation, scoring.ScoringForm.Meta.fields) | {
        "reference": reference_of(solicitation),
        "ties": list(solicitation.tie_chain),
        "anchor_map": dict(sorted(solicitation.anchor_map.items())),
    }


def _expected(requirement: Requirement) -> Any:
    stored = requirement.expected
    values = stored if isinstance(stored, list) else [] if stored is None else [stored]
    if requirement.data_type == Requirement.DataType.BOOLEAN:
        return next((value for value in values if isinstance(value, bool)), None)
    return [str(value) for value in values if not isinstance(value, bool)] or None


def _local(value: Any, solicitation: Solicitation) -> Any:
    return value.astimezone(solicitation.zone) if isinstance(value, datetime) else value


def _named(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
