"""Every page and tab of every demo proposal opens, for everybody on the buyer's side, without an error anywhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from portal import demo as portal_demo
from portal.demo import Demo
from portal.kit import clock, compliance
from portal.kit.compliance import Outcome
from rfp import demo as rfp_demo
from rfp.compliance import assessment
from rfp.models import Override, Proposal, Revision
from rfp.proposals import queries as proposals_queries
from rfp.proposals import revision_facts
from scoring import demo as scoring_demo
from scoring import schedule
from scoring.decisions import pending, standings
from scoring.marking import queries as marking_queries
from scoring.models import Decision, Ranking, Release
from scoring.outcomes import debriefs
from scoring.outcomes import queries as outcomes_queries
from scoring.panel.access import proposals_visible_to
from scoring.ranking import order, scores
from scoring.ranking import queries as ranking_queries
from scoring.reading.views import PARTS
from scoring.reports import verification
from suppliers import demo as suppliers_demo

pytestmark = pytest.mark.django_db

# A day on which the sample's first two windows have closed and the third is open.
NOW = datetime(2026, 6, 21, 16, 0, tzinfo=UTC)
PEOPLE = ("chair", "reviewer", "admin", "officer", "auditor")
# Who opens each tab as a page of its own, as without scripts; for the others a click brings the tab into the page.
WITHOUT_SCRIPTS = ("chair", "reviewer")
TAB = "&on=page"


class Told(Demo):
    """The demo with the workers' work done here, each time it would wait for them."""

    def wait_for(self, what: str, is_done: Callable[[], bool], *, seconds: float = 0.0) -> None:
        received = Revision.objects.filter(received_at__isnull=False, proposal__current_revision=F("pk"))
        for pk in received.filter(assessments__isnull=True).values_list("pk", flat=True):
            assessment.assess(revision_facts.revision_for_facts(pk))
            scores.mark_automatically(ranking_queries.revision_to_score(pk))
        for ranking in Ranking.objects.select_related("window__solicitation"):
            order.rescore_window(ranking.window)
            order.rank_window(ranking.window)
        for rows, column, task in schedule.waiting(clock.wall_time()):
            for pk in list(rows.values_list(column, flat=True)):
                task(pk)
        assert is_done(), what


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demo]:
    """Built once for both tests, which only read; taken back at the end."""
    story = Told(today=portal_demo.SAMPLE_TODAY, now=NOW, varied=6)
    with django_db_blocker.unblock(), transaction.atomic():
        for part in (portal_demo, suppliers_demo, rfp_demo, scoring_demo):
            part.build(story)
        yield story
        transaction.set_rollback(True)


def addresses(number: str, *, whole: bool = True) -> Iterator[str]:
    """Every page of the evaluation, and every part of every proposal open to somebody, as a page or as its tab."""
    for page in (
        "overview",
        "proposal_list",
        "queue",
        "decision_list",
        "opening_list",
        "ranking",
        "letter_list",
        "report_list",
        "handoff",
        "award_notices",
    ):
        for window in (1, 2, 3):
            yield reverse(f"scoring:{page}", args=[number]) + f"?window={window}"
    yield reverse("scoring:conflict_list", args=[number])
    yield reverse("scoring:decision_list", args=[number]) + "?window=1&state=decided"
    yield reverse("scoring:ranking", args=[number]) + "?window=1&lot=all"
    yield reverse("scoring:ranking_export", args=[number, "csv"]) + "?window=1&lot=all"
    for name in (
        "scoring:home",
        "suppliers:supplier_list",
        "suppliers:alert_list",
        "portal:audit_list",
        "rfp:solicitation_list",
    ):
        yield reverse(name)
    for proposal in proposals_queries.opened_proposals().order_by("window_id", "lot_id", "pk"):
        for name in ("proposal_detail", "proposal_mark"):
            page = reverse(f"scoring:{name}", args=[proposal.pk])
            yield page
            for part, _label in PARTS:
                yield f"{page}?part={part}{'' if whole else TAB}"
        for name in ("proposal_trace", "letter_preview", "debrief_edit"):
            yield reverse(f"scoring:{name}", args=[proposal.pk])
        yield reverse("suppliers:supplier_detail", args=[proposal.supplier_id])


def links_in(text: str) -> set[str]:
    """Addresses of the evaluation that a page links to."""
    return {link.replace("&amp;", "&") for link in re.findall(r'href="(/evaluate/[^"#]*)"', text)}


@pytest.mark.slow
def test_every_page_of_the_demo_opens_for_everybody(told: Demo, caplog: pytest.LogCaptureFixture) -> None:
    number = told.made["solicitation"].number
    assert len(list(addresses(number))) > 250
    broken = []
    with caplog.at_level(logging.ERROR):
        for who in PEOPLE:
            client = Client(raise_request_exception=False)
            client.force_login(told.person(who))
            opened: dict[str, int] = {}
            for address in addresses(number, whole=who in WITHOUT_SCRIPTS):
                answer = client.get(address, headers={"HX-Request": "true"} if TAB in address else {})
                opened[address] = answer.status_code
                body = b"" if answer.streaming else answer.content
                if answer.status_code >= 500 or b"VariableDoesNotExist" in body:
                    broken.append(f"{who} {address}: {answer.status_code}")
            assert sum(code == 200 for code in opened.values()) > 60, who
            # Nothing on the pages leads nowhere.
            for address in ("overview", "decision_list", "ranking"):
                page = client.get(reverse(f"scoring:{address}", args=[number])).content.decode()
                for link in links_in(page):
                    status = client.get(link).status_code
                    if status not in (200, 302):
                        broken.append(f"{who} {address} → {link}: {status}")
    assert broken == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_demo_is_honest_and_leaves_work(told: Demo) -> None:
    solicitation = told.made["solicitation"]
    first, second, third = solicitation.windows.order_by("number")
    shortlisted = [
        decision.proposal
        for decision in Decision.objects.filter(verdict=Decision.Verdict.SHORTLISTED).select_related(
            "proposal"
        )
    ]
    assert shortlisted
    assert {proposal.window_id for proposal in shortlisted} == {first.pk}
    # Nobody on the shortlist has an open knock-out, a missing input, a confirmed knock-out or a hold.
    chosen = [proposal.pk for proposal in shortlisted]
    for waiting in (pending.findings_to_decide(first), pending.inputs_to_decide(first)):
        assert waiting.count() == 0
    assert not Proposal.objects.filter(pk__in=chosen, current_revision__score__knocked_out=True).exists()
    assert [standings.blocks_on(proposal) for proposal in shortlisted if standings.blocks_on(proposal)] == []
    # The letters are held, but for one lot; its suppliers read their debriefs.
    released = Release.objects.get()
    assert (released.window_id, released.confirmed_by) == (first.pk, told.person("admin"))
    assert released.letters.count() >= 2
    letter = released.letters.earliest("id")
    reader = Client()
    reader.force_login(letter.proposal.supplier.members.earliest("pk"))
    assert reader.get(reverse("scoring:outcome", args=[letter.proposal_id])).status_code == 200
    outcomes = set(Override.objects.values_list("outcome", "exception"))
    assert {(Outcome.NOT_MET.value, False), (Outcome.MET.value, True)} <= outcomes
    # Something waits in the queue, and each reviewer has work.
    assert pending.waiting_in(second) > 0
    for key in ("reviewer", "third"):
        seat = solicitation.evaluators.get(user=told.person(key))
        assert (
            marking_queries.with_own_marks(proposals_visible_to(seat.user).filter(window=second), seat)
            .filter(marks_own__lt=F("to_mark"))
            .exists()
        ), key
    assert not proposals_queries.open_lots(third, compliance.Envelope.TECHNICAL)
    assert list(verification.differences()) == []


def test_no_two_suppliers_of_the_demo_read_the_same_sentence(told: Demo) -> None:
    """Over every debrief of the decided window, those that are released and those that are held."""
    first = told.made["solicitation"].windows.get(number=1)
    said: dict[str, set[int]] = {}
    count = 0
    for lot in told.made["solicitation"].lots.all():
        found = outcomes_queries.due_in(first, lot)
        made = debriefs.debriefs_of(told.made["solicitation"], found)
        for due in found:
            kept = due.told.debrief["lines"] if due.told else made[due.row.proposal_id].data["lines"]
            for line in kept:
                assert line["text"].strip()
                for sentence in re.split(r"(?<=[.!?])\s+|\n+", line["text"].strip()):
                    said.setdefault(sentence.casefold(), set()).add(due.row.supplier_id)
                    count += 1
    assert count > 50
    assert [sentence for sentence, suppliers in said.items() if len(suppliers) > 1] == []
    names = [seat.user.name for seat in told.made["solicitation"].evaluators.select_related("user")]
    assert [name for name in names for sentence in said if name.casefold() in sentence] == []
