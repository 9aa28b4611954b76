"""What a lot’s proposals cover, and the suggested portfolio: the engine’s figures, in words, once prices are open."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.refused import Refused
from rfp.models import DeliveryLine, Item
from scoring import schedule
from scoring.calculation import Analyses, analyse, load
from scoring.comparing import actions, portfolios
from scoring.comparing.models import Portfolio
from scoring.comparing.terms import Terms
from scoring.models import RankedProposal
from scoring.panel import actions as panel_actions
from scoring.ranking import order
from scoring.reports import files
from tests import factories
from tests.conftest import as_owner
from tests.scoring.comparing.made import OFFERS, ranked_room
from tests.scoring.rooms import Room, auditor, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def covering_room(count: int = 4, *, prices: bool = True) -> Room:
    """Only the last proposal offers the sub-component L1-B, and it alone is made in Texas."""
    made = ranked_room(OFFERS[:count], prices=prices)
    last = made.proposals[count - 1]
    other = Item.objects.get(code="L1-B", lot__solicitation=made.solicitation)
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE rfp_revision_items SET item_id = %s WHERE revision_id = %s",
            [other.pk, last.current_revision_id],
        )
        cursor.execute(
            "UPDATE rfp_deliveryline SET item_id = %s, units = 400 WHERE revision_id = %s",
            [other.pk, last.current_revision_id],
        )
        cursor.execute(
            "UPDATE rfp_priceline SET item_id = %s WHERE revision_id = %s",
            [other.pk, last.current_revision_id],
        )
        cursor.execute(
            "UPDATE scoring_score SET state = 'TX' WHERE revision_id = %s", [last.current_revision_id]
        )
    order.rank_window(made.window)
    return made


def address(made: Room, query: str = "") -> str:
    return f"{made.base}coverage/?window=1&lot=L1{query}"


def page_of(made: Room, query: str = "") -> str:
    answer = signed_in(made.chair.user).get(address(made, query))
    assert answer.status_code == 200
    return answer.content.decode()


def suggested(made: Room, **terms: Any) -> Portfolio:
    lot = made.solicitation.lots.get(code="L1")
    asked = actions.request_portfolio(
        made.window, lot, Terms(**{"slots": 2, **terms}), by=made.chair.user, at=factories.NOW
    )
    portfolios.compute(asked.pk)
    return Portfolio.objects.get(pk=asked.pk)


TERMS: dict[str, dict[str, Any]] = {
    "slots": {},
    "cover": {"sources": {"L1-A": 1, "L1-B": 1}},
    "sources": {"sources": {"L1-A": 2}, "slots": 3},
    "states": {"states": ["TX", "OH"]},
    "budget": {"budget": Decimal(230000)},
    "cap": {"max_per_supplier": 1},
    "pinned": {"pinned": [3]},
    "excluded": {"excluded": [0, 1]},
    "not possible": {"sources": {"L1-B": 2}},
}


@pytest.mark.parametrize("name", TERMS)
def test_its_figures_are_those_of_recompute(name: str) -> None:
    made = covering_room()
    given = dict(TERMS[name])
    for key in ("pinned", "excluded"):
        given[key] = [made.proposals[index].number for index in given.get(key, ())]
    stored = suggested(made, **given)
    lot = made.solicitation.lots.get(code="L1")
    raw = json.loads(files.whole(made.window, [lot], price_open=True).content)
    del raw["inputs_sha256"]
    raw["portfolio"] = stored.terms
    found = analyse(load(json.dumps(raw).encode()), Analyses(portfolio=True))["portfolio"]
    assert {key: stored.result[key] for key in found} == found
    assert stored.state == Portfolio.State.DONE and len(stored.inputs_sha256) == 64
    assert ("infeasible" in found) == (name == "not possible")


def test_it_says_who_is_chosen_what_each_constraint_costs_and_every_swap() -> None:
    made = covering_room()
    suggested(made, sources={"L1-A": 1, "L1-B": 1}, states=["OH"])
    first, second, _third, last = (each.supplier.legal_name for each in made.proposals)
    page = " ".join(page_of(made).split())
    panel = page.partition('id="portfolio"')[2]
    chosen = re.findall(r'<th scope="row"> <a class="quiet-link" href="[^"]+">([^<]+)</a>', panel)
    assert chosen == [first, last]
    assert (
        f"Without “Cover Item B”: {second} (rank 2) instead of {last} (rank 4), 16.00 points more." in panel
    )
    assert "Cover Item A" in panel and "A site in Ohio" in panel and "$210,000" in panel
    assert "2 of 2 covered" in page and "in-set" in page
    assert 'Constraints cost <strong class="num">16.00</strong> points' in panel


def test_constraints_that_can_not_hold_together_are_named_in_words() -> None:
    made = covering_room()
    suggested(made, sources={"L1-B": 2})
    assert "fits this constraint: at least 2 suppliers of Item B." in page_of(made)
    suggested(made, slots=1, sources={"L1-A": 1, "L1-B": 1})
    page = page_of(made)
    assert "These constraints can’t hold together: 1 place, cover Item A and cover Item B." in page


def test_the_matrix_counts_sources_units_and_what_is_short() -> None:
    made = covering_room()
    page = " ".join(page_of(made).split())
    row = page.partition('<th scope="row">Item A')[2].partition("</tr>")[0]
    assert "3 sources" in row and "3,000" in row and "of 1,000" in row
    row = page.partition('<th scope="row">Item B')[2].partition("</tr>")[0]
    assert "1 source<" in row and "400" in row and "40.00%" in row
    assert "2 of 2 sub-components" in page and "Item B: 600 units short." in page
    assert "Ohio" in page and "Texas" in page and "Capacity of all ranked proposals against demand" in page
    assert DeliveryLine.objects.count() == 4


def test_origins_are_added_up_by_the_worker() -> None:
    made = covering_room()
    stored = suggested(made)
    assert dict(stored.result["origins"]["all"])["US"] == "75.0000"
    page = page_of(made)
    assert "United States" in page and "75.0%" in page and "has the largest share abroad: 25.0%" in page


def test_the_same_inputs_are_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = covering_room()
    first = suggested(made)
    monkeypatch.setattr(portfolios, "_result", lambda *_given: pytest.fail("it is there already"))
    again = suggested(made)
    assert (again.inputs_sha256, again.result) == (first.inputs_sha256, first.result)
    portfolios.compute(again.pk)


def test_a_newer_ranking_is_pointed_out() -> None:
    made = covering_room()
    suggested(made)
    assert "The ranking changed" not in page_of(made)
    Portfolio.objects.update(served=99)
    assert "The ranking changed after this was computed." in page_of(made)


def test_it_is_refused_while_prices_are_sealed() -> None:
    made = covering_room(prices=False)
    lot = made.solicitation.lots.get(code="L1")
    with pytest.raises(Refused, match="Prices are sealed"):
        actions.request_portfolio(made.window, lot, Terms(slots=1), by=made.chair.user, at=factories.NOW)
    asked = Portfolio.objects.create(
        window=made.window,
        lot=lot,
        terms=Terms(slots=1).as_file("L1"),
        requested_by=made.admin,
        requested_at=factories.NOW,
    )
    portfolios.compute(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.result) == ("failed", {}) and asked.error.startswith("Prices are sealed.")
    page = page_of(made)
    assert "We suggest a portfolio once they are open." in page and "$" not in page
    answer = signed_in(made.chair.user).post(address(made).replace("coverage/", "coverage/suggest/"))
    assert answer.status_code == 302 and Portfolio.objects.count() == 1


def posted(made: Room, **data: Any) -> Any:
    values = {"slots": "2", **data}
    return signed_in(made.chair.user).post(f"{made.base}coverage/suggest/?window=1&lot=L1", values)


def test_the_chair_asks_pins_excludes_and_takes_it_back() -> None:
    made = covering_room()
    first, second = made.proposals[0].number, made.proposals[1].number
    answer = posted(made, **{"sources-L1-B": "1", "budget": "1,000,000", "states": ["TX"], "pin": first})
    asked = Portfolio.objects.get()
    assert answer.status_code == 302 and f"portfolio={asked.pk}" in answer.url
    assert asked.terms["pinned"] == [first] and asked.terms["cover_categories"] == ["L1-B"]
    assert (asked.terms["budget"], asked.terms["cover_states"]) == ("1000000", ["TX"])
    page = signed_in(made.chair.user).get(answer.url).content.decode()
    assert "Waiting for a worker" in page and f'value="{first}"' in page
    posted(made, pinned=[first, second], exclude=second)
    latest = Portfolio.objects.first()
    assert latest and (latest.terms["pinned"], latest.terms["excluded"]) == ([first], [second])
    posted(made, pinned=[first], excluded=[second], free=first)
    latest = Portfolio.objects.first()
    assert latest and (latest.terms["pinned"], latest.terms["excluded"]) == ([], [second])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"slots": ""}, "Places is missing"),
        ({"slots": "0"}, "At least 1"),
        ({"slots": "two"}, "Use digits only"),
        ({"slots": "100"}, "At most 99"),
        ({"budget": "-5"}, "More than 0"),
        ({"budget": "1.005"}, "Use at most two decimals"),
        ({"budget": "9" * 40}, "This number is too long"),
        ({"sources-L1-A": "10"}, "At most 9"),
        ({"states": ["ZZ"]}, "ZZ is not one of the available choices"),
        ({"max_per_supplier": "0"}, "At least 1"),
        ({"pin": "P-NONE"}, "You can only pin or exclude ranked proposals of this lot."),
    ],
)
def test_what_does_not_fit_comes_back_with_its_reason(data: dict[str, Any], words: str) -> None:
    made = covering_room(2)
    answer = posted(made, **data)
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not Portfolio.objects.exists()


def test_pinned_and_excluded_at_once_is_refused() -> None:
    made = covering_room(2)
    number = made.proposals[0].number
    answer = posted(made, pinned=[number], excluded=[number])
    assert "both pinned and excluded" in answer.content.decode()


def test_who_reads_coverage_and_who_asks() -> None:
    made = covering_room()
    suggested(made)
    reader = made.others[0].user
    for user in (reader, auditor()):
        page = signed_in(user).get(address(made)).content.decode()
        assert "Suggested portfolio" in page and 'id="terms"' not in page
        refused = signed_in(user).post(f"{made.base}coverage/suggest/?window=1&lot=L1", {"slots": "2"})
        assert refused.status_code == 404
    panel_actions.add_conflict(
        made.solicitation,
        supplier=made.proposals[0].supplier,
        statement="I worked there.",
        by=reader,
        at=factories.NOW,
    )
    page = signed_in(reader).get(address(made)).content.decode()
    assert "Not shown to you" in page
    assert not any(each.number in page or each.supplier.legal_name in page for each in made.proposals)
    supplier = factories.owner_of(made.proposals[1].supplier)
    assert signed_in(supplier).get(address(made)).status_code == 404


def test_a_portfolio_of_another_lot_is_not_found() -> None:
    made = covering_room()
    stored = suggested(made)
    assert signed_in(made.chair.user).get(address(made, f"&portfolio={stored.pk}")).status_code == 200
    for other in (stored.pk + 1, "abc", "9" * 18, "²"):
        assert signed_in(made.chair.user).get(address(made, f"&portfolio={other}")).status_code == 404


def test_the_sweep_finds_one_whose_message_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    made = covering_room(2)
    lot = made.solicitation.lots.get(code="L1")
    asked = actions.request_portfolio(made.window, lot, Terms(slots=1), by=made.admin, at=factories.NOW)
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(schedule, "enqueue_on_commit", lambda task, pk: found.append((task.name, pk)))
    schedule.sweep_unscored()
    assert ("scoring.comparing.tasks.compute_portfolio", asked.pk) in found


def test_it_is_flat() -> None:
    counts = []
    for count in (2, 4):
        made = covering_room(count)
        suggested(made, sources={"L1-B": 1})
        client = signed_in(made.chair.user)
        client.get(address(made))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address(made)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 22
    assert RankedProposal.objects.exists()
