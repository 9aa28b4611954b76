"""Letters about marks that are due: a few days ahead, on the day, and every third day after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from portal.kit import formats
from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from portal.letters import notices
from rfp.models import Window
from rfp.proposals import queries as proposals_queries
from scoring.board import queries
from scoring.duties.models import DueDate, Handover
from scoring.duties.queries import Due, due_in
from scoring.panel.models import Evaluator

AHEAD = (3, 1, 0)  # days before the due date
EVERY = 3  # days after it
LONGEST = timedelta(days=60)  # after that nobody is reminded
FROM_HOUR = 8  # of the morning in the RFP's zone


def remind_everyone(now: datetime) -> int:
    """Post today's reminders; how many. A person gets one a day for a window, however often this runs."""
    recent = DueDate.objects.filter(due_at__gt=now - LONGEST).values("window")
    windows = list(Window.objects.filter(pk__in=recent).select_related("solicitation"))
    due = due_in(windows)
    return sum(_remind(window, due[window.pk], now) for window in windows)


def _remind(window: Window, due: Due, now: datetime) -> int:
    if now.astimezone(window.solicitation.zone).hour < FROM_HOUR:
        return 0
    seats = [
        seat
        for seat in window.solicitation.evaluators.filter(user__is_active=True).select_related("user")
        if _is_day(due.of(seat.pk), window, now)
    ]
    return remind(window, seats, due, now)


def _is_day(at: datetime | None, window: Window, now: datetime) -> bool:
    """Whether a reminder goes out today for marks due at that moment."""
    if at is None or now - at > LONGEST:
        return False
    zone = window.solicitation.zone
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return days in AHEAD or (days < 0 and -days % EVERY == 1)


def remind(window: Window, seats: Sequence[Evaluator], due: Due, now: datetime) -> int:
    """A letter to each of them who has marks left to give; how many letters."""
    if not seats:
        return 0
    work = queries.work_in(window, lots_to_mark(window))
    behind = [seat for seat in seats if seat.pk in work and work[seat.pk].left]
    for seat in behind:
        _post(window, seat, work[seat.pk], due.of(seat.pk), now)
    return len(behind)


def lots_to_mark(window: Window) -> list[int]:
    """Lots whose proposals are open to read and whose prices are sealed."""
    priced = set(proposals_queries.open_lots(window, Envelope.PRICE))
    return [lot for lot in proposals_queries.open_lots(window, Envelope.TECHNICAL) if lot not in priced]


def _post(window: Window, seat: Evaluator, work: queries.Work, at: datetime | None, now: datetime) -> None:
    rfp = window.solicitation
    left = count_of(work.left, "proposal")
    when = f" {_due_words(at, now, rfp.time_zone)}" if at else ""
    today = now.astimezone(rfp.zone).date()
    notices.post(
        [seat.user],
        key=f"marks-due:{window.pk}:{today.isoformat()}",
        subject=f"{left} left to mark for {rfp.number}, window {window.number}",
        body=(
            f"You have {left} left to mark for {rfp.number}, {rfp.title}, window {window.number}.{when}\n\n"
            "Sign in and open Scoring to continue. If you can’t finish in time, tell the chair of the panel, who can "
            "give you more time or hand your work over.\n"
        ),
        at=now,
    )


def _due_words(at: datetime, now: datetime, zone: str) -> str:
    verb = "were" if at < now else "are"
    return f"Your marks {verb} due {formats.deadline(at, zone)}."


def assigned(window: Window, counts: Mapping[int, int], *, event: int, at: datetime) -> None:
    """Each reviewer with new proposals hears how many; `counts`: seat id → proposals."""
    rfp = window.solicitation
    due = due_in([window]).get(window.pk, Due())
    seats = rfp.evaluators.filter(pk__in=[seat for seat, count in counts.items() if count])
    for seat in seats.select_related("user"):
        when = due.of(seat.pk)
        until = f" Your marks are due {formats.deadline(when, rfp.time_zone)}." if when else ""
        notices.post(
            [seat.user],
            key=f"assigned:{event}",
            subject=f"{count_of(counts[seat.pk], 'proposal')} to mark for {rfp.number}, window {window.number}",
            body=(
                f"You are now assigned to {count_of(counts[seat.pk], 'proposal')} of {rfp.number}, {rfp.title}, "
                f"window {window.number}.{until}\n\nSign in and open Scoring to begin.\n"
            ),
            at=at,
        )


def handed_over(handover: Handover, count: int, *, event: int, at: datetime) -> None:
    """Both hear of it: who gives work away, and who gets it."""
    window, rfp = handover.window, handover.window.solicitation
    until = f" until {formats.day(handover.until)}" if handover.until else ""
    proposals = count_of(count, "proposal")
    where = f"{rfp.number}, {rfp.title}, window {window.number}"
    both = [
        (handover.giver, f"{handover.deputy.user.name} now marks {proposals} for you{until}: {where}."),
        (handover.deputy, f"You now mark {proposals} for {handover.giver.user.name}{until}: {where}."),
    ]
    for seat, words in both:
        notices.post(
            [seat.user],
            key=f"handover:{event}",
            subject=f"Marks handed over for {rfp.number}",
            body=f"{words} Reason: {handover.reason}\n\nIf this is not right, tell the chair of the panel.\n",
            at=at,
        )
