"""Two to six proposals side by side: what differs comes first, and nothing that the reader may not read."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rfp.models import Proposal, Response
from scoring.panel import actions as panel_actions
from tests import factories
from tests.conftest import as_owner
from tests.scoring.comparing.made import OFFERS, ranked_room
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db
MANY = (*OFFERS, *OFFERS[:3])


def address(made: Room, proposals: list[Proposal], lot: str = "L1") -> str:
    items = "".join(f"&item={each.pk}" for each in proposals)
    return f"{made.base}ranking/compare/?window=1&lot={lot}{items}"


def page_of(made: Room, proposals: list[Proposal]) -> str:
    answer = signed_in(made.chair.user).get(address(made, proposals))
    assert answer.status_code == 200
    return answer.content.decode()


def part(page: str, name: str) -> str:
    return page.partition(f'id="part-{name}"')[2].partition("</table>")[0]


def test_criteria_stand_side_by_side_the_biggest_difference_first() -> None:
    made = ranked_room()
    page = page_of(made, made.proposals[:2])
    criteria = part(page, "criteria")
    # T: 36 and 24 points of 40; E: 10 and 20 of 20; price: 18.33 and 20; D: the same.
    heads = re.findall(r'<th scope="row">([^<]+)<', criteria)
    assert heads == ["Technical", "Energy", "Price", "Domestic share"]
    first = criteria.partition('<th scope="row">Technical')[2].partition("</tr>")[0]
    assert "36.00" in first and "24.00" in first and first.count("fw-bold") == 1
    assert f"{made.chair.user.name}: 5. Comment on T." in " ".join(first.split())
    assert "Shown by test." in first and "Mark 90.0" in first
    domestic = criteria.partition('<th scope="row">Domestic share')[2]
    assert "fw-bold" not in domestic and "0 at 40, 100 at 85." in domestic
    assert "$120,000" in part(page, "figures") and "30 kept" in part(page, "figures")


def test_the_columns_come_in_the_order_of_ranks() -> None:
    made = ranked_room()
    chosen = [made.proposals[3], made.proposals[0]]
    heads = re.findall(r"P-[0-9A-Z]+, rank \d", part(page_of(made, chosen), "figures"))
    assert heads == [f"{made.proposals[0].number}, rank 1", f"{made.proposals[3].number}, rank 4"]


@pytest.mark.django_db(transaction=True)
def test_answers_that_differ_stand_before_those_that_are_the_same() -> None:
    made = ranked_room()
    first, second = made.proposals[:2]
    answer = Response.objects.get(revision=second.current_revision, requirement__code="R1")
    with as_owner() as cursor:
        cursor.execute("UPDATE rfp_response SET value = '\"1950\"' WHERE id = %s", [answer.pk])
    page = page_of(made, [first, second])
    differing = part(page, "answers")
    assert "1,800 kg" in differing and "1,950 kg" in differing and "Seismic" not in differing
    same = page.partition("Same answers (2)")[2]
    assert "Seismic version?" in same and "Load, kg?" not in same


@pytest.mark.parametrize(
    ("count", "says"), [(0, "Select 2 to 6 proposals"), (1, "You selected 1."), (7, "You selected 7.")]
)
def test_one_and_seven_are_refused_in_a_sentence(count: int, says: str) -> None:
    made = ranked_room(MANY if count == 7 else OFFERS[:2])
    page = page_of(made, made.proposals[:count])
    assert says in page and "part-criteria" not in page
    assert page.count("checked>") == count
    assert f"{made.base}ranking/?window=1&amp;lot=L1" in page


def test_what_is_not_an_id_of_a_visible_proposal_is_left_out() -> None:
    made = ranked_room(OFFERS[:2])
    client = signed_in(made.chair.user)
    page = client.get(address(made, made.proposals) + "&item=nonsense&item=%00&item=" + "9" * 400)
    assert "Compare 2 proposals" in page.content.decode()
    twice = client.get(address(made, [made.proposals[0]] * 3)).content.decode()
    assert "You selected 1." in twice


def test_nobody_compares_a_supplier_who_is_hidden_from_them() -> None:
    made = ranked_room(OFFERS[:3])
    reader, hidden = made.others[0].user, made.proposals[0]
    panel_actions.add_conflict(
        made.solicitation, supplier=hidden.supplier, statement="I worked there.", by=reader, at=factories.NOW
    )
    page = signed_in(reader).get(address(made, made.proposals)).content.decode()
    assert "Compare 2 proposals" in page and hidden.number not in page
    assert hidden.supplier.legal_name not in page


def test_before_prices_open_there_are_no_prices_and_reviewers_find_nothing() -> None:
    made = ranked_room(prices=False)
    page = page_of(made, made.proposals[:2])
    assert "$" not in page and "Price" not in re.findall(r'<th scope="row">([^<]+)<', page)
    assert "Score" not in re.findall(r'<th scope="row">([^<]+)<', part(page, "figures"))
    assert signed_in(made.others[0].user).get(address(made, made.proposals[:2])).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("prices", [False, True])
def test_an_answer_in_the_price_envelope_waits_for_its_opening(prices: bool) -> None:
    made = ranked_room(prices=prices)
    with as_owner() as cursor:
        cursor.execute("UPDATE rfp_requirement SET envelope = 'price' WHERE code = 'R1'")
        cursor.execute("UPDATE rfp_response SET value = '\"1987\"'")
    page = page_of(made, made.proposals[:2])
    assert ("1,987 kg" in page) == prices
    assert ("Sealed until the price opening" in page) != prices


def test_six_cost_as_many_queries_as_two() -> None:
    made = ranked_room(MANY)
    client = signed_in(made.chair.user)
    client.get(address(made, made.proposals[:2]))
    counts = []
    for count in (2, 6):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address(made, made.proposals[:count])).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 24


def test_the_ranking_lets_everybody_choose() -> None:
    made = ranked_room(OFFERS[:2])
    for user in (made.chair.user, made.others[0].user):
        page = signed_in(user).get(made.base + "ranking/").content.decode()
        assert f'formaction="{made.base}ranking/compare/"' in page and page.count('name="item"') == 2
    assert "Decide selected" not in page
