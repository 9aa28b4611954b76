"""The JSON Schema of an RFP's contents, from the forms in which they are typed. `manage.py rfp_schema` writes it.

A field that is added to a form is in the schema, the export and the import without another line here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rfp.method.scales import KINDS
from rfp.publishing.forms import lots, scoring, windows
from rfp.publishing.forms.criterion import CriterionForm
from rfp.publishing.forms.heads import HeadForm
from rfp.publishing.forms.preference import PreferenceForm
from rfp.publishing.forms.requirement import RequirementForm
from rfp.publishing.method_words import REFERENCES
from rfp.rules.chosen import Use
from rfp.sections import KEYS

FORMAT = "onshore-rfp/1"
FILE = Path(__file__).with_name("rfp.schema.json")
DECIMAL = {"type": ["string", "null"], "pattern": r"^-?\d{1,16}(\.\d{1,6})?$", "title": "a decimal as text"}
MOMENT = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d:\d\d|Z)$",
    "title": "a date and time with its offset",
}
DAY = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\d$", "title": "a date as YYYY-MM-DD"}
TIME = {"type": ["string", "null"], "pattern": r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$", "title": "a time as HH:MM"}
CODE = {"type": ["string", "null"], "maxLength": 20}
# Fields that a file says in words of its own.
HEAD = tuple(name for name in HeadForm.Meta.fields if name != "questions_until")
REQUIREMENT = (
    *(name for name in RequirementForm.Meta.fields if name not in ("lot", "feeds", "applies_to")),
    "only_if",
    "only_if_answer",
)


@cache
def schema() -> dict[str, Any]:
    """Of the whole file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The contents of an RFP",
        **_object(
            {
                "format": {"type": "string", "enum": [FORMAT]},
                "head": _of(HeadForm, HEAD, required=("title",)),
                "dates": _dates(),
                "lots": _list(100, lot()),
                "criteria": _list(100, criterion()),
                "requirements": _list(500, requirement()),
                "preferences": _list(
                    50, _of(PreferenceForm, PreferenceForm.Meta.fields, required=("code", "title", "basis"))
                ),
                "method": method(),
                "sections_off": _list(len(KEYS), {"type": "string", "enum": list(KEYS)}),
                "rule_uses": _by_rule(_rule_use()),
                "rules": _by_rule({"type": "object", "maxProperties": 50, "additionalProperties": {}}),
            },
            required=("format", "head"),
        ),
    }


def _by_rule(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "maxProperties": 100, "additionalProperties": of}


def _rule_use() -> dict[str, Any]:
    use = {"type": "string", "enum": [Use.ADVICE.value, Use.OFF.value]}
    reason = {"type": "string", "maxLength": 500}
    return _object({"use": use, "reason": reason}, required=("use", "reason"))


def lot() -> dict[str, Any]:
    """A lot with its items."""
    found = _of(lots.LotHeadForm, lots.LotHeadForm.Meta.fields, required=("code", "title"))
    found["properties"]["items"] = _list(
        200, _of(lots.ItemForm, lots.ItemForm.Meta.fields, required=("code", "title", "unit"))
    )
    return found


def criterion() -> dict[str, Any]:
    """A criterion with the steps of its scale."""
    found = _of(CriterionForm, CriterionForm.Meta.fields, required=("code", "title", "weight"))
    step = {
        "mark": {"type": "string", "maxLength": 20},
        "worth": DECIMAL,
        "text": {"type": "string", "maxLength": 600},
    }
    found["properties"]["scale"] = {"type": "string", "enum": list(KINDS)}
    found["properties"]["steps"] = _list(8, _object(step))
    return found


def requirement() -> dict[str, Any]:
    """A requirement; lots, items and criteria are named by their codes."""
    found = _of(RequirementForm, REQUIREMENT, required=("code", "text", "data_type"))
    found["properties"] |= {
        "lot": CODE,
        "feeds": CODE,
        "applies_to": _list(200, {"type": "string", "maxLength": 20}),
        "choices": _list(100, {"type": "string", "maxLength": 120}),
        "columns": _list(50, {"type": "string", "maxLength": 60}),
        "expected": {
            "type": ["boolean", "array", "null"],
            "maxItems": 100,
            "items": {"type": "string", "maxLength": 500},
        },
    }
    return found


def method() -> dict[str, Any]:
    """How it is scored."""
    found = _of(scoring.ScoringForm, scoring.ScoringForm.Meta.fields)
    mark = {"type": "integer", "minimum": 0, "maximum": 100}
    found["properties"] |= {
        "reference": {"type": "string", "enum": list(REFERENCES)},
        "ties": _list(len(scoring.TIES), {"type": "string", "maxLength": 20}),
        "anchor_map": _object({str(at): mark for at in range(6)}, required=map(str, range(6))),
    }
    return found


def _dates() -> dict[str, Any]:
    return _object(
        {
            "questions_until": MOMENT,
            "windows": _list(
                50, _of(windows.WindowForm, windows.WindowForm.Meta.fields, required=("opens_at",))
            ),
            "milestones": _list(
                200, _of(windows.MilestoneForm, windows.MilestoneForm.Meta.fields, required=("title", "on"))
            ),
        }
    )


def _of(form: Any, names: Iterable[str], *, required: Iterable[str] = ()) -> dict[str, Any]:
    model = form.Meta.model._meta
    return _object({name: _field(model.get_field(name)) for name in names}, required=required)


def _field(field: Any) -> dict[str, Any]:
    """What a column may hold. Texts without a limit get one."""
    if isinstance(field, ArrayField):
        return _list(100, _field(field.base_field))
    if isinstance(field, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(field, models.DecimalField):
        return DECIMAL
    if isinstance(field, models.IntegerField):
        found = {"type": ["integer", "null"] if field.null else "integer"}
        return found | {"minimum": 0, "maximum": 2_000_000_000}
    if isinstance(field, models.DateTimeField):
        return MOMENT
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.TimeField):
        return TIME
    if field.choices:
        values = [str(value) for value, _label in field.choices]
        return {"type": "string", "enum": sorted({*values, ""} if field.blank else set(values))}
    return {"type": "string", "maxLength": field.max_length or 10_000}


def _object(properties: dict[str, Any], *, required: Iterable[str] = ()) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(needed)} if (needed := list(required)) else {})


def _list(most: int, of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": of}


def written() -> str:
    """The schema as the file in the repository holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
