"""Comparisons, evaluation reports and dossiers: what is in them, who gets them, and what stays out."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.models import User
from scoring.calculation import load
from scoring.models import Conflict, Consensus, Mark, Report
from scoring.ranking.certainty import stability
from scoring.reports import actions, pdf
from tests import factories as make
from tests.scoring.decisions.test_verdicts import priced
from tests.scoring.outcomes.test_release import decided, lot, release
from tests.scoring.reports.test_pdf import data_of, text_of
from tests.scoring.rooms import Room, auditor, room, signed_in

pytestmark = pytest.mark.django_db
Kind = Report.Kind


def made_of(report: Report) -> Report:
    pdf.make(report.pk)
    report.refresh_from_db()
    return report


def of_lot(made: Room, kind: Report.Kind, by: User) -> Report:
    return made_of(actions.request_lot_report(kind, made.window, lot(made), by=by, at=clock.wall_time()))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_comparison_shows_what_its_page_shows_and_carries_an_extract() -> None:
    made = priced(3)
    first, second = (each.pk for each in made.proposals[:2])
    client = signed_in(made.chair.user)
    address = reverse("scoring:comparison_request", args=[made.solicitation.number])
    answer = client.post(f"{address}?window=1&lot=L1&item={first}&item={second}")
    report = made_of(Report.objects.get())
    assert (report.state, report.error) == (Report.State.DONE, "")
    assert "Comparison, window 1" in flat(client.get(answer.url).content.decode())
    text = flat(text_of(report.document))
    assert "At a glance" in text and "Points by criterion" in text
    assert made.proposals[0].number in text and made.proposals[2].number not in text
    data = data_of(report.document)
    assert data["format"] == "onshore-extract/1"
    assert {each["id"] for each in data["sets"][0]["proposals"]} == {
        each.number for each in made.proposals[:2]
    }
    one = client.post(f"{address}?window=1&lot=L1&item={first}", follow=True)
    assert "You selected 1" in one.content.decode() and Report.objects.count() == 1


def test_a_comparison_leaves_out_a_supplier_that_its_reader_has_a_conflict_with_since() -> None:
    made = priced(3)
    items = [each.pk for each in made.proposals]
    report = actions.request_comparison(made.window, items, by=made.chair.user, at=clock.wall_time())
    conflict(made, made.chair.user, 0)
    text = text_of(made_of(report).document)
    assert made.proposals[0].number not in text and made.proposals[1].number in text
    report = actions.request_comparison(made.window, items[:2], by=made.chair.user, at=clock.wall_time())
    assert "no longer have access" in made_of(report).error


def conflict(made: Room, user: User, which: int) -> None:
    Conflict.objects.create(
        solicitation=made.solicitation,
        user=user,
        supplier=made.proposals[which].supplier,
        reason="Worked there.",
        by=user,
        at=make.NOW,
    )


def test_an_evaluation_report_holds_every_mark_act_and_reason() -> None:
    made = decided()
    mark = Mark.objects.filter(revision=made.proposals[0].current_revision_id).order_by("id").first()
    assert mark is not None
    Mark.objects.filter(pk=mark.pk).update(comment="Backed by the load test on page 4.")
    conflict(made, made.others[0].user, 2)
    Consensus.objects.create(
        revision=made.proposals[1].current_revision,
        criterion=made.solicitation.criteria.get(code="T"),
        anchor=4,
        reason="We read the annex together.",
        by=made.chair.user,
        at=make.NOW,
    )
    release(made)
    report = of_lot(made, Kind.EVALUATION, made.admin)
    assert (report.state, report.error) == (Report.State.DONE, "")
    text = flat(text_of(report.document))
    for seat in made.seats:
        assert seat.user.name in text
    for said in (
        "Backed by the load test on page 4.",
        "We read the annex together.",
        "Worked there.",
        "Technical opened",
        "Prices opened",
        "Decisions released",
        "Has a conflict. The mark does not count.",
        "Told the supplier: Reserve",
    ):
        assert said in text, said
    load(json.dumps(data_of(report.document)).encode())
    assert not any(seat.user.name in json.dumps(data_of(report.document)) for seat in made.seats)


def test_before_prices_open_no_price_is_in_the_report_or_the_dossier() -> None:
    made = room(2)
    made.mark()
    made.rank()
    amounts = ("120.00", "$120", "price_total")
    report = of_lot(made, Kind.EVALUATION, made.chair.user)
    text = flat(text_of(report.document))
    assert "Sealed" in text and not any(each in text for each in amounts)
    assert data_of(report.document)["format"] == "onshore-extract/1"
    names = unzipped(of_lot(made, Kind.DOSSIER, made.chair.user))
    assert json.loads(names["evaluation.json"])["method"]["price_open"] is False
    assert "Price" not in names["ranking.csv"].decode()
    assert not any(name.startswith(("letters/", "debriefs/")) for name in names)


def unzipped(report: Report) -> dict[str, bytes]:
    assert (report.state, report.error) == (Report.State.DONE, "")
    with report.document.file.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_dossier_holds_every_document_of_the_lot() -> None:
    made = decided()
    release(made)
    report = of_lot(made, Kind.DOSSIER, made.chair.user)
    names = unzipped(report)
    numbers = [each.number for each in made.proposals]
    assert {"README.txt", "evaluation-report.pdf", "shortlist-report.pdf", "comparison.pdf"} <= names.keys()
    assert {"evaluation.json", "ranking.csv", "marks.csv", "history.csv"} <= names.keys()
    assert {f"summaries/{each}.pdf" for each in numbers} | {
        f"debriefs/{each}.pdf" for each in numbers
    } <= names.keys()
    assert sum(name.startswith("letters/") for name in names) == 3
    assert all(name in names["README.txt"].decode() for name in names if name != "README.txt")
    assert made.seats[0].user.name in names["marks.csv"].decode()
    assert "Shortlisted" in names["history.csv"].decode()
    load(names["evaluation.json"])
    assert (report.done, report.total) == (len(names) - 1, len(names) - 1)
    page = signed_in(made.chair.user).get(reverse("scoring:report_detail", args=[report.pk])).content.decode()
    assert "Download the ZIP file" in page and "Dossier, lot L1, window 1" in flat(page)


def test_letters_that_are_held_stay_out_of_the_dossier() -> None:
    made = decided()
    names = unzipped(of_lot(made, Kind.DOSSIER, auditor()))
    assert not any(name.startswith(("letters/", "debriefs/")) for name in names)


def ask(made: Room, user: User, kind: str = "dossier") -> Any:
    address = reverse("scoring:lot_report_request", args=[made.solicitation.number])
    return signed_in(user).post(f"{address}?window=1", {"kind": kind, "lot": "L1"})


def test_only_who_may_read_everything_asks_for_a_lot() -> None:
    made = priced(2)
    for user in (made.chair.user, made.admin, auditor()):
        assert ask(made, user).status_code == 302
    assert Report.objects.filter(kind=Kind.DOSSIER).count() == 3
    # A reviewer reads marks once prices are open, but no one's declarations.
    assert ask(made, made.others[0].user).status_code == 404
    conflict(made, made.chair.user, 0)
    assert ask(made, made.chair.user).status_code == 404
    page = signed_in(made.chair.user).get(reverse("scoring:report_list", args=[made.solicitation.number]))
    assert "The whole evaluation of one lot" not in page.content.decode()
    wrong = signed_in(made.admin).post(
        reverse("scoring:lot_report_request", args=[made.solicitation.number]) + "?window=1",
        {"kind": "evaluation", "lot": "<L9>"},
        follow=True,
    )
    assert "Choose a document and a lot from the lists." in wrong.content.decode()


def test_who_gets_a_conflict_later_gets_no_file() -> None:
    made = priced(2)
    report = of_lot(made, Kind.EVALUATION, made.chair.user)
    client = signed_in(made.chair.user)
    file = reverse("scoring:report_file", args=[report.pk])
    assert client.get(file).status_code == 200
    waiting = actions.request_lot_report(
        Kind.EVALUATION, made.window, lot(made), by=made.chair.user, at=clock.wall_time()
    )
    conflict(made, made.chair.user, 0)
    assert client.get(file).status_code == 404
    made_of(waiting)
    assert waiting.state == Report.State.FAILED and "whole evaluation" in waiting.error


def test_the_shortlist_report_says_how_sure_it_is_and_what_it_covers() -> None:
    made = priced(3)
    stability.measure(made.window)
    report = made_of(actions.request_shortlist_report(made.window, by=made.admin, at=clock.wall_time()))
    text = flat(text_of(report.document))
    assert "What the ranked proposals cover" in text and "How sure the places are" in text
    assert f"In top {made.solicitation.slots_per_lot}" in text and "No place is contested" in text
    conflict(made, made.chair.user, 0)
    report = made_of(actions.request_shortlist_report(made.window, by=made.chair.user, at=clock.wall_time()))
    text = flat(text_of(report.document))
    assert "What the ranked proposals cover" not in text and made.proposals[0].number not in text


def test_an_envelope_must_be_open() -> None:
    made = room(1, opened=False)
    assert ask(made, made.admin).status_code == 404
    made.open(Envelope.TECHNICAL)
    made.mark()
    made.rank()
    assert ask(made, made.admin).status_code == 302
