"""Screening against lists: what officers read, and the one neutral sentence that everybody else reads.

Hits are computed before and arrive as facts. What a supplier reads is the same with and without a hit, so
that the portal cannot be asked who is listed; a name alone never excludes anyone.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.kit.compliance import Audience, Effect, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of
from portal.kit.parameters import setting
from suppliers.facts import HitFacts, ScreeningFacts
from suppliers.lists.sources import ListEffect, code_of, codes_that, source_of


def stale_setting() -> Any:
    """The age at which a list says nothing any more; every rule that reads lists has one of its own."""
    return setting(30, "Days until a list is too old", least=1, most=365)


@dataclass(frozen=True, kw_only=True)
class FreshnessParams:
    """Age of a list, in days."""

    fresh: int = setting(7, "Days a list counts as current", most=365, up_to="stale")
    stale: int = stale_setting()


@dataclass(frozen=True, kw_only=True)
class ListParams:
    """Lists by code or source. A confirmed match on the SDN list excludes by law, on the others by policy. “custom”
    means every custom list, regardless of its name.
    """

    excluding: tuple[str, ...] = setting(
        codes_that(ListEffect.EXCLUDES),
        "Lists where a confirmed match excludes a supplier",
    )
    export_flags: tuple[str, ...] = setting(
        codes_that(ListEffect.FLAGS_EXPORTS), "Lists that restrict exports, not purchases"
    )
    stale: int = stale_setting()

    def excludes(self, hit: HitFacts) -> bool:
        return _is_on(hit, self.excluding)

    def flags_exports(self, hit: HitFacts) -> bool:
        return _is_on(hit, self.export_flags)


def _is_on(hit: HitFacts, lists: Collection[str]) -> bool:
    """Whether the hit is on one of these lists, given by code or by source."""
    names = {hit.source, source_of(hit.source).code, code_of(hit.source, hit.list_code)}
    return not names.isdisjoint(lists)


def unscreened(facts: ScreeningFacts, stale: int, on: date) -> str:
    """Why nothing can be said, or blank: no list, no name, or a list too old to rely on."""
    if not facts.lists:
        return "Not screened: no list is loaded."
    if not facts.screened:
        return "Not screened: no name on file."
    if any((on - loaded.as_of).days > stale for loaded in facts.lists):
        return f"Not screened: a list is more than {stale} days old."
    return ""


def _open(facts: ScreeningFacts) -> list[HitFacts]:
    return [hit for hit in facts.hits if hit.is_open and hit.wants_a_person]


def _sentence(hit: HitFacts) -> str:
    likeness = "the same as" if hit.band == "exact" else f"{hit.score:.2f} similar to"
    explained = f" ({hit.why})" if hit.why else ""
    source = hit.source.upper()
    listing = f"{source} ({hit.list_code})" if hit.list_code not in ("", source) else source
    unlisted = "" if hit.is_listed else " It is no longer on the active list."
    return (
        f"“{hit.name}” ({hit.role.replace('_', ' ')}) is {likeness} “{hit.matched_name}”{explained}, "
        f"{listing} record {hit.record}, {hit.programme or 'no program named'}.{unlisted}"
    )


@rule(
    "SC-1",
    title="Screening: names",
    basis="31 CFR chapter V; screening lists as loaded",
    audience=Audience.CHAIR,
    params=FreshnessParams,
    legal_effect="OFAC blocking binds U.S. persons. A similar name alone is not a match.",
    waivable=False,
    numbers=("names", "hits", "highest"),
)
def names(facts: ScreeningFacts, params: FreshnessParams, *, on: date) -> Sequence[Verdict]:
    """No screened name is similar to a listed name. A similar name puts the supplier on hold until an officer decides.
    A company with a legal name in a non-Latin script must also provide an English legal name.
    """
    # The same words for every supplier at every time: neither a hit nor its absence shows.
    notice = not_applicable(
        "We screen all suppliers’ names. You’ll get the result with the decision.",
        part="notice",
    ).but(title="Screening", audience=Audience.SUPPLIER)
    return [notice, *_script(facts.legal_name), _names_verdict(facts, params, on)]


def _script(legal_name: str) -> list[Verdict]:
    """What the supplier reads when its legal name has letters, but no Latin one: lists are written in those."""
    letters = [letter for letter in unicodedata.normalize("NFKC", legal_name) if letter.isalpha()]
    if not letters or any(unicodedata.name(letter, "").startswith("LATIN") for letter in letters):
        return []
    verdict = refer(
        f"The legal name “{legal_name}” has no Latin letters. We compare the lists with the English name.",
        part="script",
        fix="Enter the English legal name, and move this one to “Name in original script”.",
    )
    return [verdict.but(title="English legal name", audience=Audience.SUPPLIER)]


def _names_verdict(facts: ScreeningFacts, params: FreshnessParams, on: date) -> Verdict:
    hits = _open(facts)
    if not hits:
        if problem := unscreened(facts, params.stale, on):
            return refer(problem, fix="Load the current lists.")
        return met(
            f"{len(facts.screened)} names screened. No open alerts.",
            numbers={"names": len(facts.screened), "hits": 0},
        )
    return refer(
        " ".join(_sentence(hit) for hit in hits),
        fix="Decide each alert: true match or false positive, with a reason.",
        numbers={
            "names": len(facts.screened),
            "hits": len(hits),
            "highest": max(hit.score for hit in hits),
        },
    )


@rule(
    "SC-2",
    title="Screening: effect of the lists",
    basis="31 CFR chapter V; policy for lists other than OFAC",
    effect=Effect.KNOCKOUT,
    audience=Audience.CHAIR,
    params=ListParams,
    legal_effect="OFAC blocking binds U.S. persons. The other lists are policy here.",
    waivable=False,
    numbers=("confirmed", "hits"),
)
def list_effects(facts: ScreeningFacts, params: ListParams, *, on: date) -> Verdict:
    """A confirmed match on an excluding list excludes. An open alert, or a match on another list, puts the supplier on
    hold. A confirmed match stays until officers end it. An undecided listing that has already ended is only noted.
    """
    shared = [hit for hit in facts.hits if hit.identifier and hit.is_open]
    ended = [hit for hit in shared if not hit.is_in_force(on)]
    confirmed = [
        hit
        for hit in facts.hits
        if hit.disposition == "true_match" or (hit in shared and hit.is_in_force(on))
    ]
    excluding = [hit for hit in confirmed if params.excludes(hit)]
    if excluding:
        return not_met(
            "Confirmed: " + " ".join(_sentence(hit) for hit in excluding),
            numbers={"confirmed": len(excluding)},
        )
    if confirmed:
        flagged = any(params.flags_exports(hit) for hit in confirmed)
        kind = (
            "a list that restricts exports to a party"
            if flagged
            else "a list that does not exclude by itself"
        )
        return refer(f"Confirmed, on {kind}: " + " ".join(map(_sentence, confirmed)))
    if hits := _open(facts):
        return refer(f"On hold: {count_of(len(hits), 'open alert')}.", numbers={"hits": len(hits)})
    if problem := unscreened(facts, params.stale, on):
        return refer(problem, fix="Load the current lists.")
    if ended:
        return met("No current listing. Ended: " + " ".join(map(_sentence, ended)))
    return met("No confirmed matches and no open alerts.")


@rule(
    "SC-9",
    title="Screening: age of the lists",
    basis="Portal policy",
    audience=Audience.BUYER,
    params=FreshnessParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    waivable=False,
    numbers=("age_days",),
)
def freshness(facts: ScreeningFacts, params: FreshnessParams, *, on: date) -> Verdict:
    """All screening lists are at most seven days old."""
    if not facts.lists:
        return refer("Not screened: no list is loaded.", fix="Load the lists.")
    oldest = min(facts.lists, key=lambda loaded: loaded.as_of)
    age = max((on - oldest.as_of).days, 0)
    said = f"The oldest list ({oldest.source.upper()}) is {count_of(age, 'day')} old."
    if age <= params.fresh:
        return met(said, numbers={"age_days": age})
    if age <= params.stale:
        return refer(said, fix="Load the current lists.", numbers={"age_days": age})
    return refer(
        f"Not screened: {said[0].lower()}{said[1:]}", fix="Load the current lists.", numbers={"age_days": age}
    )
