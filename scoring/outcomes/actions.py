"""Telling suppliers: words of letters, explanations in debriefs, and releases by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from portal.accounts import pairs
from portal.kit import clock
from portal.kit.refused import Refused
from portal.letters import notices
from portal.models import User
from portal.record import audit
from rfp.models import Criterion, Lot, Proposal, Solicitation, Window
from scoring.outcomes import debriefs, letters, wording
from scoring.outcomes.models import DebriefText, Letter, LetterText, Outcome, Release
from scoring.panel import access
from scoring.panel import queries as panel_queries
from scoring.panel.access import must_decide_about

RELEASE = pairs.act("decisions.release", "release decisions to suppliers", "scoring:letter_list")
FARTHEST = timedelta(days=90)
BOTH = "Two people release decisions: the chair, and an admin or a compliance officer."


# ---- words --------------------------------------------------------------------------------------------------------


def change_letter(
    solicitation: Solicitation, outcome: Outcome, *, subject: str, body: str, by: User, at: datetime
) -> LetterText:
    """Give the RFP's letters about one outcome other words. Raises Refused."""
    if not (by.is_admin or access.is_chair(by, solicitation)):
        raise Refused("Only the chair or an admin can change letters.")
    if problems := [*wording.problems_in(subject), *wording.problems_in(body)]:
        raise Refused(". ".join(problems) + ".")
    with transaction.atomic():
        text = LetterText.objects.create(
            solicitation=solicitation,
            outcome=outcome,
            subject=subject.strip(),
            body=body.strip() + "\n",
            by=by,
            at=at,
        )
        audit.record("letter.changed", text, by=by, at=at, rfp=solicitation.number, outcome=str(outcome))
        return text


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a supplier is told about one criterion, for the mark as its debrief shows it."""

    criterion: Criterion
    text: str
    mark: str


def answer_for(
    proposal: Proposal,
    *,
    edited: Sequence[Explanation],
    accepted: Sequence[Explanation],
    by: User,
    at: datetime,
) -> None:
    """The chair answers for explanations to one supplier: with own words, or with drafts that may go out as they are.

    Raises Refused.
    """
    must_decide_about(proposal, by)
    if not may_answer_for(proposal, by):
        raise Refused("Only the chair can edit or accept debriefs.")
    said = [*edited, *accepted]
    if any(not each.text.strip() for each in said):
        raise Refused("Enter an explanation.")
    _must_quote_its_own(proposal, said)
    with transaction.atomic():
        DebriefText.objects.bulk_create(
            DebriefText(
                proposal=proposal,
                criterion=each.criterion,
                text=each.text.strip(),
                mark=each.mark,
                by=by,
                at=at,
            )
            for each in said
        )
        for each in edited:
            audit.record("debrief.edited", proposal, by=by, at=at, criterion=each.criterion.code)
        if accepted:
            codes = [each.criterion.code for each in accepted]
            audit.record("debrief.accepted", proposal, by=by, at=at, criteria=codes)


def _must_quote_its_own(proposal: Proposal, said: Sequence[Explanation]) -> None:
    assert proposal.current_revision is not None, "it was decided"
    foreign = debriefs.foreign_in((each.text for each in said), proposal.current_revision)
    if foreign:
        raise Refused(
            f"{foreign[0]} isn’t in this supplier’s proposal. Quote it as it stands there, or remove the citation."
        )


def may_answer_for(proposal: Proposal, user: User) -> bool:
    """Whether the person edits and accepts the debrief: the chair, or an admin where the chair has a conflict."""
    solicitation = proposal.lot.solicitation
    if access.is_chair(user, solicitation):
        return True
    named = access.conflicts_with(proposal.supplier_id, solicitation=solicitation.pk)
    chairs = solicitation.evaluators.filter(is_chair=True)
    return user.is_admin and named.filter(user__in=chairs.values("user")).exists()


# ---- releases -----------------------------------------------------------------------------------------------------


def propose_release(
    window: Window, lot: Lot, *, by: User, at: datetime | None = None, goes_at: datetime | None = None
) -> Release:
    """The first of two people: what would go out now is to be told to the lot's suppliers. Raises Refused.

    `goes_at`: the moment for the letters; without one they go out when the second person confirms.
    """
    with transaction.atomic():
        now = at or clock.transaction_start()
        _must_release(window, by)
        if goes_at is not None and (why := objection_to(goes_at, now=now)):
            raise Refused(why)
        # Decisions of the lot take turns with this; see `verdict_actions.decide_several`.
        Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        begun = Release.objects.filter(
            window=window, lot=lot, confirmed_at__isnull=True, dropped_at__isnull=True
        )
        if begun.exists():
            raise Refused("Someone has already started this release. A second person must confirm it.")
        draft = letters.draft_of(window, lot, at=now)
        _must_be_ready(draft)
        release = Release.objects.create(
            window=window, lot=lot, digest=draft.digest, proposed_by=by, proposed_at=now, goes_at=goes_at
        )
        audit.record(
            "release.proposed",
            release,
            by=by,
            at=now,
            window=window.number,
            lot=lot.code,
            letters=len(draft.letters),
            **_moment(release),
        )
        return release


def objection_to(goes_at: datetime, *, now: datetime) -> str:
    """Why letters can't be set to go out at this moment, in a sentence; blank if they can."""
    if goes_at <= now:
        return "Choose a time in the future, or leave it blank to send as soon as a second person confirms."
    if goes_at - now > FARTHEST:
        return f"Choose a day within the next {FARTHEST.days} days."
    return ""


def _moment(release: Release) -> dict[str, str]:
    return {} if release.goes_at is None else {"goes_at": release.goes_at.isoformat()}


@pairs.two_people(Refused)
def confirm_release(release: Release, *, by: User, at: datetime | None = None) -> list[Letter]:
    """The second person: the lot's suppliers are told, all at once, exactly once. Where the first set a moment, nothing
    goes out before it, and this gives no letters. Raises Refused."""
    with transaction.atomic():
        now = at or clock.transaction_start()
        locked = _begun(release, by)
        window = locked.window
        pairs.demand(
            RELEASE,
            [(locked.proposed_by, locked)],
            by,
            about=f"lot {locked.lot.code}, window {window.number} of {window.solicitation.number}",
            args=[window.solicitation.number],
            at=now,
            seats=panel_queries.seated_at(window.solicitation_id),
        )
        draft = letters.draft_of(window, locked.lot, at=now)
        _must_be_ready(draft)
        if draft.digest != locked.digest:
            raise Refused(
                "A decision, letter or debrief changed since then. Take the release back and start again."
            )
        if locked.goes_at is not None:
            _schedule(locked, draft, by=by, at=now)
            return []
        return send_release(locked, draft, by=by, at=now)


def _schedule(release: Release, draft: letters.Draft, *, by: User, at: datetime) -> None:
    """The second person agrees to the moment; see `scheduled_actions`."""
    assert release.goes_at is not None, "a moment is set"
    if release.goes_at <= at:
        raise Refused("The time for these letters has passed. Take the release back and start again.")
    release.agreed_by, release.agreed_at = by, at
    release.save(update_fields=["agreed_by", "agreed_at"])
    audit.record(
        "release.scheduled",
        release,
        by=by,
        at=at,
        window=release.window.number,
        lot=release.lot.code,
        letters=len(draft.letters),
        **_moment(release),
    )


def send_release(release: Release, draft: letters.Draft, *, by: User, at: datetime) -> list[Letter]:
    """Tell the suppliers, in the caller's transaction, which holds the release. `by`: the second of the two."""
    rfp = release.window.solicitation
    release.confirmed_by, release.confirmed_at = by, at
    release.standstill_until = letters.standstill_end(at, rfp.standstill_days, rfp.time_zone)
    release.save(update_fields=["confirmed_by", "confirmed_at", "standstill_until"])
    sent = _send(release, draft, at=at)
    audit.record(
        "release.confirmed",
        release,
        by=by,
        at=at,
        window=release.window.number,
        lot=release.lot.code,
        letters=len(sent),
        **_moment(release),
    )
    return sent


def _begun(release: Release, by: User) -> Release:
    """The release as someone else started it, its lot locked. Raises Refused."""
    Lot.objects.select_for_update(no_key=True).get(pk=release.lot_id)
    locked = (
        Release.objects.select_for_update(of=("self",))
        .select_related("proposed_by", "lot", "window__solicitation")
        .get(pk=release.pk)
    )
    _must_release(locked.window, by)
    if locked.confirmed_at is not None:
        raise Refused("This release is already confirmed. The letters went out once.")
    if locked.dropped_at is not None:
        raise Refused("This release was taken back. Start it again.")
    if locked.agreed_at is not None:
        raise Refused("This release is already confirmed. The letters go out at their time.")
    starter = locked.proposed_by
    if starter.pk == by.pk or _chairs(starter, locked.window) == _chairs(by, locked.window):
        raise Refused(BOTH)
    return locked


def _send(release: Release, draft: letters.Draft, *, at: datetime) -> list[Letter]:
    """Keep the letters and put them in the outbox, in the transaction of the release."""
    sent = Letter.objects.bulk_create(
        [
            Letter(
                release=release,
                proposal=each.due.row.proposal,
                decision=each.due.decision,
                outcome=each.outcome,
                subject=each.subject[: notices.LONGEST_SUBJECT],
                body=each.body,
                debrief=each.debrief.data,
                value=each.due.row.price_total if each.outcome == Outcome.AWARDED else None,
                at=at,
            )
            for each in draft.letters
        ]
    )
    for letter in sent:
        notices.post(
            letter.proposal.supplier.members.filter(is_active=True),
            key=letter.key,
            subject=letter.subject,
            body=letter.body,
            at=at,
        )
    return sent


def drop_release(release: Release, *, by: User, at: datetime) -> None:
    """Take back a release that waits for its second person. Raises Refused."""
    with transaction.atomic():
        locked = (
            Release.objects.select_for_update(of=("self",))
            .select_related("window__solicitation", "lot")
            .get(pk=release.pk)
        )
        _must_release(locked.window, by)
        if locked.confirmed_at is not None:
            raise Refused("This release is confirmed. The letters went out.")
        if locked.dropped_at is not None:
            raise Refused("This release was already taken back.")
        locked.dropped_at = at
        locked.save(update_fields=["dropped_at"])
        pairs.settle([locked], at=at)
        audit.record(
            "release.dropped", locked, by=by, at=at, window=locked.window.number, lot=locked.lot.code
        )


def _must_be_ready(draft: letters.Draft) -> None:
    if draft.obstacles:
        raise Refused(" ".join(draft.obstacles))


def _chairs(user: User, window: Window) -> bool:
    return access.is_chair(user, window.solicitation)


def _must_release(window: Window, by: User) -> None:
    if not (by.is_admin or by.is_officer or _chairs(by, window)):
        raise Refused(BOTH)


def send_letter_again(letter: Letter, *, by: User, at: datetime) -> int:
    """Try a letter again that the mail server refused; how many copies. Raises Refused."""
    _must_release(letter.release.window, by)
    with transaction.atomic():
        count = notices.send_again(letter.key)
        if not count:
            raise Refused("No copy of this letter was refused.")
        audit.record("letter.sent_again", letter, by=by, at=at, copies=count)
        return count
