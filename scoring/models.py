"""Everything the scoring app stores."""

from scoring.comparing.models import Portfolio
from scoring.decisions.models import Decision, RankingView, StandingOverride
from scoring.duties.models import Assignment, AssignmentRun, DueDate, Handover
from scoring.marking import counted, waiting  # noqa: F401  (declare what the database counts and keeps)
from scoring.marking.models import Readiness, WaitingItem
from scoring.minutes.models import Minutes
from scoring.moderation.models import Agreement
from scoring.outcomes.models import AwardEnd, DebriefText, FinalAward, Letter, LetterText, Release
from scoring.panel.models import ChairChange, Conflict, ConflictDeclaration, Evaluator
from scoring.ranking.mark_models import AutomaticMark, ClaimRefusal, Mark, MarkRemoval, PanelMark, Review
from scoring.ranking.models import RankChance, RankedProposal, Ranking, Score, Shift, Stability
from scoring.reading.models import FileRelease
from scoring.reports.models import Report
from scoring.settling.models import Consensus, Draw, DrawStart, MarkVersion, Reopening

__all__ = [
    "Agreement",
    "Assignment",
    "AssignmentRun",
    "AutomaticMark",
    "AwardEnd",
    "ChairChange",
    "ClaimRefusal",
    "Conflict",
    "ConflictDeclaration",
    "Consensus",
    "DebriefText",
    "Decision",
    "Draw",
    "DrawStart",
    "DueDate",
    "Evaluator",
    "FileRelease",
    "FinalAward",
    "Handover",
    "Letter",
    "LetterText",
    "Mark",
    "MarkRemoval",
    "MarkVersion",
    "Minutes",
    "PanelMark",
    "Portfolio",
    "RankChance",
    "RankedProposal",
    "Ranking",
    "RankingView",
    "Readiness",
    "Release",
    "Reopening",
    "Report",
    "Review",
    "Score",
    "Shift",
    "Stability",
    "StandingOverride",
    "WaitingItem",
]
