"""Letters as they would go out now: their words filled with real data, the debrief, and what keeps the lot back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from rfp.models import Lot, Window
from rfp.proposals import queries as proposals_queries
from scoring.decisions import verdict_actions
from scoring.outcomes import debriefs, queries, wording
from scoring.outcomes.models import Outcome
from scoring.outcomes.queries import Due
from scoring.outcomes.wording import Words
from scoring.ranking import queries as ranking_queries

GIVEN_A_PLACE = (Outcome.SHORTLISTED, Outcome.RESERVE, Outcome.AWARDED)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One letter: due for `due`, filled in."""

    due: Due
    outcome: Outcome
    subject: str
    body: str
    debrief: debriefs.Debrief


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything a release of a lot would send, and why it can't go out yet, a sentence each.

    `due`: every proposal of the lot. `words`: the RFP's letters by outcome. `waiting`: whose debriefs have drafts that
    the chair hasn't edited or accepted, which is one of the obstacles.
    """

    lot: Lot
    due: tuple[Due, ...]
    words: Mapping[Outcome, Words]
    letters: tuple[Prepared, ...]
    obstacles: tuple[str, ...]
    waiting: tuple[Due, ...]
    digest: str


def standstill_end(at: datetime, days: int, zone: str) -> datetime:
    """Midnight in the RFP's zone after `days` whole days that follow the day of `at`."""
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def draft_of(window: Window, lot: Lot, *, at: datetime) -> Draft:
    """What a release at that moment would send; a fixed number of queries."""
    found = queries.due_in(window, lot)
    news = [due for due in found if due.is_news]
    words = queries.words_of(window.solicitation_id)
    letters = prepare(window, lot, news, words, at=at)
    waiting = [each.due for each in letters if each.debrief.waiting]
    return Draft(
        lot=lot,
        due=tuple(found),
        words=words,
        letters=tuple(letters),
        obstacles=tuple(_obstacles(window, lot, found, waiting)),
        waiting=tuple(waiting),
        digest=_digest(letters, words),
    )


def prepare(
    window: Window, lot: Lot, news: Sequence[Due], words: Mapping[Outcome, Words], *, at: datetime
) -> list[Prepared]:
    """These letters as they would go out at that moment."""
    received = queries.received_in(window, lot)
    told = debriefs.debriefs_of(window.solicitation, news)
    return [
        _prepared(window, lot, due, words, told[due.row.proposal_id], received=received, at=at)
        for due in news
        if due.outcome is not None
    ]


def _prepared(
    window: Window,
    lot: Lot,
    due: Due,
    words: Mapping[Outcome, Words],
    debrief: debriefs.Debrief,
    *,
    received: int,
    at: datetime,
) -> Prepared:
    assert due.outcome is not None, "it is decided"
    rfp = window.solicitation
    values: dict[str, Any] = {
        "company": due.row.supplier_name,
        "proposal": due.row.proposal_number,
        "title": due.row.revision.title or f"{lot.code} {lot.title}",
        "rfp": rfp.number,
        "rfp_title": rfp.title,
        "lot": f"{lot.code} {lot.title}",
        "buyer": rfp.buyer,
        "received": received,
        "standstill_until": standstill_end(at, rfp.standstill_days, rfp.time_zone),
    }
    text = words[due.outcome]
    return Prepared(
        due=due,
        outcome=due.outcome,
        subject=wording.filled(text.subject, values, zone=rfp.time_zone),
        body=wording.filled(text.body, values, zone=rfp.time_zone),
        debrief=debrief,
    )


def _digest(letters: Sequence[Prepared], words: Mapping[Outcome, Words]) -> str:
    """SHA-256 of all that suppliers will read, moments apart: those follow from the release itself."""
    content = [
        [
            str(each.due.row.proposal_id),
            each.due.decision.pk if each.due.decision else None,
            each.outcome.value,
            words[each.outcome].subject,
            words[each.outcome].body,
            each.debrief.data,
        ]
        for each in letters
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def is_ranking_behind(window: Window) -> bool:
    """Whether a newer ranking is on its way: nobody is told anything from the old one."""
    ranking = ranking_queries.ranking_of(window)
    return ranking is None or ranking.is_stale


def _obstacles(window: Window, lot: Lot, found: Sequence[Due], waiting: Sequence[Due]) -> list[str]:
    """Why the lot can't be released, in sentences; empty when it can."""
    if lot.pk not in proposals_queries.open_lots(window, Envelope.PRICE):
        return ["Prices of this lot are sealed. Decisions come after they open."]
    if is_ranking_behind(window):
        return ["The ranking is being updated. Try again in a minute."]
    if undecided := [due for due in found if due.outcome is None]:
        return [f"{count_of(len(undecided), 'proposal')} without a decision: {_named(undecided)}."]
    if not any(due.is_news for due in found):
        return ["Suppliers already know every decision in this lot."]
    placed = [due for due in found if due.outcome in GIVEN_A_PLACE]
    unfit = verdict_actions.unfit_for_a_place([due.row.proposal for due in placed], window)
    said = [
        f"{due.row.supplier_name}, {due.row.proposal_number}: {unfit[due.row.proposal_id]}"
        for due in placed
        if due.row.proposal_id in unfit
    ]
    if waiting:
        drafts = count_of(len(waiting), "debrief has drafts", "debriefs have drafts")
        said.append(f"{drafts} that the chair hasn’t edited or accepted: {_named(waiting)}.")
    return said


def _named(found: Sequence[Due]) -> str:
    """Numbers of the first five, and how many more there are."""
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return ", ".join(due.row.proposal_number for due in found[:5]) + more
