"""What stands around each section of a draft: the sections with their counts, the deadline, what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.kit.formats import as_zone, clock_time, day
from portal.models import User
from rfp.proposals import completeness, revision_facts
from rfp.proposals import queries as proposals_queries
from rfp.proposals.completeness import Section
from rfp.proposals.models import Proposal, Revision
from rfp.publishing import queries as publishing_queries
from suppliers.company import queries as supplier_queries


def person(request: HttpRequest) -> User:
    """The signed-in supplier; staff have no proposals of their own."""
    user = request.user
    if not isinstance(user, User) or not user.is_supplier:
        raise Http404
    return user


def own_proposal(request: HttpRequest, pk: object) -> Proposal:
    found = proposals_queries.own_proposals(person(request))
    return get_object_or_404(
        found.select_related("supplier", "lot__solicitation", "window", "current_revision"), pk=pk
    )


def draft_of(proposal: Proposal) -> Revision | None:
    """The draft, knowing its proposal, so that nothing is fetched twice."""
    draft = proposals_queries.draft_of(proposal)
    if draft is not None:
        draft.proposal = proposal
    return draft


def page_number(request: HttpRequest) -> int:
    """The page of a list that the address names, 1 for none or nonsense."""
    page = request.GET.get("page", "1")
    return int(page) if page.isdecimal() and len(page) < 7 else 1


def section_url(proposal: Proposal, key: str) -> str:
    if key == "reconfirm":
        return reverse("rfp:proposal_reconfirm", args=[proposal.pk])
    return reverse("rfp:draft_section", args=[proposal.pk, key])


def frame(proposal: Proposal, draft: Revision, *, key: str, user: User, now: datetime) -> dict[str, Any]:
    """Context of every page of a draft."""
    solicitation = proposal.lot.solicitation
    sections = completeness.sections_of(revision_facts.revision_for_facts(draft.pk))
    window = proposal.window or publishing_queries.open_window(solicitation, now=now)
    keys = [section.key for section in sections]
    here = keys.index(key) if key in keys else None
    return {
        "proposal": proposal,
        "draft": draft,
        "lot": proposal.lot,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "key": key,
        "sections": [{"section": s, "url": section_url(proposal, s.key)} for s in sections],
        "section": sections[here] if here is not None else None,
        "previous": _neighbor(proposal, sections, here, -1),
        "following": _neighbor(proposal, sections, here, 1),
        "complete": sum(section.is_complete for section in sections),
        "blocking": blocking_links(proposal, sections),
        "open_gaps": [
            {"title": s.title, "count": n, "url": section_url(proposal, s.key)}
            for s in sections
            if (n := len(s.gaps) - len(s.blocking))
        ],
        "window": window,
        "is_open": window is not None and window.opens_at <= now < window.closes_at,
        "saved": _saved(draft, solicitation.time_zone, now),
        "may_change": supplier_queries.suppliers_changeable_by(user).filter(pk=proposal.supplier_id).exists(),
        "may_sign": supplier_queries.may_attest(user, proposal.supplier),
    }


def _saved(draft: Revision, zone: str, now: datetime) -> str:
    """When the draft was last saved: the clock, and the day as well when it was not today."""
    if draft.saved_at is None:
        return ""
    clock = clock_time(draft.saved_at, zone, seconds=True)
    there = as_zone(zone)
    saved_on = draft.saved_at.astimezone(there).date()
    return clock if saved_on == now.astimezone(there).date() else f"{clock}, {day(saved_on, short=True)}"


def blocking_links(proposal: Proposal, sections: list[Section]) -> list[dict[str, str]]:
    """What must be given before the draft can be submitted, as links to the fields."""
    return [
        {
            "section": section.title,
            "key": section.key,
            "text": gap.text,
            "url": f"{section_url(proposal, section.key)}#{gap.field}",
        }
        for section, gap in completeness.blocking_gaps(sections)
    ]


def _neighbor(
    proposal: Proposal, sections: list[Section], here: int | None, step: int
) -> dict[str, str] | None:
    at = None if here is None else here + step
    if at is None or not 0 <= at < len(sections):
        return None
    return {"title": sections[at].title, "url": section_url(proposal, sections[at].key)}
