"""The automatic assignment: floors, caps, conflicts, expertise, even work, connected reviewers, words."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from scoring.calculation.assigning import Problem, Reviewer, Submission, plan
from scoring.calculation.assigning.connecting import components

NAMES = ("Dana Cole", "Tom Brandt", "Elena Ruiz", "Noah Kessler", "Mei Lin")


def people(count=5, **options):
    return tuple(
        Reviewer(id=at, name=NAMES[at % 5] if count <= 5 else f"R{at}", **options) for at in range(count)
    )


def submissions(count, lot="L1", start=0):
    return tuple(Submission(id=f"P-{start + at:03}", lot=lot) for at in range(count))


def loads(made):
    return Counter(pair.reviewer for pair in made.pairs)


def test_every_proposal_gets_its_reviewers_and_the_work_is_even():
    made = plan(Problem(people(), submissions(10), each=3))
    assert not made.gaps
    assert set(Counter(pair.submission for pair in made.pairs).values()) == {3}
    assert set(loads(made).values()) == {6}
    assert all(pair.because.endswith(".") for pair in made.pairs)


def test_conflicts_stay_out_and_what_exists_is_kept():
    barred = frozenset({("P-000", 0), ("P-001", 1)})
    kept = frozenset({("P-000", 2)})
    made = plan(Problem(people(3), submissions(4), each=2, kept=kept, barred=barred))
    cells = {(pair.submission, pair.reviewer) for pair in made.pairs}
    assert not cells & barred and kept <= cells
    assert [pair.because for pair in made.pairs if pair.is_kept] == ["Assigned before."]
    assert Counter(number for number, _who in cells) == Counter({f"P-{at:03}": 2 for at in range(4)})


def test_caps_hold_with_what_a_reviewer_has_elsewhere():
    team = (Reviewer(0, "Dana Cole", cap=3), *people(4)[1:])
    made = plan(Problem(team, submissions(9), each=2, load={0: 2}))
    assert not made.gaps and loads(made)[0] <= 1


def test_experts_come_first_and_the_reason_says_so():
    team = tuple(
        Reviewer(each.id, each.name, knows=frozenset({"L1"} if each.id < 2 else {"L2"})) for each in people(4)
    )
    made = plan(Problem(team, (*submissions(4), *submissions(4, "L2", start=4)), each=2))
    knows = {each.id: each.knows for each in team}
    lots = {f"P-{at:03}": "L1" if at < 4 else "L2" for at in range(8)}
    assert all(lots[pair.submission] in knows[pair.reviewer] for pair in made.pairs)
    assert made.pairs[0].because == "Knows lot L1 and has no conflict. Dana has 4 proposals in all."


def test_a_stand_in_for_an_expert_says_why():
    team = (Reviewer(0, "Dana Cole", knows=frozenset({"L1"})), Reviewer(1, "Tom Brandt"))
    made = plan(Problem(team, submissions(1), each=1, barred=frozenset({("P-000", 0)})))
    assert [pair.because for pair in made.pairs] == ["Dana Cole has a conflict. Tom has 1 proposal in all."]


def test_too_few_people_without_a_conflict_are_named():
    barred = frozenset({("P-000", 1), ("P-000", 2)})
    made = plan(Problem(people(3), submissions(2, "L3"), each=2, barred=barred))
    assert made.gaps == ("Lot L3: 1 proposal needs 2 reviewers. Only Dana Cole has no conflict.",)
    assert not made.pairs


def test_caps_that_are_too_low_are_named():
    made = plan(Problem(people(3, cap=2), submissions(6), each=2))
    assert made.gaps[0].startswith("The proposals need 12 reviews, and the limits leave room for 6.")
    assert (
        made.gaps[1]
        == (
            "Lot L1: 6 proposals would stay short. Dana Cole, Tom Brandt, and Elena Ruiz would be over the limit."
        )
        or "would stay short" in made.gaps[1]
    )


def test_swaps_join_reviewers_that_would_share_no_proposal():
    """Two pairs of reviewers keep to themselves at first; the plan mixes them."""
    kept = frozenset({("P-000", 0), ("P-001", 0), ("P-002", 2), ("P-003", 2)})
    made = plan(Problem(people(4), submissions(4), each=2, kept=kept))
    assert len(components((pair.submission, pair.reviewer) for pair in made.pairs)) == 1
    assert made.apart == ()


def test_one_reviewer_each_cannot_be_connected_and_the_plan_says_which_lot():
    made = plan(Problem(people(2), submissions(4), each=1))
    assert made.apart == ("L1",)


def test_the_same_problem_gives_the_same_plan():
    problem = Problem(people(), submissions(20), each=3)
    assert plan(problem) == plan(problem)


@pytest.mark.parametrize("lots", [1, 5])
def test_five_hundred_proposals_and_twelve_reviewers_take_seconds(lots):
    found = tuple(Submission(id=f"P-{at:03}", lot=f"L{at % lots}") for at in range(500))
    team = tuple(
        Reviewer(at, f"R{at}", cap=150, knows=frozenset({f"L{at % lots}", f"L{(at + 1) % lots}"}))
        for at in range(12)
    )
    barred = frozenset((f"P-{at:03}", at % 12) for at in range(0, 500, 7))
    begun = time.process_time()
    made = plan(Problem(team, found, each=3, barred=barred))
    took = time.process_time() - begun
    print(f"{took:.2f} s")
    assert not made.gaps and not made.apart and len(made.pairs) == 1500
    assert max(loads(made).values()) - min(loads(made).values()) <= 63
    assert took < 10
