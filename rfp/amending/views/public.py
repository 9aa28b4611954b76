"""What changed in an RFP, and what its earlier versions said. Public, as the RFP is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from portal.kit import asked
from portal.kit.formats import deadline
from rfp.amending import queries
from rfp.amending.values import with_values
from rfp.drafting.views.public import visible
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.key_facts import FACT_LABELS, milestone_words
from rfp.publishing.models import Milestone, Solicitation

PAGE = 20


def changes(request: HttpRequest, number: str) -> HttpResponse:
    """Every published addendum, newest first; `?since` leaves those after a moment."""
    solicitation = visible(request, number)
    published = queries.with_answers(queries.addenda_of(solicitation)).filter(published_at__isnull=False)
    since = _since(request)
    if since is not None:
        published = published.filter(published_at__gt=since)
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "page": asked.page_of(request, published, PAGE),
        "since": since,
    }
    return render(request, "rfp/amending/public/changes.html", context)


def _since(request: HttpRequest) -> datetime | None:
    """The moment after which changes are asked for; what is no moment asks for all."""
    try:
        found = datetime.fromisoformat(asked.text(request, "since"))
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year > 1 else None


def version(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version as it was public, and which addendum ended it."""
    solicitation = visible(request, number)
    found = get_object_or_404(solicitation.versions, number=version)
    next_one = Addendum.objects.filter(solicitation=solicitation, version=version + 1).first()
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "version": found,
        "content": _readable(found.content),
        "facts": _facts(found.content, solicitation),
        "dates": _dates(found.content, solicitation),
        "next_one": next_one,
        "made_by": Addendum.objects.filter(solicitation=solicitation, version=version).first(),
    }
    return render(request, "rfp/amending/public/version.html", context)


def _readable(content: dict[str, Any]) -> dict[str, Any]:
    """The stored content with its dates as dates."""
    windows = [
        {
            **each,
            "opens_at": datetime.fromisoformat(each["opens_at"]),
            "closes_at": datetime.fromisoformat(each["closes_at"]),
            "feedback_by": date.fromisoformat(each["feedback_by"]) if each["feedback_by"] else None,
        }
        for each in content["windows"]
    ]
    return {**content, "windows": windows}


def _facts(content: dict[str, Any], solicitation: Solicitation) -> list[tuple[str, str]]:
    """(label, words) of what that version says; versions kept before there were facts say none."""
    facts = content.get("facts", {})
    until = facts.get("questions_until")
    words = facts | {
        "questions_until": deadline(datetime.fromisoformat(until), solicitation.zone) if until else ""
    }
    return [(label, words[name]) for name, label in FACT_LABELS.items() if words.get(name)]


def _dates(content: dict[str, Any], solicitation: Solicitation) -> list[tuple[str, str]]:
    found = []
    for each in content.get("milestones", []):
        names = ("title", "on", "at", "by_month")
        row = with_values(Milestone(), {name: each[name] for name in names})
        words = milestone_words(row, solicitation.zone)
        said = [f"{label}: {text}" for label, text in each.get("event", {}).items()]
        found.append((row.title, ". ".join([words, *said])))
    return found
