"""Letters about questions. None says who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from portal.kit.formats import count_of
from portal.letters import notices
from portal.models import Role, User
from rfp.asking import queries
from rfp.asking.models import Advice, Question
from rfp.publishing.models import Solicitation

LONGEST = 400  # letters of an answer in a letter; the rest is on the page


def question_waits(question: Question, *, at: datetime) -> None:
    """To the admins: one letter a day and RFP, however many questions come."""
    rfp = question.solicitation
    notices.post(
        User.objects.filter(role=Role.ADMIN, is_active=True),
        key=f"question:{rfp.pk}:{at.astimezone(rfp.zone):%Y-%m-%d}",
        subject=f"A supplier asked a question about {rfp.number}",
        body=(
            f"A supplier asked a question about {rfp.number}, {rfp.title}. Only admins can see who asked.\n\n"
            "Sign in and open Questions to answer it. You get at most one email like this a day.\n"
        ),
        at=at,
    )


def answered_privately(question: Question, *, at: datetime) -> None:
    """To the asker, and to those whose question was the same."""
    rfp = question.solicitation
    for each in (question, *question.duplicates.select_related("asked_by")):
        notices.post(
            [each.asked_by],
            key=f"answer:{each.pk}",
            subject=f"Your question about {rfp.number} is answered",
            body=(
                f"You asked about {rfp.number}, {rfp.title}:\n\n{each.text}\n\n"
                f"Answer, for you only:\n\n{question.answer}\n"
            ),
            at=at,
        )


def advice_asked(advice: Advice, *, at: datetime) -> None:
    """To the colleague: the question as everyone will read it."""
    rfp = advice.question.solicitation
    note = f"\n\nNote: {advice.note}" if advice.note else ""
    notices.post(
        [advice.colleague],
        key=f"question-advice:{advice.pk}",
        subject=f"{advice.asked_by} asks you about {rfp.number}",
        body=(
            f"A supplier asked about {rfp.number}, {rfp.title}:\n\n{advice.words}{note}\n\n"
            f"{advice.asked_by} asks you to suggest an answer. An admin decides what is published.\n"
        ),
        at=at,
        link=reverse("rfp:advice", args=[advice.pk]),
    )


def advice_given(advice: Advice, *, at: datetime) -> None:
    """To the admin who asked."""
    rfp = advice.question.solicitation
    notices.post(
        [advice.asked_by],
        key=f"question-advised:{advice.pk}",
        subject=f"{advice.colleague} suggested an answer about {rfp.number}",
        body=(
            f"{rfp.number}, {rfp.title}:\n\n{advice.words}\n\nSuggested answer:\n\n{advice.suggestion}\n\n"
            "Nothing is published yet. Use the suggestion, change it, or write your own answer.\n"
        ),
        at=at,
        link=reverse("rfp:question_detail", args=[advice.question_id]),
    )


def answers_published(
    solicitation: Solicitation, answers: Sequence[Question], *, batch: int, at: datetime
) -> None:
    """To everyone concerned: the new answers, the same letter for all."""
    told = "\n\n".join(
        f"{each.number}. {each.published_text}\nAnswer: {_short(each.answer)}{_changed(each)}"
        for each in answers
    )
    notices.post(
        queries.concerned(solicitation),
        key=f"answers:{batch}",
        subject=f"{count_of(len(answers), 'new answer')} about {solicitation.number}",
        body=(
            f"New answers about {solicitation.number}, {solicitation.title}:\n\n{told}\n\n"
            "All answers are on the RFP’s page, under Questions and answers.\n"
        ),
        at=at,
        link=reverse("rfp:question_list", args=[solicitation.number]),
    )


def _changed(question: Question) -> str:
    return f"\nChanged by {str(question.addendum).lower()}." if question.addendum else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
