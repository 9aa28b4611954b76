"""Preferences: declared with the RFP, claimed by an answer, counted once prices are open, and refused before that."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from rfp.models import Preference, Proposal
from scoring.calculation import load, recompute
from scoring.comparing.trying import trial
from scoring.decisions import actions
from scoring.models import ClaimRefusal, RankedProposal
from scoring.ranking import inputs, order, queries
from scoring.reports import files, verification
from tests import factories as make
from tests.scoring.rooms import Room, signed_in

pytestmark = pytest.mark.django_db


def preferring(rfp: dict[str, Any] | None = None, **values: Any) -> Room:
    """Two offers of 120 a unit, 1,000 units; R2 is answered with yes in the first, with no in the second."""
    solicitation = make.make_solicitation(**(rfp or {}))
    Preference.objects.create(
        **{
            "solicitation": solicitation,
            "code": "PREF-1",
            "title": "Small business",
            "basis": "Our policy for small businesses",
            "value": Decimal(5),
            "claimed_by": "R2",
            **values,
        }
    )
    proposals = [make.make_draft(solicitation) for _ in range(2)]
    make.draft_of(proposals[1]).responses.filter(requirement__code="R2").update(value=False)
    for proposal in proposals:
        make.submit(proposal)
        make.assess_and_score(proposal)
        proposal.refresh_from_db()
    window = make.close(solicitation.windows.get())
    chair, others = make.make_panel(solicitation, reviewers=1)
    made = Room(
        solicitation=solicitation,
        window=window,
        admin=solicitation.created_by,
        chair=chair,
        others=others,
        proposals=proposals,
    )
    made.open(Envelope.TECHNICAL)
    return made


def figures(made: Room) -> dict[str, Any]:
    """number → (rank, total, tie step) in the portal."""
    return {
        row.proposal_number: (row.rank, row.score, row.tie_step)
        for row in RankedProposal.objects.order_by("position")
    }


def whole_file(made: Room) -> Any:
    lots = list(made.solicitation.lots.all())
    return json.loads(files.whole(made.window, lots, price_open=True).content)


def same_as_recomputed(made: Room) -> dict[str, Any]:
    """The portal's order and totals; they are what anyone computes from the exported file."""
    content = whole_file(made)
    for each in content["sets"]:
        each.pop("results")
    (again,) = recompute(load(json.dumps(content).encode()))
    rows = again.as_json()
    found = figures(made)
    assert [row["id"] for row in rows] == list(found)
    for row in rows:
        rank, total, _step = found[row["id"]]
        assert row["rank"] == rank
        assert Decimal(row["total"]).quantize(Decimal("1e-9")) == total.quantize(Decimal("1e-9"))
    assert list(verification.differences()) == []
    return found


@pytest.mark.parametrize("formula", ["fixed_reference", "lowest_ratio", "linear_min_max"])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"cap": Decimal(1000)},
        {"kind": "points", "value": Decimal("2.5")},
    ],
    ids=["percent", "capped", "points"],
)
def test_pages_and_file_count_the_same(formula: str, values: dict[str, Any]) -> None:
    made = preferring({"price_formula": formula}, **values)
    made.open_prices()
    first, second = made.proposals
    found = same_as_recomputed(made)
    assert found[first.number][1] > found[second.number][1]
    lots = list(made.solicitation.lots.all())
    (tried,) = [trial_of(made, lot.pk) for lot in lots]
    assert [row.proposal.id for row in tried.ranked] == list(found)
    totals = [row.total for row in tried.ranked if row.total is not None]
    assert [round(float(total), 9) for total in totals] == [
        round(float(each[1]), 9) for each in found.values()
    ]


def trial_of(made: Room, lot: int) -> Any:
    published = trial.Published.of(made.solicitation, made.solicitation.criteria.all(), price_open=True)
    return trial.results_of(queries.score_rows(made.window, lot), published, published.trial)


def test_five_percent_off_is_computed_by_hand() -> None:
    """100,000 / (120,000 × .95) of 20 points; without the preference 100,000 / 120,000."""
    made = preferring()
    made.open_prices()
    found = figures(made)
    first, second = (found[each.number][1] for each in made.proposals)
    assert first - second == pytest.approx(
        Decimal(20) * (Decimal(100) / 114 - Decimal(100) / 120), abs=Decimal("1e-9")
    )


def test_a_cap_in_dollars_is_kept() -> None:
    made = preferring(cap=Decimal(1000))
    made.open_prices()
    found = figures(made)
    first, second = (found[each.number][1] for each in made.proposals)
    assert first - second == pytest.approx(
        Decimal(20) * (Decimal(100) / 119 - Decimal(100) / 120), abs=Decimal("1e-9")
    )


def test_a_tie_compares_the_price_after_preferences() -> None:
    """Without price points both total the same; the lower compared price decides."""
    made = preferring({"price_formula": "none", "tie_chain": ["price"]})
    made.open_prices()
    found = same_as_recomputed(made)
    first, second = made.proposals
    assert (found[first.number][0], found[second.number]) == (1, (2, found[first.number][1], "price"))


def test_nothing_counts_while_prices_are_sealed() -> None:
    made = preferring()
    made.mark()
    order.rank_window(made.window)
    first = made.proposals[0].current_revision
    assert first is not None
    assert inputs.score_sheet(first, price_open=False).preferences == ()
    assert len({row.technical for row in RankedProposal.objects.all()}) == 1


def test_a_claim_needs_its_file_where_the_question_requires_one() -> None:
    made = preferring()
    made.solicitation.requirements.filter(code="R2").update(evidence_required=True)
    made.open_prices()
    assert {tuple(row.revision.score.preferences) for row in RankedProposal.objects.all()} == {()}


def test_every_figure_opens_down_to_the_preference() -> None:
    made = preferring()
    made.open_prices()
    first, second = made.proposals
    client = signed_in(made.chair.user)
    page = client.get(reverse("scoring:proposal_trace", args=[first.pk])).content.decode()
    assert "Compared after Small business" in page
    assert "$114,000.00" in page
    assert (
        "Compared after"
        not in client.get(reverse("scoring:proposal_trace", args=[second.pk])).content.decode()
    )
    (line,) = [each for each in whole_file(made)["sets"][0]["proposals"] if each["id"] == first.number]
    assert line["adjustments"] == [
        {"kind": "price_percent", "value": "5.000", "cap": None, "why": "Small business"}
    ]


def test_points_have_a_line_of_their_own() -> None:
    made = preferring(kind="points", value=Decimal("2.5"))
    made.open_prices()
    page = signed_in(made.chair.user).get(reverse("scoring:proposal_trace", args=[made.proposals[0].pk]))
    row = page.content.decode().split("Small business")[1].split("</tr>")[0]
    assert "Preference" in row and "2.50" in row
    score = made.proposals[0].current_revision.score  # type: ignore[union-attr]
    points = [Decimal(line["points"]) for line in score.trace["lines"]]
    assert sum(points) == score.total


# ---- refusing a claim ---------------------------------------------------------------------------------------------


def refuse(made: Room, proposal: Proposal, **values: Any) -> ClaimRefusal:
    return actions.refuse_claim(
        proposal,
        **{"code": "PREF-1", "reason": "Not certified.", "by": made.chair.user, "at": make.NOW, **values},
    )


def test_a_refused_claim_does_not_count() -> None:
    made = preferring()
    refuse(made, made.proposals[0])
    made.open_prices()
    found = figures(made)
    assert len({total for _rank, total, _step in found.values()}) == 1


def test_a_claim_is_refused_before_prices_open_once_and_with_a_reason() -> None:
    made = preferring()
    first, second = made.proposals
    with pytest.raises(Refused, match="Enter a reason"):
        refuse(made, first, reason=" ")
    with pytest.raises(Refused, match="doesn’t claim"):
        refuse(made, second)
    with pytest.raises(Refused, match="doesn’t claim"):
        refuse(made, first, code="PREF-9")
    with pytest.raises(Refused, match="Only the chair or an admin"):
        refuse(made, first, by=made.others[0].user)
    refuse(made, first)
    with pytest.raises(Refused, match="already refused"):
        refuse(made, first, reason="Again.")
    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimRefusal.objects.update(reason="Changed.")


def test_no_claim_is_refused_after_prices_opened() -> None:
    made = preferring()
    made.open_prices()
    with pytest.raises(Refused, match="Prices are open"):
        refuse(made, made.proposals[0])
    assert not ClaimRefusal.objects.exists()


def test_the_chair_refuses_on_the_page_and_a_blank_reason_stays_beside_the_field() -> None:
    made = preferring()
    first, second = made.proposals
    client = signed_in(made.chair.user)
    at = reverse("scoring:proposal_detail", args=[first.pk])
    page = client.get(at).content.decode()
    assert "Yes to R2 takes 5% off the price we compare. Our policy for small businesses." in page
    assert "Don’t count this preference" in page
    assert (
        "Don’t count this preference"
        not in client.get(reverse("scoring:proposal_detail", args=[second.pk])).content.decode()
    )
    post = reverse("scoring:claim_refuse", args=[first.pk, "PREF-1"])
    again = client.post(post, {"reason": " "}).content.decode()
    assert "Reason is missing" in again
    said = client.post(post, {"reason": "No certificate."}, follow=True).content.decode()
    assert "Preference PREF-1 won’t count" in said
    assert "No certificate." in said
    assert "Don’t count this preference" not in said


def test_a_reviewer_refuses_nothing() -> None:
    made = preferring()
    client = signed_in(made.others[0].user)
    post = reverse("scoring:claim_refuse", args=[made.proposals[0].pk, "PREF-1"])
    assert client.post(post, {"reason": "No."}).status_code == 404
