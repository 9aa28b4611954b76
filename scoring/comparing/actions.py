"""Portfolios: asked for here, computed by a worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.frame.jobs import enqueue_on_commit
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.models import Lot, Window
from rfp.proposals import queries as proposals_queries
from scoring.comparing import tasks
from scoring.comparing.models import Portfolio
from scoring.comparing.portfolios import SEALED
from scoring.comparing.terms import Terms


def request_portfolio(window: Window, lot: Lot, terms: Terms, *, by: User, at: datetime) -> Portfolio:
    """Have the best portfolio of a lot under these terms computed. Raises Refused while its prices are sealed."""
    if lot.pk not in proposals_queries.open_lots(window, Envelope.PRICE):
        raise Refused(SEALED)
    with transaction.atomic():
        asked = Portfolio.objects.create(
            window=window, lot=lot, terms=terms.as_file(lot.code), requested_by=by, requested_at=at
        )
        enqueue_on_commit(tasks.compute_portfolio, asked.pk)
        audit.record("portfolio.requested", asked, by=by, at=at, window=window.number, lot=lot.code)
        return asked
