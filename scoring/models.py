"""Everything the scoring app stores."""

from scoring.decisions.models import Decision, StandingOverride
from scoring.panel.models import ChairChange, Conflict, ConflictDeclaration, Evaluator
from scoring.ranking.models import (
    AutomaticMark,
    Mark,
    MarkRemoval,
    PanelMark,
    RankedProposal,
    Ranking,
    Review,
    Score,
    Stability,
)
from scoring.reports.models import Report

__all__ = [
    "AutomaticMark",
    "ChairChange",
    "Conflict",
    "ConflictDeclaration",
    "Decision",
    "Evaluator",
    "Mark",
    "MarkRemoval",
    "PanelMark",
    "RankedProposal",
    "Ranking",
    "Report",
    "Review",
    "Score",
    "Stability",
    "StandingOverride",
]
