"""Two people are two people: whether two accounts that act together can be taken for two independent persons.

Whoever can invite an account can own its mailbox too. So of two people who act together neither invited the other, and
neither got the account, its role or the seat on the panel within the last day, when others have had no time to notice.
Where that does not hold, a compliance officer whom neither of them invited countersigns, and the act is done again.

An action asks `demand` and is wrapped in `two_people`: what is refused is kept as a countersignature to sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction
from django.db.models import QuerySet

from portal.accounts import queries
from portal.accounts.models import Countersignature
from portal.kit.formats import count_of
from portal.letters import notices
from portal.people.models import Role, User
from portal.record import audit

SETTLING = timedelta(hours=24)
ASK = "Ask a compliance officer to countersign. It can’t be an officer either of you invited."
WHAT_TO_DO = f"{ASK} Nothing is lost. Try again after that."
NOBODY_CAN = " No one can do that yet. Your operator can name a compliance officer on the server."

P = ParamSpec("P")
T = TypeVar("T")


# ---- two accounts -----------------------------------------------------------------------------------------------


def objection(
    first: User, second: User, *, at: datetime, seats: Mapping[int, datetime] | None = None
) -> str | None:
    """Why these two cannot be taken for two independent people, in sentences for a page; None when they can.

    `seats`: user id → when that person got the seat or the chair on the panel, for acts of a panel. No query.
    """
    if first.pk == second.pk:
        return f"{first} can’t do both parts of this."
    found = [
        f"{invited} was invited by {host}."
        for invited, host in ((first, second), (second, first))
        if invited.invited_by_id == host.pk
    ]
    for person in (first, second):
        if at - person.seated_at < SETTLING:
            found.append(f"{person} got an account or a new role less than 24 hours ago.")
        elif seats and person.pk in seats and at - seats[person.pk] < SETTLING:
            found.append(f"{person} joined this panel or became its chair less than 24 hours ago.")
    return " ".join(found) or None


def officer_objection(officer: User, first: User, second: User, *, at: datetime) -> str | None:
    """Why this person cannot countersign for the two, in a sentence; None who can. No query.

    An officer named on the server's command line (`invited_by` is nobody) counts from the first minute.
    """
    if not officer.is_officer or not officer.is_active:
        return "Only a compliance officer can countersign."
    if officer.pk in (first.pk, second.pk):
        return "You are one of the two. A different compliance officer must countersign."
    for person in (first, second):
        if officer.invited_by_id == person.pk:
            return f"{person} invited you. A different compliance officer must countersign."
        if person.invited_by_id == officer.pk:
            return f"You invited {person}. A different compliance officer must countersign."
    if officer.invited_by_id is not None and at - officer.seated_at < SETTLING:
        return "You got your role less than 24 hours ago. Wait until 24 hours have passed to countersign."
    return None


# ---- acts that take two -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that takes two people. `words` follow "to": "open an envelope"; `route` is its page."""

    code: str
    words: str
    route: str


ACTS: dict[str, Act] = {}


def act(code: str, words: str, route: str) -> Act:
    """Declare an act that takes two people; see tests/whole/test_two_people.py, which holds each of them."""
    ACTS[code] = Act(code=code, words=words, route=route)
    return ACTS[code]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One pair that needs a countersignature, and for what."""

    act: Act
    about: str
    args: Sequence[Any]
    first: User
    second: User
    why: str
    subjects: tuple[str, ...]


class NotTwoPeople(Exception):
    """The second person is not known to be another one than the first. `two_people` turns it into the app's refusal."""

    def __init__(self, asks: Sequence[Ask], at: datetime) -> None:
        super().__init__(" ".join(dict.fromkeys(each.why for each in asks)))
        self.asks, self.at = asks, at


def demand(
    doing: Act,
    said: Collection[tuple[User, models.Model]],
    second: User,
    *,
    about: str,
    args: Sequence[Any],
    at: datetime,
    seats: Mapping[int, datetime] | None = None,
) -> None:
    """Let `second` complete what others began: (who, the row it is stored in). `about` names it for an officer:
    "Window 1, prices of L1"; `args` are those of the act's page.

    Raises NotTwoPeople where a pair has an objection and no officer countersigned for these rows. Call it with the rows
    locked.
    """
    begun: dict[int, tuple[User, list[str]]] = {}
    for first, row in said:
        begun.setdefault(first.pk, (first, []))[1].append(audit.subject_of(row))
    asks = []
    for first, subjects in begun.values():
        why = objection(first, second, at=at, seats=seats)
        if why is not None and not _is_countersigned(doing, first, second, subjects):
            asks.append(
                Ask(
                    act=doing,
                    about=about,
                    args=args,
                    first=first,
                    second=second,
                    why=why,
                    subjects=tuple(sorted(subjects)),
                )
            )
    if asks:
        raise NotTwoPeople(asks, at)
    settle((row for _first, row in said), at=at)


def settle(rows: Iterable[models.Model], *, at: datetime) -> None:
    """Nobody has to countersign for these rows any more: what they began is done, or will not be."""
    subjects = [audit.subject_of(row) for row in rows]
    if subjects:
        _waiting().filter(subjects__overlap=subjects).update(settled_at=at)


def _waiting() -> QuerySet[Countersignature]:
    return Countersignature.objects.filter(officer__isnull=True, settled_at__isnull=True)


def _is_countersigned(doing: Act, first: User, second: User, subjects: Iterable[str]) -> bool:
    signed = Countersignature.objects.filter(
        act=doing.code, first=first, second=second, officer__isnull=False
    ).values_list("subjects", flat=True)
    return set(subjects) <= {subject for each in signed for subject in each}


def two_people(refused: type[Exception]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Wraps the outermost verb of an act: NotTwoPeople is stored, with letters, after the verb's own transaction was
    rolled back, and goes on as the app's `refused`, which says why and what to do."""

    def wrap(verb: Callable[P, T]) -> Callable[P, T]:
        @wraps(verb)
        def inner(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return verb(*args, **kwargs)
            except NotTwoPeople as found:
                can = [_ask(each, at=found.at) for each in found.asks]
                raise refused(f"{found} {WHAT_TO_DO}{'' if all(can) else NOBODY_CAN}") from found

        return inner

    return wrap


def _ask(ask: Ask, *, at: datetime) -> bool:
    """Store what an officer has to sign, once, and write to who can. Whether anybody can."""
    officers = [
        officer
        for officer in User.objects.filter(role=Role.OFFICER, is_active=True)
        if officer_objection(officer, ask.first, ask.second, at=at) is None
    ]
    digest = hashlib.sha256("\n".join(ask.subjects).encode()).hexdigest()
    with transaction.atomic():
        row, is_new = Countersignature.objects.get_or_create(
            act=ask.act.code,
            first=ask.first,
            second=ask.second,
            digest=digest,
            defaults={
                "about": ask.about[:200],
                "subjects": list(ask.subjects),
                "args": list(ask.args),
                "why": ask.why,
                "asked_at": at,
            },
        )
        if not is_new and row.settled_at is None:
            return bool(officers)
        if not is_new:
            row.settled_at = None
            row.save(update_fields=["settled_at"])
        event = audit.record(
            "pair.asked",
            row,
            by=ask.second,
            at=at,
            act=ask.act.code,
            first=ask.first.pk,
            second=ask.second.pk,
        )
        _write_to_officers(ask, officers, event=event.seq, at=at)
        return bool(officers)


def _write_to_officers(ask: Ask, officers: Sequence[User], *, event: int, at: datetime) -> None:
    """To those who can countersign what to do; to everyone else who oversees that they were asked."""
    said = f"{ask.first} and {ask.second} want to {ask.act.words}: {ask.about}. {ask.why}\n\n"
    notices.post(
        officers,
        key=f"countersign:{event}",
        subject=f"Countersign: {ask.first} and {ask.second}",
        body=(
            f"{said}Make sure they’re two different people who act independently. "
            "Then go to Countersign, in the menu under your name.\n"
        ),
        at=at,
    )
    told = [each.pk for each in (*officers, ask.second)]
    notices.post(
        queries.overseers().exclude(pk__in=told),
        key=f"countersign:{event}",
        subject=f"Two accounts need a countersignature: {ask.first} and {ask.second}",
        body=f"{said}{count_of(len(officers), 'compliance officer')} can countersign.\n",
        at=at,
    )


# ---- on pages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Card:
    """A countersignature as a person sees it: what the two want to do, and why the person cannot sign, blank if
    they can."""

    row: Countersignature
    words: str
    stops: str

    @property
    def may_sign(self) -> bool:
        return self.row.officer_id is None and self.row.settled_at is None and not self.stops


def card(row: Countersignature, user: User, *, at: datetime) -> Card:
    """No query when the row's people came along."""
    known = ACTS.get(row.act)
    return Card(
        row=row,
        words=known.words if known else row.act,
        stops=officer_objection(user, row.first, row.second, at=at) or "",
    )


def cards_about(rows: Iterable[models.Model], user: User, *, at: datetime) -> list[Card]:
    """What waits for an officer about these rows, which first persons stored; no query without rows."""
    subjects = [audit.subject_of(row) for row in rows]
    if not subjects:
        return []
    waiting = _waiting().filter(subjects__overlap=subjects).select_related("first", "second")
    return [card(row, user, at=at) for row in waiting]


def cards_on(acts: Collection[Act], args: Sequence[Any], user: User, *, at: datetime) -> list[Card]:
    """What waits for an officer about these acts on the page with these `args`; one query."""
    waiting = _waiting().filter(act__in=[each.code for each in acts], args=list(args))
    return [card(row, user, at=at) for row in waiting.select_related("first", "second")]
