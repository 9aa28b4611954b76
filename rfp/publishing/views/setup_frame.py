"""What every page of the setup shares: who may enter, the sections and the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from portal.models import User
from rfp.publishing import publication, queries
from rfp.publishing.models import Solicitation
from rfp.publishing.publication import Gap

SECTIONS = (
    ("basics", "Basics", "rfp:setup_basics"),
    ("dates", "Dates", "rfp:setup_dates"),
    ("lots", "Lots and items", "rfp:setup_lots"),
    ("criteria", "Criteria", "rfp:setup_criteria"),
    ("scoring", "How we score", "rfp:setup_scoring"),
    ("sections", "Proposal sections", "rfp:setup_sections"),
    ("requirements", "Requirements", "rfp:setup_requirements"),
    ("documents", "Documents", "rfp:setup_documents"),
    ("rules", "Rules", "rfp:setup_rules"),
    ("access", "Access", "rfp:setup_access"),
    ("panel", "Panel", "scoring:panel"),
)
PART_ROUTES = {"lots": "lot", "criteria": "criterion", "requirements": "requirement"}


@dataclass(frozen=True)
class Section:
    """An entry of the section list: how many rows it has, None where that says nothing, and what it lacks."""

    key: str
    title: str
    url: str
    count: int | None
    gaps: int


@dataclass(frozen=True)
class Line:
    """A line of the checklist: what holds, or a gap and where to mend it."""

    text: str
    url: str = ""


def admin_of(request: HttpRequest) -> User:
    """The admin who asks; nobody else knows that the setup exists."""
    user = request.user
    if not isinstance(user, User) or not user.is_admin:
        raise Http404
    return user


def readable(request: HttpRequest, pk: int) -> Solicitation:
    """An RFP whose setup the admin may look at, published or not."""
    return get_object_or_404(queries.solicitations_visible_to(admin_of(request)), pk=pk)


def changeable(request: HttpRequest, pk: int) -> Solicitation:
    """An RFP that is not published yet; a published one has no page to change it."""
    return get_object_or_404(queries.solicitations_editable_by(admin_of(request)), pk=pk)


def frame(solicitation: Solicitation, section: str) -> dict[str, Any]:
    """The context of a setup page."""
    checks = publication.checks(solicitation)
    gaps = [gap for check in checks for gap in check.gaps]
    return {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "section": section,
        "sections": _sections(solicitation, gaps),
        "gaps": [Line(gap.text, url_of(solicitation, gap)) for gap in gaps],
        "holds": [Line(check.says) for check in checks if not check.gaps],
        "may_change": not solicitation.is_published,
    }


def url_of(solicitation: Solicitation, gap: Gap) -> str:
    """Where a gap is mended: the row's own page if it names one."""
    if gap.part is not None and gap.section in PART_ROUTES:
        return reverse(f"rfp:setup_{PART_ROUTES[gap.section]}", args=[solicitation.pk, gap.part])
    route = next(route for key, _title, route in SECTIONS if key == gap.section)
    return reverse(route, args=[solicitation.pk])


def _sections(solicitation: Solicitation, gaps: list[Gap]) -> list[Section]:
    kinds = ("windows", "lots", "criteria", "documents")
    counts = Solicitation.objects.annotate(
        **{f"{kind}_count": Count(kind, distinct=True) for kind in kinds},
        # In today's wording alone.
        requirements_count=Count("requirements", filter=Q(requirements__until__isnull=True), distinct=True),
    ).get(pk=solicitation.pk)
    sections = []
    for key, title, route in SECTIONS:
        try:
            url = reverse(route, args=[solicitation.pk])
        except NoReverseMatch:
            continue
        count = getattr(counts, f"{'windows' if key == 'dates' else key}_count", None)
        sections.append(Section(key, title, url, count, sum(gap.section == key for gap in gaps)))
    return sections
