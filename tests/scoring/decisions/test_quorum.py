"""What prices wait for: the window, the reviewers, the decisions, lot by lot."""

import pytest

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from rfp.models import Opening, Solicitation
from scoring.decisions import lots as decisions_lots
from scoring.decisions import opening_actions
from scoring.marking import actions as marking_actions
from scoring.models import RankedProposal, Score
from scoring.ranking import order, tasks
from scoring.ranking import queries as ranking_queries
from tests import factories
from tests.scoring.decisions.opening_acts import act
from tests.scoring.rooms import Room, auditor, knocked_out, room, signed_in

pytestmark = pytest.mark.django_db


def lots_of(made):
    return list(made.solicitation.lots.all())


def two_lots(**options):
    """A room with a proposal in each of two lots, both scored."""
    solicitation = factories.make_solicitation()
    factories.make_lot(solicitation, "L2")
    first = factories.make_proposal(solicitation, **options)
    second = factories.make_proposal(solicitation, lot="L2")
    for proposal in (first, second):
        factories.assess_and_score(proposal)
        proposal.refresh_from_db()
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, [first, second])
    made.open(Envelope.TECHNICAL)
    return made


def test_an_open_window_says_when_it_closes_and_refuses():
    solicitation = factories.make_solicitation()
    client = signed_in(solicitation.created_by)
    path = f"/evaluate/{solicitation.number}/openings/"
    page = client.get(path).content.decode()
    assert "You can’t open anything before then." in page and "Start" not in page
    refused = client.post(path + "1/technical/", follow=True).content.decode()
    assert "You can open an envelope only after it closes." in refused
    assert not Opening.objects.exists()


def test_prices_wait_for_every_reviewer_and_the_page_names_who_is_left():
    made = room()
    factories.mark_all(made.proposals[0], [made.chair])
    client = signed_in(made.admin)
    page = " ".join(client.get(made.base + "openings/").content.decode().split())
    assert f"{made.others[0].user.name}, 1 left" in page
    assert f"{made.chair.user.name}, 1 left" not in page
    assert "Start the price opening" not in page
    assert "Marks are below the quorum on 1 proposal." in act(client, made, "price")
    factories.mark_all(made.proposals[0], made.others)
    assert "Start the price opening" in client.get(made.base + "openings/").content.decode()
    assert "started. A second person must confirm." in act(client, made, "price")


@pytest.mark.parametrize(("quorum", "short"), [(1, 0), (2, 1), (3, 1)])
def test_a_criterion_may_need_fewer_or_more_marks(quorum, short):
    made = room()
    made.solicitation.criteria.filter(code="T").update(quorum=quorum)
    factories.mark_all(made.proposals[0], [made.chair])
    assert decisions_lots.lots_before_prices(made.window)[0].short == short


@pytest.mark.parametrize(
    ("of_the_rfp", "of_the_criterion", "short"), [(1, None, 0), (3, None, 1), (3, 1, 0), (1, 3, 1)]
)
def test_a_criterion_without_a_quorum_takes_that_of_the_rfp(of_the_rfp, of_the_criterion, short):
    made = room()
    Solicitation.objects.filter(pk=made.solicitation.pk).update(quorum=of_the_rfp)
    made.solicitation.criteria.filter(code="T").update(quorum=of_the_criterion)
    factories.mark_all(made.proposals[0], [made.chair])
    assert decisions_lots.lots_before_prices(made.window)[0].short == short


def test_an_abstention_finishes_a_reviewer_but_is_no_mark_for_a_quorum():
    made = room()
    revision = ranking_queries.revision_to_score(made.proposals[0].current_revision_id)
    factories.mark_all(made.proposals[0], [made.chair])
    seat = made.others[0]
    criterion = made.solicitation.criteria.get(code="T")
    marking_actions.record_marks(
        revision, [(criterion, None, "")], evaluator=seat, by=seat.user, at=factories.NOW
    )
    assert decisions_lots.lots_before_prices(made.window)[0].short == 0
    made.solicitation.criteria.filter(code="T").update(quorum=2)
    state = decisions_lots.lots_before_prices(made.window)[0]
    assert (state.short, dict(state.left)) == (1, {})


def test_with_fewer_marks_only_the_chair_opens_and_says_why():
    made = room()
    factories.mark_all(made.proposals[0], [made.chair])
    lots = lots_of(made)
    with pytest.raises(Refused, match="Only the chair can open prices anyway"):
        opening_actions.propose_openings(
            made.window, envelope=Envelope.PRICE, lots=lots, by=made.admin, fewer_marks_reason="Away"
        )
    client = signed_in(made.chair.user)
    field = f"lot-{lots[0].pk}-fewer_marks_reason"
    assert "Reason for opening prices early is missing" in act(client, made, "price", **{field: " "})
    act(client, made, "price", **{field: "Tomas is on leave until June."})
    opening = Opening.objects.get(envelope="price")
    assert (opening.proposed_by, opening.fewer_marks_reason) == (
        made.chair.user,
        "Tomas is on leave until June.",
    )
    assert "Tomas is on leave until June." in act(signed_in(made.admin), made, "price")
    assert Opening.objects.get(envelope="price").confirmed_by == made.admin


@pytest.mark.parametrize("reason", ["", "  "])
def test_below_the_quorum_nobody_opens_prices_without_a_reason(reason):
    made = room()
    with pytest.raises(Refused, match="below the quorum on 1 proposal"):
        opening_actions.propose_openings(
            made.window,
            envelope=Envelope.PRICE,
            lots=lots_of(made),
            fewer_marks_reason=reason,
            by=made.chair.user,
        )
    assert not Opening.objects.filter(envelope=Envelope.PRICE.value).exists()


def test_a_reviewer_with_a_conflict_is_not_waited_for():
    made = room(declared=False)
    factories.declare(made.window, made.others[0].user, made.proposals[0].supplier)
    factories.declare_all(made.window, made.seats)
    factories.mark_all(made.proposals[0], [made.chair])
    assert decisions_lots.lots_before_prices(made.window)[0].is_ready


def test_prices_wait_for_the_technical_envelope():
    made = room(opened=False)
    client = signed_in(made.admin)
    assert "The technical envelope opens first." in client.get(made.base + "openings/").content.decode()
    with pytest.raises(Refused, match="no open proposals"):
        opening_actions.propose_openings(
            made.window, envelope=Envelope.PRICE, lots=lots_of(made), by=made.admin
        )


def test_an_undecided_knockout_holds_the_prices_back():
    solicitation = factories.make_solicitation()
    proposal = knocked_out(solicitation)
    window = factories.close(solicitation.windows.get())
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(solicitation, window, solicitation.created_by, chair, others, [proposal])
    made.open(Envelope.TECHNICAL)
    made.mark()
    page = signed_in(chair.user).get(made.base + "openings/").content.decode()
    assert "1 open</a>" in page and "Start the price opening" not in page
    assert "L1: 1 knock-out finding open." in act(signed_in(chair.user), made, "price")


def test_lots_open_one_by_one():
    made = two_lots()
    first, second = made.proposals
    factories.mark_all(first, made.seats)
    ready = {state.lot.code: state.is_ready for state in decisions_lots.lots_before_prices(made.window)}
    assert ready == {"L1": True, "L2": False}
    l1 = [lot for lot in lots_of(made) if lot.code == "L1"]
    opening_actions.propose_openings(made.window, envelope=Envelope.PRICE, lots=l1, by=made.chair.user)
    opening_actions.confirm_openings(made.window, envelope=Envelope.PRICE, lots=l1, by=made.admin)
    order.rescore_window(made.window)
    made.rank()
    scores = {score.revision.proposal.lot.code: score.total for score in Score.objects.all()}
    assert scores["L1"] is not None and scores["L2"] is None
    rows = {row.lot_code: row for row in RankedProposal.objects.all()}
    assert (rows["L1"].price_open, rows["L1"].price_total is not None) == (True, True)
    assert (rows["L2"].price_open, rows["L2"].price_total) == (False, None)
    # Marks of the open lot stand; the other lot is still marked.
    with pytest.raises(Refused, match="Prices are open"):
        factories.mark_all(first, [made.chair], 1)
    factories.mark_all(second, made.seats)
    # A reviewer sees the panel of the open lot only.
    page = signed_in(made.others[0].user).get(made.base + "ranking/?lot=all").content.decode()
    assert (first.number in page, second.number in page) == (True, False)
    page = signed_in(made.chair.user).get(made.base + "ranking/?lot=L2").content.decode()
    assert "Technical score only: prices are sealed." in page and ">Price<" not in page


def test_all_lots_that_are_ready_open_in_one_act():
    made = two_lots()
    for proposal in made.proposals:
        factories.mark_all(proposal, made.seats)
    chair = signed_in(made.chair.user)
    assert "Open all ready lots (2)" in chair.get(made.base + "openings/").content.decode()
    chair.post(made.base + "openings/1/price/?ready=1")
    admin = signed_in(made.admin)
    assert "Confirm all started openings (2)" in admin.get(made.base + "openings/").content.decode()
    page = admin.post(made.base + "openings/1/price/?started=1", follow=True).content.decode()
    assert "Prices of window 1, 2 lots: open." in page
    assert Opening.objects.filter(envelope="price", confirmed_by=made.admin).count() == 2


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_others_read_and_do_not_open(who):
    made = room(opened=False)
    client = signed_in(made.others[0].user if who == "reviewer" else auditor())
    page = client.get(made.base + "openings/").content.decode()
    assert "The chair and an admin open it." in page and "Start" not in page
    assert client.post(made.base + "openings/1/technical/").status_code == 404
    assert not Opening.objects.exists()


def test_an_unknown_envelope_lot_or_window_is_not_found():
    made = room(opened=False)
    client = signed_in(made.admin)
    assert client.post(made.base + "openings/1/secret/").status_code == 404
    assert client.post(made.base + "openings/7/technical/").status_code == 404
    assert client.get(made.base + "openings/1/technical/").status_code == 405
    opened = room()
    client = signed_in(opened.admin)
    assert client.post(opened.base + "openings/1/price/?lot=L9").status_code == 404


def test_the_overview_counts_lots_that_have_proposals():
    made = room(opened=False)
    factories.make_lot(made.solicitation, "L2")
    made.open(Envelope.TECHNICAL)
    made.open_prices()
    (card,) = signed_in(made.admin).get(made.base).context["windows"]
    assert (card.price, card.price_state, card.next_words) == ("Open", "met", "See the ranking")


def test_the_overview_says_in_how_many_lots_prices_are_open():
    made = two_lots()
    made.mark()
    first = lots_of(made)[:1]
    opening_actions.propose_openings(made.window, envelope=Envelope.PRICE, lots=first, by=made.chair.user)
    opening_actions.confirm_openings(made.window, envelope=Envelope.PRICE, lots=first, by=made.admin)
    (card,) = signed_in(made.admin).get(made.base).context["windows"]
    assert (card.price, card.price_state) == ("Open in 1 of 2 lots", "run")
    assert card.next_words == "Open the price envelope"


def test_a_ranking_that_was_asked_for_before_the_opening_ranks_with_every_price():
    made = room(3)
    made.mark()
    made.open(Envelope.PRICE)
    # The message of a mark comes first, the one of the opening later.
    tasks.rank_window(made.window.pk)
    assert list(RankedProposal.objects.values_list("standing", flat=True)) == ["ranked"] * 3
    assert not Score.objects.filter(total=None).exists()
