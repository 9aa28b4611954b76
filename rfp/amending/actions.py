"""Addenda: drafted, given to a second person, published or discarded. Each verb once, with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import Truncator

from portal.accounts import pairs
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.amending import applying, changes, letters, queries, snapshot
from rfp.amending.changes import KIND
from rfp.asking import actions as asking_actions
from rfp.asking.models import Question
from rfp.proposals import manifest
from rfp.proposals.models import Revision
from rfp.publishing import actions as publishing_actions
from rfp.publishing.addendum_models import Addendum, Change
from rfp.publishing.models import Solicitation, Window

PUBLISH = pairs.act("addendum.publish", "publish an addendum", "rfp:addendum")
MOST_CHANGES = 100
LONGEST_WHY = 2000


# ---- drafting ---------------------------------------------------------------------------------------------------


def start_addendum(solicitation: Solicitation, *, by: User, at: datetime) -> Addendum:
    """An empty addendum, or the one that is in work. Raises Refused."""
    with transaction.atomic():
        rfp = _held(solicitation, by)
        current = rfp.addenda.filter(published_at__isnull=True, discarded_at__isnull=True).first()
        if current is not None:
            return current
        number = rfp.addenda.count() + 1
        addendum = Addendum.objects.create(solicitation=rfp, number=number, created_by=by, created_at=at)
        audit.record("addendum.started", addendum, by=by, at=at, solicitation=rfp.number)
        return addendum


def start_addendum_for(
    question: Question,
    draft: asking_actions.Draft,
    *,
    seen: str,
    names_are_fine: bool,
    by: User,
    at: datetime,
) -> Addendum:
    """An addendum that starts from a question, with the words that everyone will read; its answer waits for it.

    It doesn't take the words as they were asked: they could tell who asked. Raises Refused.
    """
    with transaction.atomic():
        rfp = _held(question.solicitation, by)
        in_work = rfp.addenda.filter(published_at__isnull=True, discarded_at__isnull=True).first()
        if in_work is not None:
            raise Refused(f"{in_work} is already in work. Choose it under Addendum, and save.")
        if why := asking_actions.not_public_yet(question, draft, names_are_fine=names_are_fine):
            raise Refused(why)
        addendum = start_addendum(rfp, by=by, at=at)
        words = Truncator(f"A supplier asked: {draft.published_text}").chars(LONGEST_WHY)
        save_addendum(addendum, why=words, standings={}, by=by, at=at)
        tied = asking_actions.save(question, replace(draft, addendum=addendum), seen=seen, by=by, at=at)
        audit.record(
            "question.addendum_started", tied, by=by, at=at, rfp=rfp.number, addendum=addendum.number
        )
        return addendum


def set_change(
    addendum: Addendum, *, kind: str, subject: str, values: Mapping[str, Any], by: User, at: datetime
) -> Change:
    """Add a change, or put it in place of the one about the same thing. Raises Refused, also where nothing differs."""
    with transaction.atomic():
        locked = _draft(addendum, by)
        rfp = locked.solicitation
        title, says = changes.described(rfp, kind, subject, dict(values))
        if not says:
            raise Refused("Nothing would change. Edit at least one field.")
        before = changes.requirement_called(rfp, subject) if kind == KIND.REQUIREMENT else None
        _must_be_one_change_of_it(locked, kind, subject)
        if locked.changes.count() >= MOST_CHANGES:
            raise Refused(f"An addendum can have at most {MOST_CHANGES} changes.")
        change = locked.changes.filter(kind=kind, subject=subject).first()
        if change is None:
            change = Change(addendum=locked, kind=kind, subject=subject)
        change.title, change.says, change.values = title, says, dict(values)
        allowed = changes.standings_for(change, before)
        if change.standing not in allowed:
            usual = changes.usual_standing(kind, before, dict(values))
            change.standing = usual if usual in allowed or not allowed else allowed[0]
        change.save()
        audit.record("addendum.changed", locked, by=by, at=at, kind=kind, about=subject)
        return change


def _must_be_one_change_of_it(addendum: Addendum, kind: str, subject: str) -> None:
    rivals = {
        KIND.REQUIREMENT: KIND.REQUIREMENT_REMOVED,
        KIND.REQUIREMENT_REMOVED: KIND.REQUIREMENT,
        KIND.LOT: KIND.LOT_WITHDRAWN,
        KIND.LOT_WITHDRAWN: KIND.LOT,
        KIND.MILESTONE: KIND.MILESTONE_REMOVED,
        KIND.MILESTONE_REMOVED: KIND.MILESTONE,
    }
    rival = rivals.get(KIND(kind))
    if rival is not None and addendum.changes.filter(kind=rival, subject=subject).exists():
        raise Refused("This addendum already changes it in another way. Remove that change first.")


def remove_change(change: Change, *, by: User, at: datetime) -> None:
    """Take a change out of the draft. Raises Refused."""
    with transaction.atomic():
        locked = _draft(change.addendum, by)
        locked.changes.filter(pk=change.pk).delete()
        audit.record("addendum.changed", locked, by=by, at=at, kind=change.kind, about=change.subject)


def save_addendum(
    addendum: Addendum, *, why: str, standings: Mapping[int, str], by: User, at: datetime
) -> None:
    """Store why, and by change what becomes of old answers; a choice that a change doesn't offer is not taken. Raises
    Refused."""
    with transaction.atomic():
        locked = _draft(addendum, by)
        locked.why = why.strip()
        locked.save(update_fields=["why"])
        for change in locked.changes.all():
            wanted = standings.get(change.pk, change.standing)
            if wanted != change.standing and wanted in standings_of(locked.solicitation, change):
                change.standing = wanted
                change.save(update_fields=["standing"])
        audit.record("addendum.changed", locked, by=by, at=at)


def standings_of(solicitation: Solicitation, change: Change) -> list[str]:
    """What the admin may choose for the change."""
    if change.kind not in changes.HAS_ANSWERS:
        return []
    before = None
    if change.kind == KIND.REQUIREMENT:
        before = changes.requirement_called(solicitation, change.subject)
    return changes.standings_for(change, before)


def discard_addendum(addendum: Addendum, *, by: User, at: datetime) -> None:
    """Give it up. Its number is not used again. Raises Refused."""
    with transaction.atomic():
        locked = _in_work(addendum, by)
        pairs.settle([locked], at=at)
        locked.discarded_by, locked.discarded_at = by, at
        locked.save(update_fields=["discarded_by", "discarded_at"])
        audit.record("addendum.discarded", locked, by=by, at=at)


# ---- two people -------------------------------------------------------------------------------------------------


def takes_two(addendum: Addendum) -> bool:
    """Whether one of its changes takes a second person. Raises Refused where one no longer fits the RFP."""
    rfp = addendum.solicitation
    return any(changes.takes_two(rfp, change) for change in addendum.changes.all())


def propose_addendum(addendum: Addendum, *, by: User, at: datetime) -> Addendum:
    """Give it to a second person; until then its changes stay as they are. Raises Refused with what is wrong."""
    with transaction.atomic():
        locked = _draft(addendum, by)
        _must_be_sound(locked, now=at)
        locked.proposed_by, locked.proposed_at = by, at
        locked.save(update_fields=["proposed_by", "proposed_at"])
        audit.record("addendum.proposed", locked, by=by, at=at)
        return locked


def take_back_addendum(addendum: Addendum, *, by: User, at: datetime) -> None:
    """Make it a draft again, to change it. Raises Refused."""
    with transaction.atomic():
        locked = _in_work(addendum, by)
        pairs.settle([locked], at=at)
        locked.proposed_by = locked.proposed_at = None
        locked.save(update_fields=["proposed_by", "proposed_at"])
        audit.record("addendum.taken_back", locked, by=by, at=at)


@pairs.two_people(Refused)
def publish_addendum(addendum: Addendum, *, by: User, at: datetime) -> Addendum:
    """Change the RFP, everything at once, and write to every supplier with a proposal. Raises Refused.

    Windows are locked first, then drafts: a submission or a signature comes before the addendum or after it.
    """
    with transaction.atomic():
        rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=addendum.solicitation_id)
        list(Window.objects.select_for_update(no_key=True).filter(solicitation=rfp).order_by("pk"))
        locked = (
            Addendum.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=addendum.pk)
        )
        locked.solicitation = rfp
        _may_publish(locked, by, at=at)
        drafts = Revision.objects.filter(proposal__lot__solicitation=rfp, received_at__isnull=True)
        list(drafts.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        snapshot.keep(rfp, at=rfp.published_at or at)
        _apply(locked, now=at)
        manifest.carry_over(drafts)
        snapshot.keep(rfp, at=at)
        locked.version, locked.published_by, locked.published_at = rfp.version, by, at
        locked.save(update_fields=["version", "published_by", "published_at"])
        asked = queries.asked_of(queries.proposals_in_play(rfp, now=at))
        _take_signatures_back([each.draft.pk for each in asked if each.draft])
        letters.published(locked, asked, at=at)
        letters.tell_watchers(locked, at=at)
        audit.record("addendum.published", locked, by=by, at=at, solicitation=rfp.number, version=rfp.version)
        return locked


def _may_publish(addendum: Addendum, by: User, *, at: datetime) -> None:
    """Raises Refused, or NotTwoPeople."""
    rfp = addendum.solicitation
    _must_be_in_work(addendum)
    _must_not_review(rfp, by)
    _must_be_sound(addendum, now=at)
    if not takes_two(addendum):
        if not by.is_admin and not (by.is_officer and addendum.proposed_by):
            raise Refused("Only admins publish addenda that touch no criteria, knock-outs or dates.")
        return
    if not (by.is_admin or by.is_officer):
        raise Refused("Another admin or a compliance officer must publish this addendum.")
    if addendum.proposed_by is None:
        raise Refused("This addendum takes two people. Ask a second person to publish it.")
    if addendum.proposed_by_id == by.pk:
        raise Refused("You asked for this. A second person must publish it.")
    pairs.demand(
        PUBLISH,
        [(addendum.proposed_by, addendum)],
        by,
        about=f"{addendum} of {rfp.number}",
        args=[rfp.pk, addendum.number],
        at=at,
    )


def _apply(addendum: Addendum, *, now: datetime) -> None:
    """Raises Refused, with everything that would be wrong afterwards."""
    rfp = addendum.solicitation
    before = set(publishing_actions.publication_gaps(rfp))
    version = rfp.version + 1
    for change in addendum.changes.all():
        applying.apply(rfp, change, version=version, now=now)
    Solicitation.objects.filter(pk=rfp.pk).update(version=version)
    rfp.refresh_from_db()
    if gaps := [gap for gap in publishing_actions.publication_gaps(rfp) if gap not in before]:
        raise Refused(" ".join(gaps))
    Window.objects.filter(solicitation=rfp, closes_at__gt=now).update(version=version)


def _take_signatures_back(drafts: list[int]) -> None:
    """A draft with an answer to look at again is signed again."""
    Revision.objects.filter(pk__in=drafts, received_at__isnull=True).update(attested_at=None)


# ---- what each verb asks first ------------------------------------------------------------------------------------


class _Undone(Exception):
    """Ends a trial."""


def _must_be_sound(addendum: Addendum, *, now: datetime) -> None:
    """Raises Refused with what keeps it from being published; tried on the RFP and undone."""
    if not addendum.changes.exists():
        raise Refused("This addendum changes nothing yet. Add a change.")
    if not addendum.why.strip():
        raise Refused("Say why. Suppliers read it.")
    rfp = addendum.solicitation
    try:
        with transaction.atomic():
            _apply(addendum, now=now)
            raise _Undone
    except _Undone:
        rfp.refresh_from_db()


def _held(solicitation: Solicitation, by: User) -> Solicitation:
    rfp = Solicitation.objects.select_for_update(no_key=True).get(pk=solicitation.pk)
    if not by.is_admin:
        raise Refused("Only admins draft addenda.")
    if not rfp.is_published:
        raise Refused("This RFP is not published yet. Change it on its setup pages.")
    if rfp.final_status:
        raise Refused("This RFP has ended, so it can’t change anymore.")
    _must_not_review(rfp, by)
    return rfp


def _must_not_review(solicitation: Solicitation, by: User) -> None:
    if queries.reviews(by, solicitation):
        raise Refused("You’re on this RFP’s panel, so you can’t change what it asks.")


def _must_be_in_work(addendum: Addendum) -> None:
    if addendum.published_at is not None:
        raise Refused("This addendum has already been published.")
    if addendum.discarded_at is not None:
        raise Refused("This addendum was discarded.")
    if addendum.solicitation.final_status:
        raise Refused("This RFP has ended, so it can’t change anymore.")


def _in_work(addendum: Addendum, by: User) -> Addendum:
    """The addendum, locked with its RFP. Raises Refused."""
    rfp = _held(addendum.solicitation, by)
    locked = Addendum.objects.select_for_update(of=("self",)).get(pk=addendum.pk)
    locked.solicitation = rfp
    _must_be_in_work(locked)
    return locked


def _draft(addendum: Addendum, by: User) -> Addendum:
    locked = _in_work(addendum, by)
    if locked.proposed_at is not None:
        raise Refused("A second person is reviewing this addendum. Take it back to change it.")
    return locked
