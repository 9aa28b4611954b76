"""The ranking as one person likes to see it, how sure places are in the list of all lots, and what changed and why."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.compliance import Envelope
from scoring.models import RankedProposal, RankingView, Score, Shift
from scoring.panel import actions as panel_actions
from scoring.ranking import order
from scoring.ranking.certainty import stability
from tests import factories
from tests.scoring.comparing.made import OFFERS, mark, ranked_room
from tests.scoring.rooms import Room, auditor, signed_in

pytestmark = pytest.mark.django_db


def heads(page: str) -> list[str]:
    table = page.partition("<thead>")[2].partition("</thead>")[0]
    cells = re.findall(r"<th\b.*?</th>", table, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def page_of(made: Room, query: str = "", user: Any = None) -> str:
    answer = signed_in(user or made.chair.user).get(f"{made.base}ranking/?window=1&lot=L1{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def chosen(made: Room, user: Any = None, **data: Any) -> Any:
    client = signed_in(user or made.chair.user)
    return client.post(f"{made.base}ranking/columns/?window=1&lot=L1", data, follow=True)


def test_what_the_offer_says_is_stored_with_the_score_and_the_ranking() -> None:
    made = ranked_room(OFFERS[:2])
    score = Score.objects.get(revision__proposal=made.proposals[0])
    assert (score.lead_time_days, score.jobs) == (56, 88)
    row = RankedProposal.objects.get(proposal=made.proposals[0])
    assert (row.lead_time_days, row.jobs) == (56, 88)
    assert (row.expires_on, row.expires_what) == (score.expires_on, score.expires_what)


def test_columns_are_chosen_and_remembered_for_each_person() -> None:
    made = ranked_room(OFFERS[:2])
    usual = heads(page_of(made))
    assert "Price" in usual and "Domestic" in usual and "Jobs" not in usual
    page = chosen(made, columns=["jobs", "lead", "price"]).content.decode()
    assert heads(page)[-4:] == ["Price", "Lead time", "Jobs", "Decision"]
    assert heads(page_of(made)) == heads(page) and "56 days" in page and ">88<" in page
    assert heads(page_of(made, user=made.others[0].user)) == usual
    chosen(made, columns=[])
    assert heads(page_of(made))[1:] == ["Rank", "Supplier", "Score", "Decision"]
    assert RankingView.objects.count() == 1


def test_what_expires_before_the_selection_is_named() -> None:
    made = ranked_room(OFFERS[:2])
    Score.objects.filter(revision__proposal=made.proposals[0]).update(
        expires_on=date(2026, 6, 3), expires_what="ISO 9001"
    )
    type(made.window).objects.filter(pk=made.window.pk).update(feedback_by=date(2026, 6, 30))
    made.rank()
    chosen(made, columns=["expires"])
    page = page_of(made)
    assert "Expires before selection" in heads(page) and "ISO 9001, June 3, 2026" in page
    type(made.window).objects.filter(pk=made.window.pk).update(feedback_by=date(2026, 6, 1))
    assert "ISO 9001" not in page_of(made)


def test_a_view_keeps_columns_filters_and_order() -> None:
    made = ranked_room(OFFERS[:3])
    page = chosen(
        made, columns=["jobs"], name="Ohio jobs", as_view="1", query="state=OH&sort=-jobs&evil=1"
    ).content.decode()
    view = RankingView.objects.get(name="Ohio jobs")
    assert view.query == "state=OH&sort=-jobs"
    assert "Columns and views: Ohio jobs" in page and 'aria-current="true">Ohio jobs' in page
    assert "Price" in heads(page_of(made)) and f"view={view.pk}" in page_of(made)
    assert "Ohio jobs" not in page_of(made, user=made.others[0].user)
    assert "Price" in heads(page_of(made, f"&view={view.pk}", user=made.others[0].user))
    other = signed_in(made.others[0].user).post(f"{made.base}ranking/views/{view.pk}/remove/")
    assert other.status_code == 404
    gone = signed_in(made.chair.user).post(f"{made.base}ranking/views/{view.pk}/remove/", follow=True)
    assert "View “Ohio jobs” removed." in gone.content.decode() and not RankingView.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"columns": ["secrets"]}, "secrets is not one of the available choices"),
        ({"columns": ["jobs"], "name": " ", "as_view": "1"}, "Name the view to save it"),
        ({"name": "x" * 61, "as_view": "1"}, "Use at most 60 characters"),
    ],
)
def test_what_makes_no_sense_changes_nothing(data: dict[str, Any], words: str) -> None:
    made = ranked_room(OFFERS[:1])
    assert words in chosen(made, **data).content.decode()
    assert not RankingView.objects.exists()


def test_twenty_views_are_enough() -> None:
    made = ranked_room(OFFERS[:1])
    for number in range(20):
        RankingView.objects.create(
            user=made.chair.user, solicitation=made.solicitation, name=f"View {number}", columns=["jobs"]
        )
    page = chosen(made, columns=["jobs"], name="One more", as_view="1").content.decode()
    assert "You have 20 saved views. Remove one first." in page
    chosen(made, columns=["lead"], name="View 3", as_view="1")
    assert RankingView.objects.get(name="View 3").columns == ["lead"]


def test_columns_and_views_cost_no_query() -> None:
    made = ranked_room(OFFERS[:2])
    client = signed_in(made.chair.user)
    address = f"{made.base}ranking/?window=1&lot=L1"
    client.get(address)
    counts = []
    for saved in (0, 3):
        for number in range(saved):
            RankingView.objects.create(
                user=made.chair.user,
                solicitation=made.solicitation,
                name=f"{number}",
                columns=["jobs", "expires"],
            )
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_list_of_all_lots_shows_chances_too() -> None:
    made = ranked_room()
    stability.measure(made.window)
    page = page_of(made).replace("lot=L1", "")
    every = signed_in(made.chair.user).get(f"{made.base}ranking/?window=1&lot=all").content.decode()
    assert "In top 2" in heads(every) and "Chance to be in the top 2" in every
    assert "How certain the places are" in page and "How certain the places are" not in every


# ---- what changed -----------------------------------------------------------------------------------------------


def changes_of(made: Room, user: Any = None) -> str:
    answer = signed_in(user or made.chair.user).get(f"{made.base}ranking/changes/?window=1&lot=L1")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_changed_since_the_last_ranking_and_why() -> None:
    made = ranked_room(prices=False)
    assert "Nothing changed yet" in changes_of(made)
    low = made.proposals[3]
    for seat in made.seats:
        mark(low, seat, {"T": 5})
    made.rank()
    shift = Shift.objects.get()
    moves = {each["number"]: each for each in shift.moves}
    assert moves[low.number]["was"] == 4 and moves[low.number]["now"] == 1
    assert moves[low.number]["why"] == "Technical 100.0, before 30.0."
    assert all(each["why"] == "" for number, each in moves.items() if number != low.number)
    page = changes_of(made)
    assert "Technical 100.0, before 30.0." in page and "Others moved." in page
    made.rank()
    assert Shift.objects.count() == 1
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    newest = changes_of(made).partition('class="panel"')[2].partition("</table>")[0]
    assert "not counted before." in newest


def test_changes_name_nobody_who_is_hidden_and_wait_for_their_reader() -> None:
    made = ranked_room(prices=False)
    reader, low = made.others[0].user, made.proposals[3]
    for seat in made.seats:
        mark(low, seat, {"T": 5})
    made.rank()
    assert signed_in(reader).get(f"{made.base}ranking/changes/?window=1&lot=L1").status_code == 404
    assert low.number in changes_of(made, auditor())
    made.open(Envelope.PRICE)
    assert low.number in changes_of(made, reader)
    panel_actions.add_conflict(
        made.solicitation, supplier=low.supplier, statement="I worked there.", by=reader, at=factories.NOW
    )
    page = changes_of(made, reader)
    assert low.number not in page and low.supplier.legal_name not in page
