"""Several proposals of one lot decided at once: chosen in the ranking, with one reason for all or one for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.kit import clock, formats
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from rfp.models import Lot, Proposal, Window
from scoring.decisions import queries, rows, standings, verdict_actions
from scoring.decisions.forms import VerdictsForm
from scoring.decisions.models import Decision
from scoring.panel.access import proposals_visible_to
from scoring.panel.views.room import Room, in_room
from scoring.ranking.models import RankedProposal

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One chosen proposal: its row of the ranking, what was decided before, the field of its own reason."""

    pk: UUID
    row: rows.RankRow
    history: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]
    field: Any
    refused: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The proposals that the address or the form names, all of one lot of a window."""

    window: Window
    lot: Lot
    proposals: list[Proposal]


@in_room
def decide_selected(request: HttpRequest, room: Room) -> HttpResponse:
    """The page for what was chosen; posted, it decides all or none and says for each why not."""
    if not room.decides:
        raise Http404
    asked = _asked(request, room)
    if asked is None:
        messages.error(request, "Select at least one proposal.")
        return redirect(_ranking_url(request, room))
    data = request.POST if request.method == "POST" else None
    form = VerdictsForm(data, proposals=asked.proposals)
    why: dict[UUID, str] = {}
    if data is not None and form.is_valid():
        try:
            made = verdict_actions.decide_several(
                asked.proposals,
                verdict=Decision.Verdict(form.cleaned_data["verdict"]),
                reasons=form.reasons(),
                by=room.user,
                at=clock.wall_time(),
            )
        except verdict_actions.SomeRefused as refused:
            why = dict(refused.why)
            form.refuse(why)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"{count_of(len(made), 'decision')} recorded. Suppliers see nothing yet."
            )
            return redirect(_ranking_url(request, room, asked))
    return render(request, "scoring/decisions/verdicts/verdicts.html", _context(room, asked, form, why))


def _asked(request: HttpRequest, room: Room) -> Asked | None:
    """None when nothing was chosen. Raises Http404 for what the user may not decide, or of several lots."""
    given = request.POST if request.method == "POST" else request.GET
    window = room.window(request.GET.get("window"))
    keys = [key for key in map(_uuid, given.getlist("item")[:MOST]) if key]
    if not keys:
        return None
    found = proposals_visible_to(room.user).filter(
        pk__in=keys, window=window, lot__in=room.access[window.pk].price_lots
    )
    proposals = list(found.select_related("window__solicitation", "lot__solicitation", "supplier"))
    if len(proposals) != len(set(keys)) or len({each.lot_id for each in proposals}) != 1:
        raise Http404
    places = dict(
        RankedProposal.objects.filter(ranking__window=window, proposal__in=keys).values_list(
            "proposal", "position"
        )
    )
    proposals.sort(key=lambda each: places.get(each.pk, 10**9))
    return Asked(window=window, lot=proposals[0].lot, proposals=proposals)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _ranking_url(request: HttpRequest, room: Room, asked: Asked | None = None) -> str:
    address = reverse("scoring:ranking", args=[room.solicitation.number])
    if asked is not None:
        return f"{address}?window={asked.window.number}&lot={asked.lot.code}"
    return f"{address}?window={room.window(request.GET.get('window')).number}"


def _context(room: Room, asked: Asked, form: VerdictsForm, why: dict[UUID, str]) -> dict[str, Any]:
    slots = asked.window.solicitation.slots_per_lot
    taken = len(queries.holders_of_slots(asked.window.pk, asked.lot.pk))
    reserve = queries.reserve_of(asked.window.pk, asked.lot.pk)
    return room.context(
        "ranking",
        window=asked.window,
        lot=asked.lot,
        form=form,
        chosen=_chosen(room, asked, form, why),
        slots=f"{taken} of {count_of(slots, 'slot')} taken",
        next_in_reserve=queries.next_in_words(reserve)
        if queries.places_given_up(asked.window.pk, asked.lot.pk)
        else "",
        verdicts=VerdictsForm.CHOICES,
        back=f"{reverse('scoring:ranking', args=[room.solicitation.number])}"
        f"?window={asked.window.number}&lot={asked.lot.code}",
    )


def _chosen(room: Room, asked: Asked, form: VerdictsForm, why: dict[UUID, str]) -> list[Chosen]:
    keys = [each.pk for each in asked.proposals]
    ranked = {
        row.proposal_id: row
        for row in RankedProposal.objects.filter(ranking__window=asked.window, proposal__in=keys)
    }
    before = queries.decisions_on(keys)
    blocks = standings.blocks_of((each.pk, each.number, each.supplier_id) for each in asked.proposals)
    found = []
    for proposal in asked.proposals:
        row = ranked.get(proposal.pk)
        if row is None:
            continue
        history = before.get(proposal.pk, [])
        found.append(
            Chosen(
                pk=proposal.pk,
                row=rows.rank_row(row, history[-1] if history else None, price_open=row.price_open),
                history=tuple(in_words(each, room.zone) for each in reversed(history)),
                blocks=rows.flags_of(row, blocks.get(proposal.pk, ()), in_full=room.reads_screening),
                field=form[VerdictsForm.name_of(proposal.pk)],
                refused=why.get(proposal.pk, ""),
            )
        )
    return found


def in_words(decision: Decision, zone: str) -> str:
    """ "Shortlisted by Ruth Okafor, June 3, 2026, 2:10 pm ET: Best in its lot"."""
    return f"{decision.get_verdict_display()} by {decision.by}, {formats.when(decision.at, zone)}: {decision.reason}"
