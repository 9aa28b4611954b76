"""Ties that the tie chain left, and the draws that settled some: what the reader may know of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F

from portal.kit import formats
from portal.kit.formats import count_of, listed
from rfp.models import Lot, Solicitation, Window
from scoring.calculation.draws import digest_of
from scoring.panel.access import Conflicts
from scoring.ranking.models import RankedProposal, Ranking
from scoring.settling.models import Draw, DrawStart
from scoring.settling.queries import draws_of

MOST_TIES = 20  # ties of one lot that are listed; the rest follow once these are drawn
MOST_NAMED = 12  # proposals of one tie that are named
BY_DRAW = "draw"


def settles_by_draw(solicitation: Solicitation) -> bool:
    """Whether the RFP has a draw decide what nothing else does."""
    return BY_DRAW in solicitation.tie_chain


@dataclass(frozen=True, kw_only=True)
class Tie:
    """Proposals of one lot that share a rank. `rows`: the first of them that the reader may know; `slots`: how many
    places on the shortlist fall to them, 0 to `count`; `digest`: see `draws.digest_of`; `start`: somebody began to
    draw."""

    rank: int
    count: int
    digest: str
    rows: Sequence[RankedProposal]
    slots: int
    start: DrawStart | None = None

    @property
    def is_contested(self) -> bool:
        """Whether the draw decides who is on the shortlist."""
        return 0 < self.slots < self.count

    @property
    def unnamed(self) -> int:
        return self.count - len(self.rows)


def numbers_tied(ranking: Ranking, lot: int, rank: int) -> list[str]:
    """The numbers of everyone who shares the rank, in order."""
    found = RankedProposal.objects.filter(ranking=ranking, lot=lot, rank=rank, shared=True)
    return sorted(found.values_list("proposal_number", flat=True))


def ties_in(ranking: Ranking, lot: Lot, conflicts: Conflicts, *, slots: int) -> list[Tie]:
    """The lot's ties, the best ranks first; at most three queries."""
    tied = RankedProposal.objects.filter(ranking=ranking, lot=lot, shared=True, price_open=True)
    told = tied.order_by("rank").values("rank").annotate(numbers=ArrayAgg("proposal_number"))
    numbers = {rank: members for rank, members in told.values_list("rank", "numbers")[:MOST_TIES] if rank}
    if not numbers:
        return []
    first = next(first for pk, _count, _ranked, first, _priced in ranking.lots if pk == lot.pk)
    shown = tied.filter(rank__in=numbers, position__lt=F("rank") + first - 1 + MOST_NAMED)
    rows = list(shown.order_by("position"))
    digests = {rank: digest_of(members) for rank, members in numbers.items()}
    begun = DrawStart.objects.filter(window=ranking.window_id, lot=lot, digest__in=digests.values())
    starts = {each.digest: each for each in begun.select_related("by", "draw")}
    return [
        Tie(
            rank=rank,
            count=len(members),
            digest=digests[rank],
            rows=[each for each in rows if each.rank == rank and not _hides(conflicts, [each])],
            slots=min(len(members), max(0, slots - rank + 1)),
            start=starts.get(digests[rank]),
        )
        for rank, members in numbers.items()
        # Drawn already: the ranking that says so is on its way.
        if not hasattr(starts.get(digests[rank]), "draw")
    ]


def _hides(conflicts: Conflicts, rows: Iterable[RankedProposal]) -> bool:
    return conflicts.everybody or any(each.supplier_id in conflicts.suppliers for each in rows)


# ---- what was drawn ---------------------------------------------------------------------------------------------


def draw_behind(row: RankedProposal) -> Draw | None:
    """The draw that gave this proposal its place; at most two queries."""
    neighbors = RankedProposal.objects.filter(
        ranking=row.ranking_id, lot=row.lot_id, position__in=[row.position - 1, row.position + 1]
    )
    beside = None
    for each in neighbors:
        after = each if each.position > row.position else row
        if after.tie_step == BY_DRAW:
            beside = each
    if beside is None:
        return None
    return (
        Draw.objects.filter(
            start__window=row.ranking.window_id,
            start__lot=row.lot_id,
            drawn__contains=[row.proposal_number, beside.proposal_number],
        )
        .select_related("start__by", "by")
        .order_by("id")
        .first()
    )


def place_in_words(row: RankedProposal, solicitation: Solicitation) -> str:
    """What settled the proposal's place among equals, or that nothing did; blank where it has no equal."""
    if not settles_by_draw(solicitation) or not row.price_open or row.rank is None:
        return "Tied after all tie-breakers" if row.shared else ""
    if row.shared:
        return "Tied. This RFP has a draw decide, and no one has drawn yet."
    draw = draw_behind(row)
    if draw is None:
        return ""
    place = draw.drawn.index(row.proposal_number) + 1
    return f"Equal with others. Number {place} of {len(draw.drawn)} in draw {draw.pk}."


def in_words(
    ranking: Ranking, lot: Lot, conflicts: Conflicts, *, slots: int, zone: str, most: int = 3
) -> list[str]:
    """What is tied in a lot and what was drawn, in sentences: the first `most` of each."""
    ties = ties_in(ranking, lot, conflicts, slots=slots)
    drawn = list(draws_of(ranking.window_id, lot.pk)[: most + 1])
    said = [_tie_in_words(each) for each in ties[:most]]
    if len(ties) > most:
        said.append(f"{count_of(len(ties) - most, 'more tie')}.")
    said += [_draw_in_words(each, conflicts, zone) for each in drawn[:most]]
    return [*said, "Earlier draws are on the page about ties."] if len(drawn) > most else said


def _tie_in_words(tie: Tie) -> str:
    names = [f"{each.supplier_name} ({each.proposal_number})" for each in tie.rows[:4]]
    left = tie.count - len(names)
    who = listed([*names, f"{left} more"] if left and names else names or [count_of(tie.count, "proposal")])
    for_slots = f", for {count_of(tie.slots, 'slot')} on the shortlist" if tie.is_contested else ""
    begun = "A draw is started and needs a second person." if tie.start else "No one has drawn yet."
    return f"{who} are tied at place {tie.rank}{for_slots}. This RFP settles ties by a draw. {begun}"


def _draw_in_words(draw: Draw, conflicts: Conflicts, zone: str) -> str:
    """ "Draw 3, June 3, 2026, 2:10 pm ET, by …: P-1, then P-2." Numbers only, and none that are hidden."""
    when = f"Draw {draw.pk} by {draw.start.by} and {draw.by}, {formats.when(draw.at, zone)}"
    if conflicts:
        return f"{when}, between {count_of(len(draw.drawn), 'proposal')}."
    order = ", then ".join(draw.drawn[:6])
    more = f", and {len(draw.drawn) - 6} more" if len(draw.drawn) > 6 else ""
    return f"{when}: {order}{more}."


def names_of(window: Window, numbers: Iterable[str]) -> dict[str, RankedProposal]:
    """proposal number → its row in the window's ranking; one query."""
    found = RankedProposal.objects.filter(ranking__window=window, proposal_number__in=list(numbers))
    return {each.proposal_number: each for each in found}
