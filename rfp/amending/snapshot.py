"""What is public of an RFP, as one JSON value: kept for each version, so that earlier ones stay readable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rfp.amending.values import plain
from rfp.publishing.addendum_models import PublishedVersion
from rfp.publishing.asked_words import asked_context, section_titles
from rfp.publishing.key_facts import CURRENCY, EVENT_LABELS, FACT_LABELS, event_facts
from rfp.publishing.method_words import preference_words
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import asked_now
from rfp.publishing.question_models import Requirement
from rfp.publishing.words import ideal, only_if, wanted


def keep(solicitation: Solicitation, *, at: datetime) -> None:
    """Store what is public now as the RFP's current version, unless it is stored."""
    PublishedVersion.objects.get_or_create(
        solicitation=solicitation,
        number=solicitation.version,
        defaults={"published_at": at, "content": content(solicitation)},
    )


def content(solicitation: Solicitation) -> dict[str, Any]:
    """Everything that suppliers read on the RFP's pages. Guidance for reviewers is not public; reference prices
    change in no addendum, and stand on the lot's page where they are."""
    return {
        "title": solicitation.title,
        "buyer": solicitation.buyer,
        "summary": solicitation.summary,
        **_facts(solicitation),
        "windows": [
            {
                "number": each.number,
                "opens_at": plain(each.opens_at),
                "closes_at": plain(each.closes_at),
                "feedback_by": plain(each.feedback_by),
            }
            for each in solicitation.windows.all()
        ],
        "lots": _lots(solicitation),
        "criteria": [
            {
                "code": each.code,
                "title": each.title,
                "weight": plain(each.weight),
                "minimum": plain(each.minimum),
                "guidance": each.supplier_guidance,
            }
            for each in solicitation.criteria.all()
        ],
        "preferences": [
            {"title": title, "text": text} for title, text in preference_words(solicitation.preferences.all())
        ],
        "sections": section_titles(solicitation),
        "rules": [
            {"code": each.rule.code, "use": each.words, "reason": each.why}
            for each in asked_context(solicitation)["rules_changed"]
        ],
        "requirements": _questions(solicitation),
    }


def _facts(solicitation: Solicitation) -> dict[str, Any]:
    """What suppliers must know beside lots and windows."""
    return {
        "currency": CURRENCY,
        "facts": {name: plain(getattr(solicitation, name)) for name in FACT_LABELS},
        "milestones": [
            {
                "id": each.pk,
                "title": each.title,
                "kind": each.kind,
                "on": plain(each.on),
                "at": each.at.isoformat("minutes") if each.at else None,
                "by_month": each.by_month,
                "event": {
                    label: words
                    for label, words in event_facts(each, solicitation.zone).items()
                    if label in EVENT_LABELS
                },
            }
            for each in solicitation.milestones.all()
        ],
        "documents": [
            {"id": each.pk, "title": each.title, "sha256": each.document.sha256}
            for each in solicitation.documents.select_related("document")
        ],
    }


def _lots(solicitation: Solicitation) -> list[dict[str, Any]]:
    return [
        {
            "code": lot.code,
            "title": lot.title,
            "summary": lot.summary,
            "withdrawn": lot.withdrawn_at is not None,
            "items": [
                {
                    "code": item.code,
                    "title": item.title,
                    "unit": item.unit,
                    "volume": item.reference_annual_volume,
                }
                for item in lot.items.all()
            ],
        }
        for lot in solicitation.lots.prefetch_related("items")
    ]


def _in_order(solicitation: Solicitation) -> list[Requirement]:
    rows = asked_now(solicitation).select_related("lot").prefetch_related("applies_to")
    return list(rows.order_by("lot__position", "position", "code"))


def _questions(solicitation: Solicitation) -> list[dict[str, Any]]:
    rows = _in_order(solicitation)
    return [_question(each) | {"only_if": only_if(each, rows)} for each in rows]


def _question(each: Requirement) -> dict[str, Any]:
    return {
        "code": each.code,
        "lot": each.lot.code if each.lot else "",
        "items": sorted(item.code for item in each.applies_to.all()),
        "text": each.text,
        "why": each.why,
        "wanted": wanted(each),
        "ideal": ideal(each),
        "evidence": each.evidence,
        "effect": each.effect,
        "choices": list(each.choices),
        "columns": list(each.columns),
        "data_type": each.data_type,
        "unit": each.unit,
        "minimum": each.minimum,
        "maximum": each.maximum,
        "expected": each.expected,
    }
