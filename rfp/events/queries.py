"""Who has signed up for an event: each company for itself, all of them for admins alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from portal.models import User
from rfp.events.models import SignUp
from rfp.publishing.models import Milestone
from suppliers.company.queries import suppliers_of
from suppliers.models import Supplier


def coming(event: Milestone) -> QuerySet[SignUp]:
    """The latest sign-up of each company that hasn't canceled. For admins alone: rivals must not know of it."""
    later = SignUp.objects.filter(event=event, supplier=OuterRef("supplier"))
    latest = SignUp.objects.filter(event=event, pk=Subquery(later.order_by("-pk").values("pk")[:1]))
    return latest.filter(~Q(names=[])).select_related("supplier", "by").order_by("supplier__legal_name", "pk")


def own_sign_ups(user: User, event: Milestone) -> list[tuple[Supplier, SignUp | None]]:
    """What the person's companies have said last, by name; two queries."""
    companies = list(suppliers_of(user).order_by("legal_name")[:20])
    rows = SignUp.objects.filter(event=event, supplier__in=companies).order_by("id")
    latest = {row.supplier_id: row for row in rows}
    return [(company, latest.get(company.pk)) for company in companies]


def takes_sign_ups(event: Milestone, *, now: datetime) -> bool:
    """Whether companies can sign up, change or cancel now."""
    return (
        event.sign_up_until is not None and now < event.sign_up_until and not event.solicitation.final_status
    )
