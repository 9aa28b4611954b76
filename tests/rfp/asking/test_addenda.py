"""An answer that changes the RFP: tied to an addendum, sent once that is published, and listed on both pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role, User
from rfp.amending import actions as amending
from rfp.asking import actions
from rfp.models import Addendum, Question, Solicitation
from tests import factories as make
from tests.rfp.amending import made
from tests.rfp.asking.test_asking import WORDS, asked, draft, published

pytestmark = pytest.mark.django_db
TEXT = ("text", "", {"title": "Another title", "summary": "In other words."})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def an_addendum(rfp: Solicitation, admin: User) -> Addendum:
    return made.draft_addendum(rfp, TEXT, by=admin)


def typed(**more: Any) -> dict[str, Any]:
    return {"published_text": WORDS, "answer": "It will be.", "is_private": "", "seen": ""} | more


def test_an_answer_waits_until_its_addendum_is_published() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question, addendum = asked(rfp), an_addendum(rfp, admin)
    with pytest.raises(Refused, match="Addendum 1 isn’t published yet"):
        published(question, admin, addendum=addendum)
    question.refresh_from_db()
    assert question.answered_at is None and question.addendum is None
    published(question, admin, addendum=amending.publish_addendum(addendum, by=admin, at=make.NOW))
    event = AuditEvent.objects.get(verb="question.published")
    assert event.facts == {"rfp": rfp.number, "number": 1, "addendum": 1}


def test_a_discarded_addendum_must_be_replaced() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question, addendum = asked(rfp), an_addendum(rfp, admin)
    saved = actions.save(question, draft(addendum=addendum), seen="", by=admin, at=make.NOW)
    amending.discard_addendum(addendum, by=admin, at=make.NOW)
    page = signed_in(admin).get(reverse("rfp:question_detail", args=[question.pk])).content.decode()
    assert "Addendum 1, discarded" in page
    with pytest.raises(Refused, match="Addendum 1 was discarded"):
        published(saved, admin, addendum=Addendum.objects.get())
    assert published(saved, admin).number == 1
    other = asked(rfp)
    page = signed_in(admin).get(reverse("rfp:question_detail", args=[other.pk])).content.decode()
    assert "Addendum 1, discarded" not in page


def test_what_an_addendum_cannot_be_tied_to() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question = asked(rfp)
    addendum = amending.publish_addendum(an_addendum(rfp, admin), by=admin, at=make.NOW)
    with pytest.raises(Refused, match="is for everyone"):
        published(question, admin, addendum=addendum, is_private=True, reason="Their file.")
    with pytest.raises(Refused, match="another RFP"):
        published(asked(make.make_solicitation()), admin, addendum=addendum)
    with pytest.raises(DatabaseError), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(
            answered_at=make.NOW, answered_by=admin, answer="No.", is_private=True, addendum=addendum
        )


def test_both_public_pages_the_file_and_the_letter_say_so() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    question, waiting, addendum = asked(rfp, supplier), asked(rfp), an_addendum(rfp, admin)
    actions.save(waiting, draft(addendum=addendum, published_text="Not yet?"), seen="", by=admin, at=make.NOW)
    answers, changes = (
        reverse(f"rfp:{name}", args=[rfp.number]) for name in ("question_list", "rfp_changes")
    )
    addendum = amending.publish_addendum(addendum, by=admin, at=make.NOW)
    assert "Questions it answers" not in Client().get(changes).content.decode()
    published(question, admin, addendum=addendum)
    page = Client().get(answers).content.decode()
    assert f'href="{changes}#a1">Changed by addendum' in page
    page = Client().get(changes).content.decode()
    assert f'href="{answers}#q1"' in page and WORDS in page
    assert "Not yet?" not in page and "Zebulon" not in page
    file = b"".join(Client().get(reverse("rfp:question_export", args=[rfp.number, "csv"])))  # type: ignore[arg-type]
    assert b"Changed by" in file and b"Addendum 1" in file
    actions.tell(rfp, at=make.NOW)
    assert all(
        "Changed by addendum 1." in each.body for each in Notice.objects.filter(key__startswith="answers:")
    )
    assert Notice.objects.filter(key__startswith="answers:").exists()


def test_an_addendum_starts_with_the_words_that_everyone_will_read() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    question, client = asked(rfp, supplier, "We at Zebulon coat boards."), signed_in(admin)
    address = reverse("rfp:addendum_for_question", args=[question.pk])
    button = f'formaction="{address}"'
    page = reverse("rfp:question_detail", args=[question.pk])
    assert button in client.get(page).content.decode()
    for wrong, says in (
        ({"published_text": ""}, "Write the question as everyone will read it."),
        ({"published_text": "As Zebulon asks: is coating one?"}, "This could tell who asked: Zebulon"),
        ({"lot": "999999"}, "Select a valid choice"),
        ({"addendum": "999999"}, "Select a valid choice"),
        ({"seen": "2020"}, "changed this answer"),
    ):
        text = client.post(address, typed(**wrong)).content.decode()
        assert says in text and "It will be." in text
        assert not Addendum.objects.exists()
    sent = client.post(address, typed())
    addendum = Addendum.objects.get()
    assert sent["Location"] == reverse("rfp:addendum", args=[rfp.pk, 1])
    assert addendum.why == f"A supplier asked: {WORDS}"
    question.refresh_from_db()
    assert (question.addendum, question.answer) == (addendum, "It will be.")
    assert button not in client.get(page).content.decode()
    assert WORDS in client.get(sent["Location"]).content.decode()
    other = asked(rfp)
    again = client.post(reverse("rfp:addendum_for_question", args=[other.pk]), typed()).content.decode()
    assert "Addendum 1 is already in work" in again and "It will be." in again


def test_officers_read_the_addendum_and_nothing_of_the_questions_that_wait() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question, addendum = asked(rfp), an_addendum(rfp, admin)
    actions.save(question, draft(addendum=addendum), seen="", by=admin, at=make.NOW)
    page = reverse("rfp:addendum", args=[rfp.pk, 1])
    detail = reverse("rfp:question_detail", args=[question.pk])
    assert detail in signed_in(admin).get(page).content.decode()
    text = signed_in(make.make_user(Role.OFFICER)).get(page).content.decode()
    assert detail not in text and WORDS not in text


def test_pages_ask_as_often_for_one_answer_as_for_three() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    addendum = amending.publish_addendum(an_addendum(rfp, admin), by=admin, at=make.NOW)
    addresses = [reverse(f"rfp:{name}", args=[rfp.number]) for name in ("question_list", "rfp_changes")]

    def count() -> list[int]:
        found = []
        for address in addresses:
            Client().get(address)
            with CaptureQueriesContext(connection) as captured:
                Client().get(address)
            found.append(len(captured))
        return found

    published(asked(rfp), admin, addendum=addendum)
    one = count()
    for _ in range(2):
        published(asked(rfp), admin, addendum=addendum)
    assert count() == one
