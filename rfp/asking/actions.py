"""Questions and answers. Each verb once, with who (`by`) and when (`at`). Events never say who asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from portal.kit import formats
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.asking import letters, names, queries
from rfp.asking.models import Advice, AnswerBatch, Question
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.question_models import Requirement
from suppliers.company.models import Supplier

NO_QUESTION = "Write the question as everyone will read it."
WRITTEN = ("published_text", "answer", "lot", "requirement", "is_private", "reason", "addendum")
LONGEST_ANSWER = 6000
MOST_WAITING = 20  # questions of one company on one RFP that nobody has answered yet


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An answer as it stands on the page: what everyone will read, or what the asker alone will.

    `addendum`: the one that changes the RFP as the answer says.
    """

    published_text: str
    answer: str
    lot: Lot | None
    requirement: Requirement | None
    is_private: bool
    reason: str
    addendum: Addendum | None = None


def ask(
    solicitation: Solicitation,
    supplier: Supplier,
    *,
    text: str,
    lot: Lot | None,
    requirement: Requirement | None,
    by: User,
    at: datetime,
) -> Question:
    """Store the question and tell the admins that one waits, not who asked. Raises Refused."""
    with transaction.atomic():
        Supplier.objects.select_for_update(of=("self",)).get(pk=supplier.pk)
        if not queries.is_askable(solicitation, now=at):
            raise Refused("Questions on this RFP are closed.")
        waiting = Question.objects.filter(
            solicitation=solicitation, supplier=supplier, answered_at__isnull=True
        )
        if waiting.count() >= MOST_WAITING:
            raise Refused(
                f"Your company has {MOST_WAITING} unanswered questions on this RFP. Wait for an answer first."
            )
        question = Question.objects.create(
            solicitation=solicitation,
            supplier=supplier,
            asked_by=by,
            asked_at=at,
            text=text,
            lot=lot,
            requirement=requirement,
        )
        letters.question_waits(question, at=at)
        audit.record("question.asked", question, by=None, at=at, rfp=solicitation.number)
    return question


def save(question: Question, draft: Draft, *, seen: str, by: User, at: datetime) -> Question:
    """Keep the draft. `seen`: the version that the page showed. Raises Refused where somebody saved another since."""
    with transaction.atomic():
        locked = _open(question)
        if seen != version_of(locked):
            raise Refused(
                f"{locked.drafted_by} changed this answer at {_moment(locked)}. "
                "Your text is still below: compare it, then save again."
            )
        if draft.addendum and draft.addendum.solicitation_id != locked.solicitation_id:
            raise Refused("That addendum belongs to another RFP.")
        _write(locked, draft, by=by, at=at)
    return locked


def publish(
    question: Question, draft: Draft, *, seen: str, names_are_fine: bool, by: User, at: datetime
) -> Question:
    """Give the answer: to everyone, with the next number, or to the asker alone. Duplicates are answered with it.

    Raises Refused where something is missing, the words could tell who asked, or somebody saved another draft since.
    """
    with transaction.atomic():
        Solicitation.objects.select_for_update(of=("self",)).get(pk=question.solicitation_id)
        locked = save(question, draft, seen=seen, by=by, at=at)
        if why := missing(draft):
            raise Refused(why)
        if not draft.is_private and (why := not_public_yet(locked, draft, names_are_fine=names_are_fine)):
            raise Refused(why)
        locked.answered_by, locked.answered_at = by, at
        if not draft.is_private:
            last = Question.objects.filter(solicitation=locked.solicitation_id).aggregate(last=Max("number"))[
                "last"
            ]
            locked.number = (last or 0) + 1
        locked.save(update_fields=["answered_by", "answered_at", "number"])
        locked.duplicates.filter(answered_at__isnull=True).update(answered_by=by, answered_at=at)
        rfp = locked.solicitation.number
        if draft.is_private:
            letters.answered_privately(locked, at=at)
            audit.record("question.answered_privately", locked, by=by, at=at, rfp=rfp, reason=draft.reason)
        else:
            changed = {"addendum": draft.addendum.number} if draft.addendum else {}
            audit.record("question.published", locked, by=by, at=at, rfp=rfp, number=locked.number, **changed)
    return locked


def missing(draft: Draft) -> str:
    """What the answer lacks before it can be given; blank when nothing."""
    if not draft.answer:
        return "Write the answer first."
    if draft.is_private:
        if draft.addendum:
            return "An answer that changes the RFP is for everyone. Choose Everyone, or no addendum."
        return "" if draft.reason else "Say why the answer is private."
    if not draft.published_text:
        return NO_QUESTION
    return _still_to_come(draft.addendum) if draft.addendum else ""


def _still_to_come(addendum: Addendum) -> str:
    """Why an answer can't say yet that the addendum changed the RFP; blank once it did."""
    if addendum.published_at is not None:
        return ""
    if addendum.discarded_at is not None:
        return f"{addendum} was discarded. Choose another addendum, or none."
    return f"{addendum} isn’t published yet. Publish it first, then send this answer. Save it as a draft until then."


def not_public_yet(question: Question, draft: Draft, *, names_are_fine: bool) -> str:
    """Why the question and the answer can't be read by others as they are; blank when they can."""
    if not draft.published_text:
        return NO_QUESTION
    if not names_are_fine and (found := telling(question, draft)):
        return f"This could tell who asked: {formats.listed(found)}. Reword it, or confirm that it is fine."
    return ""


def telling(question: Question, draft: Draft) -> list[str]:
    """The words of the draft that could tell who asked."""
    supplier = question.supplier
    called = [
        supplier.legal_name,
        supplier.native_name,
        *supplier.dbas,
        *supplier.former_names,
        question.asked_by.name,
        *supplier.sites.values_list("name", flat=True),
        *supplier.sites.values_list("city", flat=True),
    ]
    return names.telling(f"{draft.published_text}\n{draft.answer}", [each for each in called if each])


def merge(question: Question, into: Question, *, by: User, at: datetime) -> None:
    """Answer both at once. The two askers do not learn of each other. Raises Refused."""
    with transaction.atomic():
        # The one that stays is locked first, in every order of clicks, by id.
        rows = (
            Question.objects.select_for_update(of=("self",))
            .filter(pk__in=[question.pk, into.pk])
            .order_by("pk")
        )
        found = {row.pk: row for row in rows}
        locked, main = found[question.pk], found.get(into.pk)
        same = main is not None and main.pk != locked.pk and main.solicitation_id == locked.solicitation_id
        if main is None or not same or main.answered_at or main.duplicate_of_id:
            raise Refused("That question can’t be merged with this one.")
        if locked.answered_at:
            raise Refused("This question is already answered.")
        locked.duplicates.update(duplicate_of=main)
        locked.duplicate_of = main
        locked.save(update_fields=["duplicate_of"])
        audit.record("question.merged", locked, by=by, at=at, into=main.pk)


def separate(question: Question, *, by: User, at: datetime) -> None:
    """Take a duplicate out again, to answer it by itself. Raises Refused."""
    with transaction.atomic():
        locked = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if locked.answered_at or locked.duplicate_of_id is None:
            raise Refused("This question is not merged, or it is already answered.")
        locked.duplicate_of = None
        locked.save(update_fields=["duplicate_of"])
        audit.record("question.separated", locked, by=by, at=at)


# ---- asking a colleague -------------------------------------------------------------------------------------------


def ask_colleague(
    question: Question,
    draft: Draft,
    *,
    colleague: User,
    note: str,
    seen: str,
    names_are_fine: bool,
    by: User,
    at: datetime,
) -> Advice:
    """Keep the draft, and ask a colleague for an answer to the question as everyone will read it. Raises Refused."""
    with transaction.atomic():
        locked = save(question, draft, seen=seen, by=by, at=at)
        read = replace(draft, answer=note)
        if why := not_public_yet(locked, read, names_are_fine=names_are_fine):
            raise Refused(why)
        if not queries.colleagues_for(locked, by=by).filter(pk=colleague.pk).exists():
            raise Refused(f"{colleague} was asked already, or can’t be asked about this RFP.")
        advice = Advice.objects.create(
            question=locked,
            colleague=colleague,
            words=draft.published_text,
            note=note,
            asked_by=by,
            asked_at=at,
        )
        letters.advice_asked(advice, at=at)
        rfp = locked.solicitation.number
        audit.record("question.advice_asked", locked, by=by, at=at, rfp=rfp, colleague=colleague.pk)
    return advice


def suggest(advice: Advice, *, text: str, by: User, at: datetime) -> Advice:
    """Suggest an answer to the admin who asked. It publishes nothing. Raises Refused."""
    with transaction.atomic():
        question = (
            Question.objects.select_for_update(of=("self",))
            .select_related("solicitation")
            .get(pk=advice.question_id)
        )
        locked = Advice.objects.select_for_update(of=("self",)).get(pk=advice.pk)
        if not queries.advice_read_by(by).filter(pk=advice.pk).exists():
            raise Refused("Only the colleague who was asked can suggest an answer.")
        if locked.suggested_at is not None:
            raise Refused("You already suggested an answer.")
        if question.answered_at or question.duplicate_of_id:
            raise Refused("This question doesn’t wait for an answer anymore.")
        locked.suggestion, locked.suggested_at = text, at
        locked.save(update_fields=["suggestion", "suggested_at"])
        letters.advice_given(locked, at=at)
        audit.record("question.advice_given", question, by=by, at=at, rfp=question.solicitation.number)
    return locked


def take_suggestion(advice: Advice, draft: Draft, *, seen: str, by: User, at: datetime) -> Question:
    """Put the colleague's words into the draft, below what the admin wrote. Raises Refused."""
    with transaction.atomic():
        if advice.suggested_at is None:
            raise Refused("Your colleague hasn’t suggested an answer yet.")
        text = f"{draft.answer}\n\n{advice.suggestion}".strip()
        if len(text) > LONGEST_ANSWER:
            raise Refused(
                f"With the suggestion, the answer is longer than {LONGEST_ANSWER:,} characters. Shorten yours first."
            )
        locked = save(advice.question, replace(draft, answer=text), seen=seen, by=by, at=at)
        rfp = locked.solicitation.number
        audit.record("question.advice_taken", locked, by=by, at=at, rfp=rfp, colleague=advice.colleague_id)
    return locked


# ---- telling ------------------------------------------------------------------------------------------------------


def tell(solicitation: Solicitation, *, at: datetime) -> int:
    """One letter to everyone concerned about the answers published since the last round; returns how many answers."""
    with transaction.atomic():
        Solicitation.objects.select_for_update(of=("self",)).get(pk=solicitation.pk)
        fresh = list(
            queries.untold().filter(solicitation=solicitation).select_related("addendum").order_by("number")
        )
        if fresh:
            batch = AnswerBatch.objects.create(solicitation=solicitation, at=at)
            letters.answers_published(solicitation, fresh, batch=batch.pk, at=at)
    return len(fresh)


def version_of(question: Question) -> str:
    """Names the draft that a page shows."""
    return question.drafted_at.isoformat() if question.drafted_at else ""


def _moment(question: Question) -> str:
    return (
        formats.when(question.drafted_at, question.solicitation.zone, short=True)
        if question.drafted_at
        else ""
    )


def _open(question: Question) -> Question:
    """The question, locked. Raises Refused once it is answered, or while it is merged with another."""
    rows = Question.objects.select_for_update(of=("self",)).select_related(
        "solicitation", "supplier", "drafted_by"
    )
    locked = rows.get(pk=question.pk)
    if locked.answered_at:
        raise Refused("This question is already answered.")
    if locked.duplicate_of_id:
        raise Refused("This question is merged with another. Answer that one.")
    return locked


def _write(question: Question, draft: Draft, *, by: User, at: datetime) -> None:
    for name in WRITTEN:
        setattr(question, name, getattr(draft, name))
    question.drafted_by, question.drafted_at = by, at
    question.save(update_fields=[*WRITTEN, "drafted_by", "drafted_at"])
