"""The calculation engine of evaluations: one file in, standings and analyses out, exactly. See docs/evaluation-file.md.

Pure: no Django, no Celery, no clock, no network. numpy and scipy load only when an analysis needs them.
"""

from __future__ import annotations

from scoring.calculation.analysing import Analyses, Simulation, analyse
from scoring.calculation.facts import Declined, Evaluation, NotAnEvaluation
from scoring.calculation.file.reading import load
from scoring.calculation.recomputing import SetResults, recompute

__all__ = [
    "Analyses",
    "Declined",
    "Evaluation",
    "NotAnEvaluation",
    "SetResults",
    "Simulation",
    "analyse",
    "load",
    "recompute",
]
