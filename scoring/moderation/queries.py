"""A lot's marks for moderation: proposals with marks, and how far marks usually are apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import pstdev
from typing import Any

from django.db.models import F, QuerySet

from rfp.method.scales import most_of, steps_of
from rfp.models import Lot, Proposal, Solicitation, Window
from scoring.ranking.mark_models import Mark


def by_spread(found: QuerySet[Proposal]) -> QuerySet[Any]:
    """Proposals with marks that are not knocked out, those that the panel is furthest apart on first."""
    marked = found.filter(reviewers__gt=0, current_revision__score__knocked_out=False)
    return marked.order_by(F("current_revision__score__spread").desc(nulls_last=True), "number")


def usual_in(window: Window, lot: Lot) -> dict[int, float]:
    """criterion id → the pooled deviation of the lot's marks in steps; one query."""
    places = _places(window.solicitation)
    table: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    marks = Mark.objects.filter(
        revision__proposal__window=window, revision__proposal__lot=lot, anchor__isnull=False
    )
    rows: Any = marks.values_list("revision", "criterion", "anchor")
    for revision, criterion, anchor in rows:
        place = places.get(criterion, {}).get(Decimal(anchor)) if criterion in places else None
        table[criterion][revision].append(float(anchor) if place is None else float(place))
    return usual_deviation({criterion: rows.values() for criterion, rows in table.items()})


def _places(solicitation: Solicitation) -> dict[int, dict[Decimal, int]]:
    """criterion id → mark → its step; none for points."""
    found = {}
    for criterion in solicitation.criteria.all():
        if most_of(criterion.scale) is None:
            steps = steps_of(criterion.scale, {}, solicitation.anchor_map)
            found[criterion.pk] = {Decimal(step.mark): at for at, step in enumerate(steps)}
    return found


def usual_deviation(table: Mapping[int, Iterable[Sequence[float]]]) -> dict[int, float]:
    """criterion id → the pooled deviation of its marks over proposals, in steps. `table`: marks of each proposal."""
    found = {}
    for criterion, rows in table.items():
        squares, freedom = 0.0, 0
        for marks in rows:
            if len(marks) > 1:
                squares += pstdev(marks) ** 2 * len(marks)
                freedom += len(marks) - 1
        if freedom:
            found[criterion] = (squares / freedom) ** 0.5
    return found
