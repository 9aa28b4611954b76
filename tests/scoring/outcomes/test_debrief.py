"""Debriefs: own marks, explanations from comments without names, rivals only as the RFP says; the page and the PDF."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from portal.kit.refused import Refused
from rfp.models import Solicitation
from scoring.models import Decision, Letter, Mark, RankedProposal, Report
from scoring.outcomes import actions, debriefs, queries
from scoring.ranking import order, scores
from scoring.ranking import queries as ranking_queries
from scoring.reports import pdf
from tests import factories as make
from tests.scoring.decisions.test_verdicts import decide, fresh, priced
from tests.scoring.outcomes.test_release import V, decided, lot, owner, release, window
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


def test_a_draft_joins_comments_and_names_nobody() -> None:
    made = priced(2)
    rival, reviewer = made.proposals[1].supplier.legal_name, made.others[0].user.name
    comment(made, 0, "Backed by data. Dates are firm.", f"Better than {rival}, says {reviewer}.")
    text = next(line.text for line in debrief_of(made, 0).lines if line.code == "T")
    assert "reviewers noted: backed by data; dates are firm" in text
    assert rival not in text and reviewer not in text
    assert made.proposals[0].supplier.legal_name.rstrip(".") in text
    assert "closest to the level “Anchor 4”" in text


def test_the_chair_edits_until_the_release_and_nobody_else() -> None:
    made = decided()
    proposal = fresh(made.proposals[2].pk)
    criterion = made.solicitation.criteria.get(code="T")
    url = reverse("scoring:debrief_edit", args=[proposal.pk])
    assert "<textarea" not in signed_in(made.admin).get(url).content.decode()
    assert signed_in(made.admin).post(url, {}).status_code == 404
    chair = signed_in(made.chair.user)
    form = chair.get(url).context["form"]
    typed = {name: form.initial.get(name) or form.fields[name].initial for name in form.fields}
    bad = chair.post(url, typed | {f"c{criterion.pk}": " "}).content.decode()
    assert "Technical is missing" in bad
    assert chair.post(url, typed | {f"c{criterion.pk}": "No field data."}).status_code == 302
    with pytest.raises(Refused, match="Only the chair"):
        actions.explain(proposal, criterion, text="Other.", by=made.admin, at=make.NOW)
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
