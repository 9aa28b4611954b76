"""Rooms for what is compared: several proposals with different marks and prices, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.kit.compliance import Envelope
from rfp.models import Criterion, Proposal
from scoring.marking import actions as marking_actions
from scoring.models import Evaluator
from scoring.ranking import order, queries
from tests import factories
from tests.scoring.rooms import Room

# Marks of the two seats on T and on E, and the unit price.
Offer = tuple[tuple[int, int], tuple[int, int], Decimal]
OFFERS: Sequence[Offer] = (
    ((5, 4), (2, 3), Decimal(120)),
    ((3, 3), (5, 5), Decimal(100)),
    ((4, 4), (3, 4), Decimal(150)),
    ((1, 2), (4, 4), Decimal(90)),
)


def ranked_room(offers: Sequence[Offer] = OFFERS, *, prices: bool = True, **fields: Any) -> Room:
    """Reviewers mark T (40) and E (20), D is computed (20), and price earns 20; two places on the shortlist."""
    solicitation = factories.make_solicitation(**{"slots_per_lot": 2, **fields})
    Criterion.objects.filter(solicitation=solicitation, code="T").update(weight=40)
    Criterion.objects.create(
        solicitation=solicitation, code="E", title="Energy", weight=20, anchors=factories.ANCHORS, position=1
    )
    solicitation.lots.get(code="L1").items.update(reference_price=Decimal(110))
    made = []
    for _technical, _energy, price in offers:
        proposal = factories.make_proposal(solicitation, price=str(price))
        factories.assess_and_score(proposal)
        made.append(proposal)
    window = factories.close(solicitation.windows.get(number=1))
    chair, others = factories.make_panel(solicitation, reviewers=1)
    room = Room(
        solicitation=solicitation,
        window=window,
        admin=solicitation.created_by,
        chair=chair,
        others=others,
        proposals=made,
    )
    room.open(Envelope.TECHNICAL)
    for proposal, (technical, energy, _price) in zip(made, offers, strict=True):
        for seat, anchor, second in zip(room.seats, technical, energy, strict=True):
            mark(proposal, seat, {"T": anchor, "E": second})
    if prices:
        room.open(Envelope.PRICE)
        order.rescore_window(window)
    room.rank()
    room.window = type(window).objects.select_related("solicitation").get(pk=window.pk)
    return room


def mark(proposal: Proposal, seat: Evaluator, anchors: Mapping[str, int]) -> None:
    """One reviewer's marks, by the criteria's codes."""
    assert proposal.current_revision_id is not None
    revision = queries.revision_to_score(proposal.current_revision_id)
    criteria = {each.code: each for each in revision.proposal.lot.solicitation.criteria.all()}
    marks = [(criteria[code], anchor, f"Comment on {code}.") for code, anchor in anchors.items()]
    marking_actions.record_marks(revision, marks, evaluator=seat, by=seat.user, at=factories.NOW)
