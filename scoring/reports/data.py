"""A finding and a proposal as data, for the file inside a PDF."""

from __future__ import annotations

from typing import Any

from rfp.models import Proposal, Revision
from scoring.reading.company import company_of


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
