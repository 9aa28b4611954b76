"""Tables by item and delivery year, used for deliveries and prices."""

from __future__ import annotations

from portal.kit import clock
from rfp.proposals.models import Revision


def years_of(draft: Revision) -> list[int]:
    """The RFP's delivery years; the next three when it names none."""
    stated = sorted(draft.proposal.lot.solicitation.delivery_years)
    this = clock.wall_time().year
    return stated or [this + 1, this + 2, this + 3]


def item_rows(draft: Revision) -> list[tuple[str, str, str]]:
    """(key, title, detail) of each offered item."""
    return [(str(item.pk), item.code, f"{item.title}, a {item.unit}") for item in draft.items.all()]


def year_columns(draft: Revision) -> list[tuple[str, str]]:
    return [(str(year), str(year)) for year in years_of(draft)]
