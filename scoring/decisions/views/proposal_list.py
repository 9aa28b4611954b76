"""The list of one window's opened proposals."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator

from portal.kit import clock
from portal.kit.asked import IdPages
from rfp.models import Lot, Proposal
from scoring.decisions import queries as decisions_queries
from scoring.decisions import rows, standings
from scoring.decisions.forms import FilterForm
from scoring.decisions.models import Decision
from scoring.decisions.standings import Blocks
from scoring.marking import queries as marking_queries
from scoring.panel.access import Access, proposals_in
from scoring.panel.views.room import Room, in_room
from scoring.ranking.models import RankedProposal
from scoring.reading import queries as reading_queries
from scoring.reading.views import NOBODY
from suppliers.reference.places import STATES

PAGE = 100
ANY = ("", "Any")
STATE_CHOICES = [("", "All states"), *((code, code) for code in sorted(STATES))]


# ---- the list ---------------------------------------------------------------------------------------------------


def short_lot(lot: Lot) -> str:
    """A lot in a filter: its code and as much of its title as fits."""
    return Truncator(f"{lot.code} {lot.title}").chars(26)


def choices_for(room: Room, access: Access) -> dict[str, list[tuple[str, str]]]:
    """What the list can be filtered by."""
    lots = room.solicitation.lots.all()
    choices = {
        "window": [(str(each.number), f"Window {each.number}") for each in room.windows],
        "lot": [("", "All lots"), *((lot.code, short_lot(lot)) for lot in lots)],
        "state": STATE_CHOICES,
    }
    if access.sees_panel:
        choices["standing"] = [ANY, *RankedProposal.Standing.choices]
    return choices


@in_room
def proposal_list(request: HttpRequest, room: Room) -> HttpResponse:
    """Opened proposals of one window, searched, filtered and paged by the address."""
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    form = FilterForm({**request.GET.dict(), "window": str(window.number)}, choices=choices_for(room, access))
    found = filtered(
        proposals_in(room.viewer, window, access), form.values(), access, by_name=room.sees_names
    )
    pages = IdPages(
        found.order_by("number").values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: listed(Proposal.objects.filter(pk__in=keys), room, access),
        order=["number"],
    )
    page = pages.get_page(request.GET.get("page"))
    blocks = standings.blocks_of((row.pk, row.number, row.supplier_id) for row in page)
    return render(
        request,
        "scoring/decisions/proposal_list.html",
        room.context(
            "proposal_list",
            window=window,
            window_access=access,
            prices=reading_queries.prices_of(window, access.price_lots),
            form=form,
            page=page,
            # One address for all rows: resolving two hundred would be a tenth of the page's time.
            proposals_url=reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
            rows=[row_of(proposal, room, access, blocks) for proposal in page],
            received=reading_queries.proposals_received(room.solicitation, now=clock.WallTime()).get(
                window.pk
            )
            if access.technical_open or room.decides
            else None,
        ),
    )


def listed(found: QuerySet[Any], room: Room, access: Access) -> QuerySet[Any]:
    """A page's proposals with what a row shows; standings only of lots whose panel the user sees.

    Names and places are the supplier's as received: a company that is renamed or moves stays where it was.
    """
    more = ["place"]
    if room.seat is not None:
        found = marking_queries.with_own_marks(found, room.seat)
        more += ["marks_own", "to_mark"]
    if access.sees_panel:
        found = found.annotate(standing=_standing(access), verdict=decisions_queries.latest_verdict("pk"))
        more += ["standing", "verdict"]
    found = found.annotate(place=Coalesce("current_revision__score__place", Value("")))
    return marking_queries.as_rows(found, *more)


def _standing(access: Access) -> Subquery:
    shown = RankedProposal.objects.filter(proposal=OuterRef("pk"), lot__in=access.panel_lots)
    return Subquery(shown.values("standing")[:1])


def filtered(found: QuerySet[Any], values: dict[str, str], access: Access, *, by_name: bool) -> QuerySet[Any]:
    """Only what is filtered by is joined. `by_name`: the reader may know the suppliers; what an offer is called may say
    who made it."""
    if (words := values.get("q")) and not by_name:
        found = found.filter(number__icontains=words)
    elif words:
        found = found.annotate(name=marking_queries.NAME).filter(
            Q(name__icontains=words)
            | Q(number__icontains=words)
            | Q(current_revision__title__icontains=words)
        )
    if lot := values.get("lot"):
        found = found.filter(lot__code=lot)
    if state := values.get("state"):
        found = found.filter(current_revision__score__state=state)
    if (standing := values.get("standing")) and access.sees_panel:
        found = found.annotate(standing=_standing(access)).filter(standing=standing)
    return found


def row_of(proposal: Any, room: Room, access: Access, blocks: Blocks) -> dict[str, Any]:
    """One row, every value as text."""
    standing = getattr(proposal, "standing", None)
    sees_panel = proposal.lot_id in access.panel_lots
    verdict = getattr(proposal, "verdict", None) if sees_panel else None
    row = {
        "pk": str(proposal.pk),
        "number": proposal.number,
        "supplier": proposal.name,
        "title": proposal.title,
        "lot": proposal.lot_code,
        "place": proposal.place,
        "received": proposal.received,
        "standing": RankedProposal.Standing(standing).label if standing else "",
        "standing_state": rows.STANDING_STATES[RankedProposal.Standing(standing)] if standing else "",
        "decision": Decision.Verdict(verdict).label if verdict else "",
        "decision_state": rows.DECISION_STATES[Decision.Verdict(verdict)] if verdict else "",
        "blocks": rows.blocks_in_words(blocks.get(proposal.pk, ()), in_full=room.reads_screening),
    }
    if room.seat is not None:
        done, wanted = proposal.marks_own, proposal.to_mark
        may_mark = proposal.lot_id not in access.price_lots
        row |= {"done": done, "wanted": wanted, "may_mark": may_mark}
    return row
