"""Asking a supplier after the close, and answering. Who may ask is decided above, where panels are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from portal.files.storing import CheckedFile, store
from portal.kit import clock
from portal.kit.compliance import Envelope
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.asking import names
from rfp.curing import letters, queries
from rfp.curing.models import Clarification, Cure, CureField
from rfp.curing.queries import FIELDS, Field
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.proposals import revision_facts
from rfp.proposals.models import Attachment, Proposal, Response, Revision
from rfp.proposals.repeating import Touched, repeat_revision
from rfp.publishing.question_models import Requirement
from suppliers.company import queries as supplier_queries

BY = Requirement.AnsweredBy
LONGEST = 4000
# A clarification leaves a day at least, and two weeks at most.
LEAST, MOST = timedelta(hours=24), timedelta(days=14)
OVER = "The time to answer is over. The buyer decides on what you submitted."


def ask_to_cure(
    proposal: Proposal, fields: Collection[Field], *, hours: int, text: str, by: User, at: datetime
) -> Cure:
    """Name what is missing and how long it may be answered. Raises Refused for anything that is not missing."""
    if hours not in queries.HOURS:
        raise Refused("Give the supplier 24, 48 or 72 hours.")
    with transaction.atomic():
        held = _weighed(proposal, now=at)
        current = held.current_revision
        assert current is not None, "it is weighed"
        lacking = {each.key for each in queries.missing(revision_facts.revision_for_facts(current.pk))}
        if not fields or any(each.key not in lacking for each in fields):
            raise Refused("You can only ask for what is missing. Check the list again.")
        named = {each.key for each in fields}
        live = Cure.objects.filter(queries.alive(at), proposal=held)
        if any((f.requirement_id, f.is_file) in named for f in CureField.objects.filter(cure__in=live)):
            raise Refused("The supplier has been asked for this, and still has time to answer.")
        cure = Cure.objects.create(
            proposal=held,
            revision=current,
            text=text.strip(),
            asked_by=by,
            asked_at=at,
            due_at=_whole_minute(at + timedelta(hours=hours)),
        )
        CureField.objects.bulk_create(
            CureField(cure=cure, requirement=each.requirement, is_file=each.is_file) for each in fields
        )
        letters.cure_asked(cure, at=at)
        audit.record(
            "cure.asked", held, by=by, at=at, fields=sorted(each.words for each in fields), hours=hours
        )
        return cure


def _whole_minute(at: datetime) -> datetime:
    """The next one: a due time without seconds, and never less than was promised."""
    begun = at.replace(second=0, microsecond=0)
    return begun if begun == at else begun + timedelta(minutes=1)


def answer_cure(
    cure: Cure,
    answers: Mapping[str, Any],
    *,
    signer_name: str,
    signer_title: str,
    by: User,
    at: datetime | None = None,
) -> Revision:
    """Answer all that a request names, signed by an owner: a new revision that differs in nothing else.

    `answers`: field name → the answer as stored, or a checked file. Raises Refused: too late, or not what was asked.
    `at` is for sample data; no route passes it.
    """
    with transaction.atomic():
        now = at or clock.transaction_start()
        held = _weighed(cure.proposal, now=now)
        if not supplier_queries.may_attest(by, held.supplier):
            raise Refused("Only an owner of the company account can sign and send this.")
        found, fields = _still_asked(cure, held, now=now)
        if set(answers) != {each.name for each in fields}:
            raise Refused("Answer exactly what was asked for.")

        def write(new: Revision) -> None:
            for each in fields:
                _write(new, each, answers[each.name], by=by, at=now)

        assert held.window is not None, "it is weighed"
        revision = repeat_revision(held, write, touched=_touched(fields), window=held.window, by=by, at=now)
        found.answer, found.answered_by, found.answered_at = revision, by, now
        found.signer_name, found.signer_title = signer_name, signer_title
        found.save(update_fields=["answer", "answered_by", "answered_at", "signer_name", "signer_title"])
        letters.cure_received(found, at=now)
        words = sorted(each.words for each in fields)
        audit.record("cure.answered", held, by=by, at=now, revision=revision.number, fields=words)
        return revision


def _still_asked(cure: Cure, held: Proposal, *, now: datetime) -> tuple[Cure, list[Field]]:
    """(the request, locked, and what it names that is still missing). Raises Refused when it is over."""
    rows = Cure.objects.select_for_update(of=("self",)).select_related("asked_by")
    found = rows.prefetch_related("fields__requirement").get(pk=cure.pk)
    if found.answered_at is not None:
        raise Refused("This was answered already.")
    if now >= found.due_at:
        raise Refused(OVER)
    found.proposal = held
    current = held.current_revision
    assert current is not None, "it is weighed"
    lacking = {each.key for each in queries.missing(revision_facts.revision_for_facts(current.pk))}
    return found, [each for each in letters.fields_of(found) if each.key in lacking]


def _touched(fields: Collection[Field]) -> Touched:
    own = [each for each in fields if not each.is_file]
    return Touched(
        fields=[
            FIELDS[BY(e.requirement.answered_by)] for e in own if BY(e.requirement.answered_by) in FIELDS
        ],
        answers=[e.requirement.pk for e in own if BY(e.requirement.answered_by) not in FIELDS],
        files=[e.requirement.pk for e in fields if e.is_file],
    )


def _write(new: Revision, field: Field, value: Any, *, by: User, at: datetime) -> None:
    """Raises Refused for a blank answer."""
    requirement = field.requirement
    if value is None or value in ("", []):
        raise Refused(f"{requirement.code}: enter your answer.")
    if isinstance(value, str):
        _must_say_no_price(value)
    if isinstance(value, CheckedFile):
        # What nobody could open makes room.
        new.attachments.filter(requirement=requirement).delete()
        document = store(value, by=by, at=at)
        Attachment.objects.create(revision=new, requirement=requirement, document=document, title=value.name)
    elif BY(requirement.answered_by) in FIELDS:
        name = FIELDS[BY(requirement.answered_by)]
        setattr(new, name, value)
        new.save(update_fields=[name])
    else:
        Response.objects.update_or_create(revision=new, requirement=requirement, defaults={"value": value})


def _must_say_no_price(text: str) -> None:
    """Prices are sealed until two people open them. Raises Refused."""
    if found := names.amounts(text):
        raise Refused(f"Leave out amounts of money: {', '.join(found[:3])}. Prices are still sealed.")


def _weighed(proposal: Proposal, *, now: datetime) -> Proposal:
    """The proposal, locked, with its window held: technical open, prices sealed, and it stays so until the commit.

    Raises Refused.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM rfp_window WHERE id = %s FOR SHARE", [proposal.window_id])
    held = proposals_actions.locked_proposal(proposal)
    held.lot = proposal.lot
    if held.window is None or not held.is_submitted or not _is_open(held, Envelope.TECHNICAL):
        raise Refused("This is only possible once the proposal is open.")
    if held.window.closes_at > now or _is_open(held, Envelope.PRICE):
        raise Refused("This isn’t possible anymore. The buyer decides on what was submitted.")
    return held


def _is_open(proposal: Proposal, envelope: Envelope) -> bool:
    return proposals_queries.is_open(proposal, envelope)


# ---- in words ---------------------------------------------------------------------------------------------------


def ask_to_clarify(
    proposal: Proposal, *, text: str, due_at: datetime, by: User, at: datetime
) -> Clarification:
    """Ask the supplier about its proposal. Raises Refused."""
    if not text.strip():
        raise Refused("Write your question.")
    if not at + LEAST <= due_at <= at + MOST:
        raise Refused("Give the supplier between one day and two weeks.")
    current = proposal.current_revision
    if current is None or not proposal.is_submitted or not _is_open(proposal, Envelope.TECHNICAL):
        raise Refused("You can ask once the proposal is open.")
    with transaction.atomic():
        asked = Clarification.objects.create(
            proposal=proposal,
            revision=current,
            text=text.strip(),
            asked_by=by,
            asked_at=at,
            due_at=due_at,
        )
        letters.clarification_asked(asked, at=at)
        audit.record("clarification.asked", proposal, by=by, at=at)
        return asked


def answer_clarification(
    asked: Clarification, text: str, *, by: User, at: datetime | None = None
) -> Clarification:
    """Answer in words, once. Raises Refused."""
    if not text.strip():
        raise Refused("Write your answer.")
    with transaction.atomic():
        now = at or clock.transaction_start()
        rows = Clarification.objects.select_for_update(of=("self",))
        found = rows.select_related("proposal__supplier", "proposal__lot__solicitation", "asked_by").get(
            pk=asked.pk
        )
        if not supplier_queries.suppliers_changeable_by(by).filter(pk=found.proposal.supplier_id).exists():
            raise Refused("Your account can view this company’s proposals but not change them.")
        if found.answered_at is not None:
            raise Refused("This was answered already.")
        if now >= found.due_at:
            raise Refused(OVER)
        if not _is_open(found.proposal, Envelope.PRICE):
            _must_say_no_price(text)
        found.answer, found.answered_by, found.answered_at = text.strip(), by, now
        found.save(update_fields=["answer", "answered_by", "answered_at"])
        letters.clarification_answered(found, at=now)
        audit.record("clarification.answered", found.proposal, by=by, at=now)
        return found
