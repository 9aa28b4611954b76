"""A published RFP with a site visit, and companies that come."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from rfp.events import actions
from rfp.events.models import SignUp
from rfp.models import Milestone, Solicitation
from suppliers.models import Supplier
from tests import factories as make
from tests.scoring.rooms import signed_in

PLACE = "Gate 4, 100 Mill Road, Dayton, OH"


def visit(rfp: Solicitation | None = None, **values: Any) -> Milestone:
    """In five days, from 9 to 12; sign-up closes in three."""
    rfp = rfp or make.make_solicitation()
    return Milestone.objects.create(
        solicitation=rfp,
        **{
            "title": "Visit of the hall",
            "kind": "visit",
            "on": (make.NOW + timedelta(days=5)).date(),
            "at": time(9),
            "ends": time(12),
            "place": PLACE,
            "sign_up_until": make.NOW + timedelta(days=3),
            **values,
        },
    )


def signed_up(event: Milestone, supplier: Supplier | None = None, *names: str) -> SignUp:
    supplier = supplier or make.make_supplier()
    return actions.sign_up(
        event, supplier, names=names or ("Alma Reyes",), by=make.owner_of(supplier), at=make.NOW
    )


def owner(supplier: Supplier) -> Client:
    return signed_in(make.owner_of(supplier))


def page_of(event: Milestone) -> str:
    return reverse("rfp:event", args=[event.solicitation.number, event.pk])


def fresh(row: Model) -> Any:
    return type(row)._default_manager.get(pk=row.pk)
