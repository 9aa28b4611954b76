"""Lots of a window in the words of an evaluation file: what scoring knows, and what people decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.kit.compliance import Effect, Envelope
from rfp.compliance import queries as compliance_queries
from rfp.models import Finding, Lot, Window
from scoring.calculation import load, recompute
from scoring.calculation.ties import drawn_among
from scoring.decisions import queries as decisions_queries
from scoring.decisions import standings
from scoring.decisions.rows import FLAG_WORDS
from scoring.ranking import method as methods
from scoring.ranking import sheets
from scoring.ranking.sheets import Submitted
from scoring.settling import queries as settled

ENGINES_OWN = ("mark_missing", "no_marks")
NO_WORDS_FOR_OFFICERS = "Screening"


def whole(window: Window, lots: Sequence[Lot], *, price_open: bool) -> tuple[dict[str, Any], int]:
    """(everything of these lots but results, how many proposals wait for marks and are left out).

    The lots all have open prices, or all sealed ones.
    """
    found = sheets.submitted(window, lots, price_open=price_open)
    everyone = [each for rows in found.values() for each in rows]
    complete = {lot: [each for each in rows if each.is_complete] for lot, rows in found.items()}
    names = sheets.pseudonyms(window.solicitation)
    raw = {
        **head(methods.FORMAT, window, everyone, price_open=price_open),
        "evaluators": list(names.values()),
        "sets": sets_of(window, lots, complete, names, price_open=price_open),
    }
    if price_open and "draw" in window.solicitation.tie_chain:
        _add_draws(raw, {lot.code: lot.pk for lot in lots}, window)
    return raw, len(everyone) - sum(map(len, complete.values()))


def _add_draws(raw: dict[str, Any], lots: Mapping[str, int], window: Window) -> None:
    """`draw` of the proposals that a recorded draw decides between; none of a tie that was not drawn as it is now."""
    orders = settled.orders_drawn(window)
    for each in raw["sets"]:
        drawn = orders.get(lots[each["lot"]])
        if not drawn:
            continue
        alone = load(json.dumps({**raw, "sets": [each]}, ensure_ascii=False).encode())
        positions = drawn_among(recompute(alone)[0].places.values(), drawn)
        for line in each["proposals"]:
            if line["id"] in positions:
                line["draw"] = str(positions[line["id"]])


def head(name: str, window: Window, proposals: Iterable[Submitted], *, price_open: bool) -> dict[str, Any]:
    solicitation = window.solicitation
    return {
        "format": name,
        "solicitation": {"number": solicitation.number, "title": solicitation.title},
        **sheets.method_and_criteria(solicitation, proposals, price_open=price_open),
    }


def sets_of(
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
    """What waits for a decision; that an input or a mark is missing is among the engine's own flags."""
    return [FLAG_WORDS[flag][1] for flag in each.revision.score.flags if flag not in ENGINES_OWN]


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
