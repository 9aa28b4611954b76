"""A whole proposal, and a whole window, for a report: what its reader may see, as a page and as the same data.

Composed from `scoring.reading` and `scoring.ranking.cards`, joined with the supplier's standing as of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kit.charts import bars, shapes
from portal.models import User
from rfp.compliance import queries as rfp_queries
from rfp.models import Finding, Lot, Proposal, Revision, Solicitation, Window
from scoring.calculation.file.reading import EXTRACT
from scoring.decisions import evidence, standings
from scoring.decisions import queries as decisions_queries
from scoring.decisions import rows as decisions_rows
from scoring.drawing import queries as drawing
from scoring.minutes import queries as minutes_queries
from scoring.minutes.models import Minutes
from scoring.outcomes.models import Letter
from scoring.outcomes.rows import outcome_context
from scoring.panel.access import Access, Viewer, sees_names, viewer_of
from scoring.ranking import cards, sheets
from scoring.ranking import queries as ranking_queries
from scoring.ranking.certainty.chances import Certainty, Chance
from scoring.ranking.models import RankedProposal, Ranking, Score
from scoring.ranking.queries import ranked_visible_to
from scoring.reading import company as reading_company
from scoring.reading import findings as reading_findings
from scoring.reading import making, prices
from scoring.reading import queries as reading_queries
from scoring.reports import data as reports_data
from scoring.reports import files
from scoring.reports.contents import advice, chapters, comparison
from scoring.reports.queries import NotReadable


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One proposal or one window for one reader, and the data that goes with it: an evaluation file, or an extract."""

    context: dict[str, Any]
    data: dict[str, Any] | bytes


def summary_of(proposal: Proposal, user: User) -> Summary:
    """All that the user may read of a proposal. `proposal` comes from `queries.proposal_to_read`."""
    revision, window = proposal.current_revision, proposal.window
    assert revision is not None and window is not None, "a summary is made of a submitted proposal"
    viewer = viewer_of(user, window.solicitation)
    access = viewer.access(window, window.openings.all()).of(proposal.lot_id)
    score = getattr(revision, "score", None) if access.sees_panel else None
    row = ranking_queries.row_of(proposal) if access.sees_panel else None
    decided = decisions_queries.latest_decisions([proposal.pk] if access.sees_panel else [])
    decision = decided.get(proposal.pk)
    # Between the opening and the ranking that follows it the stored row holds no price yet.
    row_has_price = access.price_open and row is not None and row.price_open
    named = sees_names(viewer, window)
    in_full = viewer.oversees or (viewer.is_chair and named)
    blocks = standings.blocks_on(proposal) if access.sees_panel else ()
    findings = reading_queries.findings_for_buyers(
        rfp_queries.latest_assessment(revision), access=access, officer=viewer.oversees, named=named
    )
    priced_row, reviewers = row if row_has_price else None, sheets.pseudonyms(window.solicitation)
    context = {
        **_offer(proposal, revision, price_open=access.price_open, named=named),
        "access": access,
        "card": cards.score_card(score, reviewers=reviewers, price_open=access.price_open, row=priced_row),
        "row": row
        and decisions_rows.rank_row(row, decision, price_open=row_has_price, blocks=blocks, in_full=in_full),
        **_placed(row, window.solicitation),
        "decision": decision,
        "gaps": evidence.gaps_in_words([revision.pk]).get(revision.pk, ()) if score else (),
        **_judged(findings, window),
        "domestic": _domestic_meter(score),
    }
    extract = files.extract(
        window,
        [proposal.lot],
        [proposal.pk],
        price_open=access.price_open and access.sees_panel,
        with_marks=access.sees_panel,
    )
    extract["standing_now"] = [each.words(in_full=in_full) for each in blocks]
    extract["findings"] = [reports_data.finding_data(finding) for finding in findings]
    return Summary(context=context, data=extract)


def _placed(row: RankedProposal | None, solicitation: Solicitation) -> dict[str, Any]:
    """How many are ranked beside it, and what settled its place among equals."""
    if row is None:
        return {"ranked_count": 0, "place_words": ""}
    return {
        "ranked_count": ranking_queries.ranked_in_lot(row),
        "place_words": drawing.place_in_words(row, solicitation),
    }


def _judged(findings: Iterable[Finding], window: Window) -> dict[str, Any]:
    """What the rules found, and which of it a reader must weigh."""
    shown = [reading_findings.shown_finding(each, zone=window.solicitation.zone) for each in findings]
    return {
        "findings": shown,
        "weighed": [item for item in shown if not item.is_settled_well or item.decided],
        "settled": [item for item in shown if item.is_settled_well and not item.decided],
    }


def _offer(proposal: Proposal, revision: Revision, *, price_open: bool, named: bool) -> dict[str, Any]:
    """What the supplier offers and how it is scored: nothing that a person or a rule said of it."""
    window = proposal.window
    assert window is not None, "a summary is made of a submitted proposal"
    solicitation = window.solicitation
    company = reading_company.company_of(revision)
    said = {statement.criterion_id: statement.text for statement in revision.statements.all()}
    return {
        "proposal": proposal,
        "revision": revision,
        "window": window,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "company": company,
        "company_facts": reading_company.company_facts(company, named=named),
        "site": reading_company.site_line(reading_company.final_site(revision, company), named=named),
        "ramp": making.ramp_of(revision, height=130, left=10),
        "capacity": making.capacity_facts(revision),
        "jobs": making.jobs_of(revision),
        "statements": [
            (each.title, said[each.pk]) for each in solicitation.criteria.all() if said.get(each.pk)
        ],
        "offered": prices.offered(revision) if price_open else None,
        "price_basis": solicitation.counted_costs,
        "method": cards.method_in_words(solicitation),
    }


def debrief_of(letter: Letter) -> Summary:
    """A released debrief for its supplier, as it was kept with the letter."""
    context = outcome_context(letter)
    solicitation, revision = context["solicitation"], letter.proposal.current_revision
    assert revision is not None, "it was decided"
    return Summary(
        context=context | {"title": f"Debrief: {context['title']}"},
        data={
            "format": EXTRACT,
            "rfp": {
                "number": solicitation.number,
                "title": solicitation.title,
                "window": letter.release.window.number,
            },
            **reports_data.proposal_data(letter.proposal, revision),
            "outcome": letter.outcome,
            "released_at": letter.at.isoformat(),
            "debrief": letter.debrief,
        },
    )


def may_read_minutes(minutes: Minutes, user: User) -> bool:
    """Chair, admins, officers and auditors read minutes; a chair after signing for the window."""
    viewer = viewer_of(user, minutes.window.solicitation)
    return viewer.oversees or (viewer.is_chair and not viewer.must_declare(minutes.window))


def minutes_of(minutes: Minutes, user: User) -> Summary:
    """Signed minutes as the user may read them."""
    told = minutes_queries.as_read_by(user, minutes)
    solicitation = minutes.window.solicitation
    context = {
        "minutes": minutes,
        "told": told,
        "window": minutes.window,
        "lot": minutes.lot,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
    }
    data = {
        "format": EXTRACT,
        "rfp": {"number": solicitation.number, "title": solicitation.title, "window": minutes.window.number},
        "lot": minutes.lot.code,
        "minutes": minutes.number,
        "signed_by": minutes.signed_name,
        "signed_at": minutes.at.isoformat(),
        **{key: value for key, value in told.items() if key != "through"},
    }
    return Summary(context=context, data=data)


def _domestic_meter(score: Score | None) -> shapes.Chart | None:
    if score is None or score.domestic_low is None:
        return None
    high = score.domestic_high
    has_range = high is not None and high > score.domestic_low
    return bars.meter(
        value=score.domestic_low, high=high if has_range else None, title="Domestic content of the BOM"
    )


def shortlist_of(window: Window, user: User, lot: Lot | None = None) -> Summary:
    """A window's ranking, lot by lot or of one lot, as the user may read it: with how sure it is and what it covers.

    Raises NotReadable when there is none to read.
    """
    viewer = viewer_of(user, window.solicitation)
    access = viewer.access(window, window.openings.all())
    ranking = ranking_queries.ranking_of(window)
    if not access.sees_panel or ranking is None or ranking.ranked_at is None:
        raise NotReadable("You don’t have access to a ranking.")
    solicitation = window.solicitation
    sure, measured = advice.certainties(ranking, viewer.conflicts)
    found = ranked_visible_to(viewer, ranking, access).select_related("lot", "revision__score")
    found = found if lot is None else found.filter(lot=lot)
    stored = list(ranking_queries.with_chances(found, measured).order_by("position"))
    priced = {row.proposal_id for row in stored if row.price_open and row.lot_id in access.price_lots}
    in_full = viewer.oversees or (viewer.is_chair and sees_names(viewer, window))
    rows = _rows(stored, priced, in_full=in_full)
    criteria = list(solicitation.criteria.all())
    context = {
        "window": window,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "ranking": ranking,
        "ranked_count": sum(1 for row in rows if not row.standing),
        "unranked_count": sum(1 for row in rows if row.standing),
        "price_open": bool(priced),
        "lots": _by_lot(viewer, ranking, stored, rows, sure),
        "unranked": [row for row in rows if row.standing],
        "shortlisted": [row for row in rows if row.decision_state == "met"],
        "criteria": criteria,
        "weights": bars.weight_bar(
            [bars.Weight(c.title, c.weight, c.mode == "price") for c in criteria],
        ),
        "method": cards.method_in_words(solicitation),
    }
    data = _attached(viewer, window, access, stored, lot)
    return Summary(context={**context, "is_whole": isinstance(data, bytes)}, data=data)


def _rows(stored: list[RankedProposal], priced: set[Any], *, in_full: bool) -> list[decisions_rows.RankRow]:
    """The rows with their decisions and live standings; `priced`: proposals whose prices may be shown."""
    decisions = decisions_queries.latest_decisions([row.proposal_id for row in stored])
    blocks = standings.blocks_of((row.proposal_id, row.proposal_number, row.supplier_id) for row in stored)
    return [
        decisions_rows.rank_row(
            row,
            decisions.get(row.proposal_id),
            price_open=row.proposal_id in priced,
            blocks=blocks.get(row.proposal_id, ()),
            in_full=in_full,
        )
        for row in stored
    ]


@dataclass(frozen=True, kw_only=True)
class LotTable:
    """One lot's ranked rows in a report, each with its chance to be in; how sure they are, and what they cover."""

    title: str
    price_open: bool
    rows: tuple[tuple[decisions_rows.RankRow, Chance | None], ...]
    has_before: bool
    sure: Certainty | None
    ties: Sequence[str]
    coverage: advice.Coverage | None


def _by_lot(
    viewer: Viewer,
    ranking: Ranking,
    stored: list[RankedProposal],
    rows: list[decisions_rows.RankRow],
    sure: Mapping[int, Certainty],
) -> list[LotTable]:
    tables: dict[Lot, list[tuple[RankedProposal, decisions_rows.RankRow]]] = {}
    for row, shown in zip(stored, rows, strict=True):
        if not shown.standing:
            tables.setdefault(row.lot, []).append((row, shown))
    return [_table(viewer, ranking, lot, ranked, sure.get(lot.pk)) for lot, ranked in tables.items()]


def _table(
    viewer: Viewer,
    ranking: Ranking,
    lot: Lot,
    ranked: list[tuple[RankedProposal, decisions_rows.RankRow]],
    sure: Certainty | None,
) -> LotTable:
    shows = sure is not None and sure.shows_chances
    access = viewer.access(ranking.window, ranking.window.openings.all())
    price_open = lot.pk in access.price_lots and all(row.price_open for _row, row in ranked)
    return LotTable(
        title=f"{lot.code} {lot.title}",
        price_open=price_open,
        rows=tuple(
            (shown, sure.chance(row.proposal_number, vars(row).get("chances")) if sure and shows else None)
            for row, shown in ranked
        ),
        has_before=any(row.rank_before for _row, row in ranked),
        sure=sure,
        ties=advice.ties_of(viewer, ranking, lot, price_open=price_open),
        coverage=advice.coverage_of(viewer, ranking.window, lot, [row for row, _shown in ranked]),
    )


def comparison_of(window: Window, user: User, proposals: Iterable[Any]) -> Summary:
    """Two to six proposals side by side as the user may read them. Raises NotReadable when fewer are left."""
    viewer = viewer_of(user, window.solicitation)
    access = viewer.access(window, window.openings.all())
    rows = comparison.rows_of(viewer, window, access, proposals)
    lots = {row.lot_id: row.lot for row in rows}
    data = files.extract(
        window,
        list(lots.values()),
        [row.proposal_id for row in rows],
        price_open=lots.keys() <= access.price_lots,
        with_marks=True,
    )
    return Summary(context=comparison.context_of(viewer, window, access, rows), data=data)


def evaluation_of(window: Window, lot: Lot, user: User) -> Summary:
    """The whole evaluation of a lot, with the evaluation file. Raises NotReadable for who may not read all of it."""
    viewer = viewer_of(user, window.solicitation)
    ranking = ranking_queries.ranking_of(window)
    if ranking is None or ranking.ranked_at is None or not chapters.may_read(viewer, window, lot):
        raise NotReadable("You don’t have access to the whole evaluation of this lot.")
    access = viewer.access(window, window.openings.all())
    stored = list(ranking.rows.filter(lot=lot))
    data = _attached(viewer, window, access, stored, lot)
    context = chapters.context_of(viewer, window, lot, ranking)
    return Summary(context={**context, "is_whole": isinstance(data, bytes)}, data=data)


def _attached(
    viewer: Viewer, window: Window, access: Access, stored: list[RankedProposal], only: Lot | None = None
) -> dict[str, Any] | bytes:
    """The whole evaluation file of the lots whose prices are open, or of one, for who may read all of it; else an
    extract of what the report lists."""
    lots = files.lots_for(viewer, window, access, price_open=True)
    lots = [lot for lot in lots if only is None or lot == only]
    if lots:
        return files.whole(window, lots, price_open=True).content
    shown = {row.lot_id: row.lot for row in stored}
    return files.extract(
        window,
        list(shown.values()),
        [row.proposal_id for row in stored],
        price_open=shown.keys() <= access.price_lots,
        with_marks=True,
    )
