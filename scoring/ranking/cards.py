"""A score in words: its lines, its bar, and the published method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.utils.safestring import mark_safe

from portal.kit import formats
from portal.kit.charts import bars, shapes
from rfp.publishing import queries as publishing_queries
from rfp.publishing.method_words import criteria_words, method_words
from scoring.calculation import totals
from scoring.calculation.facts import Method, Proposal
from scoring.ranking import evaluation
from scoring.ranking.models import RankedProposal, Score
from scoring.reading.answers import MANUAL
from scoring.reading.company import Pairs
from scoring.reading.prices import COST_WORDS

MODE_WORDS = {
    "evaluator": MANUAL,
    "automatic": "Computed",
    "price": "Computed from price",
    "panel": "Panel mark",
    "zero": "Recorded zero",
    "preference": "Preference",
}


# ---- the score and its trace ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One criterion of a score, ready to be shown. `given`: (reviewer, anchor or "abstained")."""

    code: str
    title: str
    mode: str
    how: str
    weight: str
    mark: str
    points: str
    spread: str
    spread_state: str
    given: Pairs
    bar: shapes.Chart
    is_price: bool


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """A score with every line it is the sum of. `total` and price figures are blank until prices are open."""

    lines: tuple[ScoreLine, ...]
    technical: str
    technical_percent: str
    total: str
    shown: str
    shown_of: str
    price_mark: str
    price_total: str
    price_parts: Pairs
    method: str
    rulebook: str
    marks_missing: int
    automatic_missing: int


def score_card(
    score: Score | None,
    *,
    reviewers: Mapping[str, str],
    price_open: bool,
    row: RankedProposal | None = None,
) -> ScoreCard | None:
    """The card of a stored score. `reviewers` says how each evaluator key of the trace is called here.

    `row`: the proposal's row in the ranking, which has the total where that depends on rivals.
    """
    if score is None:
        return None
    stored = [line for line in score.trace["lines"] if price_open or line["envelope"] == "technical"]
    total, price_mark = score.total, score.price_mark
    if total is None and row is not None and row.price_open and row.rank is not None:
        total, price_mark = row.score, row.price_mark
        stored = [with_price(line, price_mark) for line in stored]
    weight = sum((Decimal(line["weight"]) for line in stored if line["envelope"] == "technical"), Decimal(0))
    has_total = price_open and total is not None
    return ScoreCard(
        lines=tuple(_score_line(line, reviewers) for line in stored),
        technical=formats.number(score.technical, 2),
        technical_percent=formats.percent(score.technical_percent),
        total=formats.number(total, 2) if has_total else "",
        shown=formats.number(total if has_total else score.technical, 2),
        shown_of="100" if has_total else formats.number(weight),
        price_mark=formats.number(price_mark, 1) if has_total else "",
        price_total=formats.money_short(score.price_total) if has_total else "",
        price_parts=tuple(
            (COST_WORDS.get(name, name), formats.money(Decimal(amount)))
            for name, amount in (score.trace.get("price", {}) if has_total else {}).items()
        )
        + (_compared_price(score) if has_total else ()),
        method=score.trace["method"],
        rulebook=score.trace["rulebook"],
        marks_missing=score.marks_missing,
        automatic_missing=score.automatic_missing,
    )


def _compared_price(score: Score) -> Pairs:
    """The price that is compared, where preferences lower it."""
    lowering = [each["title"] for each in score.preferences if each["kind"] == "price_percent"]
    if not lowering or score.price_total is None:
        return ()
    offer = Proposal(
        id="", price=Fraction(score.price_total), adjustments=evaluation.adjustments(score.preferences)
    )
    compared, _index = totals.evaluated_price(offer, Method())
    return (
        (
            f"Compared after {formats.listed(lowering)}",
            formats.money(evaluation.rounded(compared or Fraction(0))),
        ),
    )


def with_price(line: Mapping[str, Any], price_mark: Decimal | None) -> Mapping[str, Any]:
    """The line of the criterion that is computed from price, with what the ranking says of it."""
    if line["mode"] != "price" or price_mark is None:
        return line
    return {**line, "mark": str(price_mark), "points": str(price_mark * Decimal(line["weight"]) / 100)}


def _score_line(line: Mapping[str, Any], reviewers: Mapping[str, str]) -> ScoreLine:
    spread = Decimal(line["spread"]) if line.get("spread") else None
    mark = None if line["mark"] is None else Decimal(line["mark"])
    is_price = line["mode"] == "price"
    return ScoreLine(
        code=line["criterion"],
        title=line["title"],
        mode=line["mode"],
        how=MODE_WORDS[line["mode"]],
        weight=formats.number(line["weight"]),
        mark=formats.number(mark, 1),
        points=formats.number(line["points"], 2),
        spread=formats.percent(spread, 0),
        spread_state=spread_state(spread),
        given=tuple(
            (reviewers.get(key, key), "abstained" if anchor is None else str(anchor))
            for key, anchor in sorted(line["marks"].items())
        ),
        bar=bars.mark_slots([bars.Slot(line["title"], 1, mark, is_price)], height=9, title=line["title"]),
        is_price=is_price,
    )


def spread_state(spread: Decimal | None) -> str:
    """How far reviewers are apart: "" below 20 % of the scale, "open" to 50 %, "not" above."""
    if spread is None or spread < 20:
        return ""
    return "open" if spread <= 50 else "not"


def method_in_words(solicitation: Any) -> Pairs:
    """How an RFP is scored, as it published it, and each criterion. One query where the criteria came along."""
    criteria = list(solicitation.criteria.all())
    feeding = publishing_queries.asked_now(solicitation).filter(feeds__isnull=False)
    return (
        *method_words(solicitation, criteria),
        ("Rank", "Within the lot."),
        *(
            (
                each.criterion.title,
                f"{formats.number(each.criterion.weight)} points. {' '.join(each.sentences)}",
            )
            for each in criteria_words(solicitation, criteria, feeding)
        ),
    )


@dataclass(frozen=True)
class Slots:
    """A mark bar as four paths in a box 100 wide and 18 high: hundreds of bars stand on a page, so each is short.

    The slots are those of `charts.mark_slots`: as wide as the weight, filled to the mark, price in gray.
    """

    track: str
    fill: str
    fill_2: str
    price: str
    words: str


def slots_of(marks: Iterable[Sequence[Any]], *, price_open: bool, price_mark: Decimal | None = None) -> Slots:
    """The bar of a row's stored marks: (criterion, weight, mark, mode). `price_mark` is the ranking's own, which fills
    in for one that depends on rivals."""
    return _bar(tuple(tuple(each) for each in marks if price_open or each[3] != "price"), price_mark)


@lru_cache(maxsize=4096)
def _bar(shown: tuple[tuple[Any, ...], ...], price_mark: Decimal | None) -> Slots:
    """The same marks give the same bar, and a page is read more often than it changes."""
    places, track = _places(tuple((str(weight), mode) for _code, weight, _mark, mode in shown))
    fills: tuple[list[str], list[str], list[str]] = ([], [], [])
    words: list[str] = []
    for (code, _weight, mark, mode), (start, inner, kind) in zip(shown, places, strict=True):
        if mark is None and mode == "price":
            mark = price_mark
        if mark is None:
            words.append(f"{code} no mark")
            continue
        value = float(mark)
        words.append(f"{code} {value:.0f}")
        filled = inner * min(max(value, 0), 100) / 100
        if filled > 0:
            fills[kind].append(f"{start}h{filled:.1f}v18h-{filled:.1f}z")
    # Paths are letters and figures of our own: a hundred rows of them are not searched for what to escape.
    fill, fill_2, price = (mark_safe("".join(each)) for each in fills)
    return Slots(mark_safe(track), fill, fill_2, price, ", ".join(words))


@lru_cache(maxsize=256)
def _places(weights: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[str, float, int], ...], str]:
    """((where a slot starts, its width, which of the three fills it belongs to) of each (weight, mode), all tracks).

    A window's rows share them.
    """
    whole = sum(float(weight) for weight, _mode in weights) or 1.0
    places, track, x = [], [], 0.0
    for index, (weight, mode) in enumerate(weights):
        width = float(weight) / whole * 100
        inner = max(width - 0.5, 0.1)
        track.append(f"M{x:.1f} 0h{inner:.1f}v18h-{inner:.1f}z")
        places.append((f"M{x:.1f} 0", inner, 2 if mode == "price" else index % 2))
        x += width
    return tuple(places), "".join(track)


def domestic_range(low: Decimal | None, high: Decimal | None) -> str:
    """ "68.0%", or "61.0–68.0%" where origins are unknown."""
    if low is None:
        return ""
    if high is None or formats.number(high, 1) == formats.number(low, 1):
        return formats.percent(low)
    return f"{formats.number(low, 1)}–{formats.percent(high)}"
