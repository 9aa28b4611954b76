"""The pages of questions: what each reads, what a wrong form keeps, and how often they ask the database."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.formats import deadline
from portal.models import Role, User
from rfp.asking import actions
from rfp.models import Question
from suppliers.models import Membership
from tests import factories as make
from tests.rfp.asking.test_asking import WORDS, asked, draft, published

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_supplier_asks_and_sees_its_question_alone() -> None:
    rfp, supplier = make.make_solicitation(), make.make_supplier(legal_name="Zebulon Castings Inc.")
    owner = make.owner_of(supplier)
    colleague = make.make_user()
    Membership.objects.create(supplier=supplier, user=colleague, level=Membership.Level.EDITOR)
    page = reverse("rfp:question_list", args=[rfp.number])
    client = signed_in(owner)
    assert "Ask privately" in client.get(page).content.decode()
    sent = client.post(
        reverse("rfp:question_ask", args=[rfp.number]),
        {"supplier": supplier.pk, "lot": rfp.lots.get().pk, "text": WORDS},
    )
    assert sent.status_code == 302
    assert Question.objects.get().lot == rfp.lots.get()
    assert WORDS in client.get(page).content.decode()
    for other in (signed_in(colleague), signed_in(make.make_user(Role.AUDITOR)), Client()):
        text = other.get(page).content.decode()
        assert WORDS not in text and "Being answered" not in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Write your question"),
        ({"text": "a" * 2001}, "2000"),
        ({"text": WORDS, "lot": "999999"}, "Select a valid choice"),
        ({"text": WORDS, "requirement": "x"}, "Select a valid choice"),
    ],
)
def test_a_wrong_question_says_so_and_keeps_the_words(fields: dict[str, str], said: str) -> None:
    rfp, supplier = make.make_solicitation(), make.make_supplier()
    client = signed_in(make.owner_of(supplier))
    address = reverse("rfp:question_ask", args=[rfp.number])
    answer = client.post(address, {"supplier": supplier.pk, **fields})
    text = answer.content.decode()
    assert answer.status_code == 200 and not Question.objects.exists()
    assert said.replace("2000", "2,000") in text or said in text
    assert fields["text"] in text


def test_nobody_asks_for_another_company() -> None:
    rfp, supplier, other = make.make_solicitation(), make.make_supplier(), make.make_supplier()
    client = signed_in(make.owner_of(supplier))
    address = reverse("rfp:question_ask", args=[rfp.number])
    client.post(address, {"supplier": other.pk, "text": WORDS})
    assert not Question.objects.exists()


def test_late_words_are_kept_and_told() -> None:
    rfp, supplier = make.make_solicitation(questions_until=make.NOW), make.make_supplier()
    client = signed_in(make.owner_of(supplier))
    text = client.post(
        reverse("rfp:question_ask", args=[rfp.number]), {"supplier": supplier.pk, "text": WORDS}
    ).content.decode()
    assert "Questions on this RFP are closed." in text and WORDS in text


def test_an_admin_answers_from_draft_to_published() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    question, client = asked(rfp, supplier), signed_in(admin)
    queue = client.get(reverse("rfp:question_queue", args=[rfp.number])).content.decode()
    assert "Zebulon" in queue
    address = reverse("rfp:question_detail", args=[question.pk])
    form = {"published_text": WORDS, "answer": "No, Zebulon.", "is_private": "", "seen": ""}
    assert client.post(address, form).status_code == 302
    question.refresh_from_db()
    assert question.answer == "No, Zebulon." and question.answered_at is None
    seen = actions.version_of(question)
    stopped = client.post(address, form | {"seen": seen, "publish": "1"}).content.decode()
    assert "This could tell who asked: Zebulon" in stopped and "No, Zebulon." in stopped
    sent = client.post(address, form | {"seen": seen, "publish": "1", "answer": "No."})
    assert sent.status_code == 302
    public = Client().get(reverse("rfp:question_list", args=[rfp.number])).content.decode()
    assert WORDS in public and "Zebulon" not in public


def test_a_stale_answer_keeps_its_words() -> None:
    question, client = asked(make.make_solicitation()), signed_in(make.make_user(Role.ADMIN))
    actions.save(question, draft(answer="First."), seen="", by=make.make_user(Role.ADMIN), at=make.NOW)
    address = reverse("rfp:question_detail", args=[question.pk])
    text = client.post(address, {"answer": "Second.", "seen": ""}).content.decode()
    assert "changed this answer" in text and "Second." in text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OFFICER, Role.AUDITOR, Role.SUPPLIER])
def test_only_admins_read_who_asked(role: Role) -> None:
    question, client = asked(make.make_solicitation()), signed_in(make.make_user(role))
    for address in (
        reverse("rfp:question_queue", args=[question.solicitation.number]),
        reverse("rfp:question_detail", args=[question.pk]),
    ):
        assert client.get(address).status_code == 404


def test_the_file_holds_the_published_words_and_nobodys_name() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question = asked(
        rfp, make.make_supplier(legal_name="Zebulon Castings Inc."), "We at Zebulon coat boards."
    )
    published(question, admin)
    asked(rfp, text="Not answered yet?")
    address = reverse("rfp:question_export", args=[rfp.number, "csv"])
    body = b"".join(Client().get(address)).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0][-2:] == ["Question", "Answer"] and len(rows) == 2
    assert rows[1][0] == "1" and rows[1][-2:] == [WORDS, draft().answer]
    assert "Zebulon" not in body
    assert Client().get(reverse("rfp:question_export", args=[rfp.number, "doc"])).status_code == 404


def test_searching_and_narrowing_to_a_lot() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    published(asked(rfp), admin, lot=rfp.lots.get())
    published(asked(rfp), admin, published_text="Does duty count?")
    page = reverse("rfp:question_list", args=[rfp.number])
    shown = Client().get(page, {"q": "DUTY"}).content.decode()
    assert "Does duty count?" in shown and WORDS not in shown
    assert WORDS in Client().get(page, {"lot": "L1"}).content.decode()
    assert "No matching answers" in Client().get(page, {"lot": "L9", "q": "coating"}).content.decode()


@pytest.mark.parametrize("route", ["rfp:question_list", "rfp:question_queue"])
def test_lists_ask_as_often_for_one_row_as_for_three(route: str) -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    client, address = signed_in(admin), reverse(route, args=[rfp.number])

    def one_more() -> None:
        asked(rfp)
        published(asked(rfp), admin, lot=rfp.lots.get())

    one_more()
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    one_more()
    one_more()
    with CaptureQueriesContext(connection) as three:
        client.get(address)
    assert len(one) == len(three)


def test_the_rfps_page_says_when_questions_close() -> None:
    rfp = make.make_solicitation()
    page = reverse("rfp:solicitation_detail", args=[rfp.number])
    assert "Questions close" not in Client().get(page).content.decode()
    until = (
        (make.NOW + timedelta(days=2))
        .astimezone(rfp.zone)
        .replace(hour=17, minute=0, second=0, microsecond=0)
    )
    type(rfp).objects.filter(pk=rfp.pk).update(questions_until=until)
    text = Client().get(page).content.decode()
    assert text.count("Questions close") == 2 and deadline(until, rfp.zone) in text


def test_an_asker_finds_the_answer_to_each_of_its_questions() -> None:
    """Published, merged with one that is published, answered privately, and merged with such a one."""
    rfp, admin, supplier = make.make_solicitation(), make.make_user(Role.ADMIN), make.make_supplier()
    for is_private in (False, True):
        main, again = asked(rfp, supplier), asked(rfp, supplier)
        actions.merge(again, main, by=admin, at=make.NOW)
        published(main, admin, is_private=is_private, reason="Their file.", answer=f"Private: {is_private}.")
    page = reverse("rfp:question_list", args=[rfp.number])
    text = signed_in(make.owner_of(supplier)).get(page).content.decode()
    assert (text.count(">as 1</a>"), text.count("Answered, for you only")) == (2, 2)
    assert text.count("Private: True.") == 2
    assert "Private: True." not in Client().get(page).content.decode()
