"""What stands in place of a measure that can't be computed."""

from __future__ import annotations

from typing import Any


def undefined(reason: str) -> dict[str, Any]:
    return {"value": None, "reason": reason}


def too_small(proposals: int, evaluators: int) -> str:
    """Why a table is too small to measure agreement; blank if it isn't."""
    if evaluators < 2:
        return "It takes at least two evaluators."
    if proposals < 2:
        return "It takes at least two proposals that every evaluator marked."
    return ""
