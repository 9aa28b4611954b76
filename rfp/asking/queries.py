"""Questions and answers: who may read which, who may ask, and which answers have not been told yet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from portal.models import Role, User
from rfp.asking.models import Advice, AnswerBatch, Question
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Solicitation, Window
from rfp.publishing.queries import stage_of
from rfp.signals import asks_for_seats
from rfp.stages import Stage

Person = User | AnonymousUser
# Letters about new answers go out once a day at this hour of the RFP's zone.
TOLD_AT = time(17)
# A window that closes within this does not wait for the hour.
PRESSING = timedelta(hours=24)
# Not answered yet; a duplicate waits behind the one it repeats.
WAITING = Q(answered_at__isnull=True, duplicate_of__isnull=True)
ASKABLE = (Stage.SCHEDULED, Stage.OPEN, Stage.BETWEEN_WINDOWS)


def answers(solicitation: Solicitation) -> QuerySet[Question]:
    """Published answers, the newest first: public, and they don't say who asked."""
    found = Question.objects.filter(solicitation=solicitation, number__isnull=False)
    return found.select_related("lot", "requirement", "addendum").order_by("-number")


def addenda_for(question: Question) -> QuerySet[Addendum]:
    """Addenda that an answer can name, the newest first; a discarded one only while the answer still names it."""
    found = Addendum.objects.filter(solicitation=question.solicitation_id)
    return found.filter(Q(discarded_at__isnull=True) | Q(pk=question.addendum_id)).order_by("-number")


def questions_read_by(user: Person) -> QuerySet[Question]:
    """Questions with the names of those who asked: for admins alone."""
    if isinstance(user, User) and user.is_admin:
        return Question.objects.all()
    return Question.objects.none()


def _seats() -> Any:
    [(_receiver, seats)] = asks_for_seats.send(sender=Solicitation)
    return seats


def colleagues_for(question: Question, *, by: User) -> QuerySet[User]:
    """Whom an admin can ask about a question, by name: other admins, officers, and reviewers on the RFP's panel; not
    whom it waits for already."""
    panel = _seats().filter(solicitation=question.solicitation_id).values("user")
    staff = Q(role__in=(Role.ADMIN, Role.OFFICER)) | Q(role=Role.REVIEWER, pk__in=panel)
    waits_for = question.advice.filter(suggested_at__isnull=True).values("colleague")
    found = User.objects.filter(staff, is_active=True).exclude(pk=by.pk).exclude(pk__in=waits_for)
    return found.order_by("name", "pk")


def advice_read_by(user: Person) -> QuerySet[Advice]:
    """What the person was asked: admins and officers, and reviewers while they sit on the RFP's panel."""
    if not isinstance(user, User) or user.role not in (Role.ADMIN, Role.OFFICER, Role.REVIEWER):
        return Advice.objects.none()
    found = Advice.objects.filter(colleague=user)
    if user.role == Role.REVIEWER:
        found = found.filter(
            Exists(_seats().filter(user=user, solicitation=OuterRef("question__solicitation")))
        )
    return found.select_related(
        "question__solicitation", "question__lot", "question__requirement", "asked_by"
    )


def advice_to_give(user: Person) -> QuerySet[Advice]:
    """What of it still waits, the oldest first."""
    waits = {"question__answered_at__isnull": True, "question__duplicate_of__isnull": True}
    return advice_read_by(user).filter(suggested_at__isnull=True, **waits).order_by("asked_at", "pk")


def own_questions(user: Person, solicitation: Solicitation) -> QuerySet[Question]:
    """What the person asked, the newest first; colleagues in the company don't see it."""
    if not isinstance(user, User):
        return Question.objects.none()
    found = Question.objects.filter(solicitation=solicitation, asked_by=user)
    return found.select_related("duplicate_of", "lot").order_by("-asked_at", "-pk")


def waiting(solicitation: Solicitation) -> QuerySet[Question]:
    """Questions to answer, the oldest first."""
    return Question.objects.filter(WAITING, solicitation=solicitation)


def closes_at(solicitation: Solicitation) -> datetime | None:
    """The moment from which nobody can ask: the RFP's own, or else when the last window closes. Exclusive."""
    if solicitation.questions_until is not None:
        return solicitation.questions_until
    last: datetime | None = solicitation.windows.aggregate(last=Max("closes_at"))["last"]
    return last


def is_askable(solicitation: Solicitation, *, now: datetime) -> bool:
    """Whether questions are taken now."""
    until = closes_at(solicitation)
    return until is not None and now < until and stage_of(solicitation, now=now) in ASKABLE


def similar(question: Question) -> QuerySet[Question]:
    """Other open questions on the same lot and requirement."""
    found = waiting(question.solicitation).exclude(pk=question.pk)
    return found.filter(lot=question.lot, requirement=question.requirement)


def untold() -> QuerySet[Question]:
    """Published answers that no letter has told of."""
    rounds = AnswerBatch.objects.filter(solicitation=OuterRef("solicitation")).order_by("-at")
    told = Subquery(rounds.values("at")[:1])
    since = Coalesce(told, F("solicitation__published_at"))
    return (
        Question.objects.filter(number__isnull=False).annotate(told=since).filter(answered_at__gt=F("told"))
    )


def due_to_be_told(now: datetime) -> list[Solicitation]:
    """RFPs with answers to tell of now: the hour has passed since one was published, or a window closes soon."""
    closing = Window.objects.filter(
        solicitation=OuterRef("solicitation"), closes_at__gt=now, closes_at__lte=now + PRESSING
    )
    rows = untold().annotate(presses=Exists(closing)).select_related("solicitation")
    due = {
        row.solicitation
        for row in rows
        if row.presses or (row.answered_at and row.answered_at < _last_hour(row.solicitation, now))
    }
    return sorted(due, key=lambda each: each.pk)


def _last_hour(solicitation: Solicitation, now: datetime) -> datetime:
    local = now.astimezone(solicitation.zone)
    hour = datetime.combine(local.date(), TOLD_AT, solicitation.zone)
    return hour if hour <= now else hour - timedelta(days=1)


def concerned(solicitation: Solicitation) -> QuerySet[User]:
    """People of suppliers that prepare or submitted a proposal, those who asked, and those who watch the RFP."""
    asked = Question.objects.filter(solicitation=solicitation)
    proposes = Q(memberships__supplier__proposals__lot__solicitation=solicitation)
    watches = Q(watches__solicitation=solicitation)
    found = User.objects.filter(proposes | watches | Q(pk__in=asked.values("asked_by")), is_active=True)
    return found.distinct()
