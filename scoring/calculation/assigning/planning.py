"""An assignment from start to end: solve, connect, explain; or say in sentences why there is none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from scoring.calculation.assigning.connecting import connect
from scoring.calculation.assigning.facts import Cell, Pair, Plan, Problem, Reviewer, Submission
from scoring.calculation.assigning.solving import load_before, may_take, places_left, solve

NAMED = 4  # people that a sentence names


def plan(problem: Problem) -> Plan:
    """Every proposal with `each` reviewers, what exists kept. The same problem gives the same plan."""
    if gaps := _too_few(problem):
        return Plan(gaps=tuple(gaps))
    solved = solve(problem)
    if solved.short:
        return Plan(gaps=tuple(_over_the_caps(problem, solved.short)))
    cells, moved, apart = connect(problem, solved.chosen | problem.kept)
    knows = {each.id: each.knows for each in problem.reviewers}
    lots = {each.id: each.lot for each in problem.submissions}
    return Plan(
        pairs=tuple(_explained(problem, cells, moved)),
        apart=tuple(apart),
        experts=len({number for number, who in cells if lots[number] in knows.get(who, ())}),
    )


# ---- why there is none ------------------------------------------------------------------------------------------


def _too_few(problem: Problem) -> list[str]:
    """Proposals that too few people may read at all, a sentence for each lot and team."""
    kept = Counter(submission for submission, _reviewer in problem.kept)
    teams: dict[tuple[str, tuple[str, ...]], int] = Counter()
    for each in problem.submissions:
        able = [who for who in problem.reviewers if (each.id, who.id) not in problem.barred]
        outside = kept[each.id] - sum((each.id, who.id) in problem.kept for who in able)
        if len(able) + outside < problem.each:
            teams[each.lot, tuple(who.name for who in able)] += 1
    return [
        f"Lot {lot}: {_proposals(count)} {_needs(count)} {_reviewers(problem.each)}. {_only(names)}"
        for (lot, names), count in sorted(teams.items())
    ]


def _over_the_caps(problem: Problem, short: Mapping[str, int]) -> list[str]:
    """Proposals that everyone who may read them is too full for."""
    need = sum(problem.each for _ in problem.submissions)
    room = [places_left(problem, each) for each in problem.reviewers]
    found = []
    if all(each is not None for each in room):
        have = len(problem.kept) + sum(each or 0 for each in room)
        if have < need:
            found.append(
                f"The proposals need {need:,} reviews, and the limits leave room for {have:,}. Raise a limit, "
                "seat another reviewer, or ask for fewer reviewers."
            )
    lots = {each.id: each.lot for each in problem.submissions}
    by_lot = Counter(lots[number] for number in short)
    for lot, count in sorted(by_lot.items()):
        of_lot = [each for each in problem.submissions if each.lot == lot and each.id in short]
        full = [
            who.name
            for who in problem.reviewers
            if places_left(problem, who) is not None and any(may_take(problem, each, who) for each in of_lot)
        ]
        found.append(f"Lot {lot}: {_proposals(count)} would stay short. {_full(full)}")
    return found


def _proposals(count: int) -> str:
    return "1 proposal" if count == 1 else f"{count:,} proposals"


def _needs(count: int) -> str:
    return "needs" if count == 1 else "need"


def _reviewers(count: int) -> str:
    return "1 reviewer" if count == 1 else f"{count} reviewers"


def _only(names: tuple[str, ...]) -> str:
    if not names:
        return "Everyone on the panel has a conflict."
    return f"Only {_listed(names)} {'has' if len(names) == 1 else 'have'} no conflict."


def _full(names: list[str]) -> str:
    if not names:
        return "No one else may read them."
    return f"{_listed(names)} would be over the limit."


def _listed(names: Iterable[str]) -> str:
    """ "Dana", "Dana and Tom", "Dana, Tom, and Elena"; the rest as a number."""
    found = list(names)
    if len(found) > NAMED:
        found = [*found[: NAMED - 1], f"{len(found) - NAMED + 1} others"]
    if len(found) < 3:
        return " and ".join(found)
    return f"{', '.join(found[:-1])}, and {found[-1]}"


# ---- why this one -----------------------------------------------------------------------------------------------


def _explained(problem: Problem, cells: set[Cell], moved: set[Cell]) -> list[Pair]:
    loads = Counter(who for _number, who in cells)
    for reviewer in problem.reviewers:
        loads[reviewer.id] += problem.load.get(reviewer.id, 0)
    readers: dict[str, set[int]] = defaultdict(set)
    for number, who in cells:
        readers[number].add(who)
    by_id = {each.id: each for each in problem.reviewers}
    found = []
    for each in problem.submissions:
        for who in sorted(readers[each.id]):
            cell = (each.id, who)
            if cell in problem.kept:
                found.append(Pair(each.id, who, "Assigned before.", is_kept=True))
                continue
            reviewer = by_id[who]
            if cell in moved:
                because = f"Placed here so that marks in lot {each.lot} can be compared across the panel."
            else:
                because = _because(problem, each, reviewer, readers[each.id], loads)
            found.append(Pair(each.id, who, because))
    return found


def _because(
    problem: Problem, each: Submission, reviewer: Reviewer, readers: set[int], loads: Mapping[int, int]
) -> str:
    load = f"{_first(reviewer.name)} has {_proposals(loads[reviewer.id])} in all."
    experts = [who for who in problem.reviewers if each.lot in who.knows]
    if reviewer in experts:
        return f"Knows lot {each.lot} and has no conflict. {load}"
    others = [who for who in experts if who.id not in readers]
    if not experts:
        return f"Has no conflict and had room. {load}"
    if not others:
        return f"Every expert in lot {each.lot} already reads it. {load}"
    out = [who.name for who in others if (each.id, who.id) in problem.barred]
    full = [who.name for who in others if who.name not in out]
    reasons = []
    if out:
        reasons.append(f"{_listed(out)} {'has' if len(out) == 1 else 'have'} a conflict.")
    if full:
        reasons.append(f"{_listed(full)} {_have_enough(problem, others, full)}.")
    return f"{' '.join(reasons)} {load}"


def _have_enough(problem: Problem, others: list[Reviewer], names: list[str]) -> str:
    at_cap = all(
        who.cap is not None and load_before(problem, who) >= who.cap for who in others if who.name in names
    )
    if at_cap:
        return "is at the limit" if len(names) == 1 else "are at their limits"
    return "has enough other work" if len(names) == 1 else "have enough other work"


def _first(name: str) -> str:
    return name.split()[0] if name.split() else "This reviewer"
