"""What may not be in the product: named brands of sections 889 and 5949, and goods presumed made by forced labor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.compliance import Effect, Verdict, met, not_met, refer, rule
from portal.formats import count_of
from rfp.facts import BomLineFacts, ProposalFacts
from suppliers.screening.brands import contains_brand

MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class BrandParams:
    """The code of the statement about equipment on the company's own premises."""

    statement: str = "889"


@rule(
    "SC-5",
    title="Named brands",
    basis="Sections 889 (NDAA 2019) and 5949 (NDAA 2023)",
    params=BrandParams,
    legal_effect="They bind federal agencies and their contractors; here it is policy.",
)
def named_brands(facts: ProposalFacts, params: BrandParams, *, on: date) -> Sequence[Verdict]:
    """No part is of a brand that sections 889 and 5949 name; their use on the premises is looked at."""
    return [
        _supplied(facts).but(part="parts", title="Named brands in the product", effect=Effect.KNOCKOUT),
        _on_premises(facts, params).but(part="premises", title="Named brands on the premises"),
    ]


def _supplied(facts: ProposalFacts) -> Verdict:
    if facts.bom is None:
        return refer("There is no bill of materials to look through.", fix="Add the bill of materials.")
    found = [
        (line, brand) for line in facts.bom if (brand := contains_brand(f"{line.manufacturer} | {line.mpn}"))
    ]
    if not found:
        return met(f"None of {count_of(len(facts.bom), 'line')} names one.")
    named = "; ".join(
        f"line {line.line_no} {line.part}".strip() + f": {brand.code} (section {brand.section})"
        for line, brand in found[:MOST_NAMED]
    )
    more = f"; and {count_of(len(found) - MOST_NAMED, 'more line')}" if len(found) > MOST_NAMED else ""
    return not_met(f"{named}{more}.", fix="Use another maker.", numbers={"lines": len(found)})


def _on_premises(facts: ProposalFacts, params: BrandParams) -> Verdict:
    signed = next((each for each in facts.supplier.attestations if each.code == params.statement), None)
    if signed is None or signed.answer is None:
        return refer(
            "The statement about named equipment is not signed.", fix="Sign it in the company profile."
        )
    if signed.answer != signed.favourable:
        return refer("The company uses named equipment on its premises.", fix="Say where, and until when.")
    return met("The company states that it uses none.")


@dataclass(frozen=True, kw_only=True)
class ForcedLaborParams:
    """Words of the high-priority sectors of the UFLPA strategy; words of a file that traces the goods; places."""

    sectors: tuple[str, ...] = (
        "aluminum", "aluminium", "apparel", "batteries", "battery", "caustic soda", "copper", "cotton", "jujubes",
        "lithium", "polysilicon", "pvc", "polyvinyl", "seafood", "silica", "solar", "steel", "tomato",
    )  # fmt: skip
    evidence: tuple[str, ...] = ("traceability", "tracing", "uflpa", "chain of custody")
    places: tuple[str, ...] = (
        "xinjiang", "urumqi", "kashgar", "kashi", "hotan", "aksu", "korla", "karamay", "turpan", "hami", "shihezi",
        "xuar",
    )  # fmt: skip


@rule(
    "SC-6",
    title="Forced labor exposure",
    basis="Uyghur Forced Labor Prevention Act; FLETF strategy",
    params=ForcedLaborParams,
    legal_effect="An import presumption: it binds importers.",
)
def forced_labor(facts: ProposalFacts, params: ForcedLaborParams, *, on: date) -> Verdict:
    """Nothing is made in Xinjiang, and Chinese parts of a high-priority sector are traced."""
    for site in facts.supplier.sites:
        where = f"{site.name} {site.street} {site.city} {site.state}"
        if site.country == "CN" and _names(where, params.places):
            return not_met(f"The site {site.name or site.city} is in Xinjiang.", fix="Make it elsewhere.")
    if facts.bom is None:
        return refer("There is no bill of materials to look through.", fix="Add the bill of materials.")
    lines = [line for line in facts.bom if line.origin == "CN" and _names(_text(line), params.sectors)]
    if not lines:
        return met("No Chinese part is of a high-priority sector.")
    if any(_names(document.name, params.evidence) for document in facts.documents):
        return met(
            f"{count_of(len(lines), 'Chinese part')} of a high-priority sector; a tracing file is attached."
        )
    numbers = ", ".join(line.line_no for line in lines[:MOST_NAMED])
    return refer(
        f"Chinese parts of a high-priority sector: line {numbers}; no tracing file is attached.",
        fix="Attach a file that traces them to their raw material.",
        numbers={"lines": len(lines)},
    )


def _text(line: BomLineFacts) -> str:
    return f"{line.part} {line.manufacturer}"


def _names(text: str, words: Sequence[str]) -> bool:
    """Whether one of the words stands in the text as whole words."""
    plain = f" {' '.join(re.findall(r'[a-z0-9]+', text.casefold()))} "
    return any(f" {word} " in plain for word in words)
