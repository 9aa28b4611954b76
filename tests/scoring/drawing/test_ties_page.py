"""The page about ties, and where the ranking, a proposal and reports say what is tied and what was drawn."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.kit.compliance import Envelope
from portal.models import AuditEvent, Role
from rfp.models import Solicitation, Window
from scoring.calculation.draws import digest_of
from scoring.drawing import actions
from scoring.models import Draw, DrawStart
from scoring.panel import actions as panel_actions
from scoring.ranking import order as ranking
from scoring.reports import summaries
from tests import factories as make
from tests.scoring.drawing.made import CHAIN, chair, drawn, equals, numbers, order, start, ties_url
from tests.scoring.rooms import Room, auditor, room, signed_in

pytestmark = pytest.mark.django_db


def words(content: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(content.decode())).split())


def act(made: Room, person: object, **data: object) -> str:
    url = f"{ties_url(made).split('?')[0]}1/L1/draw/"
    return words(signed_in(person).post(url, data, follow=True).content)


def test_two_people_draw_on_the_page() -> None:
    made = equals(2, slots=1)
    shown = words(chair(made).get(ties_url(made)).content)
    assert "Tied for place 1: 2 proposals" in shown and "1 slot of 1 left for 2 proposals." in shown
    assert "Decides the shortlist" in shown and "No one has drawn yet" in shown
    said = act(made, made.chair.user, rank="1", tie=digest_of(numbers(made)))
    assert "Draw started. A second person must complete it." in said and "Waiting for an admin" in said
    begun = DrawStart.objects.get()
    assert "Draw now for place 1" in words(signed_in(made.admin).get(ties_url(made)).content)
    said = act(made, made.admin, start=str(begun.pk))
    draw = Draw.objects.get()
    assert f"Draw {draw.pk} is recorded" in said
    made.rank()
    shown = words(chair(made).get(ties_url(made)).content)
    assert "No ties" in shown and draw.seed in shown and draw.signature in shown


@pytest.mark.parametrize(
    "data",
    [
        {"rank": "1", "tie": "0" * 64},
        {"rank": "2"},
        {"rank": "x" * 40},
        {"rank": "9" * 40, "tie": "\x00"},
        {},
    ],
)
def test_a_form_about_another_tie_starts_nothing(data: dict[str, str]) -> None:
    made = equals(2)
    assert "changed in the meantime" in act(made, made.chair.user, **data)
    assert not DrawStart.objects.exists()


def test_who_only_reads_starts_nothing() -> None:
    made = equals(2)
    url = f"{ties_url(made).split('?')[0]}1/L1/draw/"
    for person in (made.others[0].user, auditor(), make.make_user(Role.OFFICER)):
        assert signed_in(person).post(url, {"rank": "1"}).status_code == 404
        shown = signed_in(person).get(ties_url(made))
        assert (shown.status_code, b'<button class="btn btn-primary"' in shown.content) == (200, False)


def test_the_page_says_nothing_before_prices_open() -> None:
    made = room(2)
    type(made.solicitation).objects.filter(pk=made.solicitation.pk).update(tie_chain=["draw"])
    made.mark()
    made.rank()
    sealed = signed_in(made.admin).get(ties_url(made))
    assert (sealed.status_code, "No open prices in this window" in words(sealed.content)) == (200, True)
    assert made.proposals[0].number not in sealed.content.decode()
    shown = words(chair(made).get(f"/evaluate/{made.solicitation.number}/ranking/").content)
    assert "tied at place" not in shown


def test_ranking_proposal_and_report_say_it() -> None:
    made = equals(2, slots=1)
    first, second = numbers(made)
    address = f"/evaluate/{made.solicitation.number}/ranking/?window=1&lot=L1"
    before = words(chair(made).get(address).content)
    assert (
        "are tied at place 1, for 1 slot on the shortlist" in before and first in before and second in before
    )
    assert "Tied. This RFP has a draw decide, and no one has drawn yet." in words(
        chair(made).get(f"/evaluate/proposals/{made.proposals[0].pk}/").content
    )
    draw = drawn(made)
    after = words(chair(made).get(address).content)
    assert "are tied" not in after and f"{draw.drawn[0]}, then {draw.drawn[1]}." in after
    for proposal in made.proposals:
        place = draw.drawn.index(proposal.number) + 1
        said = f"Equal with others. Number {place} of 2 in draw {draw.pk}."
        assert said in words(chair(made).get(f"/evaluate/proposals/{proposal.pk}/").content)
        assert summaries.summary_of(proposal, made.chair.user).context["place_words"] == said
    (lot,) = summaries.shortlist_of(made.window, made.chair.user).context["lots"]
    assert f"{draw.drawn[0]}, then {draw.drawn[1]}." in " ".join(lot.ties)
    whole = summaries.evaluation_of(made.window, made.proposals[0].lot, made.chair.user)
    assert whole.context["ties"] == lot.ties


def test_a_proposal_without_equals_says_nothing_of_draws() -> None:
    made = equals(3)
    drawn(made)
    last = order(made)[-1][0]
    alone = next(each for each in made.proposals if each.number == last)
    others = [each for each in made.proposals if each != alone]
    type(alone).objects.filter(pk__in=[each.pk for each in others]).update(withdrawn_at=make.NOW)
    made.rank()
    shown = words(chair(made).get(f"/evaluate/proposals/{alone.pk}/").content)
    assert "in draw" not in shown and "Tied" not in shown


def test_who_has_a_conflict_reads_no_name_and_no_numbers_to_check() -> None:
    made = equals(2)
    draw = drawn(made)
    hidden = made.proposals[0]
    reader = made.others[0].user
    panel_actions.add_conflict(made.solicitation, hidden.supplier, statement="Shares", by=reader, at=make.NOW)
    shown = signed_in(reader).get(ties_url(made)).content.decode()
    assert hidden.number not in shown and hidden.supplier.legal_name not in shown
    assert draw.seed not in shown and "And 1 more, which you can’t see because of a conflict." in words(
        shown.encode()
    )
    listed = signed_in(reader).get(f"/evaluate/{made.solicitation.number}/ranking/?window=1&lot=L1")
    assert hidden.number not in listed.content.decode()


def pairs_of_equals(count: int) -> Room:
    """`count` ties of two: each pair has marks of its own. All but the last tie are drawn."""
    made = room(2 * count)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(slots_per_lot=3, tie_chain=CHAIN)
    made.window = Window.objects.select_related("solicitation").get(pk=made.window.pk)
    for at, proposal in enumerate(made.proposals):
        make.mark_all(proposal, made.seats, at // 2 + 1)
    made.open(Envelope.PRICE)
    ranking.rescore_window(made.window)
    made.rank()
    for at in range(count - 1):
        pair = sorted(each.number for each in made.proposals[2 * at : 2 * at + 2])
        actions.complete_draw(start(made, tied=pair), by=made.admin, at=make.NOW)
        made.rank()
    return made


def test_the_page_asks_the_same_for_one_and_for_three() -> None:
    counts = []
    for size in (2, 4):
        made = pairs_of_equals(size)
        start(made, tied=sorted(each.number for each in made.proposals[-2:]))
        client = chair(made)
        client.get(ties_url(made))
        with CaptureQueriesContext(connection) as told:
            shown = client.get(ties_url(made)).content.decode()
        assert shown.count("How to check this draw") == size - 1
        counts.append(len(told))
    assert counts[0] == counts[1] and counts[0] < 20


def test_a_drawn_tie_is_not_offered_while_the_ranking_is_made() -> None:
    made = equals(2)
    drawn(made, rank=False)
    shown = words(chair(made).get(ties_url(made)).content)
    assert (
        "Start a draw" not in shown and "No one has drawn" not in shown and "How to check this draw" in shown
    )
    address = f"/evaluate/{made.solicitation.number}/ranking/?window=1&lot=L1"
    assert "No one has drawn" not in words(chair(made).get(address).content)


def test_what_was_drawn_is_in_the_record() -> None:
    made = equals(2)
    draw = drawn(made)
    event = AuditEvent.objects.get(verb="tie.drawn")
    assert (event.facts["seed"], event.facts["drawn"]) == (draw.seed, draw.drawn)


def test_a_second_draw_is_countersigned_like_any_act_of_two() -> None:
    made = equals(2)
    type(made.admin).objects.filter(pk=made.admin.pk).update(invited_by=made.chair.user)
    begun = start(made)
    said = act(made, type(made.admin).objects.get(pk=made.admin.pk), start=str(begun.pk))
    assert "was invited by" in said and not Draw.objects.exists()
