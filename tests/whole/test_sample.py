"""What the portal stores for the written sample, against outcomes computed apart from any code of ours."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal import demo as portal_demo
from portal.demo import Demo
from rfp import demo as rfp_demo
from rfp.compliance import assessment
from rfp.compliance import queries as compliance_queries
from rfp.models import Finding, Proposal, Window
from rfp.proposals import actions, revision_facts
from scoring.ranking import inputs, queries, scores
from suppliers import demo as suppliers_demo

EXPECTED = json.loads((Path(__file__).parents[1] / "sample" / "expected.json").read_text())
# The last instant of the sample's last window: every proposal is in, and no date is moved.
LAST_SECOND = datetime(2026, 7, 1, 3, 59, 59, 900_000, tzinfo=UTC)

# The expected marks were computed from shares rounded to four places, ours from the exact ones.
ROUNDED_SHARES = Decimal("0.0002")

Found = dict[tuple[str, str], Finding]


@pytest.fixture
def sample(db: None) -> Demo:
    story = Demo(today=portal_demo.SAMPLE_TODAY, now=LAST_SECOND, varied=0)
    for part in (portal_demo, suppliers_demo, rfp_demo):
        part.build(story)
    for key in EXPECTED["proposals"]:
        proposal = story.made[f"proposal:{key}"]
        proposal.refresh_from_db()
        revision = revision_facts.revision_for_facts(proposal.current_revision_id)
        assessment.assess(revision)
        scores.mark_automatically(queries.revision_to_score(revision.pk))
    return story


def findings(proposal: Proposal) -> Found:
    assert proposal.current_revision is not None
    return {(f.rule, f.part): f for f in proposal.current_revision.assessments.latest().findings.all()}


def rounded(figure: str, like: str) -> str:
    """A stored figure with as many decimals as the expected one."""
    return str(Decimal(figure).quantize(Decimal(like)))


def differences(key: str, proposal: Proposal, expected: dict[str, Any]) -> list[str]:
    found = findings(proposal)
    pairs: list[tuple[str, Any, Any]] = [
        ("FA-3", found["FA-3", ""].outcome, expected["FA_3"]["outcome"]),
        ("FA-3 capacity", found["FA-3", ""].numbers["capacity"], expected["FA_3"]["capacity"]),
        (
            "FA-3 nameplate",
            found["FA-3", "nameplate"].outcome == "refer",
            expected["FA_3"]["nameplate_refer"],
        ),
        ("WS-2", found["WS-2", ""].numbers["new_fte"], str(expected["WS_2"]["new_fte"])),
        ("AT-4", found["AT-4", ""].outcome, "met"),
        ("FA-1", found["FA-1", ""].outcome, "met"),
        ("ID-1", found["ID-1", ""].outcome, "met"),
        ("FI-1", found["FI-1", ""].outcome, EXPECTED["suppliers"][expected["supplier"]]["FI_1"]),
        ("FA-2 step", found["FA-2", "steps"].outcome == "met", expected["FA_2"]["has_us_transforming_step"]),
        ("FA-2", _worst(found, "FA-2", "steps", ""), expected["FA_2"]["outcome"]),
        ("FA-4", found["FA-4", ""].outcome, expected["FA_4"]["outcome"]),
        (
            "FA-4 gaps",
            [Decimal(gap) for gap in found["FA-4", ""].numbers.values()],
            [Decimal(gap) for gap in expected["FA_4"]["cumulative_gap"]],
        ),
        ("FA-5", found["FA-5", ""].outcome, expected["FA_5"]["outcome"]),
        ("SC-8", found["SC-8", ""].outcome, EXPECTED["suppliers"][expected["supplier"]]["SC_8"]),
        ("SC-3", found["SC-3", "told"].outcome, EXPECTED["suppliers"][expected["supplier"]]["SC_3"]),
        (
            "CE-1",
            [f.outcome for (rule, _), f in found.items() if rule == "CE-1"],
            [expected["CE_1"]["outcome"]],
        ),
        (
            "RQ-1",
            sorted(
                part
                for (rule, part), f in found.items()
                if rule == "RQ-1" and f.outcome == "not_met" and not part.startswith("C-")
            ),
            sorted(failed["code"] for failed in expected["requirements_failed"]),
        ),
    ]
    pairs += _numbers(found, "FA-3", "", {"utilization_pct": expected["FA_3"]["utilisation_pct"]})
    pairs += _numbers(found, "WS-2", "", {"fte_per_musd": expected["WS_2"]["fte_per_musd"]})
    pairs += _numbers(found, "FA-2", "", {"us_conversion_pct": expected["FA_2"]["us_conversion_pct"]})
    pairs += _finances(found, EXPECTED["suppliers"][expected["supplier"]]["financial"])
    pairs += _bill_of_materials(found, expected)
    pairs += _marks(proposal, expected["automatic_marks_0_100"])
    return [f"{key} {what}: {ours} is not {theirs}" for what, ours, theirs in pairs if ours != theirs]


def _worst(found: Found, rule: str, *parts: str) -> str:
    """The sample has one outcome where we have a part for each half of the rule."""
    outcomes = [found[rule, part].outcome for part in parts]
    return next(each for each in ("not_met", "refer", "met") if each in outcomes)


def _finances(found: Found, expected: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    latest = expected[max(expected)]
    return [
        *_numbers(found, "FI-2", "", {"z_double_prime": latest["z_double_prime"]}),
        *_numbers(found, "FI-3", "current", {"current_ratio": latest["current_ratio"]}),
        *_numbers(found, "FI-3", "debt", {"debt_to_equity": latest["debt_to_equity"]}),
        *_numbers(found, "FI-3", "interest", {"interest_cover": latest["interest_cover"]}),
        ("FI-4", found["FI-4", "balance"].outcome == "met", latest["balances"]),
    ]


def _numbers(found: Found, rule: str, part: str, expected: dict[str, str]) -> list[tuple[str, str, str]]:
    numbers = found[rule, part].numbers
    return [(f"{rule} {name}", rounded(numbers[name], like), like) for name, like in expected.items()]


def _bill_of_materials(found: Found, expected: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    if "DC_2" not in expected:
        return [(rule, found[rule, ""].outcome, "refer") for rule in ("DC-1", "DC-2", "DC-8")]
    domestic = expected["DC_2"]
    pairs = [
        (f"DC-2 {year}", found["DC-2", year].outcome, said) for year, said in domestic["by_year"].items()
    ]
    pairs += _numbers(found, "DC-2", "2028", {name: domestic[name] for name in ("lo_pct", "hi_pct")})
    pairs += _numbers(found, "DC-1", "amounts", {name: domestic[name] for name in ("total", "us", "foreign")})
    deep = expected["DC_8"]
    pairs += [("DC-8", found["DC-8", ""].outcome, deep["outcome"])]
    pairs += _numbers(found, "DC-8", "", {f"{name}_pct": share for name, share in deep["buckets"].items()})
    pairs += [("DC-1", found["DC-1", ""].outcome, expected["DC_1"].split()[0])]
    return pairs


def _marks(proposal: Proposal, expected: dict[str, str | None]) -> list[tuple[str, Any, Any]]:
    assert proposal.current_revision is not None
    stored = {
        m.criterion.code: m for m in proposal.current_revision.automatic_marks.select_related("criterion")
    }
    pairs: list[tuple[str, Any, Any]] = []
    for code, mark in expected.items():
        if code == "P1":
            continue
        ours = stored[code].value
        if ours is None or mark is None or abs(ours - Decimal(mark)) > ROUNDED_SHARES:
            pairs.append((code, ours, mark))
    return pairs


def test_every_proposal_comes_out_as_computed_elsewhere(sample: Demo) -> None:
    found = [
        difference
        for key, expected in EXPECTED["proposals"].items()
        for difference in differences(key, sample.made[f"proposal:{key}"], expected)
    ]
    assert found == [], "\n".join(found)


def test_prices_stay_unread_until_they_are_open_and_then_agree(sample: Demo) -> None:
    for key, expected in EXPECTED["proposals"].items():
        revision = queries.revision_to_score(sample.made[f"proposal:{key}"].current_revision_id)
        sheet = inputs.score_sheet(revision, price_open=False)
        assert sheet.price is None
        price = inputs.price_facts(revision)
        assert price.offered is not None
        assert price.reference is not None
        assert rounded(str(price.offered / price.reference), "0.0001") == expected["price_index"]


def test_manufacture_abroad_and_lapsed_certificates_wait_for_a_person(sample: Demo) -> None:
    waiting = {
        key: sorted(
            f.rule if f.rule != "RQ-1" else f.part
            for f in compliance_queries.findings_of(
                sample.made[f"proposal:{key}"].current_revision.assessments.latest()
            )
            if f.outcome == "not_met" and compliance_queries.awaits_decision(f)
        )
        for key in ("P01", "P04", "P08", "P20")
    }
    assert waiting == {"P01": [], "P04": ["DC-2", "FA-2"], "P08": ["CE-1"], "P20": ["L9-R08"]}


def test_last_second_is_in_and_the_next_is_out(sample: Demo) -> None:
    last = Window.objects.get(number=3)
    assert sample.made["proposal:P14"].current_revision.received_at < last.closes_at
    with pytest.raises(actions.TooLate):
        actions.revise_proposal(sample.made["proposal:P14"], by=sample.person("S12"), at=last.closes_at)


def test_only_the_officers_learn_of_the_look_alike(sample: Demo) -> None:
    found = findings(sample.made["proposal:P07"])
    assert (found["SC-1", ""].outcome, found["SC-1", ""].audience) == ("refer", "chair")
    clean = findings(sample.made["proposal:P01"])
    assert found["SC-1", "notice"].message == clean["SC-1", "notice"].message


@pytest.mark.parametrize("day", [date(2026, 6, 21), date(2027, 3, 1)])
def test_every_date_moves_by_the_same_number_of_days(db: None, day: date) -> None:
    story = Demo(today=day, now=datetime.combine(day, datetime.min.time(), UTC), varied=0)
    assert story.on("2026-06-30") - story.on("2026-01-15") == date(2026, 6, 30) - date(2026, 1, 15)
    assert story.on(str(portal_demo.SAMPLE_TODAY)) == day
