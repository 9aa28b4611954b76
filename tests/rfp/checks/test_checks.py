"""What the check before publishing finds, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rfp.checks import CHECKS, points_of
from rfp.checks.facts import CriterionFacts, MilestoneFacts, RequirementFacts, RfpFacts, WindowFacts
from rfp.checks.words import brand_in

EASTERN = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
WINDOW = WindowFacts(
    pk=1,
    number=1,
    opens_at=datetime(2026, 3, 3, 9, tzinfo=EASTERN),
    closes_at=datetime(2026, 4, 15, 17, tzinfo=EASTERN),
    feedback_by=date(2026, 5, 15),
)
CRITERION = CriterionFacts(pk=2, code="T", is_marked=True, for_suppliers=True, for_reviewers=True)
REQUIREMENT = RequirementFacts(
    pk=3, code="R1", words="Load?", unit="kg", why="Safety", is_knockout=True, is_technical=True
)
SOUND = RfpFacts(
    now=NOW,
    zone=EASTERN,
    has_contact=True,
    seats=3,
    has_chair=True,
    questions_until=datetime(2026, 3, 31, 17, tzinfo=EASTERN),
    windows=(WINDOW,),
    milestones=(MilestoneFacts(pk=4, title="Site visit", on=date(2026, 3, 10)),),
    criteria=(CRITERION,),
    requirements=(REQUIREMENT,),
)


def found(facts: RfpFacts) -> dict[str, str]:
    return {point.key: point.text for check in CHECKS for point in points_of(check, facts)}


def window(**changes: Any) -> dict[str, Any]:
    return {"windows": (replace(WINDOW, **changes),)}


def asked(**changes: Any) -> dict[str, Any]:
    return {"requirements": (replace(REQUIREMENT, **changes),)}


def test_nothing_to_look_at() -> None:
    assert found(SOUND) == {}


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"seats": 0, "has_chair": False}, "panel:empty", "no members"),
        ({"has_chair": False}, "panel:chair", "no chair"),
        ({"has_contact": False}, "contact", "who to contact"),
        ({"questions_until": None}, "questions:none", "no closing date"),
        ({"questions_until": NOW}, "questions:over", "already closed"),
        ({"questions_until": WINDOW.closes_at}, "questions:late", "after the last window"),
        (window(feedback_by=date(2026, 5, 25)), "days:feedback-1", "Memorial Day, May 25, 2026"),
        (window(closes_at=datetime(2026, 4, 18, 12, tzinfo=EASTERN)), "days:closes-1", "a Saturday"),
        # Midnight at the end of Sunday, and UTC's Saturday that is Friday in New York.
        (window(closes_at=datetime(2026, 4, 20, tzinfo=EASTERN)), "days:closes-1", "a Sunday: April 19"),
        (
            {"milestones": (MilestoneFacts(pk=4, title="Award", on=date(2026, 7, 3)),)},
            "days:milestone-4",
            "“Award” is on a federal holiday: Independence Day (observed)",
        ),
        (window(closes_at=NOW), "short:1", "already closed"),
        (window(closes_at=NOW + timedelta(days=6, hours=23)), "short:1", "closes in less than 7 days"),
        (window(opens_at=datetime(2026, 4, 10, tzinfo=EASTERN)), "short:1", "open for less than 7 days"),
        ({"criteria": (replace(CRITERION, for_suppliers=False),)}, "guidance:T", "guidance for suppliers."),
        (
            {"criteria": (replace(CRITERION, for_suppliers=False, for_reviewers=False),)},
            "guidance:T",
            "suppliers or reviewers",
        ),
        (asked(why=" "), "basis:R1", "gives no reason"),
        (asked(words="A Cisco switch"), "brand:R1", "names Cisco. Add “or equal”"),
        (asked(words="What does it cost?"), "money:R1", "seems to ask for money"),
        (asked(unit="USD"), "money:R1", "seems to ask for money"),
    ],
)
def test_each_is_found(changes: dict[str, Any], key: str, words: str) -> None:
    points = found(replace(SOUND, **changes))
    assert words in points[key]


@pytest.mark.parametrize(
    "changes",
    [
        window(closes_at=datetime(2026, 4, 18, tzinfo=EASTERN)),  # Friday's last second
        window(closes_at=datetime(2026, 4, 18, 1, tzinfo=UTC)),
        {"criteria": (replace(CRITERION, is_marked=False, for_reviewers=False),)},
        asked(why="", is_knockout=False),
        asked(words="A Cisco switch or equal"),
        asked(words="What does it cost?", is_technical=False),
    ],
)
def test_what_is_left_alone(changes: dict[str, Any]) -> None:
    assert found(replace(SOUND, **changes)) == {}


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("Runs on Microsoft SQL Server", "Microsoft"),
        ("Uses Widgetron® drives", "Widgetron"),
        ("Bearings manufactured by Timken", "Timken"),
        ("Brand name Acme", "Acme"),
        ("Siemens S7 or an equivalent controller", ""),
        ("An Allen-Bradley PLC or functional equivalent", ""),
        ("Meets ISO 9001", ""),
        ("The intelligence of oracles", ""),
        ("Made by hand", ""),
    ],
)
def test_brands(text: str, brand: str) -> None:
    assert brand_in(text) == brand


def test_each_check_has_a_name_of_its_own() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
