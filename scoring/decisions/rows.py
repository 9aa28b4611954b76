"""Rows of a ranking, ready to be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.template import engines
from django.utils.safestring import SafeString, mark_safe

from portal.kit import formats
from scoring.decisions.models import Decision
from scoring.decisions.standings import LiveBlock
from scoring.ranking.cards import Slots, domestic_range, slots_of, spread_state
from scoring.ranking.certainty.chances import Chance, chance_from
from scoring.ranking.models import RankedProposal
from scoring.reading.company import Pairs

# ---- rows of a ranking ------------------------------------------------------------------------------------------

DECISION_STATES = {
    Decision.Verdict.SHORTLISTED: "met",
    Decision.Verdict.RESERVE: "open",
    Decision.Verdict.ELIMINATED: "not",
    Decision.Verdict.AWARDED: "met",
    Decision.Verdict.WITHDREW: "na",
    Decision.Verdict.UNDECIDED: "todo",
}
FLAG_WORDS = {
    "not_met": ("open", "Knock-out to decide"),
    "referred": ("open", "A person decides"),
    "unanswered": ("open", "Question not answered"),
    "mark_missing": ("open", "Input missing"),
    "no_marks": ("open", "No one marked a criterion, so it counts as 0"),
}
BLOCK_STATES = {"confirmed": "not", "hold": "hit", "suspended": "not", "expired": "open"}


def blocks_in_words(blocks: Iterable[LiveBlock], *, in_full: bool) -> Pairs:
    """(state, words) of what stops a proposal as of now."""
    return tuple((BLOCK_STATES[each.block.kind], each.words(in_full=in_full)) for each in blocks)


def flags_of(row: Any, blocks: Iterable[LiveBlock], *, in_full: bool) -> Pairs:
    """(state, words) of all that a reader must know before trusting the place, live standing first."""
    return blocks_in_words(blocks, in_full=in_full) + tuple(
        FLAG_WORDS.get(flag, ("open", flag)) for flag in row.flags
    )


STANDING_STATES = {
    RankedProposal.Standing.RANKED: "met",
    RankedProposal.Standing.KNOCKED_OUT: "not",
    RankedProposal.Standing.BELOW_THRESHOLD: "not",
    RankedProposal.Standing.NOT_SCORED: "todo",
}


@dataclass(frozen=True, kw_only=True)
class RankRow:
    """One row of a ranking, every value as text; `rank` is the one in its lot, `price` is blank until prices are open.

    `rank_before` and `score_before`: with marks that were taken out after prices opened; blank where none were.
    """

    pk: Any
    rank: str
    shared: str
    supplier: str
    number: str
    place: str
    lot: str
    score: str
    technical: str
    slots: Slots
    spread: str
    spread_state: str
    price: str
    domestic: str
    flags: Pairs
    price_open: bool
    rank_before: str
    score_before: str
    standing: str
    standing_state: str
    decision: str
    decision_state: str
    reason: str
    lead_time: str
    jobs: str
    expires: str
    chance: Chance | None = None


def rank_row(
    row: Any,
    decision: Decision | None,
    *,
    price_open: bool,
    blocks: Iterable[LiveBlock] = (),
    in_full: bool = False,
    chance: Chance | None = None,
    selected_on: date | None = None,
) -> RankRow:
    """A stored row, or its values by name, as its readers see it. `blocks`: what stops the proposal as of now;
    `chance`: how sure its place is; `selected_on`: the day by which suppliers hear who is selected."""
    standing = RankedProposal.Standing(row.standing)
    verdict = Decision.Verdict(decision.verdict) if decision else Decision.Verdict.UNDECIDED
    return RankRow(
        pk=str(row.proposal_id),
        rank=str(row.rank) if row.rank is not None else "",
        shared="Tied after all tie-breakers" if row.shared else "",
        supplier=row.supplier_name,
        number=row.proposal_number,
        place=row.place,
        lot=row.lot_code,
        score=formats.number(row.score if price_open else row.technical, 2),
        technical=formats.number(row.technical, 2),
        slots=slots_of(row.marks, price_open=price_open, price_mark=row.price_mark),
        spread=formats.percent(row.spread, 0),
        spread_state=spread_state(row.spread),
        price=formats.money_short(row.price_total) if price_open else "",
        domestic=domestic_range(row.domestic_low, row.domestic_high),
        flags=flags_of(row, blocks, in_full=in_full),
        price_open=price_open,
        rank_before=str(row.rank_before) if row.rank_before is not None else "",
        score_before=formats.number(row.score_before, 2) if price_open else "",
        standing="" if standing is RankedProposal.Standing.RANKED else str(standing.label),
        standing_state=STANDING_STATES[standing],
        decision=str(verdict.label),
        decision_state=DECISION_STATES[verdict],
        reason=decision.reason if decision else "",
        lead_time="" if row.lead_time_days is None else formats.count_of(row.lead_time_days, "day"),
        jobs=formats.number(row.jobs),
        expires=_expires(row, selected_on),
        chance=chance,
    )


# Of a stored row's values a list of a hundred shows the same again and again, to every reader and after every mark that
# changed others: what is made of them is kept, by all that it is made of.


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What decides how a reader sees a row besides the row. `places`: of the shortlist, None without chances."""

    price_open: bool
    selected_on: date | None
    places: int | None
    is_contested: bool


@lru_cache(maxsize=4096)
def kept_row(row: Any, seen: Seen) -> RankRow:
    """`rank_row` of values by name (`views.ranking.as_told`): lists are text in `…_told`, as PostgreSQL writes them."""
    lists = {name: json.loads(getattr(row, f"{name}_told")) for name in ("marks", "flags")}
    chance = None
    if seen.places is not None and row.chances_told:
        figures = [float(each) for each in row.chances_told.strip("{}").split(",")]
        chance = chance_from(figures, places=seen.places, is_contested=seen.is_contested)
    return rank_row(
        SimpleNamespace(**row._asdict(), **lists),
        Decision(verdict=row.verdict) if row.verdict else None,
        price_open=seen.price_open,
        chance=chance,
        selected_on=seen.selected_on,
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the table is like: the names that `rows.jinja` reads beside its rows."""

    columns: frozenset[str]
    price_open: bool
    has_before: bool
    names_lot: bool
    places: int
    cut: int
    shows_chances: bool
    track: str
    proposals_url: str


@lru_cache(maxsize=2048)
def html_of(row: RankRow, look: Look) -> SafeString:
    """The row as the table has it."""
    template = engines["jinja2"].get_template("scoring/decisions/ranking/rows.jinja")
    return mark_safe(template.render({"rows": [row], "look": look}))


def _expires(row: Any, selected_on: date | None) -> str:
    """ "ISO 9001, June 3, 2026": the certificate that expires first, if it does before the selection."""
    if row.expires_on is None or selected_on is None or row.expires_on >= selected_on:
        return ""
    return f"{row.expires_what}, {formats.day(row.expires_on)}"
