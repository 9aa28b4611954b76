"""Screening a supplier: what its names are close to on the lists in use, and the alerts that officers decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from portal.kit import clock
from suppliers.facts import PROFILE_ROLES, ListFacts, ScreeningFacts, SupplierFacts
from suppliers.matching.priority import priority
from suppliers.screening import letters, queries
from suppliers.screening.lookup import (
    Found,
    Key,
    NameInRole,
    alerts_about,
    find,
    hit_of,
    hit_of_unlisted,
    names_of,
    parties_of,
    reasons_of,
)
from suppliers.screening.models import Alert, Disposition, Hit, ListedParty, Snapshot
from suppliers.signals import asks_which_makers

Alerts = dict[Key, Alert]


class _OtherLists(Exception):
    """Another list came into use while names were compared with the ones before."""


def screen(
    supplier_id: int, facts: SupplierFacts, *, extra: tuple[NameInRole, ...] = (), proposal: str = ""
) -> ScreeningFacts:
    """Screen the supplier's own names and `extra` (role, name) pairs; store new hits and raise their alerts.
    `proposal` is the number of the opened proposal that the makers among `extra` stand in: an alert tells officers
    what it is about, so nothing sealed is handed in here. See `compare`.

    The same names against the same snapshots, with the same decisions, give the same facts.
    """
    while True:
        known = alerts_about(supplier_id)
        names = names_of(facts, extra, known)
        snapshots = list(queries.active_snapshots())
        found = find(supplier_id, facts, names, snapshots, known)
        try:
            alerts = _raise(supplier_id, facts, found, screened=names, snapshots=snapshots, proposal=proposal)
        except _OtherLists:
            continue
        confirmed = _confirmed(alerts_about(supplier_id), names)
        return _screened(names, snapshots, found, alerts, confirmed)


def compare(
    supplier_id: int, facts: SupplierFacts, *, extra: tuple[NameInRole, ...] = (), at: datetime
) -> ScreeningFacts:
    """What `screen` would find, with what officers said of alerts that exist; stores and raises nothing.

    So a sealed proposal is assessed: no row, number or letter tells that it was, or what it names.
    """
    known = alerts_about(supplier_id)
    names = names_of(facts, extra, known)
    snapshots = list(queries.active_snapshots())
    found = find(supplier_id, facts, names, snapshots, known)
    plan = _plan(supplier_id, facts, found, _among(known, names, snapshots), at)
    return _screened(names, snapshots, found, plan.alerts, _confirmed(known, names))


def _screened(
    names: Mapping[str, Sequence[str]],
    snapshots: Sequence[Snapshot],
    found: Sequence[Found],
    alerts: Alerts,
    confirmed: Iterable[Alert],
) -> ScreeningFacts:
    hits = [
        ((each.snapshot.source, each.name, each.key), hit_of(each, alerts[each.key]))
        for each in found
        if each.wants_a_person
    ]
    listed = {key for (_, _, key), _ in hits}
    for alert in confirmed:
        if (key := _key(alert)) not in listed:
            hits.append(((alert.source, alert.name, key), hit_of_unlisted(alert)))
    return ScreeningFacts(
        screened=tuple(sorted(names)),
        lists=tuple(
            ListFacts(
                source=snapshot.source,
                snapshot=str(snapshot.pk),
                as_of=snapshot.as_of,
                parties=snapshot.parties_count,
            )
            for snapshot in snapshots
        ),
        hits=tuple(hit for _, hit in sorted(hits, key=lambda pair: pair[0])),
    )


def _confirmed(alerts: Iterable[Alert], names: Iterable[str]) -> list[Alert]:
    """Confirmed matches of the profile, and of what is screened now: only officers end them, no list does."""
    screened = {name[:400] for name in names}
    return [
        each for each in alerts if each.is_confirmed and (each.role in PROFILE_ROLES or each.name in screened)
    ]


def _among(alerts: Iterable[Alert], names: Iterable[str], snapshots: Sequence[Snapshot]) -> list[Alert]:
    """The same as `_alerts_of`, of alerts that were read already."""
    screened, sources = set(names), {each.source for each in snapshots}
    return [each for each in alerts if each.name in screened and each.source in sources]


def _key(alert: Alert) -> Key:
    return (alert.source, alert.record_id, alert.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What screening would do to a supplier's alerts: all of them as they would be, the new ones and those that
    change. `before` holds, for each alert that exists, its state and whether the lists held it.
    """

    alerts: Alerts
    new: Sequence[Alert]
    changed: Sequence[Alert]
    before: Mapping[Key, tuple[str, bool]]


def plan(supplier_id: int, facts: SupplierFacts, snapshots: Sequence[Snapshot]) -> Plan:
    """What screening the profile and the makers in opened proposals against these lists would do; nothing is stored.
    The very steps of `screen`, so that a preview and what follows it agree.
    """
    answers = asks_which_makers.send(sender=Alert, supplier_id=supplier_id)
    makers = [("manufacturer", name) for _, named in answers for name in named or ()]
    known = alerts_about(supplier_id)
    others = [(each.role, each.name) for each in known if each.role not in PROFILE_ROLES]
    names = names_of(facts, (*others, *makers), known)
    found = find(supplier_id, facts, names, snapshots, known)
    return _plan(supplier_id, facts, found, _among(known, names, snapshots), clock.wall_time())


def _plan(
    supplier_id: int,
    facts: SupplierFacts,
    found: Sequence[Found],
    known: Iterable[Alert],
    now: datetime,
) -> Plan:
    rows = parties_of(found)
    # Copies: what would become of them is not what they are.
    alerts = {_key(each): copy(each) for each in known}
    before = {key: (each.state, each.is_current) for key, each in alerts.items()}
    changed = _follow_all(alerts, facts, found, rows, now)
    new = {
        each.key: _alert(supplier_id, facts, each, rows[each.key], now)
        for each in found
        if each.wants_a_person and each.key not in alerts
    }
    return Plan(alerts={**alerts, **new}, new=list(new.values()), changed=changed, before=before)


def _alerts_of(supplier_id: int, names: Iterable[str], snapshots: Sequence[Snapshot]) -> QuerySet[Alert]:
    rows = Alert.objects.filter(
        supplier=supplier_id, name__in=list(names), source__in=[each.source for each in snapshots]
    )
    return rows.order_by("id")


def _raise(
    supplier_id: int,
    facts: SupplierFacts,
    found: Sequence[Found],
    *,
    screened: Iterable[str],
    snapshots: Sequence[Snapshot],
    proposal: str,
) -> Alerts:
    """Store the evidence of every hit; raise new alerts, open those whose record changed, lay by those that no
    longer match. Raises _OtherLists, and stores nothing, when these lists are no longer the ones in use.
    """
    now = clock.wall_time()
    rows = parties_of(found)
    with transaction.atomic():
        Hit.objects.bulk_create(
            [_evidence(supplier_id, each, rows[each.key], now) for each in found], ignore_conflicts=True
        )
        before = {
            _key(each): each.waits
            for each in _alerts_of(supplier_id, screened, snapshots).select_for_update()
        }
        new = [each for each in found if each.wants_a_person and each.key not in before]
        Alert.objects.bulk_create(
            [_alert(supplier_id, facts, each, rows[each.key], now) for each in new], ignore_conflicts=True
        )
        locked = _alerts_of(supplier_id, screened, snapshots).select_for_update()
        alerts = {_key(each): each for each in locked}
        # Asked behind the lock: an alert of a newer list is either not among these, or its list is in use by now.
        if list(queries.active_snapshots().values_list("pk", flat=True)) != [each.pk for each in snapshots]:
            raise _OtherLists
        changed = _follow_all(alerts, facts, found, rows, now)
        changed += _said_to_be_of(proposal, alerts, found, changed)
        Alert.objects.bulk_update(changed, _FOLLOWED)
        raised = [each for key, each in alerts.items() if each.waits and not before.get(key, False)]
        letters.at_once(supplier_id, raised, at=now)
    return alerts


def _follow_all(
    alerts: Alerts,
    facts: SupplierFacts,
    found: Sequence[Found],
    rows: Mapping[Key, ListedParty],
    now: datetime,
) -> list[Alert]:
    """Bring each alert to what the lists say; those that changed."""
    by_key = {each.key: each for each in found if each.wants_a_person}
    return [
        alert for key, alert in alerts.items() if _follow(alert, facts, by_key.get(key), rows.get(key), now)
    ]


def _said_to_be_of(
    proposal: str, alerts: Alerts, found: Sequence[Found], changed: Sequence[Alert]
) -> list[Alert]:
    """Note the proposal on the alerts about its makers; those that are not among `changed` already."""
    keys = {each.key for each in found if each.role not in PROFILE_ROLES} if proposal else set()
    mine = [each for key, each in alerts.items() if key in keys and proposal not in each.proposals]
    for alert in mine:
        alert.proposals = sorted((*alert.proposals, proposal))
    return [alert for alert in mine if alert not in changed]


_FOLLOWED = (
    "role",
    "party",
    "matched_name",
    "score",
    "band",
    "why",
    "identifier",
    "fingerprint",
    "priority",
    "reasons",
    "state",
    "is_current",
    "due_on",
    "proposals",
    "changed_at",
)


def _follow(
    alert: Alert, facts: SupplierFacts, found: Found | None, row: ListedParty | None, now: datetime
) -> bool:
    """Bring an alert to what the active lists say; whether anything of it changed."""
    if found is None or row is None:
        if not alert.is_current:
            return False
        alert.is_current, alert.changed_at = False, now
        return True
    # A maker in a bill of materials who is then told of in the profile is held like everybody in it.
    enters_profile = alert.role not in PROFILE_ROLES and found.role in PROFILE_ROLES
    is_same = alert.party_id == row.pk and alert.identifier == found.identifier
    if alert.is_current and is_same and not enters_profile:
        return False
    reads_otherwise = alert.fingerprint != row.fingerprint or alert.identifier != found.identifier
    if not alert.is_current or reads_otherwise:
        before = alert.state
        alert.state = _state_for(alert, found, row, reads_otherwise=reads_otherwise)
        if alert.state == Alert.State.OPEN and (before != alert.state or not alert.is_current):
            alert.due_on = due_on(found, now)
        alert.changed_at = now
    alert.role, alert.matched_name = found.role, found.match.matched_name[:400]
    alert.score, alert.band = found.match.score, found.match.band
    alert.why, alert.identifier = found.match.why, found.identifier
    alert.party, alert.fingerprint, alert.is_current = row, row.fingerprint, True
    moved_by = reasons_of(facts, found, row)
    alert.priority, alert.reasons = priority(found.match.score, moved_by), [each.words for each in moved_by]
    return True


def _state_for(alert: Alert, found: Found, row: ListedParty, *, reads_otherwise: bool) -> Alert.State:
    """Where an alert stands whose record changed, or is listed again.

    A confirmed match stays one: only two officers end it. What they ended while it was off the list is open again;
    what was decided about another text is looked at again.
    """
    if alert.is_confirmed:
        # Whoever proposed to end it read another text.
        return Alert.State.TRUE_MATCH if reads_otherwise else Alert.State(alert.state)
    if alert.state == Alert.State.ENDED and not alert.is_current:
        return Alert.State.OPEN
    if not reads_otherwise:
        return Alert.State(alert.state)
    return _said_of(alert, row) if alert.identifier == found.identifier else Alert.State.OPEN


def _said_of(alert: Alert, row: ListedParty) -> Alert.State:
    """Where officers left an alert with this very text, when it was the last that any of them said; else open.

    So a rollback brings their decisions back, and a later word about another text is not passed over.
    """
    said = list(alert.dispositions.order_by("id"))
    if not said or said[-1].fingerprint != row.fingerprint:
        return Alert.State.OPEN
    if said[-1].decision == Disposition.Decision.TRUE_MATCH:
        return Alert.State.TRUE_MATCH
    if said[-1].decision == Disposition.Decision.ESCALATE:
        return Alert.State.ESCALATED
    if said[-1].decision == Disposition.Decision.END:
        return Alert.State.ENDED
    seconded = (
        len(said) > 1
        and (said[-2].decision, said[-2].fingerprint) == (said[-1].decision, row.fingerprint)
        and said[-2].by_id != said[-1].by_id
    )
    return Alert.State.FALSE_POSITIVE if seconded or not alert.needs_two else Alert.State.CLEARING


# Days until an alert is to be decided: a strong hit soon.
STRONG_DAYS, OTHER_DAYS = 2, 10


def due_on(found: Found, now: datetime) -> date:
    """The day to have a hit decided by."""
    is_strong = found.match.band in ("exact", "strong") or bool(found.identifier)
    return now.date() + timedelta(days=STRONG_DAYS if is_strong else OTHER_DAYS)


def _evidence(supplier_id: int, found: Found, row: ListedParty, now: datetime) -> Hit:
    return Hit(
        supplier_id=supplier_id,
        party=row,
        role=found.role,
        name=found.name[:400],
        matched_name=found.match.matched_name[:400],
        score=found.match.score,
        band=found.match.band,
        why={
            "pairs": found.match.why,
            "tokens": [
                [each.ours, each.listed, round(each.likeness, 2), round(each.weight, 2)]
                for each in found.match.pairs
            ],
        },
        found_at=now,
    )


def _alert(supplier_id: int, facts: SupplierFacts, found: Found, row: ListedParty, now: datetime) -> Alert:
    moved_by = reasons_of(facts, found, row)
    return Alert(
        supplier_id=supplier_id,
        source=found.snapshot.source,
        record_id=row.record_id,
        name=found.name[:400],
        role=found.role,
        party=row,
        matched_name=found.match.matched_name[:400],
        score=found.match.score,
        band=found.match.band,
        why=found.match.why,
        identifier=found.identifier,
        fingerprint=row.fingerprint,
        priority=priority(found.match.score, moved_by),
        reasons=[each.words for each in moved_by],
        due_on=due_on(found, now),
        raised_at=now,
        changed_at=now,
    )
