"""Everything the scoring app stores."""

from scoring.comparing.models import Portfolio
from scoring.decisions.models import Decision, RankingView, StandingOverride
from scoring.outcomes.models import DebriefText, FinalAward, Letter, LetterText, Release
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
from scoring.ranking.ranked_models import Shift
from scoring.reports.models import Report

__all__ = [
    "AutomaticMark",
    "ChairChange",
    "Conflict",
    "ConflictDeclaration",
    "DebriefText",
    "Decision",
    "Evaluator",
    "FinalAward",
    "Letter",
    "LetterText",
    "Mark",
    "MarkRemoval",
    "PanelMark",
    "Portfolio",
    "RankedProposal",
    "Ranking",
    "RankingView",
    "Release",
    "Report",
    "Review",
    "Score",
    "Shift",
    "Stability",
    "StandingOverride",
]
