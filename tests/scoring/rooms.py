"""An RFP under evaluation for the tests of the buyer's pages, told through the real actions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from portal.kit.compliance import Envelope
from portal.models import Role, User
from rfp.models import Proposal, Solicitation, Window
from scoring.models import Evaluator
from scoring.ranking import order
from tests import factories


@dataclass
class Room:
    solicitation: Solicitation
    window: Window
    admin: User
    chair: Evaluator
    others: list[Evaluator]
    proposals: list[Proposal]

    @property
    def base(self) -> str:
        return f"/evaluate/{self.solicitation.number}/"

    @property
    def seats(self) -> list[Evaluator]:
        return [self.chair, *self.others]

    def open(self, envelope: Envelope, *, declared: bool = True) -> None:
        factories.open_envelope(self.window, envelope, chair=self.chair, admin=self.admin, declared=declared)

    def mark(self, anchor: int = 4) -> None:
        for proposal in self.proposals:
            factories.mark_all(proposal, self.seats, anchor)

    def rank(self) -> None:
        order.rank_window(self.window)

    def open_prices(self) -> None:
        """Everything is marked, prices are open, and the ranking is made with them."""
        self.mark()
        self.open(Envelope.PRICE)
        order.rescore_window(self.window)
        self.rank()


def room(count: int = 1, *, opened: bool = True, declared: bool = True, **options: Any) -> Room:
    """A closed window with `count` assessed proposals; its technical envelope is open unless said otherwise."""
    solicitation = factories.make_solicitation()
    proposals = [factories.make_proposal(solicitation, **options) for _ in range(count)]
    for proposal in proposals:
        factories.assess_and_score(proposal)
    window = factories.close(solicitation.windows.get(number=1))
    chair, others = factories.make_panel(solicitation, reviewers=1)
    made = Room(
        solicitation=solicitation,
        window=window,
        admin=solicitation.created_by,
        chair=chair,
        others=others,
        proposals=proposals,
    )
    if opened:
        made.open(Envelope.TECHNICAL, declared=declared)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="portal.accounts.backends.Backend")
    return client


def knocked_out(solicitation: Solicitation) -> Proposal:
    """A proposal whose load is under the minimum, which excludes it once a person confirms."""
    proposal = factories.make_draft(solicitation)
    draft = factories.draft_of(proposal)
    draft.responses.filter(requirement__code="R1").update(value="1000")
    factories.submit(proposal)
    factories.assess_and_score(proposal)
    proposal.refresh_from_db()
    return proposal


def auditor() -> User:
    return factories.make_user(Role.AUDITOR)


def said_in(data: dict[str, Any] | bytes) -> str:
    """Everything that a report's attached data says: an extract, or a whole evaluation file."""
    return data.decode() if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False)
