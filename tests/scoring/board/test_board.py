"""The board and the pages around it: what they show, what they refuse, what they cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.models import Notice
from scoring.board import notices, planning
from scoring.models import Assignment, AssignmentRun, DueDate
from scoring.panel import actions as panel_actions
from tests import factories as make
from tests.scoring.board.test_assigned import give
from tests.scoring.rooms import room, signed_in

pytestmark = pytest.mark.django_db


def board(made):
    return f"{made.base}panel/"


def said(client, path, **options):
    return " ".join(client.get(path, **options).content.decode().split())


def test_the_board_says_who_is_done_part_late_out_and_handed_over():
    made = room(3)
    give(made, (0, 0), (1, 1), (2, 1))
    make.mark_all(made.proposals[0], [made.chair], anchor=None)
    panel_actions.recuse(
        made.chair, supplier=made.proposals[1].supplier, reason="Kin.", by=made.chair.user, at=make.NOW
    )
    DueDate.objects.create(
        window=made.window, due_at=make.NOW - timedelta(days=3), by=made.admin, at=make.NOW
    )
    page = said(signed_in(made.admin), board(made))
    assert "1 of 3 reviews done." in page and f"{made.others[0].user.name} is late." in page
    for words in ("Abstained on all", "Conflict", "3 days late", "No one"):
        assert (words in page) == (words != "No one"), words
    assert "An empty cell is not assigned." in page


def test_reviewers_do_not_see_the_board_and_who_does_not_decide_gets_no_actions():
    made = room()
    assert signed_in(made.others[0].user).get(board(made)).status_code == 404
    page = said(signed_in(make.make_user("auditor")), board(made))
    assert "Who marks what" in page and "Assign by hand" not in page


def test_by_hand_stores_what_was_checked_and_keeps_it_where_it_is_refused():
    made = room(2)
    client = signed_in(made.chair.user)
    first, second = (str(each.pk) for each in made.proposals)
    boxes = {"shown": [first, second], "cell": [f"{first}:{made.chair.pk}", f"{second}:{made.others[0].pk}"]}
    assert "checkbox" in said(client, board(made) + "?edit=1")
    assert client.post(board(made) + "by-hand/?window=1", boxes).status_code == 302
    assert Assignment.objects.count() == 2
    make.mark_all(made.proposals[0], [made.chair])
    answer = client.post(
        board(made) + "by-hand/?window=1", {**boxes, "cell": [f"{first}:{made.others[0].pk}"]}
    )
    page = " ".join(answer.content.decode().split())
    assert "has marked" in page and Assignment.objects.count() == 2
    assert f'value="{first}:{made.others[0].pk}" aria-label' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"shown": ["x"], "cell": []},
        {"shown": [], "cell": ["1:2"]},
        {"shown": [], "cell": ["00000000-0000-4000-8000-000000000000:1"]},
        {"shown": [], "cell": ["00000000-0000-4000-8000-000000000000:x"]},
    ],
)
def test_nonsense_by_hand_is_not_found(sent):
    made = room()
    assert signed_in(made.chair.user).post(board(made) + "by-hand/?window=1", sent).status_code == 404


def test_a_plan_is_asked_for_shown_and_applied():
    made = room(3)
    client = signed_in(made.chair.user)
    sent = {"each": "1", "cap": "", "lots": ["L1"], f"cap-{made.chair.pk}": "1"}
    answer = client.post(board(made) + "automatic/?window=1", sent)
    run = AssignmentRun.objects.get()
    address = answer.headers["Location"]
    assert address == f"{board(made)}plans/{run.pk}/?window=1&lot=L1"
    assert "Planning" in said(client, address)
    planning.make(run.pk, at=make.NOW)
    page = said(client, address)
    assert ("Assign 3 reviews" in page and "has no conflict" in page) or "Has no conflict" in page
    made.chair.refresh_from_db()
    assert made.chair.cap == 1
    answer = client.post(f"{board(made)}plans/{run.pk}/apply/?window=1")
    assert answer.status_code == 302 and Assignment.objects.count() == 3
    assert "This plan has already been applied." in client.post(
        f"{board(made)}plans/{run.pk}/apply/?window=1"
    ).content.decode().replace("\n", " ")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"each": ""}, "Reviewers for each proposal is missing"),
        ({"each": "0"}, "greater than or equal to 1"),
        ({"each": "9"}, "The panel has 2 reviewers. Enter 2 or fewer"),
        ({"each": "two"}, "use digits only"),
        ({"lots": []}, "Choose at least one lot"),
        ({"lots": ["L9"]}, "L9"),
        ({"cap": "-1"}, "greater than or equal to 1"),
    ],
)
def test_bad_rules_of_a_plan_are_named_and_kept(sent, words):
    made = room()
    answer = signed_in(made.chair.user).post(
        board(made) + "automatic/?window=1", {"each": "1", "cap": "7", "lots": ["L1"], **sent}
    )
    assert words in answer.content.decode()
    assert not AssignmentRun.objects.exists()


def test_a_file_is_read_and_every_bad_line_named():
    made = room(2)
    client = signed_in(made.chair.user)
    first, second = (each.number for each in made.proposals)
    lines = [
        "proposal,reviewer,criterion group",
        f"{first},{made.chair.user.email}",
        f"{second},{made.others[0].user.name}",
        "P-0000,nobody",
        f"{second},nobody@example.com",
        f"{first},{made.chair.user.email}",
        f"{first},{made.chair.user.email},Ghosts",
        f"{first}",
    ]
    page = said_post(client, made, text="\n".join(lines))
    for words in (
        "5 lines to fix. Nothing is assigned yet.",
        "Line 4: There is no proposal P-0000 to mark in this window.",
        "Line 5: nobody@example.com is not on the panel.",
        "Line 6: This line is in the file twice.",
        "Line 7: There is no criterion group Ghosts.",
        "Line 8: Enter a proposal and a reviewer.",
        "2 lines can be assigned.",
        f"{second},nobody@example.com",
    ):
        assert words in page, words
    assert not Assignment.objects.exists()
    answer = client.post(board(made) + "file/?window=1", {"text": "\n".join(lines), "skip": "on"})
    assert answer.status_code == 302 and Assignment.objects.count() == 2
    down = b"".join(client.get(board(made) + "file/?window=1&download=1").streaming_content).decode()
    assert f"{first},{made.chair.user.email}," in down and f"{second},{made.others[0].user.email}," in down


def said_post(client, made, **sent):
    return " ".join(client.post(board(made) + "file/?window=1", sent).content.decode().split())


def test_an_empty_file_is_named():
    made = room()
    page = said_post(signed_in(made.chair.user), made, text="  ")
    assert "Choose a file or paste its lines" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_the_same_for_one_proposal_and_for_three(count):
    made = room(count)
    give(made, *((at, at % 2) for at in range(count)))
    client = signed_in(made.chair.user)
    client.get(board(made))
    with CaptureQueriesContext(connection) as caught:
        assert client.get(board(made)).status_code == 200
    assert len(caught) <= 31, len(caught)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(board(made) + "?show=open").status_code == 200
    assert len(caught) <= 32, len(caught)


def test_due_dates_and_reminders_once_a_day():
    made = room(2)
    client = signed_in(made.chair.user)
    path = board(made) + "due/?window=1"
    now = make.NOW
    for sent, words in (
        ({"on": ""}, "Due date is missing"),
        ({"on": "soon"}, "enter a date, for example"),
        ({"on": "2020-01-01"}, "Choose a time in the future."),
        ({"on": "2099-01-01", "seat": str(made.chair.pk)}, "Enter a reason"),
    ):
        assert words in client.post(path, sent).content.decode(), words
    assert client.post(path, {"on": (now + timedelta(days=1)).date().isoformat()}).status_code == 302
    due = DueDate.objects.get().due_at
    make.mark_all(made.proposals[0], [made.chair])
    make.mark_all(made.proposals[1], [made.chair])
    morning = due - timedelta(hours=5)
    assert notices.remind_everyone(morning - timedelta(hours=12)) == 0
    before = Notice.objects.count()
    assert notices.remind_everyone(morning) == 1
    assert notices.remind_everyone(morning + timedelta(minutes=30)) == 1
    assert Notice.objects.count() == before + 1
    letter = Notice.objects.latest("id")
    assert letter.to == made.others[0].user
    assert letter.subject.startswith("2 proposals left to mark")
    assert notices.remind_everyone(morning + timedelta(days=2)) == 0
    assert notices.remind_everyone(morning + timedelta(days=1)) == 1
    assert Notice.objects.count() == before + 2
