"""Agreement in words: who is apart on what, harsh, lenient, erratic, with figures behind each."""

from __future__ import annotations

import pytest

from scoring.moderation.wording import rank_correlation, sentences

NAMES = {"R1": "Priya Raman", "R2": "Tom Brandt", "R3": "Elena Ruiz"}
NONE = {"total": {"icc2k": {"value": None}, "n_proposals": 0, "n_evaluators": 0}}


def effects(totals):
    from scoring.calculation.analyses import effects as engine

    groups = [engine._group(totals, proposals) for proposals in engine.connected(totals)]
    return {"groups": groups, "components": len(groups)}


def texts(criteria=None, totals=None, agreement=NONE):
    found = sentences(criteria or {}, totals or {}, effects(totals or {}), agreement, NAMES)
    return [each.text for each in found], [each.evidence for each in found]


def test_who_disagrees_on_a_criterion_and_for_how_many_proposals():
    table = {f"P{at}": {"R1": 80.0, "R2": 20.0, "R3": 80.0} for at in range(7)}
    table["P9"] = {"R1": 60.0, "R2": 60.0, "R3": 60.0}
    said, why = texts({"Energy": table})
    assert said == ["One of three reviewers disagrees on Energy for 7 proposals."]
    assert "7 of 8 shared proposals" in why[0] and "Tom Brandt on 7" in why[0]


def test_a_harsh_and_a_lenient_reviewer_are_named_with_an_interval():
    totals = {f"P{at}": {"R1": 50.0 + at, "R2": 30.0 + at, "R3": 70.0 + at + at % 2} for at in range(10)}
    said, why = texts(totals=totals)
    assert any(text.startswith("Tom Brandt is harsh: 20") for text in said)
    assert any(text.startswith("Elena Ruiz is lenient: 20") for text in said)
    assert all("95% interval" in each and "10 proposals" in each for each in why)


def test_an_order_unlike_the_others_is_erratic_from_eight_proposals_on():
    def table(count):
        return {f"P{at}": {"R1": 50.0 + at, "R2": 50.0 - at, "R3": 50.0 + at} for at in range(count)}

    assert any("orders proposals unlike" in text for text in texts(totals=table(9))[0])
    assert not any("orders proposals unlike" in text for text in texts(totals=table(7))[0])


def test_reviewers_who_share_nothing_are_not_compared():
    totals = {"P1": {"R1": 50.0}, "P2": {"R2": 60.0}}
    assert "Reviewers form two groups that share no proposal." in texts(totals=totals)[0]


@pytest.mark.parametrize(
    ("value", "band"), [(0.95, "excellent"), (0.8, "good"), (0.6, "moderate"), (0.2, "poor")]
)
def test_the_whole_panel_in_bands(value, band):
    total = {"icc2k": {"value": value, "low": 0.1, "high": 0.9}, "n_proposals": 14, "n_evaluators": 3}
    said, why = texts(agreement={"total": total})
    assert said == [f"Agreement on the totals is {band}."]
    assert "14 proposals" in why[0]


def test_rank_correlation_with_ties():
    assert rank_correlation([(1, 1), (2, 2), (3, 3)]) == pytest.approx(1)
    assert rank_correlation([(1, 3), (2, 2), (3, 1)]) == pytest.approx(-1)
    assert rank_correlation([(1, 1), (1, 2)]) is None
