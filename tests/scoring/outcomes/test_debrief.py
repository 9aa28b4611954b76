"""Debriefs: own marks, explanations from comments without names, rivals only as the RFP says; the page and the PDF."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from portal.kit import formats
from portal.kit.refused import Refused
from rfp.models import Solicitation
from scoring.models import Conflict, DebriefText, Decision, Letter, Mark, RankedProposal, Report
from scoring.outcomes import actions, debriefs, queries
from scoring.ranking import order, scores
from scoring.ranking import queries as ranking_queries
from scoring.reports import pdf
from tests import factories as make
from tests.scoring.decisions.test_verdicts import decide, fresh, priced
from tests.scoring.outcomes.test_release import V, decided, explain, lot, owner, release, window
from tests.scoring.rooms import Room, room, signed_in

pytestmark = pytest.mark.django_db


def debrief_of(made: Room, which: int) -> debriefs.Debrief:
    found = queries.due_in(window(made), lot(made))
    made_of = debriefs.debriefs_of(Solicitation.objects.get(pk=made.solicitation.pk), found)
    return made_of[made.proposals[which].pk]


def comment(made: Room, which: int, *texts: str) -> None:
    marks = Mark.objects.filter(revision=made.proposals[which].current_revision_id).order_by("id")
    for mark, text in zip(marks, texts, strict=False):
        Mark.objects.filter(pk=mark.pk).update(comment=text)


def test_a_draft_quotes_nobody_and_names_the_offer() -> None:
    made = priced(2)
    comment(made, 0, "Backed by data. Dates are firm.")
    texts = {line.code: line.text for line in debrief_of(made, 0).lines}
    name = made.proposals[0].supplier.legal_name.rstrip(". ")
    assert f"by {name} scored 80.0 of 100, closest to the level “Anchor 4”." in texts["T"]
    assert "data" not in texts["T"].casefold() and "firm" not in texts["T"]
    assert "rule DC-2" in texts["D"] and "where 40 gets 0 and 85 gets 100" in texts["D"]
    assert not {line.text for line in debrief_of(made, 0).lines} & {
        line.text for line in debrief_of(made, 1).lines
    }


def remarks(made: Room, which: int) -> tuple[str, ...]:
    return next(line.remarks for line in debrief_of(made, which).lines if line.code == "T")


def test_remarks_stand_beside_a_draft_without_those_that_name_anybody() -> None:
    made = priced(2)
    rival, reviewer = made.proposals[1].supplier.legal_name, made.others[0].user.name
    comment(made, 0, "Backed by data.", f"Better than {rival}, says {reviewer}.")
    assert remarks(made, 0) == ("Backed by data.",)


@pytest.mark.parametrize("recused", [False, True])
def test_remarks_of_a_reviewer_with_a_conflict_are_left_out(recused: bool) -> None:
    made = priced(2)
    comment(made, 0, "From the chair.", "From the other reviewer.")
    Conflict.objects.create(
        solicitation=made.solicitation,
        user=made.others[0].user,
        supplier=None if recused else made.proposals[0].supplier,
        reason="Kin.",
        by=made.chair.user,
        at=make.NOW,
    )
    assert remarks(made, 0) == ("From the chair.",)


def test_nothing_goes_out_before_the_chair_has_answered_for_each_explanation() -> None:
    made = priced(2)
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.ELIMINATED, 1)
    with pytest.raises(Refused, match="2 debriefs have drafts that the chair hasn’t edited or accepted: "):
        actions.propose_release(window(made), lot(made), by=made.chair.user, at=make.NOW)
    chair = signed_in(made.chair.user)
    letters_page = reverse("scoring:letter_list", args=[made.solicitation.number])
    assert "drafts to accept" in chair.get(f"{letters_page}?window=1&lot=L1").content.decode()
    first, second = (reverse("scoring:debrief_edit", args=[each.pk]) for each in made.proposals)
    answer = chair.post(first, typed(chair, first))
    assert answer.url == second
    answer = chair.post(second, typed(chair, second))
    assert answer.url.startswith(letters_page)
    assert "drafts to accept" not in chair.get(answer.url).content.decode()
    assert {each.by_id for each in DebriefText.objects.all()} == {made.chair.user_id}
    assert actions.propose_release(window(made), lot(made), by=made.chair.user, at=make.NOW).pk


def typed(client: Any, url: str) -> dict[str, str]:
    """The form of the page as it stands."""
    form = client.get(url).context["form"]
    return {name: form.fields[name].initial for name in form.fields}


def test_a_mark_that_changes_asks_the_chair_again() -> None:
    made = decided()
    assert not debrief_of(made, 0).waiting
    DebriefText.objects.create(
        proposal=fresh(made.proposals[0].pk),
        criterion=made.solicitation.criteria.get(code="T"),
        text="As it was.",
        mark="55.0",
        by=made.chair.user,
        at=make.NOW,
    )
    [line] = debrief_of(made, 0).waiting
    assert (line.code, line.text, line.is_outdated) == ("T", "As it was.", True)
    page = signed_in(made.chair.user).get(reverse("scoring:debrief_edit", args=[made.proposals[0].pk]))
    assert "The mark was 55.0 when you wrote this." in page.content.decode()


def test_an_admin_answers_where_the_chair_has_a_conflict() -> None:
    made = decided()
    url = reverse("scoring:debrief_edit", args=[made.proposals[0].pk])
    assert "<textarea" not in signed_in(made.admin).get(url).content.decode()
    Conflict.objects.create(
        solicitation=made.solicitation,
        user=made.chair.user,
        supplier=made.proposals[0].supplier,
        reason="Kin.",
        by=made.admin,
        at=make.NOW,
    )
    assert signed_in(made.chair.user).get(url).status_code == 404
    admin = signed_in(made.admin)
    assert "<textarea" in admin.get(url).content.decode()
    assert (
        admin.post(url, typed(admin, url) | {f"c{criterion(made).pk}": "From the admin."}).status_code == 302
    )
    assert DebriefText.objects.filter(text="From the admin.", by=made.admin).exists()


def criterion(made: Room) -> Any:
    return made.solicitation.criteria.get(code="T")


@pytest.mark.parametrize(("formula", "unit"), [("lowest_ratio", "points"), ("price_per_quality", "formula")])
def test_a_total_that_depends_on_rivals_is_told_once_prices_are_open(formula: str, unit: str) -> None:
    made = room(2)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(price_formula=formula)
    made.solicitation.refresh_from_db()
    made.window = fresh(made.proposals[0].pk).window
    made.open_prices()
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.ELIMINATED, 1)
    for letter in release(made):
        row = RankedProposal.objects.get(proposal=letter.proposal_id)
        assert letter.debrief["total"] == formats.number(row.score, 2) and letter.debrief["unit"] == unit
        client = signed_in(make.owner_of(letter.proposal.supplier))
        page = client.get(reverse("scoring:outcome", args=[letter.proposal_id])).content.decode()
        assert ("by the published formula" in page) is (unit == "formula")
    if formula == "lowest_ratio":
        [price] = [line for line in letter.debrief["lines"] if line["code"] == "P"]
        assert price["mark"] and price["points"] == formats.number(
            row.price_mark * Decimal(price["weight"]) / 100, 2
        )


def test_the_chair_edits_until_the_release_and_nobody_else() -> None:
    made = decided()
    proposal = fresh(made.proposals[2].pk)
    criterion = made.solicitation.criteria.get(code="T")
    url = reverse("scoring:debrief_edit", args=[proposal.pk])
    assert "<textarea" not in signed_in(made.admin).get(url).content.decode()
    assert signed_in(made.admin).post(url, {}).status_code == 404
    chair = signed_in(made.chair.user)
    form = chair.get(url).context["form"]
    as_it_was = {name: form.fields[name].initial for name in form.fields}
    bad = chair.post(url, as_it_was | {f"c{criterion.pk}": " "}).content.decode()
    assert "Technical is missing" in bad
    assert chair.post(url, as_it_was | {f"c{criterion.pk}": "No field data."}).status_code == 302
    with pytest.raises(Refused, match="Only the chair"):
        explain(made, 2, "Other.", by=made.admin)
    sent = release(made)
    assert "No field data." in [line["text"] for line in sent[2].debrief["lines"]]
    assert "<textarea" not in chair.get(url).content.decode()
    page = signed_in(owner(made, 2)).get(reverse("scoring:outcome", args=[proposal.pk])).content.decode()
    assert "No field data." in page and "Not selected" in page


@pytest.mark.parametrize("compares", [False, True])
def test_where_a_selected_proposal_was_ahead_is_told_only_if_the_rfp_says_so(compares: bool) -> None:
    made = room(2)
    Solicitation.objects.filter(pk=made.solicitation.pk).update(debrief_compares=compares)
    made.open_prices()
    worse, better = made.proposals
    Mark.objects.filter(revision=worse.current_revision_id).update(anchor=2)
    scores.rescore(ranking_queries.revision_to_score(worse.current_revision_id))
    made.rank()
    made.proposals = [better, worse]
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.ELIMINATED, 1)
    sent = {letter.proposal_id: letter for letter in release(made)}
    line = next(each for each in sent[worse.pk].debrief["lines"] if each["code"] == "T")
    assert line["ahead"] == ("40.0" if compares else "")
    page = (
        signed_in(make.owner_of(worse.supplier))
        .get(reverse("scoring:outcome", args=[worse.pk]))
        .content.decode()
    )
    assert ("A selected proposal scored 40.0 points higher" in page) is compares
    assert better.supplier.legal_name not in page and better.number not in page


def test_prices_that_stay_sealed_stay_out() -> None:
    made = decided()
    RankedProposal.objects.filter(proposal=made.proposals[2].pk).update(
        price_open=False, standing="below_threshold"
    )
    sent = release(made)
    assert "P" not in [line["code"] for line in sent[2].debrief["lines"]]
    assert sent[2].debrief["total"] == "" and Decimal(sent[2].debrief["technical"])
    assert "P" in [line["code"] for line in sent[0].debrief["lines"]]


def test_the_supplier_gets_the_debrief_as_a_pdf_and_no_one_else() -> None:
    made = decided()
    release(made)
    address = reverse("scoring:debrief_request", args=[made.proposals[2].pk])
    for other in (owner(made, 0), made.admin, made.others[0].user):
        assert signed_in(other).post(address).status_code == 404
    client = signed_in(owner(made, 2))
    answer = client.post(address)
    report = Report.objects.get()
    pdf.make(report.pk)
    assert client.get(answer.url).status_code == 200 and "Ready" in client.get(answer.url).content.decode()
    assert signed_in(owner(made, 0)).get(answer.url).status_code == 404
    body = b"".join(client.get(reverse("scoring:report_file", args=[report.pk])).streaming_content)
    with pikepdf.open(io.BytesIO(body)) as file:
        data: dict[str, Any] = json.loads(file.attachments["evaluation.json"].get_file().read_bytes())
    assert data["outcome"] == "not_selected" and data["proposal"] == made.proposals[2].number
    assert data["debrief"] == Letter.objects.get(proposal=made.proposals[2].pk).debrief
    assert made.proposals[0].supplier.legal_name not in json.dumps(data)


def test_a_debrief_is_as_it_was_released_even_when_marks_change() -> None:
    made = decided()
    sent = release(made)
    before = dict(sent[2].debrief)
    Mark.objects.update(anchor=1, comment="Later.")
    order.rescore_window(made.window)
    text = (
        signed_in(owner(made, 2)).get(reverse("scoring:outcome", args=[sent[2].proposal_id])).content.decode()
    )
    assert all(line["points"] in text for line in before["lines"]) and "later" not in text


def test_undecided_is_no_outcome() -> None:
    made = priced(1)
    decide(made, V.SHORTLISTED, 0)
    decide(made, V.UNDECIDED, 0)
    assert [due.outcome for due in queries.due_in(window(made), lot(made))] == [None]
    assert Decision.objects.count() == 2
