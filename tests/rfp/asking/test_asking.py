"""Asking and answering: what is stored, numbered, merged, told; and what nobody learns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.kit.refused import Refused
from portal.models import AuditEvent, Notice, Role, User
from rfp import schedule
from rfp.asking import actions, queries
from rfp.models import AnswerBatch, Question, Solicitation
from suppliers.models import Supplier
from tests import factories as make

pytestmark = pytest.mark.django_db
WORDS = "Is coating a step that transforms the product?"


def draft(**more: Any) -> actions.Draft:
    said: dict[str, Any] = {
        "published_text": WORDS,
        "answer": "No. Placing the components is.",
        "lot": None,
        "requirement": None,
        "is_private": False,
        "reason": "",
    }
    return actions.Draft(**said | more)


def asked(solicitation: Solicitation, supplier: Supplier | None = None, text: str = WORDS) -> Question:
    supplier = supplier or make.make_supplier()
    return actions.ask(
        solicitation,
        supplier,
        text=text,
        lot=None,
        requirement=None,
        by=make.owner_of(supplier),
        at=make.NOW,
    )


def published(question: Question, by: User, *, at: datetime = make.NOW, **more: Any) -> Question:
    question.refresh_from_db()
    return actions.publish(
        question, draft(**more), seen=actions.version_of(question), names_are_fine=True, by=by, at=at
    )


def test_numbers_follow_publication_without_gaps() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    first, second, third, other = asked(rfp), asked(rfp), asked(rfp), asked(make.make_solicitation())
    assert published(third, admin).number == 1
    published(second, admin, is_private=True, reason="About its own offer.")
    assert published(first, admin).number == 2
    assert published(other, admin).number == 1
    assert [each.number for each in queries.answers(rfp)] == [2, 1]


def test_nobody_learns_from_the_record_or_the_letters_who_asked() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    supplier = make.make_supplier(legal_name="Zebulon Castings Inc.")
    question = asked(rfp, supplier)
    published(question, admin)
    events = AuditEvent.objects.filter(verb__startswith="question.")
    assert [event.actor for event in events.order_by("seq")] == ["system", f"user:{admin.pk}"]
    told = " ".join(f"{event.facts} {event.subject}" for event in events)
    told += " ".join(
        f"{each.subject} {each.body}" for each in Notice.objects.filter(key__startswith="question")
    )
    assert "Zebulon" not in told and str(make.owner_of(supplier).email) not in told
    assert "supplier:" not in told


def test_admins_get_one_letter_a_day_about_waiting_questions() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    asked(rfp)
    asked(rfp)
    letter = Notice.objects.get(to=admin, key__startswith="question:")
    assert "A supplier asked a question" in letter.subject


@pytest.mark.parametrize("until", [make.NOW, make.NOW - timedelta(seconds=1)])
def test_questions_close_at_the_moment_that_the_rfp_names(until: datetime) -> None:
    rfp = make.make_solicitation(questions_until=until)
    with pytest.raises(Refused, match="closed"):
        asked(rfp)
    Solicitation.objects.filter(pk=rfp.pk).update(questions_until=make.NOW + timedelta(seconds=1))
    rfp.refresh_from_db()
    assert asked(rfp).pk


def test_without_such_a_moment_they_close_with_the_last_window() -> None:
    rfp = make.make_solicitation()
    assert queries.closes_at(rfp) == rfp.windows.get().closes_at
    assert not queries.is_askable(rfp, now=rfp.windows.get().closes_at)


def test_a_canceled_rfp_takes_no_questions() -> None:
    with pytest.raises(Refused, match="closed"):
        asked(make.make_solicitation(final_status="cancelled"))


def test_a_company_cannot_flood_the_admins() -> None:
    rfp, supplier = make.make_solicitation(), make.make_supplier()
    for _ in range(actions.MOST_WAITING):
        asked(rfp, supplier)
    with pytest.raises(Refused, match="20 unanswered"):
        asked(rfp, supplier)
    assert asked(rfp).pk


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"answer": ""}, "Write the answer first"),
        ({"published_text": ""}, "Write the question as everyone"),
        ({"is_private": True}, "Say why the answer is private"),
    ],
)
def test_what_is_missing_is_said(more: dict[str, Any], why: str) -> None:
    question, admin = asked(make.make_solicitation()), make.make_user(Role.ADMIN)
    with pytest.raises(Refused, match=why):
        published(question, admin, **more)
    question.refresh_from_db()
    assert question.answered_at is None and question.answer == ""


def test_words_that_tell_who_asked_are_stopped_until_somebody_says_they_are_fine() -> None:
    admin, supplier = make.make_user(Role.ADMIN), make.make_supplier(legal_name="Zebulon Castings Inc.")
    question = asked(make.make_solicitation(), supplier)
    words = draft(answer="As Zebulon knows, no.")
    with pytest.raises(Refused, match="could tell who asked: Zebulon"):
        actions.publish(question, words, seen="", names_are_fine=False, by=admin, at=make.NOW)
    assert actions.publish(question, words, seen="", names_are_fine=True, by=admin, at=make.NOW).number == 1


def test_a_private_answer_may_name_the_company() -> None:
    admin, supplier = make.make_user(Role.ADMIN), make.make_supplier(legal_name="Zebulon Castings Inc.")
    question = asked(make.make_solicitation(), supplier)
    words = draft(answer="Zebulon may attach it.", is_private=True, reason="Its own file.")
    actions.publish(question, words, seen="", names_are_fine=False, by=admin, at=make.NOW)
    letter = Notice.objects.get(key__startswith="answer:")
    assert letter.to == make.owner_of(supplier) and "Zebulon may attach it." in letter.body
    assert not queries.answers(question.solicitation).exists()


def test_two_admins_do_not_overwrite_each_other() -> None:
    question = asked(make.make_solicitation())
    one, two = make.make_user(Role.ADMIN, name="Marcus Hale"), make.make_user(Role.ADMIN)
    actions.save(question, draft(answer="Mine."), seen="", by=one, at=make.NOW)
    with pytest.raises(Refused, match="Marcus Hale changed this answer"):
        actions.save(question, draft(answer="Other."), seen="", by=two, at=make.NOW)
    question.refresh_from_db()
    assert question.answer == "Mine."


def test_a_duplicate_is_answered_with_the_question_it_repeats() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    main, again, third = asked(rfp), asked(rfp), asked(rfp)
    actions.merge(again, third, by=admin, at=make.NOW)
    actions.merge(third, main, by=admin, at=make.NOW)
    assert list(queries.waiting(rfp)) == [main]
    with pytest.raises(Refused, match="merged with another"):
        published(again, admin)
    published(main, admin)
    again.refresh_from_db()
    assert (again.duplicate_of, again.number) == (main, None) and again.answered_at
    with pytest.raises(Refused, match="already answered"):
        actions.separate(again, by=admin, at=make.NOW)


def test_what_cannot_be_merged() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    question, done, elsewhere = asked(rfp), asked(rfp), asked(make.make_solicitation())
    published(done, admin)
    for into in (question, done, elsewhere):
        with pytest.raises(Refused, match="can’t be merged"):
            actions.merge(question, into, by=admin, at=make.NOW)
    behind = asked(rfp)
    actions.merge(behind, question, by=admin, at=make.NOW)
    with pytest.raises(Refused, match="can’t be merged"):
        actions.merge(asked(rfp), behind, by=admin, at=make.NOW)
    actions.separate(behind, by=admin, at=make.NOW)
    assert behind in queries.waiting(rfp)


def test_the_database_keeps_what_was_asked_and_answered() -> None:
    question, admin = asked(make.make_solicitation()), make.make_user(Role.ADMIN)
    rows = Question.objects.filter(pk=question.pk)
    for change in ({"text": "Other."}, {"asked_at": make.NOW - timedelta(days=1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    published(question, admin)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(answer="Yes.")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


# ---- letters about answers ------------------------------------------------------------------------------------------


def local(rfp: Solicitation, hour: int, *, days: int = 0) -> datetime:
    day = (make.NOW + timedelta(days=days)).astimezone(rfp.zone)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_one_letter_a_day_tells_everyone_of_the_new_answers() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    proposing = make.owner_of(make.make_draft(rfp).supplier)
    elsewhere = make.owner_of(make.make_draft().supplier)
    one, two, late = asked(rfp), asked(rfp), asked(rfp)
    published(one, admin, at=local(rfp, 10))
    published(two, admin, at=local(rfp, 16))
    assert queries.due_to_be_told(local(rfp, 16)) == []
    assert queries.due_to_be_told(local(rfp, 17)) == [rfp]
    assert actions.tell(rfp, at=local(rfp, 17)) == 2
    published(late, admin, at=local(rfp, 18))
    assert queries.due_to_be_told(local(rfp, 23)) == []
    letters = Notice.objects.filter(key__startswith="answers:")
    assert set(letters.values_list("to", flat=True)) == {
        proposing.pk,
        *(each.asked_by_id for each in (one, two, late)),
    }
    assert elsewhere.pk not in letters.values_list("to", flat=True)
    assert len(set(letters.values_list("body", flat=True))) == 1
    assert "2 new answers" in letters[0].subject
    assert actions.tell(rfp, at=local(rfp, 17, days=1)) == 1
    assert actions.tell(rfp, at=local(rfp, 17, days=2)) == 0 and AnswerBatch.objects.count() == 2


def test_answers_shortly_before_a_close_do_not_wait_for_the_hour() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    window = rfp.windows.get()
    at = window.closes_at - timedelta(hours=3)
    published(asked(rfp), admin, at=at)
    assert queries.due_to_be_told(at) == [rfp]


def test_the_schedule_tells_what_is_due() -> None:
    rfp, admin = make.make_solicitation(), make.make_user(Role.ADMIN)
    published(asked(rfp), admin, at=make.NOW - timedelta(days=2))
    schedule.tell_new_answers.run()
    assert AnswerBatch.objects.filter(solicitation=rfp).count() == 1
    schedule.tell_new_answers.run()
    assert AnswerBatch.objects.count() == 1
