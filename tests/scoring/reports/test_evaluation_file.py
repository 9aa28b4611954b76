"""The evaluation file of a window: what the ranking was made from, and the same ranking again from it alone."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import AccessEvent
from portal.kit.compliance import Envelope
from portal.models import Role
from rfp.models import Solicitation
from scoring.calculation.file import command
from scoring.decisions import verdict_actions
from scoring.models import Decision, Mark, RankedProposal, Score
from scoring.panel import actions as panel_actions
from scoring.ranking import order, scores
from scoring.ranking import queries as ranking_queries
from scoring.reports import files
from tests import factories
from tests.scoring.reports.test_verification import ranked_room
from tests.scoring.rooms import Room, auditor, room, signed_in

pytestmark = pytest.mark.django_db


def address(made: Room, query: str = "") -> str:
    return f"{made.base}evaluation-file/?window=1{query}"


def exported(made: Room, query: str = "") -> bytes:
    answer = signed_in(made.chair.user).get(address(made, query))
    assert answer.status_code == 200
    return bytes(answer.content)


def recomputed(content: bytes, folder: Path) -> tuple[int, str]:
    """(exit code, what it says) of `manage.py recompute`."""
    path = folder / "evaluation.json"
    path.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code = command.run(parser.parse_args([str(path)]), out, err)
    return code, out.getvalue() + err.getvalue()


def places(content: bytes) -> list[tuple[Any, ...]]:
    names = ("id", "standing", "rank", "shared", "tie_step")
    return [
        tuple(row[name] for name in names) for each in json.loads(content)["sets"] for row in each["results"]
    ]


def stored_places() -> list[tuple[Any, ...]]:
    rows = RankedProposal.objects.order_by("position")
    return [(row.proposal_number, row.standing, row.rank, row.shared, row.tie_step) for row in rows]


def thirds() -> Room:
    """Equal totals from different marks, a lower one, and a proposal that is knocked out."""
    made = room(4)
    for proposal, anchors in zip(made.proposals, ((4, 3), (3, 4), (5, 1), (5, 5)), strict=True):
        for seat, anchor in zip(made.seats, anchors, strict=True):
            factories.mark_all(proposal, [seat], anchor)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    Score.objects.filter(revision__proposal=made.proposals[3]).update(knocked_out=True)
    made.rank()
    return made


def test_it_gives_the_stored_ranking_and_recomputes(tmp_path: Path) -> None:
    made = ranked_room()
    content = exported(made)
    assert recomputed(content, tmp_path) == (0, "All results are equal: 2 proposals in 1 set.\n")
    assert places(content) == stored_places()
    (each,) = json.loads(content)["sets"]
    stored = {
        score.revision.proposal.number: score for score in Score.objects.select_related("revision__proposal")
    }
    for row in each["results"]:
        assert row["total"].startswith(str(stored[row["id"]].total)[:12])
    assert {line["trace"]["stand_in"] for line in each["automatic"] if "stand_in" in line["trace"]} == {
        "panel",
        "zero",
    }
    assert each["decisions"][0] == {
        "proposal": made.proposals[0].number,
        "verdict": "shortlisted",
        "reason": "First",
    }
    for line in each["proposals"]:
        assert sum(float(item["amount"]) for item in line["price_inputs"]) == float(line["price"])
    assert {mark["evaluator"] for mark in each["marks"]} == {"Reviewer 1", "Reviewer 2"}
    assert not any(seat.user.name in content.decode() for seat in made.seats)


def test_any_changed_digit_is_named_or_refused(tmp_path: Path) -> None:
    content = exported(ranked_room()).decode()
    for at, digit in enumerate(content):
        if digit.isdigit() and at % 7 == 0:
            changed = content[:at] + str((int(digit) + 1) % 10) + content[at + 1 :]
            code, said = recomputed(changed.encode(), tmp_path)
            assert code in (1, 2) and said, content[at - 40 : at + 10]


def test_the_knocked_out_and_equal_totals_stand_as_in_the_ranking(tmp_path: Path) -> None:
    made = thirds()
    content = exported(made)
    assert recomputed(content, tmp_path)[0] == 0
    assert places(content) == stored_places()
    assert [place[1] for place in places(content)] == ["ranked"] * 3 + ["knocked_out"]


def test_sealed_prices_are_null(tmp_path: Path) -> None:
    made = room(2, price="777.77")
    made.mark()
    made.rank()
    content = exported(made)
    found = json.loads(content)
    assert not found["method"]["price_open"]
    for line in found["sets"][0]["proposals"]:
        assert (line["price"], line["reference"], line["price_inputs"]) == (None, None, [])
    assert recomputed(content, tmp_path)[0] == 0 and places(content) == stored_places()
    assert "777.77" not in content.decode()
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    assert signed_in(made.chair.user).get(address(made, "&prices=sealed")).status_code == 404


def test_a_proposal_that_waits_for_marks_is_not_in_it_yet(tmp_path: Path) -> None:
    made = room(2)
    factories.mark_all(made.proposals[0], made.seats, 4)
    made.rank()
    written = files.whole(made.window, list(made.solicitation.lots.all()), price_open=False)
    assert written.left_out == 1
    assert [place[0] for place in places(written.content)] == [made.proposals[0].number]


def test_a_criterion_that_nobody_marked_counts_as_0_in_the_file_and_in_the_ranking(tmp_path: Path) -> None:
    made = room(2)
    made.open_prices()
    # As after a recusal from the whole RFP: the marks of everybody who gave one are gone.
    unmarked = made.proposals[0]
    assert unmarked.current_revision_id is not None
    Mark.objects.filter(revision=unmarked.current_revision_id).delete()
    scores.rescore(ranking_queries.revision_to_score(unmarked.current_revision_id))
    made.rank()
    content = exported(made)
    assert recomputed(content, tmp_path)[0] == 0 and places(content) == stored_places()
    assert len(places(content)) == 2
    row = RankedProposal.objects.get(proposal=unmarked.pk)
    assert (row.standing, row.rank, row.flags) == ("ranked", 2, ["no_marks"])
    results = json.loads(content)["sets"][0]["results"]
    assert [each["flags"] for each in results if each["id"] == unmarked.number] == [
        ["quorum", "input_missing"]
    ]
    page = signed_in(made.chair.user).get(made.base + "ranking/?window=1").content.decode()
    assert "No one marked a criterion, so it counts as 0" in page


def test_who_has_a_conflict_in_the_window_gets_none() -> None:
    made = room(2)
    made.open_prices()
    reader = made.others[0].user
    assert signed_in(reader).get(address(made)).status_code == 200
    elsewhere = factories.make_supplier()
    panel_actions.recuse(
        made.others[0], supplier=elsewhere, reason="Old firm", by=made.chair.user, at=factories.NOW
    )
    assert signed_in(reader).get(address(made)).status_code == 200
    supplier = made.proposals[0].supplier
    panel_actions.recuse(
        made.others[0], supplier=supplier, reason="Old firm", by=made.chair.user, at=factories.NOW
    )
    client = signed_in(reader)
    assert client.get(address(made)).status_code == 404
    for page in ("ranking/", "reports/"):
        assert "evaluation-file" not in client.get(made.base + page + "?window=1").content.decode()


def test_before_prices_only_who_sees_the_panel_gets_it_and_downloads_are_logged() -> None:
    made = room(1)
    made.mark()
    made.rank()
    assert signed_in(made.others[0].user).get(address(made)).status_code == 404
    assert signed_in(factories.make_user(Role.OFFICER)).get(address(made)).status_code == 200
    assert signed_in(auditor()).get(address(made)).status_code == 200
    client = signed_in(made.chair.user)
    assert address(made) in client.get(made.base + "ranking/?window=1").content.decode()
    assert address(made) in client.get(made.base + "reports/?window=1").content.decode()
    logged = AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).order_by("-pk")[0]
    assert logged.about == f"evaluation file {made.solicitation.number}-window-1-sealed-evaluation.json"


def test_its_queries_do_not_grow() -> None:
    counts = []
    for count in (1, 3):
        made = room(count)
        made.open_prices()
        verdict_actions.decide(
            made.proposals[0],
            verdict=Decision.Verdict.SHORTLISTED,
            reason="First",
            by=made.chair.user,
            at=factories.NOW,
        )
        solicitation = Solicitation.objects.get(pk=made.solicitation.pk)
        window = solicitation.windows.get(number=1)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            files.whole(window, list(solicitation.lots.all()), price_open=True)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 24
