"""The ranking page: order, filters, sorting and pages in the address; no price before it is open."""

import re

import pytest
from django.core.paginator import Paginator

from portal.kit.compliance import Envelope
from scoring.decisions.views.ranking import StoredPages
from scoring.models import RankedProposal, Ranking
from scoring.ranking import order
from tests import factories
from tests.scoring.rooms import knocked_out, room, signed_in

pytestmark = pytest.mark.django_db


def numbers(page):
    return re.findall(r'<span class="sub">(P-[0-9A-Z]+)', page.content.decode())


def ranked_room(anchors):
    """A room whose proposals got these anchors, with prices open."""
    made = room(len(anchors))
    for proposal, anchor in zip(made.proposals, anchors, strict=True):
        factories.mark_all(proposal, made.seats, anchor)
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    return made


def test_the_best_comes_first_and_the_address_turns_the_order():
    made = ranked_room([2, 5, 3])
    low, high, middle = (proposal.number for proposal in made.proposals)
    client = signed_in(made.chair.user)
    assert numbers(client.get(made.base + "ranking/")) == [high, middle, low]
    assert numbers(client.get(made.base + "ranking/?sort=score")) == [low, middle, high]
    assert numbers(client.get(made.base + "ranking/?sort=nonsense")) == [high, middle, low]
    assert 'aria-sort="ascending"' in client.get(made.base + "ranking/?sort=score").content.decode()


def test_filters_and_search_are_kept_in_the_address():
    made = ranked_room([2, 5])
    client = signed_in(made.admin)
    first = made.proposals[0]
    page = client.get(made.base + "ranking/", {"q": first.number, "lot": "L1", "state": "OH"})
    assert numbers(page) == [first.number]
    assert f'value="{first.number}"' in page.content.decode()
    assert numbers(client.get(made.base + "ranking/", {"state": "AK"})) == []
    assert (
        "No matching proposals"
        in client.get(made.base + "ranking/", {"standing": "knocked_out"}).content.decode()
    )
    assert len(numbers(client.get(made.base + "ranking/", {"standing": "ranked"}))) == 2
    assert len(numbers(client.get(made.base + "ranking/", {"decision": "undecided"}))) == 2
    assert numbers(client.get(made.base + "ranking/", {"decision": "shortlisted"})) == []
    assert "page=2" not in page.content.decode()
    assert client.get(made.base + "ranking/", {"page": "99"}).status_code == 200


def test_before_prices_are_open_there_is_no_price_column():
    made = room(2)
    made.mark()
    made.rank()
    page = signed_in(made.chair.user).get(made.base + "ranking/?sort=price").content.decode()
    assert "Technical score only: prices are sealed." in page
    assert ">Price<" not in page and "$" not in page and "fill-3" not in page
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    assert ">Price<" in page and "$120,000" in page


def test_prices_that_are_open_but_not_ranked_yet_stay_out():
    """The stored ranking was made without prices: the page says technical until the new one is there."""
    made = room()
    made.mark()
    made.rank()
    made.open(Envelope.PRICE)
    page = signed_in(made.chair.user).get(made.base + "ranking/").content.decode()
    assert ">Price<" not in page and "Updating ranking" in page


def test_a_knocked_out_proposal_stands_below_with_its_reason():
    solicitation = factories.make_solicitation()
    good, bad = factories.make_proposal(solicitation), knocked_out(solicitation)
    factories.assess_and_score(good)
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    factories.open_envelope(window, Envelope.TECHNICAL, chair=chair, admin=solicitation.created_by)
    for proposal in (good, bad):
        factories.mark_all(proposal, [chair, *others])
    order.rank_window(window)
    page = signed_in(chair.user).get(f"/evaluate/{solicitation.number}/ranking/")
    assert set(numbers(page)) == {good.number, bad.number}
    assert "Knock-out to decide" in page.content.decode()


def test_a_reviewer_does_not_find_a_supplier_named_as_conflict():
    made = room(2, declared=False)
    hidden, shown = made.proposals
    factories.declare(made.window, made.others[0].user, hidden.supplier)
    factories.declare_all(made.window, made.seats)
    factories.mark_all(shown, [made.others[0]])
    factories.mark_all(hidden, [made.chair])
    factories.mark_all(shown, [made.chair])
    made.open(Envelope.PRICE)
    order.rescore_window(made.window)
    made.rank()
    client = signed_in(made.others[0].user)
    assert numbers(client.get(made.base + "ranking/")) == [shown.number]
    exported = b"".join(client.get(made.base + "ranking/export/csv/").streaming_content).decode()
    assert (hidden.number in exported, shown.number in exported) == (False, True)


def test_stored_pages_are_ranges_of_positions():
    made = ranked_room([2, 5, 3])
    ranking = Ranking.objects.get()
    rows = ranking.rows.order_by("position")
    stored, counted = StoredPages(rows, 2, total=3, first=1), Paginator(rows, 2)
    for number in (1, 2):
        assert [row.pk for row in stored.page(number)] == [row.pk for row in counted.page(number)]
    assert (stored.num_pages, stored.page(2).start_index(), stored.page(2).end_index()) == (2, 3, 3)
    assert [row.pk for row in stored.get_page("99")] == [rows.get(position=3).pk]
    assert RankedProposal.objects.count() == made.window.proposals.count()


def test_a_sealed_window_has_no_ranking_page():
    made = room(opened=False)
    page = signed_in(made.admin).get(made.base + "ranking/").content.decode()
    assert "This window is sealed" in page
    assert signed_in(made.admin).get(made.base + "ranking/export/csv/").status_code == 404
