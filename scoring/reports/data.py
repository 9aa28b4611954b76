"""A score, a finding, a row and a proposal as data, for the file inside a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rfp.models import Proposal, Revision
from scoring.ranking.models import RankedProposal, Score
from scoring.reading.company import company_of

# ---- the attached data ------------------------------------------------------------------------------------------


def score_data(
    score: Score | None, *, reviewers: Mapping[str, str], price_open: bool
) -> dict[str, Any] | None:
    """A score as data: exact figures as text, reviewers by their pseudonyms."""
    if score is None:
        return None
    lines = [
        {**line, "marks": {reviewers.get(key, key): anchor for key, anchor in sorted(line["marks"].items())}}
        for line in score.trace["lines"]
        if price_open or line["envelope"] == "technical"
    ]
    data: dict[str, Any] = {
        "method": score.trace["method"],
        "rulebook": score.trace["rulebook"],
        "lines": lines,
        "technical": str(score.technical),
        "technical_percent": str(score.technical_percent),
    }
    if price_open and score.total is not None:
        data |= {
            "price_parts": score.trace.get("price", {}),
            "total_before": None if score.total_before is None else str(score.total_before),
            "price_mark": None if score.price_mark is None else str(score.price_mark),
            "price_total": None if score.price_total is None else str(score.price_total),
            "total": str(score.total),
        }
    return data


def finding_data(finding: Any) -> dict[str, Any]:
    """A finding as data, with the decisions on it."""
    return {
        "rule": finding.rule,
        "part": finding.part,
        "title": finding.title,
        "outcome": finding.outcome,
        "effect": finding.effect,
        "message": finding.message,
        "basis": finding.basis,
        "numbers": finding.numbers,
        "decisions": [
            {"outcome": override.outcome, "reason": override.reason, "at": override.at.isoformat()}
            for override in finding.overrides.all()
        ],
    }


def row_data(row: RankedProposal, *, price_open: bool) -> dict[str, Any]:
    """A row of a ranking as data."""
    data: dict[str, Any] = {
        "position": row.position,
        "rank": row.rank,
        "rank_before": row.rank_before,
        "shared": row.shared,
        "standing": row.standing,
        "tie_step": row.tie_step,
        "technical": None if row.technical is None else str(row.technical),
    }
    if price_open:
        data |= {
            "score": None if row.score is None else str(row.score),
            "price_mark": None if row.price_mark is None else str(row.price_mark),
            "price_total": None if row.price_total is None else str(row.price_total),
        }
    return data


def proposal_data(proposal: Proposal, revision: Revision) -> dict[str, Any]:
    """Which proposal this is about."""
    return {
        "proposal": proposal.number,
        "revision": revision.number,
        "received_at": revision.received_at.isoformat() if revision.received_at else None,
        "lot": proposal.lot.code,
        "supplier": company_of(revision).legal_name,
        "title": revision.title,
    }
