"""What panel, chair and officers do: each verb once, with who (`by`) and when (`at`)."""

from portal.refused import Refused
from scoring.actions.deciding import (
    CHANGE_FINDING,
    CHANGE_INPUT,
    decide,
    decide_findings,
    override_standing,
    stand_in_for_input,
)
from scoring.actions.marks import leave_out_marks, record_mark, record_marks, request_ranking
from scoring.actions.openings import confirm_openings, propose_openings
from scoring.actions.panel import (
    add_conflict,
    confirm_chair,
    confirm_removal,
    declare_conflicts,
    propose_chair,
    propose_removal,
    recuse,
    seat_evaluator,
    unseat_evaluator,
)
from scoring.actions.reports import request_shortlist_report, request_summary

__all__ = [
    "CHANGE_FINDING",
    "CHANGE_INPUT",
    "Refused",
    "add_conflict",
    "confirm_chair",
    "confirm_openings",
    "confirm_removal",
    "decide",
    "decide_findings",
    "declare_conflicts",
    "leave_out_marks",
    "override_standing",
    "propose_chair",
    "propose_openings",
    "propose_removal",
    "record_mark",
    "record_marks",
    "recuse",
    "request_ranking",
    "request_shortlist_report",
    "request_summary",
    "seat_evaluator",
    "stand_in_for_input",
    "unseat_evaluator",
]
