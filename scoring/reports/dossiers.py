"""A lot's dossier: one ZIP file with every report, the evaluation file, tables, and the letters that went out.

It holds only what its reader may see. It names reviewers, so it is for the same people as the evaluation report.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from portal.kit import clock, formats, tables
from rfp.models import Lot, Proposal
from scoring.decisions import exports
from scoring.decisions import rows as decisions_rows
from scoring.decisions.views.ranking import as_shown
from scoring.outcomes import queries as outcomes_queries
from scoring.outcomes.models import Letter
from scoring.panel import queries as panel_queries
from scoring.panel.access import viewer_of
from scoring.ranking import queries as ranking_queries
from scoring.ranking.certainty.chances import cells_of
from scoring.reports import files, summaries
from scoring.reports.contents import chapters, comparison
from scoring.reports.contents.printing import printed
from scoring.reports.models import Report
from scoring.reports.queries import NotReadable

SUMMARIES = 100  # proposals of a lot that get a summary each
Kind = Report.Kind
Table = Iterable[list[Any]]


@dataclass(frozen=True)
class Part:
    """One file of the dossier, made when its turn comes. `says`: what it is, for the list of contents."""

    name: str
    says: str
    make: Callable[[], bytes]


def zipped(report: Report, progress: Callable[[int, int], None]) -> bytes:
    """The dossier. `progress` is told how many of how many files are made. Raises NotReadable, PdfError."""
    parts = list(_parts(report))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _contents(report, parts))
        for done, part in enumerate(parts):
            progress(done, len(parts))
            archive.writestr(part.name, part.make())
    progress(len(parts), len(parts))
    return target.getvalue()


def _parts(report: Report) -> Iterator[Part]:
    """Raises NotReadable for who may not read the whole evaluation of the lot."""
    window, lot, user = report.window, report.lot, report.requested_by
    assert lot is not None, "a dossier is about a lot"
    viewer = viewer_of(user, window.solicitation)
    ranking = ranking_queries.ranking_of(window)
    if ranking is None or ranking.ranked_at is None or not chapters.may_read(viewer, window, lot):
        raise NotReadable("You don’t have access to the whole evaluation of this lot.")
    about = report.about
    yield Part(
        "evaluation-report.pdf",
        "Panel, declarations, openings, every mark and comment, every decision with its reason",
        lambda: _pdf(Kind.EVALUATION, summaries.evaluation_of(window, lot, user), about),
    )
    yield Part(
        "shortlist-report.pdf",
        "The ranking, how sure it is, and what it covers",
        lambda: _pdf(Kind.SHORTLIST, summaries.shortlist_of(window, user, lot), about),
    )
    first = list(ranking_queries.ranked_rows(window.pk, lot.pk).values_list("proposal", flat=True)[:6])
    if len(first) >= comparison.LEAST:
        yield Part(
            "comparison.pdf",
            f"The first {len(first)} proposals side by side",
            lambda: _pdf(Kind.COMPARISON, summaries.comparison_of(window, user, first), about),
        )
    yield from _of_proposals(report, lot)
    yield from _tables(report, lot)
    yield from _evaluation_file(report, lot)
    yield from _letters(report, lot)


def _pdf(kind: Report.Kind, summary: summaries.Summary, about: str) -> bytes:
    return printed(kind, summary.context, summary.data, about=about)


def _of_proposals(report: Report, lot: Lot) -> Iterator[Part]:
    """A summary of each proposal, as its reader would request it."""
    found = panel_queries.proposal_to_read(report.requested_by).filter(
        window=report.window, lot=lot, current_revision__isnull=False, withdrawn_at__isnull=True
    )
    for proposal in found.order_by("number")[:SUMMARIES]:
        name = f"summaries/{proposal.number}.pdf"
        yield Part(name, "Proposal summary", partial(_summary, proposal, report))


def _summary(proposal: Proposal, report: Report) -> bytes:
    return _pdf(Kind.SUMMARY, summaries.summary_of(proposal, report.requested_by), proposal.number)


def _evaluation_file(report: Report, lot: Lot) -> Iterator[Part]:
    window = report.window
    viewer = viewer_of(report.requested_by, window.solicitation)
    access = viewer.access(window, window.openings.all())
    for price_open in (True, False):
        if lot in files.lots_for(viewer, window, access, price_open=price_open):
            prices = "" if price_open else ", without prices, which are sealed"
            yield Part(
                "evaluation.json",
                f"Everything the ranking was made from{prices}. Check it with manage.py recompute",
                partial(_whole, report, lot, price_open=price_open),
            )


def _whole(report: Report, lot: Lot, *, price_open: bool) -> bytes:
    return files.whole(report.window, [lot], price_open=price_open).content


# ---- tables -----------------------------------------------------------------------------------------------------


def _tables(report: Report, lot: Lot) -> Iterator[Part]:
    yield Part("ranking.csv", "The ranking", lambda: _csv(_ranking(report, lot)))
    # Marks and history are read once, for both tables.
    read: list[chapters.Chapter] = []

    def found() -> list[chapters.Chapter]:
        if not read:
            read.extend(chapters.chapters_of(report.requested_by, report.window, lot))
        return read

    yield Part("marks.csv", "Every mark with its comment", lambda: _csv(_marks(found())))
    zone = report.window.solicitation.time_zone
    yield Part("history.csv", "Every act with its reason", lambda: _csv(_history(found(), zone)))


def _csv(table: Table) -> bytes:
    return "".join(tables.csv_lines(table)).encode()


def _ranking(report: Report, lot: Lot) -> Table:
    window = report.window
    viewer = viewer_of(report.requested_by, window.solicitation)
    is_open = lot.pk in viewer.access(window, window.openings.all()).price_lots
    ranking = ranking_queries.ranking_of(window)
    assert ranking is not None, "it was there a moment ago"
    measured = [each for each in ranking.stabilities.all() if each.lot_id == lot.pk]
    rows = ranking_queries.with_chances(ranking.rows.filter(lot=lot).order_by("position"), measured)
    return exports.table(
        as_shown(rows, "chances"),
        list(window.solicitation.criteria.all()),
        price_open=is_open,
        shows_price=lambda row: is_open and row.price_open,
        flags=lambda row: decisions_rows.flags_of(row, (), in_full=True),
        chance=cells_of(measured, ranking, viewer.conflicts),
        places=window.solicitation.slots_per_lot,
        selected_on=window.feedback_by,
    )


def _marks(found: Iterable[chapters.Chapter]) -> Table:
    yield ["Proposal", "Supplier", "Criterion", "Title", "Reviewer", "Mark", "Note", "Comment"]
    for each in found:
        for line in each.lines:
            for given in line.given:
                yield [
                    each.row.number,
                    each.row.supplier,
                    line.figures.code,
                    line.figures.title,
                    given.who,
                    given.mark,
                    given.note,
                    given.comment,
                ]


def _history(found: Iterable[chapters.Chapter], zone: str) -> Table:
    yield ["Proposal", "Supplier", "When", "Who", "What", "Why"]
    for each in found:
        for act in each.acts:
            when = formats.when(act.at, zone)
            yield [each.row.number, each.row.supplier, when, act.who, act.what, act.why]


# ---- letters ----------------------------------------------------------------------------------------------------


def _letters(report: Report, lot: Lot) -> Iterator[Part]:
    """Letters that went out, and the last debrief of each supplier. What is held is not in it."""
    letters = Letter.objects.filter(release__window=report.window, release__lot=lot)
    last: dict[Any, Letter] = {}
    for letter in outcomes_queries.whole(letters).order_by("id"):
        last[letter.proposal_id] = letter
        name = f"letters/{letter.proposal.number}-{letter.pk}.txt"
        yield Part(name, "Letter that went out", partial(_letter, letter))
    for letter in last.values():
        name = f"debriefs/{letter.proposal.number}.pdf"
        yield Part(name, "Debrief that went out", partial(_debrief, letter))


def _letter(letter: Letter) -> bytes:
    sent = formats.when(letter.at, letter.release.window.solicitation.time_zone)
    to = letter.proposal.supplier.legal_name
    return f"To: {to}\nReleased: {sent}\nSubject: {letter.subject}\n\n{letter.body}".encode()


def _debrief(letter: Letter) -> bytes:
    return _pdf(Kind.DEBRIEF, summaries.debrief_of(letter), letter.proposal.number)


def _contents(report: Report, parts: Iterable[Part]) -> str:
    window, lot = report.window, report.lot
    assert lot is not None, "a dossier is about a lot"
    made = formats.when(clock.wall_time(), window.solicitation.time_zone)
    head = (
        f"Dossier of lot {lot.code} {lot.title}\n"
        f"RFP {window.solicitation.number} {window.solicitation.title}, window {window.number}\n"
        f"Created {made} for {report.requested_by.name}\n\n"
        "It holds what this person may read. Sealed prices and letters that are held are not in it.\n"
        f"A lot’s first {SUMMARIES} proposals have summaries.\n\n"
    )
    return head + "".join(f"{part.name}\n    {part.says}\n" for part in parts)
