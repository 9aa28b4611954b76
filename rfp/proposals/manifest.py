"""A revision's content as a whole: copied into the next draft, and fingerprinted when it is received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from portal.kit.codec import canonical, dump
from rfp.facts import ProposalFacts
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


def manifest(revision: Revision, facts: ProposalFacts) -> dict[str, Any]:
    """All that a received revision says, as one JSON value; the words of the draft and the hash of each file too."""
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
        "files": {a.document.name: a.document.sha256 for a in revision.attachments.all()},
        "facts": dump(facts),
    }


def fingerprint(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of a manifest in canonical JSON."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
