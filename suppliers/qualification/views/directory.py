"""Looking suppliers up: the search, its export, and the page that says whether one may buy from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from portal.kit import asked as asked_for
from portal.kit import clock, tables
from portal.kit.asked import IdPages
from portal.kit.tables import exported
from portal.models import User
from suppliers.company import ownership_chart, profiles
from suppliers.company import queries as company_queries
from suppliers.company.models import Supplier
from suppliers.company.profile_models import Certificate, Site
from suppliers.ownership import Party, graph_of, party
from suppliers.qualification import pages, qualifying, search
from suppliers.qualification import queries as qualification_queries
from suppliers.qualification.models import Commodity, Qualification, Region
from suppliers.reference.industries import industry_title
from suppliers.reference.places import STATE_NAMES
from suppliers.rules import RULE_TITLES
from suppliers.screening.models import Alert

PAGE = 50
# Word → what pages call it too. Holds are for those who may know of them.
STATUSES = {
    "qualified": "Qualified",
    "expiring": "Qualified, expires soon",
    "checking": "Checking",
    "review": "Under review",
    "pending": "Pending approval",
    "on_hold": "On hold",
    "confirmed": "Confirmed match",
    "in_progress": "Not submitted",
    "not_qualified": "Not qualified",
    "suspended": "Suspended",
    "expired": "Expired",
    "not_started": "Not started",
}
OFFICERS_ONLY = ("pending", "on_hold", "confirmed")


def buyer(request: HttpRequest) -> User:
    """One of the buyer's people; suppliers do not know that these pages exist."""
    if not company_queries.is_buyer(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def statuses_for(user: User) -> dict[str, str]:
    """The words this reader may filter by."""
    hidden = ("review",) if qualification_queries.sees_holds(user) else OFFICERS_ONLY
    return {code: words for code, words in STATUSES.items() if code not in hidden}


@dataclass(frozen=True)
class Found:
    """A search: what was asked, on which day, under which policy, and the suppliers that fit."""

    asked: search.Asked
    commodities: list[Commodity]
    regions: list[Region]
    on: date
    renewal_days: int
    suppliers: QuerySet[Supplier]


def _find(request: HttpRequest, user: User) -> Found:
    """What the address asks for; what makes no sense does not narrow."""

    text = partial(asked_for.text, request)
    commodities, regions = list(Commodity.objects.all()), list(Region.objects.all())
    naics, state, capacity = (
        text("naics", most=6),
        text("state", most=2),
        text("capacity", most=15).replace(",", ""),
    )
    asked = search.Asked(
        words=text("q"),
        naics=naics if naics.isascii() and naics.isdigit() else "",
        state=state if state in STATE_NAMES else "",
        scheme=text("scheme", most=60),
        status=status if (status := text("status", most=20)) in statuses_for(user) else "",
        commodity=next((each for each in commodities if each.code == text("commodity", most=30)), None),
        region=next((each for each in regions if each.code == text("region", most=30)), None),
        capacity=int(capacity) if capacity.isascii() and capacity.isdigit() else None,
        sort=text("sort", most=20),
    )
    on = clock.wall_time().date()
    days = qualifying.settings_in_force().policy.renewal_days
    found = search.find(company_queries.suppliers_visible_to(user), asked, on=on, renewal_days=days)
    return Found(asked, commodities, regions, on, days, found)


def _with_what_is_shown(found: QuerySet[Supplier]) -> QuerySet[Supplier]:
    """Only the columns of the list: the rest is long, or encrypted."""
    place = Coalesce(NullIf("state", Value("")), "country")
    sites = Site.objects.filter(supplier=OuterRef("pk")).order_by("id").annotate(place=place)
    standings = Qualification.objects.select_related("commodity", "region").only(
        *("supplier", "status", "valid_from", "valid_until", "commodity__title", "region__title")
    )
    shown = found.only("legal_name", "uei", "country", "description", "naics")
    return shown.annotate(places=ArraySubquery(sites.values("place"))).prefetch_related(
        Prefetch("qualifications", queryset=qualification_queries.with_checked(standings))
    )


@login_required
@require_GET
def supplier_list(request: HttpRequest) -> HttpResponse:
    """Suppliers by words, code, state, status, certificate and capacity; the closest first."""
    user = buyer(request)
    found = _find(request, user)
    in_pages = IdPages(
        found.suppliers.values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: _with_what_is_shown(Supplier.objects.filter(pk__in=keys)),
    )
    page = asked_for.page_of(request, in_pages, PAGE)
    context = {
        "page": page,
        "rows": list(_rows(page.object_list, found, user)),
        "asked": found.asked,
        "capacity": asked_for.text(request, "capacity", most=15),
        "statuses": statuses_for(user),
        "states": sorted(STATE_NAMES.items(), key=lambda pair: pair[1]),
        "schemes": Certificate.objects.order_by("scheme").values_list("scheme", "scheme").distinct(),
        "commodities": [(each.code, each.title) for each in found.commodities],
        "regions": [(each.code, each.title) for each in found.regions],
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
        "counts": _counts(user),
        "here": "suppliers",
    }
    return render(request, "suppliers/qualification/supplier/supplier_list.html", context)


def _counts(user: User) -> list[tuple[str, str]]:
    """(status, words) of what waits for an officer, for those who may know of it."""
    if not qualification_queries.sees_holds(user):
        return []
    waiting = Qualification.objects.filter(status__in=OFFICERS_ONLY).values_list("status")
    found = dict(waiting.annotate(count=Count("pk")).order_by("status"))
    words = {
        "pending": "is pending approval,are pending approval",
        "on_hold": "is on hold,are on hold",
        "confirmed": "is a confirmed match,are confirmed matches",
    }
    return [
        (status, f"{found[status]:,} {words[status].split(',')[found[status] != 1]}")
        for status in OFFICERS_ONLY
        if status in found
    ]


FILTERS = ("q", "naics", "state", "scheme", "status", "commodity", "region", "capacity")


def _rows(suppliers: Any, found: Found, user: User) -> Iterator[dict[str, Any]]:
    """Each supplier with its places and standings, from what was fetched already."""
    sees = qualification_queries.sees_holds(user)
    for each in suppliers:
        yield {
            "supplier": each,
            "places": ", ".join(dict.fromkeys(each.places)),
            "standings": [
                (
                    row,
                    qualification_queries.shown_status(
                        row,
                        on=found.on,
                        renewal_days=found.renewal_days,
                        sees_holds=sees,
                        is_checked=row.is_checked,
                    ),
                )
                for row in each.qualifications.all()
            ],
        }


@login_required
@require_GET
def supplier_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the list shows, as CSV or XLSX: every page of it, a standing a row."""
    user = buyer(request)
    return exported(_table(_find(request, user), user), kind, name="suppliers", title="Suppliers")


def _table(found: Found, user: User) -> Iterator[list[Any]]:
    yield [
        "Supplier", "UEI", "Country", "States", "Industry codes", "Commodity", "Region", "Status",
        "Qualified from", "Qualified until",
    ]  # fmt: skip
    words = {**STATUSES, **statuses_for(user)}
    shown = _with_what_is_shown(found.suppliers)
    for line in _rows(shown.iterator(chunk_size=tables.CHUNK), found, user):
        supplier = line["supplier"]
        fixed = [
            supplier.legal_name,
            supplier.uei,
            supplier.country,
            line["places"],
            " ".join(supplier.naics),
        ]
        for row, status in line["standings"] or [(None, "not_started")]:
            qualified = row is not None and status in ("qualified", "expiring", "expired")
            yield [
                *fixed,
                row.commodity.title if row else "",
                row.region.title if row else "",
                words[status],
                row.valid_from.isoformat() if qualified and row.valid_from else "",
                row.valid_until.isoformat() if qualified and row.valid_until else "",
            ]


@login_required
@require_GET
def supplier_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """May we buy from them, and until when; then who they are and what they make."""
    user = buyer(request)
    supplier = get_object_or_404(company_queries.suppliers_visible_to(user), pk=pk)
    rows = qualification_queries.standings_visible_to(user).filter(supplier=supplier)
    sees = qualification_queries.sees_holds(user)
    lines = pages.standings(rows, audience=qualification_queries.reader_standing(user), sees_holds=sees)
    facts = profiles.supplier_facts(supplier)
    shown = supplier.alerts.filter(Q(is_current=True) | Q(state__in=Alert.CONFIRMED))
    alerts = list(shown.order_by("-priority", "id")[:50]) if sees else []
    context = {
        "supplier": supplier,
        "ownership": ownership_chart.draw(graph_of(facts), marked=_listed_owners(supplier) if sees else ()),
        "answer": pages.answer(lines),
        "lines": lines,
        "industries": [(code, industry_title(code) or "") for code in supplier.naics],
        "endings": pages.endings(supplier),
        "sites": supplier.sites.all(),
        "certificates": supplier.certificates.select_related("document").prefetch_related("sites"),
        "policies": supplier.insurance.select_related("document"),
        "references": supplier.references.all(),
        "waivers": supplier.waivers.filter(withdrawn_at=None, until__gte=clock.wall_time().date()),
        "alerts": alerts,
        "undecided": [each for each in alerts if each.state in Alert.UNDECIDED],
        "titles": RULE_TITLES,
        "alike": pages.lookalikes(supplier) if sees else [],
        "sees_holds": sees,
        "here": "suppliers",
    }
    return render(request, "suppliers/qualification/supplier/supplier_detail.html", context)


def _listed_owners(supplier: Supplier) -> set[Party]:
    """Owners that an officer confirmed as listed."""
    confirmed = supplier.alerts.filter(state__in=Alert.CONFIRMED, role__in=("owner", "parent"))
    return {party(name) for name in confirmed.values_list("name", flat=True)}
