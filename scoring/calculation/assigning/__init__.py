"""Who marks which proposal: a fair, explained assignment. Pure; scipy loads only when something is solved."""

from __future__ import annotations

from scoring.calculation.assigning.facts import Pair, Plan, Problem, Reviewer, Submission
from scoring.calculation.assigning.planning import plan

__all__ = ["Pair", "Plan", "Problem", "Reviewer", "Submission", "plan"]
