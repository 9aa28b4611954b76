"""What page and PDF show of a letter to its supplier."""

from __future__ import annotations

from typing import Any

from portal.kit import clock
from scoring.outcomes import queries
from scoring.outcomes.models import Letter, Outcome


def outcome_context(letter: Letter) -> dict[str, Any]:
    """What page and PDF show of a letter."""
    solicitation = letter.release.window.solicitation
    told, until = letter.debrief, letter.release.standstill_until
    kind = Outcome(letter.outcome)
    revision = letter.proposal.current_revision
    is_award = kind is Outcome.AWARDED
    return {
        "letter": letter,
        "proposal": letter.proposal,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "lot": letter.release.lot,
        "title": (revision.title if revision else "") or letter.proposal.number,
        "outcome": kind.label,
        "state": queries.STATES[kind],
        "debrief": told,
        "until": until,
        "is_over": until is not None and clock.wall_time() >= until,
        "final": getattr(letter, "final", None) if is_award else None,
        "is_award": is_award,
        "no_total": _no_total(told),
        "compares": any(line["ahead"] for line in told.get("lines", ())),
    }


def _no_total(told: dict[str, Any]) -> str:
    """Why a debrief has technical points alone."""
    if told.get("missed"):
        return "the proposal misses a requirement, so it isn’t ranked."
    return "its price stayed sealed, so it isn’t ranked."
