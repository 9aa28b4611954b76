"""A revision's content as a whole: copied into the next draft, and fingerprinted when it is received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from portal.kit.codec import canonical, dump
from rfp.facts import ProposalFacts
from rfp.proposals import revision_facts
from rfp.proposals.line_models import (
    BomLine,
    Capacity,
    DeliveryLine,
    JobsLine,
    PriceLine,
    ProcessStep,
    RampPeriod,
)
from rfp.proposals.models import Attachment, Response, Revision, Statement
from rfp.publishing.question_models import Requirement
from suppliers.facts import ScreeningFacts, SupplierFacts

ROWS = (
    Response,
    Statement,
    BomLine,
    PriceLine,
    DeliveryLine,
    Capacity,
    RampPeriod,
    JobsLine,
    ProcessStep,
    Attachment,
)
COSTS = ("tooling_price", "freight_price", "one_off_price")
FIELDS = (
    "title",
    "summary",
    "final_site_id",
    "lead_time_days",
    "first_article",
    "start_of_production",
    "opening_stock",
    "capex_musd",
    *COSTS,
    "bom_name",
)


def copy_content(source: Revision, target: Revision, *, rows: Iterable[type[models.Model]] = ROWS) -> None:
    """Fill a new draft with another revision's content. The attestation is not copied: it is signed anew."""
    for field in FIELDS:
        setattr(target, field, getattr(source, field))
    target.save(update_fields=[field.removesuffix("_id") for field in FIELDS])
    target.items.set(source.items.all())
    for model in rows:
        copies: list[Any] = list(model._default_manager.filter(revision=source).order_by("pk"))
        for row in copies:
            row.pk, row.revision = None, target
        model._default_manager.bulk_create(copies)


def carry_over(drafts: QuerySet[Revision]) -> None:
    """Answers and files of drafts follow their questions to today's wording, unchanged. Answers to a question that is
    gone go too; its files stay, as files for nothing in particular."""
    for model in (Response, Attachment):
        stale = model._default_manager.filter(revision__in=drafts, requirement__until__isnull=False)
        for old in Requirement.objects.filter(pk__in=stale.values_list("requirement", flat=True)):
            now = Requirement.objects.filter(
                Q(pk=old.question) | Q(origin=old.question), until__isnull=True
            ).first()
            rows = stale.filter(requirement=old)
            if now is None and model is Response:
                rows.delete()
            else:
                rows.update(requirement=now)


def fingerprint_of(revision: Revision, supplier: SupplierFacts) -> str:
    """SHA-256 (hex) of all that a revision says, in canonical JSON: the same before its receipt and ever after.

    `revision` comes from `revision_for_facts`; `supplier` is the profile on the day of the receipt. What isn't the
    supplier's, or moves later, is left out: the close, the lot's own limits, what rivals sent.
    """
    facts = revision_facts.facts_about(revision, supplier=supplier, screening=ScreeningFacts(), window=None)
    return hashlib.sha256(canonical(_manifest(revision, replace(facts, **NOT_SAID))).encode()).hexdigest()


# Facts that are the RFP's or the moment's. Files are named with their hashes instead.
NOT_SAID: dict[str, Any] = {
    "received_at": None,
    "delivery_years": (),
    "bom_is_asked": True,
    "time_zone": "",
    "lead_time_days_max": None,
    "documents": (),
    "required_documents": (),
}


def _manifest(revision: Revision, facts: ProposalFacts) -> dict[str, Any]:
    """A revision as one JSON value: the words of the draft, what the rules read, and the hash of each file."""
    return {
        "proposal": revision.proposal.number,
        "revision": revision.number,
        "rfp_version": revision.rfp_version,
        "title": revision.title,
        "summary": revision.summary,
        **{cost: str(given) for cost in COSTS if (given := getattr(revision, cost)) is not None},
        "statements": {
            statement.criterion.code: statement.text
            for statement in sorted(revision.statements.all(), key=lambda each: each.criterion_id)
        },
        "files": sorted(
            [each.requirement.code if each.requirement else "", each.document.name, each.document.sha256]
            for each in revision.attachments.all()
        ),
        "facts": dump(facts),
    }
