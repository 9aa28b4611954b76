"""What the alert desk shows: our record beside the listed one, the evidence token by token, what came before."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from portal.kit.formats import day, number, percent
from suppliers import lists
from suppliers.company.profile_models import Owner
from suppliers.facts import OWN_NAMES
from suppliers.matching.priority import in_the_same_city
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.screening.models import Alert, Disposition, Hit, ListedParty

MOST = 12
BANDS = {"exact": "Same name", "strong": "Strong", "possible": "Possible", "logged": "Weak"}
# From which weight a word of a name says much or something about who it is.
MUCH, SOME = 0.75, 0.45
PERSON = ("individual", "person")


@dataclass(frozen=True)
class Agreement:
    """A state of `portal` status shapes and its word. Never good or bad: that is for a person to say."""

    state: str
    word: str


AGREES = Agreement("hit", "Agrees")
DIFFERS = Agreement("diff", "Differs")
UNKNOWN = Agreement("open", "Unknown")
NOT_COMPARED = Agreement("na", "Not compared")


@dataclass(frozen=True)
class Beside:
    """One line of the comparison."""

    title: str
    ours: Sequence[str]
    listed: Sequence[str]
    agreement: Agreement


@dataclass(frozen=True)
class Token:
    """A word of our name beside one of the listed name, "" where it stands alone."""

    ours: str
    listed: str
    rarity: str
    alike: Decimal | None


@dataclass(frozen=True)
class Past:
    """One entry of an alert's history: a match found, or what an officer said."""

    at: datetime
    title: str
    note: str
    words: str = ""


def list_title(source: str) -> str:
    """The list's full name, or the short one of a list of our own."""
    known = lists.SOURCES.get(source) if source != lists.CUSTOM else None
    return known.title if known else f"Custom list “{source}”"


def band_words(alert: Alert) -> str:
    return f"Shares {alert.identifier}" if alert.identifier else BANDS.get(alert.band, alert.band)


def state_words(alert: Alert) -> str:
    """Where an alert stands. A match stays confirmed when the lists in use no longer hold it."""
    if alert.is_current:
        return alert.get_state_display()
    return f"{alert.get_state_display()}, no longer listed" if alert.is_confirmed else "No longer listed"


def urgency(alert: Alert) -> str:
    """What moved the alert up or down in the queue, besides its likeness."""
    return ", ".join(alert.reasons)


def beside(alert: Alert) -> list[Beside]:
    """Our side and the list's, line by line. What is not given for this name is not taken from the company's."""
    owner = _owner_of(alert)
    return [
        _names(alert),
        _other_names(alert),
        _kind(alert, owner),
        _country(alert, owner),
        _addresses(alert),
        _identifiers(alert),
        _owners(alert, owner),
    ]


def _owner_of(alert: Alert) -> Owner | None:
    owners = alert.supplier.owners.all() if alert.role == "owner" else ()
    return next((each for each in owners if each.name == alert.name), None)


def _names(alert: Alert) -> Beside:
    if alert.identifier and alert.score == 1 and _plain(alert.name) != _plain(alert.matched_name):
        agreement = DIFFERS
    else:
        agreement = Agreement("hit", f"Agrees, {number(alert.score, 2)}")
    return Beside("Name", [alert.name], [alert.matched_name], agreement)


def _other_names(alert: Alert) -> Beside:
    supplier, party = alert.supplier, alert.party
    ours: list[str] = []
    if alert.role in OWN_NAMES:
        known = [supplier.legal_name, supplier.native_name, *supplier.dbas, *supplier.former_names]
        ours = [name for name in known if name and name != alert.name]
    theirs = [name for name in [party.name, *party.aliases] if name != alert.matched_name]
    weak = set(party.weak_aliases)
    shown = [f"{name} (weak)" if name in weak else name for name in theirs]
    both = {_plain(name) for name in ours} & {_plain(name) for name in theirs}
    agreement = AGREES if both else NOT_COMPARED if not ours or not theirs else DIFFERS
    return Beside("Other names", ours, _first(shown), agreement)


def _kind(alert: Alert, owner: Owner | None) -> Beside:
    ours, is_person = "Company", False
    if alert.role == "officer":
        title = next((each.title for each in alert.supplier.officers.all() if each.name == alert.name), "")
        ours, is_person = f"Person, {title}" if title else "Person", True
    elif owner is not None:
        ours, is_person = owner.get_kind_display(), owner.kind == Owner.Kind.PERSON
    elif alert.role == "site":
        ours = "Company site"
    elif alert.role == "bank":
        ours = "Company’s bank"
    elif alert.role == "manufacturer":
        ours = "Company, manufacturer of a BOM line"
    theirs = alert.party.kind
    agreement = UNKNOWN if not theirs else AGREES if (theirs in PERSON) is is_person else DIFFERS
    return Beside("Kind", [ours], [theirs.capitalize()] if theirs else [], agreement)


def _country(alert: Alert, owner: Owner | None) -> Beside:
    code = alert.supplier.country if alert.role in OWN_NAMES else owner.country if owner else ""
    if alert.role == "site":
        code = next((site.country for site in alert.supplier.sites.all() if site.name == alert.name), "")
    theirs = [COUNTRY_NAMES.get(each, each) for each in alert.party.countries]
    agreement = UNKNOWN if not code or not theirs else AGREES if code in alert.party.countries else DIFFERS
    return Beside("Country", [COUNTRY_NAMES.get(code, code)] if code else [], theirs, agreement)


def _addresses(alert: Alert) -> Beside:
    is_own = alert.role in OWN_NAMES
    sites = [
        site
        for site in alert.supplier.sites.all()
        if is_own or (alert.role == "site" and site.name == alert.name)
    ]
    ours = [", ".join(filter(None, (site.street, site.city, site.state, site.zip))) for site in sites]
    theirs = alert.party.addresses
    same = in_the_same_city([site.city for site in sites], theirs)
    agreement = UNKNOWN if not ours or not theirs else Agreement("hit", "Same city") if same else DIFFERS
    return Beside("Addresses", _first(ours), _first(theirs), agreement)


def _identifiers(alert: Alert) -> Beside:
    supplier = alert.supplier
    own: Mapping[str, str] = {}
    if alert.role in OWN_NAMES:
        own = {"UEI": supplier.uei, "CAGE": supplier.cage, "LEI": supplier.lei, "DUNS": supplier.duns}
    ours = [f"{scheme} {value}" for scheme, value in own.items() if value]
    if alert.role in OWN_NAMES and supplier.ein:
        ours.append(f"EIN {supplier.masked_ein}")
    pairs = [(scheme, value) for scheme, value in alert.party.identifiers]
    theirs = [f"{scheme} {hide_shared(alert, value)}" for scheme, value in pairs]
    if alert.identifier:
        agreement = AGREES
    elif any(own.get(scheme) not in (None, "", value) for scheme, value in pairs):
        agreement = DIFFERS
    else:
        agreement = UNKNOWN
    return Beside("Identifiers", ours, _first(theirs), agreement)


def hide_shared(alert: Alert, text: str) -> str:
    """The list's text without an employer number that is the supplier's too: nobody reads that in full."""
    ein = re.sub(r"\D", "", alert.supplier.ein or "")
    if len(ein) != 9:
        return text
    return re.sub(rf"{ein[:2]}[-\s]?{ein[2:]}", alert.supplier.masked_ein, text)


def _owners(alert: Alert, owner: Owner | None) -> Beside:
    if alert.role in OWN_NAMES:
        ours = [_share(each) for each in alert.supplier.owners.all()]
        names = {_plain(each.name) for each in alert.supplier.owners.all()}
    else:
        ours = [owner.parent] if owner and owner.parent else []
        names = {_plain(name) for name in ours}
    theirs = alert.party.parents
    both = names & {_plain(name) for name in theirs}
    agreement = AGREES if both else NOT_COMPARED if not ours or not theirs else DIFFERS
    return Beside("Owners and parents", _first(ours), _first(theirs), agreement)


def _share(owner: Owner) -> str:
    return owner.name if owner.pct_equity is None else f"{owner.name}, {percent(owner.pct_equity)}"


def _first(texts: Sequence[str]) -> list[str]:
    more = len(texts) - MOST
    return [*texts[:MOST], f"and {more} more"] if more > 0 else list(texts)


def _plain(text: str) -> str:
    """Letters and figures in small letters with single spaces; for telling whether two texts are the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def tokens(alert: Alert) -> list[Token]:
    """The evidence as it was stored when the match was found; empty for one by identifier alone."""
    hit = Hit.objects.filter(supplier=alert.supplier_id, party=alert.party_id, name=alert.name).first()
    stored = hit.why.get("tokens", ()) if hit is not None else ()
    return [
        Token(ours, theirs, _rarity(weight), Decimal(str(likeness)) if ours and theirs else None)
        for ours, theirs, likeness, weight in stored
    ]


def _rarity(weight: float) -> str:
    return "High" if weight >= MUCH else "Medium" if weight >= SOME else "Low"


def history(alert: Alert) -> list[Past]:
    """What was found in each load of the list and what officers said, the latest first."""
    hits = Hit.objects.filter(
        supplier=alert.supplier_id,
        name=alert.name,
        party__record_id=alert.record_id,
        party__snapshot__source=alert.source,
    ).select_related("party__snapshot")
    return sorted((*_found(hits), *_said(alert)), key=lambda past: past.at, reverse=True)


def _found(hits: QuerySet[Hit]) -> Iterable[Past]:
    before: ListedParty | None = None
    for hit in hits.order_by("id"):
        if before is None:
            title = "Found"
        elif before.fingerprint != hit.party.fingerprint:
            title = "The listed record changed"
        else:
            title = "Found again, record unchanged"
        before = hit.party
        of = f"list of {day(hit.party.snapshot.as_of)}, similarity {number(hit.score, 2)}"
        yield Past(hit.found_at, title, of)


def _said(alert: Alert) -> Iterable[Past]:
    for each in alert.dispositions.select_related("by").order_by("id"):
        changed = "; the record has changed since" if each.fingerprint != alert.fingerprint else ""
        words = (
            f"{each.get_code_display()}: {each.reason}"
            if each.code != Disposition.Code.OTHER
            else each.reason
        )
        yield Past(each.at, each.get_decision_display(), f"{each.by}{changed}", words)
