"""Everything the scoring app stores."""

from scoring.decisions.models import Decision, StandingOverride
from scoring.outcomes.models import DebriefText, FinalAward, Letter, LetterText, Release
from scoring.panel.models import ChairChange, Conflict, ConflictDeclaration, Evaluator
from scoring.ranking.mark_models import AutomaticMark, Mark, MarkRemoval, PanelMark, Review
from scoring.ranking.models import RankChance, RankedProposal, Ranking, Score, Stability
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
    "RankChance",
    "RankedProposal",
    "Ranking",
    "Release",
    "Report",
    "Review",
    "Score",
    "Stability",
    "StandingOverride",
]
