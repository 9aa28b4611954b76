"""Asking a colleague: they read the question as published, suggest an answer, publish nothing, learn of nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Notice, Role, User
from rfp.asking import actions, queries
from rfp.models import Advice, Question, Solicitation
from tests import factories as make
from tests.rfp.asking.made import advice_on
from tests.rfp.asking.test_asking import WORDS, asked, published

pytestmark = pytest.mark.django_db
ASKED = "We at Zebulon coat boards. Is that a step?"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, route: str, *args: Any) -> str:
    return client.get(reverse(f"rfp:{route}", args=args)).content.decode()


def typed(question: Question, **more: Any) -> dict[str, Any]:
    seen = actions.version_of(Question.objects.get(pk=question.pk))
    return {"published_text": WORDS, "answer": "I think no.", "is_private": "", "seen": seen} | more


def of_zebulon(rfp: Solicitation | None = None) -> Question:
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    return asked(rfp or make.make_solicitation(), supplier, ASKED)


def test_from_request_to_suggestion_to_answer() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN, name="Avery Admin")
    officer = make.make_user(Role.OFFICER, name="Olive Officer")
    question, client, other = of_zebulon(rfp), signed_in(admin), signed_in(officer)
    whom = {"advice-colleague": officer.pk, "advice-note": "You know coatings."}
    sent = client.post(reverse("rfp:question_advice", args=[question.pk]), typed(question, **whom))
    assert sent.status_code == 302
    advice = Advice.objects.get()
    assert (advice.words, Question.objects.get().answer) == (WORDS, "I think no.")
    task = f'href="{reverse("rfp:advice", args=[advice.pk])}"'
    home = reverse("scoring:home")
    assert task in other.get(home).content.decode() and task not in client.get(home).content.decode()
    letter = Notice.objects.get(to=officer)
    assert WORDS in letter.body and "You know coatings." in letter.body and letter.kind == "work"
    shown = page(other, "advice", advice.pk)
    assert WORDS in shown and "You know coatings." in shown
    for told in (shown, letter.body, letter.subject, other.get(home).content.decode()):
        assert "Zebulon" not in told and "I think no." not in told and question.asked_by.email not in told
    assert "Waiting for Olive Officer" in page(client, "question_detail", question.pk)
    other.post(reverse("rfp:advice", args=[advice.pk]), {"suggestion": "No: placing parts is."})
    assert "Olive Officer suggested" in Notice.objects.get(key__startswith="question-advised:").subject
    assert task not in other.get(home).content.decode()
    shown = page(client, "question_detail", question.pk)
    assert "No: placing parts is." in shown and "Use this text" in shown
    assert "No: placing parts is." not in page(Client(), "question_list", rfp.number)
    client.post(reverse("rfp:advice_take", args=[advice.pk]), typed(question, answer="Mine."))
    saved = Question.objects.get()
    assert saved.answer == "Mine.\n\nNo: placing parts is." and saved.answered_at is None
    assert client.post(
        reverse("rfp:question_detail", args=[question.pk]), typed(question, answer=saved.answer, publish="1")
    )
    shown = page(Client(), "question_list", rfp.number)
    assert "No: placing parts is." in shown and "Olive" not in shown


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"advice-colleague": ""}, "Choose a colleague"),
        ({"advice-colleague": "999999"}, "Select a valid choice"),
        ({"advice-note": "a" * 2001}, "2000"),
        ({"advice-note": "Zebulon wants to know."}, "This could tell who asked: Zebulon"),
        ({"published_text": ASKED}, "This could tell who asked: Zebulon"),
        ({"published_text": ""}, "Write the question as everyone will read it."),
        ({"lot": "999999"}, "Select a valid choice"),
        ({"seen": "2020"}, "changed this answer"),
    ],
)
def test_a_wrong_request_says_so_and_keeps_the_words(more: dict[str, str], says: str) -> None:
    question, officer = of_zebulon(), make.make_user(Role.OFFICER)
    form = typed(question, **{"advice-colleague": officer.pk, "advice-note": "Please."} | more)
    client = signed_in(make.make_user(Role.ADMIN))
    answer = client.post(reverse("rfp:question_advice", args=[question.pk]), form)
    text = answer.content.decode().replace("2,000", "2000")
    assert says in text and "I think no." in text and form["advice-note"] in text
    assert not Advice.objects.exists() and not Notice.objects.filter(key__startswith="question-").exists()


def test_whom_an_admin_can_ask() -> None:
    question, admin = of_zebulon(), make.make_user(Role.ADMIN)
    seated, elsewhere = make.make_user(Role.REVIEWER), make.make_user(Role.REVIEWER)
    make.seat_panel(question.solicitation, [seated], by=admin)
    officer = make.make_user(Role.OFFICER)
    gone = make.make_user(Role.OFFICER, is_active=False)
    can = set(queries.colleagues_for(question, by=admin))
    assert {seated, officer} <= can
    assert not can & {admin, elsewhere, gone, make.make_user(Role.AUDITOR), question.asked_by}
    advice = advice_on(question, officer, by=admin)
    assert officer not in queries.colleagues_for(question, by=admin)
    for who in (officer, elsewhere):
        question.refresh_from_db()
        with pytest.raises(Refused, match="was asked already, or can’t be asked"):
            advice_on(question, who, by=admin)
    actions.suggest(advice, text="Yes.", by=officer, at=make.NOW)
    assert officer in queries.colleagues_for(question, by=admin)


def test_who_leaves_the_panel_reads_nothing_anymore() -> None:
    question, admin = of_zebulon(), make.make_user(Role.ADMIN)
    reviewer = make.make_user(Role.REVIEWER)
    make.seat_panel(question.solicitation, [reviewer], by=admin)
    advice = advice_on(question, reviewer, by=admin)
    client, address = signed_in(reviewer), reverse("rfp:advice", args=[advice.pk])
    assert client.get(address).status_code == 200
    question.solicitation.evaluators.filter(user=reviewer).delete()
    assert client.get(address).status_code == 404
    assert address not in client.get(reverse("scoring:home")).content.decode()
    with pytest.raises(Refused, match="Only the colleague"):
        actions.suggest(advice, text="Yes.", by=reviewer, at=make.NOW)


def test_only_the_colleague_suggests_and_once() -> None:
    advice = advice_on(of_zebulon())
    for other in (make.make_user(Role.OFFICER), make.make_user(Role.ADMIN)):
        assert signed_in(other).get(reverse("rfp:advice", args=[advice.pk])).status_code == 404
        with pytest.raises(Refused, match="Only the colleague"):
            actions.suggest(advice, text="Yes.", by=other, at=make.NOW)
    address, client = reverse("rfp:advice", args=[advice.pk]), signed_in(advice.colleague)
    assert "Write your suggested answer" in client.post(address, {"suggestion": " "}).content.decode()
    assert "a" * 6001 in client.post(address, {"suggestion": "a" * 6001}).content.decode()
    assert not Advice.objects.filter(suggested_at__isnull=False).exists()
    client.post(address, {"suggestion": "Yes."})
    with pytest.raises(Refused, match="already suggested"):
        actions.suggest(advice, text="No.", by=advice.colleague, at=make.NOW)
    rows = Advice.objects.filter(pk=advice.pk)
    for change in ({"suggestion": "No."}, {"note": "Other."}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_a_suggestion_that_comes_too_late_keeps_its_words() -> None:
    question, admin = of_zebulon(), make.make_user(Role.ADMIN)
    advice = advice_on(question, by=admin)
    published(question, admin)
    client = signed_in(advice.colleague)
    answer = client.post(
        reverse("rfp:advice", args=[advice.pk]), {"suggestion": "Too late."}
    ).content.decode()
    assert "doesn’t wait for an answer anymore" in answer and "Too late." in answer
    assert not queries.advice_to_give(advice.colleague).exists()


def test_what_cannot_be_taken() -> None:
    question, admin = of_zebulon(), make.make_user(Role.ADMIN)
    advice = advice_on(question, by=admin)
    client, address = signed_in(admin), reverse("rfp:advice_take", args=[advice.pk])
    assert "hasn’t suggested" in client.post(address, typed(question)).content.decode()
    actions.suggest(advice, text="Yes. " * 10, by=advice.colleague, at=make.NOW)
    long = client.post(address, typed(question, answer="a" * 5990)).content.decode()
    assert "longer than 6,000 characters" in long and "a" * 5990 in long
    assert signed_in(advice.colleague).post(address, typed(question)).status_code == 404


def test_pages_ask_as_often_for_one_request_as_for_three() -> None:
    admin, officer = make.make_user(Role.ADMIN), make.make_user(Role.OFFICER)
    reviewer, question = make.make_user(Role.REVIEWER), of_zebulon()
    addresses = [
        (officer, reverse("scoring:home")),
        (reviewer, reverse("scoring:home")),
        (admin, reverse("rfp:question_detail", args=[question.pk])),
    ]

    def count() -> list[int]:
        found = []
        for who, address in addresses:
            client = signed_in(who)
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found.append(len(captured))
        return found

    def one_more() -> None:
        other = asked(make.make_solicitation())
        make.seat_panel(other.solicitation, [reviewer], by=admin)
        for who in (officer, reviewer):
            advice_on(Question.objects.get(pk=other.pk), who, by=admin)
        advice_on(Question.objects.get(pk=question.pk), by=admin)

    one_more()
    one = count()
    one_more()
    one_more()
    assert count() == one
