"""After every test about scoring: what the database keeps of what waits is what the tables say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from rfp.models import Opening, Window
from rfp.proposals.queries import opened_proposals
from scoring.decisions import lots, pending
from scoring.models import WaitingItem


@pytest.fixture(autouse=True)
def _kept_is_what_is(request: pytest.FixtureRequest) -> Iterator[None]:
    """`Readiness` and `WaitingItem` against the queries that they stand for, whatever the test did."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")  # what it takes back afterwards is looked at first
    yield
    if connection.needs_rollback or request.node.get_closest_marker("tampers"):
        return
    for window in Window.objects.select_related("solicitation"):
        assert lots.lots_before_prices(window) == lots.lots_before_prices(window, live=True)
        priced = Opening.objects.filter(
            window=window, lot=OuterRef("lot"), envelope="price", confirmed_at__isnull=False
        )
        kept = WaitingItem.objects.filter(
            Q(envelope="technical") | Exists(priced), window=window, proposal__in=opened_proposals()
        )
        waiting = [*pending.findings_to_decide(window), *pending.inputs_to_decide(window)]
        assert {(each.finding_id, each.mark_id) for each in kept} == {
            (each.pk, None) if hasattr(each, "rule") else (None, each.pk) for each in waiting
        }
