"""Evaluation files of a window, and extracts of them, from the database. What the engine reads, and its results.

A file holds everything that a ranking was made from, so it is only for who may read all of it: see `lots_for`. What
others may read of their own goes into an extract, which `manage.py recompute` refuses by its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kit.compliance import Effect, Envelope
from rfp.compliance import queries as compliance_queries
from rfp.models import Finding, Lot, Window
from scoring.calculation import load, recompute
from scoring.calculation.file.reading import EXTRACT
from scoring.calculation.file.writing import with_results
from scoring.decisions import queries as decisions_queries
from scoring.decisions import standings
from scoring.decisions.rows import FLAG_WORDS
from scoring.panel.access import Access, Viewer
from scoring.ranking import method as methods
from scoring.ranking import sheets
from scoring.ranking.models import RankedProposal
from scoring.ranking.queries import hides_any, ranking_of
from scoring.ranking.sheets import Submitted

NO_WORDS_FOR_OFFICERS = "Screening"


def lots_for(viewer: Viewer, window: Window, access: Access, *, price_open: bool) -> list[Lot]:
    """Lots whose whole file the person may read, in order: all with their prices open, or all with them sealed.

    None for who has a conflict with anybody in the window, or while nothing is ranked.
    """
    ranking = ranking_of(window) if access.sees_panel else None
    wanted = access.panel_lots & access.price_lots if price_open else access.panel_lots - access.price_lots
    if not wanted or ranking is None or ranking.ranked_at is None or hides_any(viewer, window):
        return []
    received = set(ranking.rows.filter(lot__in=wanted).values_list("lot", flat=True).distinct())
    return [lot for lot in window.solicitation.lots.all() if lot.pk in received]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A whole file, ready to be handed out. `left_out`: proposals that wait for marks."""

    content: bytes
    left_out: int


def whole(window: Window, lots: Sequence[Lot], *, price_open: bool) -> Written:
    """The evaluation file of these lots, with results. They all have open prices, or all sealed ones."""
    found = sheets.submitted(window, lots, price_open=price_open)
    everyone = [each for rows in found.values() for each in rows]
    complete = {lot: [each for each in rows if each.is_complete] for lot, rows in found.items()}
    names = sheets.pseudonyms(window.solicitation)
    raw = {
        **_head(methods.FORMAT, window, everyone, price_open=price_open),
        "evaluators": list(names.values()),
        "sets": _sets(window, lots, complete, names, price_open=price_open),
    }
    evaluation = load(json.dumps(raw, ensure_ascii=False).encode())
    content = with_results(evaluation, recompute(evaluation))
    return Written(content=content, left_out=len(everyone) - sum(map(len, complete.values())))


def file_name(window: Window, *, price_open: bool) -> str:
    """ "26-01-window-1-evaluation.json"."""
    sealed = "" if price_open else "-sealed"
    return f"{window.solicitation.number}-window-{window.number}{sealed}-evaluation.json"


def _head(name: str, window: Window, proposals: Iterable[Submitted], *, price_open: bool) -> dict[str, Any]:
    solicitation = window.solicitation
    return {
        "format": name,
        "solicitation": {"number": solicitation.number, "title": solicitation.title},
        **sheets.method_and_criteria(solicitation, proposals, price_open=price_open),
    }


def _sets(
    window: Window,
    lots: Iterable[Lot],
    proposals: Mapping[int, Sequence[Submitted]],
    names: Mapping[str, str],
    *,
    price_open: bool,
    with_marks: bool = True,
) -> list[dict[str, Any]]:
    """A set for each lot with proposals: what scoring knows, and what people decided."""
    everyone = [each for rows in proposals.values() for each in rows]
    decided = decisions_queries.latest_decisions([each.revision.proposal_id for each in everyone])
    blocks = standings.blocks_of(
        (each.revision.proposal_id, each.number, each.revision.proposal.supplier_id) for each in everyone
    )
    why = _why_out(everyone, price_open=price_open) if with_marks else {}
    found = []
    for lot in lots:
        rows = proposals.get(lot.pk, ())
        if not rows:
            continue
        lines = sheets.set_lines(window, lot, rows, names, with_marks=with_marks)
        for line, each in zip(lines["proposals"], rows, strict=True):
            pk = each.revision.proposal_id
            if with_marks:
                line["why"] = why.get(each.revision.pk, "")
                line["holds"] = [*_holds(each), *(block.words(in_full=False) for block in blocks.get(pk, ()))]
            else:
                line |= {"price": None, "price_inputs": [], "gate": "in"}
        lines["decisions"] = [
            {"proposal": each.number, "verdict": decision.verdict, "reason": decision.reason}
            for each in rows
            if with_marks and (decision := decided.get(each.revision.proposal_id))
        ]
        found.append(lines)
    return found


def _holds(each: Submitted) -> list[str]:
    """What waits for a decision; that an input is missing is among the engine's own flags."""
    return [FLAG_WORDS[flag][1] for flag in each.revision.score.flags if flag != "mark_missing"]


def _why_out(proposals: Iterable[Submitted], *, price_open: bool) -> dict[int, str]:
    """revision id → which findings knock it out. What only officers read is called screening."""
    out = [each.revision.pk for each in proposals if each.revision.score.knocked_out]
    last: dict[int, list[Finding]] = {}
    found = Finding.objects.filter(assessment__revision__in=out, effect=Effect.KNOCKOUT.value)
    for finding in (
        found.select_related("assessment").prefetch_related("overrides").order_by("assessment_id", "pk")
    ):
        rows = last.setdefault(finding.assessment.revision_id, [])
        if rows and rows[0].assessment_id != finding.assessment_id:
            rows.clear()
        rows.append(finding)
    return {
        revision: "; ".join(
            dict.fromkeys(
                NO_WORDS_FOR_OFFICERS if compliance_queries.is_for_officers(each) else each.title
                for each in rows
                if compliance_queries.is_knockout_in_force(each)
                and (price_open or each.envelope != Envelope.PRICE.value)
            )
        )
        for revision, rows in last.items()
    }


# ---- extracts ---------------------------------------------------------------------------------------------------


def extract(
    window: Window, lots: Sequence[Lot], proposals: Iterable[Any], *, price_open: bool, with_marks: bool
) -> dict[str, Any]:
    """The method, and the lines of these proposals alone, each with its place in the stored ranking.

    `with_marks`: the reader sees the panel's marks of these lots; without it, only which proposals they are.
    """
    found = sheets.submitted(window, lots, price_open=price_open, only=proposals)
    everyone = [each for rows in found.values() for each in rows]
    names = sheets.pseudonyms(window.solicitation)
    sets = _sets(window, lots, found, names, price_open=price_open, with_marks=with_marks)
    if with_marks:
        _add_places(window, sets, everyone, price_open=price_open)
    return {**_head(EXTRACT, window, everyone, price_open=price_open), "sets": sets}


def _add_places(
    window: Window, sets: Iterable[dict[str, Any]], proposals: Iterable[Submitted], *, price_open: bool
) -> None:
    """`results` of each set: what the stored ranking says of its proposals."""
    stored = RankedProposal.objects.filter(
        ranking__window=window, proposal__in=[each.revision.proposal_id for each in proposals]
    )
    rows = {row.proposal_number: row for row in stored}
    lines = {each.number: each.revision.score.trace["lines"] for each in proposals}
    for each in sets:
        numbers = [line["id"] for line in each["proposals"]]
        each["results"] = [
            _place(rows[number], lines[number], price_open=price_open and rows[number].price_open)
            for number in numbers
            if number in rows
        ]


def _place(row: RankedProposal, lines: Iterable[Mapping[str, Any]], *, price_open: bool) -> dict[str, Any]:
    """One proposal's stored place, its figures to 12 places."""
    return {
        "id": row.proposal_number,
        "standing": row.standing,
        "rank": row.rank,
        "rank_before": row.rank_before,
        "shared": row.shared,
        "tie_step": row.tie_step,
        "technical": methods.text(row.technical),
        "total": methods.text(row.score) if price_open else None,
        "flags": list(row.flags),
        "criteria": [
            {"code": line["criterion"], "value": line["mark"], "points": line["points"], "mode": line["mode"]}
            for line in lines
            if price_open or line["envelope"] == "technical"
        ],
    }
