"""Agreement in words first: who disagrees on what, who is harsh, lenient or erratic, each with its evidence.

Pure. Marks and values run from 0 to 100. A reviewer is harsh or lenient if the difference from the others is more than
twice its standard error and more than half the deviation between proposals; erratic if the order of the reviewer's
proposals has a rank correlation with the others' below .2 on at least 8 shared proposals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median, pstdev
from typing import Any

from portal.kit.formats import count_of, count_word

APART = 40.0  # of 100: two anchors of six
SHARED = 8
ERRATIC = 0.2
MOST = 8

Table = Mapping[str, Mapping[str, float]]
"""Proposal to evaluator to value."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`state`: met, open or not. `evidence` is the figure behind it, with its interval and number of proposals."""

    state: str
    text: str
    evidence: str

    def as_json(self) -> list[str]:
        return [self.state, self.text, self.evidence]


def sentences(
    criteria: Mapping[str, Table],
    totals: Table,
    effects: Mapping[str, Any],
    agreement: Mapping[str, Any],
    names: Mapping[str, str],
) -> list[Sentence]:
    """The most telling first. `criteria`: title → values; `totals`: weighted values; `effects` and `agreement` are the
    engine's analyses."""
    found = [*_criteria(criteria, names), *_people(totals, effects, names), *_order(totals, names)]
    return [*found[:MOST], *_whole(agreement)] if found else _whole(agreement)


# ---- by criterion -------------------------------------------------------------------------------------------------


def _criteria(criteria: Mapping[str, Table], names: Mapping[str, str]) -> list[Sentence]:
    found = []
    for title, table in criteria.items():
        shared = {number: marks for number, marks in table.items() if len(marks) > 1}
        apart = {
            number: marks
            for number, marks in shared.items()
            if max(marks.values()) - min(marks.values()) >= APART
        }
        if not apart:
            continue
        outliers = Counter(who for marks in apart.values() for who in _outliers(marks))
        panel = {who for marks in shared.values() for who in marks}
        found.append((len(apart), _disagree(title, apart, outliers, panel, len(shared), names)))
    return [sentence for _count, sentence in sorted(found, key=lambda each: -each[0])]


def _outliers(marks: Mapping[str, float]) -> list[str]:
    """Who is two anchors or more from the middle mark; where nobody is, who gave the highest and the lowest."""
    middle = median(marks.values())
    ends = (min(marks.values()), max(marks.values()))
    found = [who for who, value in marks.items() if abs(value - middle) >= APART]
    return found or [who for who, value in marks.items() if value in ends]


def _disagree(
    title: str, apart: Table, outliers: Counter[str], panel: set[str], shared: int, names: Mapping[str, str]
) -> Sentence:
    people = [who for who, _count in outliers.most_common()]
    count = len(people)
    who = f"{_number(count)} of {_number(len(panel))} reviewers" if count else "reviewers"
    if count == len(panel):
        who = "both reviewers" if count == 2 else f"all {_number(count)} reviewers"
    verb = "disagrees" if count == 1 else "disagree"
    called = f"“{title}”" if " " in title else title
    text = f"{_upper(who)} {verb} on {called} for {count_of(len(apart), 'proposal')}."
    told = ", ".join(f"{names.get(each, each)} on {outliers[each]}" for each in people[:4])
    evidence = f"Two anchors or more apart on {len(apart)} of {count_of(shared, 'shared proposal')}."
    return Sentence("open", text, f"{evidence} Furthest from the others: {told}." if told else evidence)


# ---- by person ----------------------------------------------------------------------------------------------------


def _people(totals: Table, effects: Mapping[str, Any], names: Mapping[str, str]) -> list[Sentence]:
    """Harsh and lenient reviewers, by the additive model, each group that can be compared by itself."""
    found = []
    for group in effects["groups"]:
        severity, merit = group["evaluator_effect"], group["proposal_effect"]
        if len(severity) < 2 or len(merit) < 3:
            continue
        error = _error(totals, severity, merit)
        spread = pstdev(merit.values())
        for who, effect in sorted(severity.items(), key=lambda each: -abs(each[1])):
            count = sum(who in totals.get(number, {}) for number in merit)
            se = error / sqrt(count) * sqrt(1 - 1 / len(severity)) if count else 0.0
            if count and abs(effect) > 2 * se and abs(effect) > spread / 2:
                found.append(_strict(names.get(who, who), effect, se, count))
    if effects["components"] > 1:
        found.append(
            Sentence(
                "open",
                f"Reviewers form {_number(effects['components'])} groups that share no proposal.",
                "Marks of different groups can’t be compared.",
            )
        )
    return found


def _error(totals: Table, severity: Mapping[str, float], merit: Mapping[str, float]) -> float:
    """The standard deviation of what the model leaves unexplained."""
    rest = [
        value - merit[number] - severity[who]
        for number in merit
        for who, value in totals.get(number, {}).items()
        if who in severity
    ]
    freedom = len(rest) - len(merit) - len(severity) + 1
    return sqrt(sum(each**2 for each in rest) / freedom) if freedom > 0 else float("inf")


def _strict(name: str, effect: float, se: float, count: int) -> Sentence:
    kind = "lenient" if effect > 0 else "harsh"
    way = "above" if effect > 0 else "below"
    low, high = sorted((abs(effect) - 1.96 * se, abs(effect) + 1.96 * se))
    return Sentence(
        "open",
        f"{name} is {kind}: {abs(effect):.1f} points {way} the panel.",
        f"95% interval {low:.1f} to {high:.1f}, {count_of(count, 'proposal')}.",
    )


def _order(totals: Table, names: Mapping[str, str]) -> list[Sentence]:
    """Reviewers whose order of proposals has little to do with the others'."""
    found = []
    for who in sorted({who for marks in totals.values() for who in marks}):
        pairs = [
            (marks[who], fmean([value for other, value in marks.items() if other != who]))
            for marks in totals.values()
            if who in marks and len(marks) > 1
        ]
        if len(pairs) < SHARED:
            continue
        correlation = rank_correlation(pairs)
        if correlation is not None and correlation < ERRATIC:
            found.append(
                Sentence(
                    "open",
                    f"{names.get(who, who)} orders proposals unlike the others.",
                    f"Rank correlation {_signed(correlation)} with the mean of the others, {len(pairs)} proposals.",
                )
            )
    return found


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Spearman's, ties at their mean rank; None where one side does not vary."""
    left, right = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    means = fmean(left), fmean(right)
    products = sum((a - means[0]) * (b - means[1]) for a, b in zip(left, right, strict=True))
    squares = sum((a - means[0]) ** 2 for a in left) * sum((b - means[1]) ** 2 for b in right)
    return products / sqrt(squares) if squares else None


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    places: dict[float, list[int]] = {}
    for at, value in enumerate(ordered):
        places.setdefault(value, []).append(at)
    return [fmean(places[value]) for value in values]


# ---- the panel as a whole -----------------------------------------------------------------------------------------


def _whole(agreement: Mapping[str, Any]) -> list[Sentence]:
    """How far the average mark of the panel can be relied on: ICC(2,k), bands of Koo and Li."""
    total = agreement["total"]
    measure = total.get("icc2k") or {}
    value = measure.get("value")
    if value is None:
        return []
    low, high = measure.get("low"), measure.get("high")
    band = (
        "excellent" if value >= 0.9 else "good" if value >= 0.75 else "moderate" if value >= 0.5 else "poor"
    )
    interval = (
        f", 95% interval {_signed(low)} to {_signed(high)}" if low is not None and high is not None else ""
    )
    return [
        Sentence(
            "met" if value >= 0.75 else "open" if value >= 0.5 else "not",
            f"Agreement on the totals is {band}.",
            f"ICC(2,k) {_signed(value)}{interval}, {count_of(total['n_proposals'], 'proposal')} marked by all "
            f"{total['n_evaluators']} reviewers.",
        )
    ]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _number(count: int) -> str:
    return count_word(count).lower()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
