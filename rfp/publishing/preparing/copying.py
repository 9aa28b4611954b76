"""A new RFP made from an older one, whole or in part. Dates and the panel are never copied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models

from rfp.method.ties import TIE_STEPS
from rfp.publishing import queries
from rfp.publishing.models import Item, Solicitation, SolicitationDocument
from rfp.publishing.question_models import Requirement

BASICS = (
    "time_zone",
    "contact_name",
    "contact_email",
    "contact_phone",
    "contract_term",
    "opened_by",
    "protest_period",
    "access",
    "nda",
    "price_basis",
    "tooling_use",
    "freight_use",
    "one_off_use",
    "delivery_years",
    "is_sample",
    "sections_off",
    "slots_per_lot",
)
METHOD = (
    "anchor_map",
    "technical_threshold",
    "reference_is_public",
    "price_formula",
    "price_cap",
    "reference_sealed",
    "aggregate",
    "trim",
    "technical_form",
    "technical_share",
    "price_share",
    "rounding_places",
    "tie_chain",
    "quorum",
    "comment_below",
    "comment_above",
    "marks_shown",
    "consensus_needed",
    "names_hidden",
)


# What a copy takes over, in the order of the builder; what belongs to a part that is left out is left out with it.
PARTS = {
    "basics": "Basics: time zone, delivery years, costs",
    "lots": "Lots and items",
    "criteria": "Criteria",
    "method": "How we score",
    "requirements": "Requirements",
    "documents": "Documents",
    "rules": "Rules",
}

# A copy starts anew, whatever addenda did to the RFP it is made from.
FIRST_WORDING = {"since": 1, "origin": None, "standing": ""}


def copy_head(template: Solicitation, to: Solicitation, parts: Collection[str]) -> None:
    names = {"basics": BASICS, "method": METHOD, "rules": ("rule_params", "rule_uses")}
    for name in (name for part, those in names.items() if part in parts for name in those):
        setattr(to, name, getattr(template, name))
    if "criteria" not in parts:
        to.tie_chain = [step for step in to.tie_chain if step in TIE_STEPS]
    # What was written for the new one stays.
    for name in ("buyer", "summary"):
        if not getattr(to, name).strip():
            setattr(to, name, getattr(template, name))


def copy_parts(template: Solicitation, to: Solicitation, parts: Collection[str]) -> None:
    """Lots, items, criteria, requirements and documents, with the links between them.

    A reference price that is still sealed is not copied: the copy would show it.
    """
    marked = template.criteria.all() if "criteria" in parts else template.criteria.none()
    criteria = {each.pk: _copy(each, solicitation=to) for each in marked}
    lots, items = _copy_lots(template, to) if "lots" in parts else ({}, {})
    asked = queries.asked_now(template) if "requirements" in parts else template.requirements.none()
    for requirement in asked.prefetch_related("applies_to"):
        if requirement.lot_id and requirement.lot_id not in lots:
            continue
        concerned = [items[item.pk] for item in requirement.applies_to.all()]
        copied_requirement: Requirement = _copy(
            requirement,
            solicitation=to,
            lot=lots.get(requirement.lot_id or 0),
            feeds=criteria.get(requirement.feeds_id or 0),
            **FIRST_WORDING,
        )
        copied_requirement.applies_to.set(concerned)
    # A preference is claimed by the answer to a requirement.
    for preference in template.preferences.all() if {"method", "requirements"} <= set(parts) else ():
        _copy(preference, solicitation=to)
    for document in template.documents.all() if "documents" in parts else ():
        SolicitationDocument.objects.create(
            solicitation=to,
            document_id=document.document_id,
            title=document.title,
            needs_nda=document.needs_nda,
            export_control=document.export_control,
        )


def _copy_lots(template: Solicitation, to: Solicitation) -> tuple[dict[int, models.Model], dict[int, Item]]:
    """(the copies of the lots, of the items), by the ids of what they are copies of."""
    readable = queries.lots_with_readable_references(template)
    lots: dict[int, models.Model] = {}
    items: dict[int, Item] = {}
    for lot in template.lots.prefetch_related("items"):
        old_items = list(lot.items.all())
        old_pk = lot.pk
        lots[old_pk] = copied = _copy(lot, solicitation=to, withdrawn_at=None)
        for item in old_items:
            item_pk = item.pk
            sealed = {} if old_pk in readable else {"reference_price": None}
            items[item_pk] = _copy(item, lot=copied, **sealed)
    return lots, items


def _copy(row: Any, **changes: Any) -> Any:
    """A new row with the values of the old one, apart from the changes."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    for name in changes:
        values.pop(name, None)
        values.pop(f"{name}_id", None)
    return type(row).objects.create(**values, **changes)
