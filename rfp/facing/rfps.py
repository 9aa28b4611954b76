"""The public list of RFPs, declared: what it can be narrowed to, and its columns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from portal.kit import clock
from portal.kit.listing import Choice, Column, Empty, Listing, Option, Search
from portal.models import User
from rfp.publishing.models import Lot, Solicitation, Window
from rfp.publishing.queries import Person, open_solicitations, solicitations_visible_to

Reader = Any


def _windows(**where: Any) -> Exists:
    return Exists(Window.objects.filter(solicitation=OuterRef("pk"), **where))


def _among(found: QuerySet[Solicitation]) -> Q:
    return Q(pk__in=found.values("pk"))


def _open(_reader: Reader) -> Q:
    return _among(open_solicitations(clock.wall_time()))


def _upcoming(_reader: Reader) -> Q:
    now = clock.wall_time()
    ahead = Solicitation.objects.filter(_windows(opens_at__gt=now), final_status="", published_at__lte=now)
    return _among(ahead.exclude(pk__in=open_solicitations(now).values("pk")))


def _closed(_reader: Reader) -> Q:
    """Every window is over, and nothing is decided for good."""
    now = clock.wall_time()
    over = Solicitation.objects.filter(_windows(), ~_windows(closes_at__gt=now), final_status="")
    return _among(over.filter(published_at__lte=now))


def _closes_within(days: int) -> Any:
    def where(_reader: Reader) -> Q:
        now = clock.wall_time()
        until = now + timedelta(days=days)
        soon = open_solicitations(now).filter(
            _windows(opens_at__lte=now, closes_at__gt=now, closes_at__lte=until)
        )
        return _among(soon)

    return where


def _in_lots(words: str) -> Q:
    found = Lot.objects.filter(
        Q(title__icontains=words) | Q(summary__icontains=words) | Q(items__title__icontains=words)
    )
    return Q(pk__in=found.values("solicitation"))


RFPS = Listing(
    name="rfps",
    title="RFPs",
    route="rfp:solicitation_list",
    columns=(
        Column("RFP", key="title", sort="title"),
        Column("Buyer", key="buyer", sort="buyer"),
        Column("Lots", css="num"),
        Column("Stage"),
        Column("Closes", key="closes", sort="next_close"),
        Column("See if you qualify", hidden=True),
    ),
    filters=(
        Search(
            "Search products, lots, buyers",
            ("title__icontains", "number__icontains", "summary__icontains", "buyer__icontains"),
            also=_in_lots,
        ),
        Choice(
            "state",
            "Stage",
            fixed={
                "": Option("All"),
                "open": Option("Open for proposals", _open),
                "upcoming": Option("Opens later", _upcoming),
                "closed": Option("Closed, not decided", _closed),
                "decided": Option("Decided or canceled", ~Q(final_status="")),
            },
        ),
        Choice(
            "closes",
            "Closes",
            fixed={
                "": Option("Any time"),
                "7": Option("Within 7 days", _closes_within(7)),
                "30": Option("Within 30 days", _closes_within(30)),
                "90": Option("Within 90 days", _closes_within(90)),
            },
        ),
    ),
    rows_template="rfp/publishing/solicitation_rows.html",
    nothing=Empty("No RFPs yet", "Published RFPs appear here."),
    nothing_matches=Empty("No matching RFPs", "Try fewer words or another stage.", "?", "Show all RFPs"),
    then=("-published_at", "number"),
    per_page=20,
)


def listed(user: Person | User, now: datetime) -> QuerySet[Any]:
    """What the person may see, the next to close first, with what a row shows."""
    rows = solicitations_visible_to(user).annotate(
        lot_count=Count("lots", filter=Q(lots__withdrawn_at__isnull=True), distinct=True),
        next_close=Min(
            "windows__closes_at",
            filter=Q(windows__opens_at__lte=now, windows__closes_at__gt=now, final_status=""),
        ),
    )
    ordered = rows.order_by(F("next_close").asc(nulls_last=True), "-published_at", "number")
    return ordered.prefetch_related("windows")
