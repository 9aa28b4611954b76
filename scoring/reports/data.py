"""A finding as data, for the file inside a PDF."""

from __future__ import annotations

from typing import Any


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
