"""An RFP: set up, changed, published. Each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.db import models, transaction

from portal.files.storing import CheckedFile, store
from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.publishing import publication, queries
from rfp.publishing.models import Item, Solicitation, SolicitationDocument
from rfp.publishing.question_models import Requirement
from rfp.signals import solicitation_published

# ---- admins -------------------------------------------------------------------------------------------------------


def publication_gaps(solicitation: Solicitation) -> list[str]:
    """What keeps an RFP from being published, in words."""
    return [gap.text for gap in publication.gaps(solicitation)]


def publish_solicitation(solicitation: Solicitation, *, by: User, at: datetime | None = None) -> None:
    """Make an RFP public. Raises Refused with every gap named."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        locked = Solicitation.objects.select_for_update().get(pk=solicitation.pk)
        if locked.is_published:
            raise Refused("This RFP is already published.")
        if gaps := publication_gaps(locked):
            raise Refused(" ".join(gaps))
        locked.published_at = now
        locked.save(update_fields=["published_at"])
        solicitation.published_at = now
        audit.record("solicitation.published", locked, by=by, at=now)
        solicitation_published.send(Solicitation, solicitation_id=locked.pk, at=now)


def add_document(
    solicitation: Solicitation,
    checked: CheckedFile,
    *,
    title: str,
    by: User,
    at: datetime,
    needs_nda: bool = False,
) -> SolicitationDocument:
    """Add a file to an RFP. `needs_nda`: suppliers get it once they signed the RFP's agreement."""
    with transaction.atomic():
        row = SolicitationDocument.objects.create(
            solicitation=solicitation,
            document=store(checked, by=by, at=at),
            title=title or checked.name,
            needs_nda=needs_nda,
        )
        audit.record("solicitation.document", solicitation, by=by, at=at, sha256=checked.sha256)
        return row


class Filled(Protocol):
    """A form: it says whether what was typed will do, and stores it."""

    def is_valid(self) -> bool: ...
    def save(self) -> Any: ...


def create_solicitation(
    solicitation: Solicitation, *, template: Solicitation | None, by: User, at: datetime
) -> Solicitation:
    """Store a new RFP, blank or with all that the template asks. Dates are not copied."""
    with transaction.atomic():
        solicitation.created_by = by
        if template is not None:
            _copy_head(template, solicitation)
        solicitation.save()
        if template is not None:
            _copy_parts(template, solicitation)
        facts = {"template": template.number} if template else {}
        audit.record("solicitation.created", solicitation, by=by, at=at, **facts)
        return solicitation


def save_part(solicitation: Solicitation, form: Filled, *, what: str, by: User, at: datetime) -> bool:
    """Check and store a part of the RFP; False when the form has errors. Raises Refused once it is published."""
    with transaction.atomic():
        locked = _for_change(solicitation)
        if not form.is_valid():
            return False
        form.save()
        audit.record("solicitation.changed", locked, by=by, at=at, what=what)
        return True


def remove_part(solicitation: Solicitation, part: models.Model, *, what: str, by: User, at: datetime) -> None:
    """Take a part out of the RFP, with what belongs to it. Raises Refused once it is published."""
    with transaction.atomic():
        locked = _for_change(solicitation)
        part.delete()
        audit.record("solicitation.changed", locked, by=by, at=at, what=what, removed=True)


def _for_change(solicitation: Solicitation) -> Solicitation:
    locked = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
    if locked.is_published:
        raise Refused("This RFP is published. Change it with an addendum.")
    return locked


# ---- copying ------------------------------------------------------------------------------------------------------

HEAD = (
    "time_zone",
    "contact_name",
    "contact_email",
    "contact_phone",
    "contract_term",
    "opened_by",
    "protest_period",
    "price_basis",
    "tooling_use",
    "freight_use",
    "one_off_use",
    "delivery_years",
    "is_sample",
    "access",
    "nda",
    "sections_off",
    "rule_uses",
    "rule_params",
    "anchor_map",
    "technical_threshold",
    "reference_is_public",
    "slots_per_lot",
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


# A copy starts anew, whatever addenda did to the RFP it is made from.
FIRST_WORDING = {"since": 1, "origin": None, "standing": ""}


def _copy_head(template: Solicitation, to: Solicitation) -> None:
    for name in HEAD:
        setattr(to, name, getattr(template, name))
    # What was written for the new one stays.
    for name in ("buyer", "summary"):
        if not getattr(to, name).strip():
            setattr(to, name, getattr(template, name))


def _copy_parts(template: Solicitation, to: Solicitation) -> None:
    """Lots, items, criteria, requirements and documents, with the links between them.

    A reference price that is still sealed is not copied: the copy would show it.
    """
    readable = queries.lots_with_readable_references(template)
    criteria = {each.pk: _copy(each, solicitation=to) for each in template.criteria.all()}
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
    for requirement in queries.asked_now(template).prefetch_related("applies_to"):
        concerned = [items[item.pk] for item in requirement.applies_to.all()]
        copied_requirement: Requirement = _copy(
            requirement,
            solicitation=to,
            lot=lots.get(requirement.lot_id or 0),
            feeds=criteria.get(requirement.feeds_id or 0),
            **FIRST_WORDING,
        )
        copied_requirement.applies_to.set(concerned)
    for preference in template.preferences.all():
        _copy(preference, solicitation=to)
    for document in template.documents.all():
        SolicitationDocument.objects.create(
            solicitation=to,
            document_id=document.document_id,
            title=document.title,
            needs_nda=document.needs_nda,
        )


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
