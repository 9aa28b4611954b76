"""What may not be in the product: named brands of sections 889 and 5949, and goods presumed made by forced labor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from portal.kit.compliance import Effect, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of
from portal.kit.parameters import setting
from rfp.facts import BomLineFacts, DocumentFacts, ProposalFacts
from suppliers.matching.brands import Brand, contains_brand
from suppliers.matching.names import readable_words

MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class BrandParams:
    """The code of the statement about equipment on the company’s premises."""

    statement: str = setting("889", "Code of the statement about equipment on the premises")


@rule(
    "SC-5",
    title="Named brands",
    basis="Sections 889 (NDAA 2019) and 5949 (NDAA 2023)",
    params=BrandParams,
    legal_effect="They bind federal agencies and their contractors. Here they are policy.",
    numbers=("lines",),
)
def named_brands(facts: ProposalFacts, params: BrandParams, *, on: date) -> Sequence[Verdict]:
    """No part is from a brand named in sections 889 and 5949. A person reviews any use on the premises."""
    return [
        _supplied(facts).but(part="parts", title="Named brands in the product", effect=Effect.KNOCKOUT),
        _on_premises(facts, params).but(part="premises", title="Named brands on the premises"),
    ]


def _no_lines(facts: ProposalFacts) -> Verdict:
    if not facts.bom_is_asked:
        return not_applicable("This RFP doesn’t ask for a bill of materials.")
    return refer("There is no bill of materials to check.", fix="Add the bill of materials.")


def _supplied(facts: ProposalFacts) -> Verdict:
    if not facts.bom:
        return _no_lines(facts)
    found = [(line, brand) for line in facts.bom if (brand := _brand_of(line))]
    if found:
        named = "; ".join(
            f"line {line.line_no} {line.part}".strip() + f": {brand.code} (section {brand.section})"
            for line, brand in found[:MOST_NAMED]
        )
        more = f"; and {count_of(len(found) - MOST_NAMED, 'more line')}" if len(found) > MOST_NAMED else ""
        return not_met(f"{named}{more}.", fix="Use a different manufacturer.", numbers={"lines": len(found)})
    nameless = [
        line
        for line in facts.bom
        if line.make_or_buy != "make" and not f"{line.manufacturer}{line.mpn}".strip()
    ]
    if nameless:
        return refer(
            f"{count_of(len(nameless), 'bought line')} without a manufacturer and part number: {_numbers(nameless)}.",
            fix="Enter the manufacturer and part number.",
            numbers={"lines": len(nameless)},
        )
    return met(f"None of {count_of(len(facts.bom), 'line')} is from a named brand.")


def _brand_of(line: BomLineFacts) -> Brand | None:
    """Looked for in each alone: a maker's last word and a part number's first are no name together."""
    return _brand_in(line.manufacturer) or contains_brand(line.mpn)


@lru_cache(maxsize=4096)
def _brand_in(maker: str) -> Brand | None:
    """A bill names the same makers again and again."""
    return contains_brand(maker)


def _numbers(lines: Sequence[BomLineFacts]) -> str:
    shown = ", ".join(line.line_no for line in lines[:MOST_NAMED])
    return f"{shown} and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else shown


def _on_premises(facts: ProposalFacts, params: BrandParams) -> Verdict:
    signed = next((each for each in facts.supplier.attestations if each.code == params.statement), None)
    if signed is None or signed.answer is None:
        return refer(
            "The statement about named equipment is not signed.", fix="Sign it in the company profile."
        )
    if signed.answer != signed.favourable:
        return refer(
            "The company uses named equipment on its premises.",
            fix="Tell us where and until when you use it.",
        )
    if signed.text_version != signed.current_version:
        return refer(
            "The statement about named equipment uses old wording.",
            fix="Sign the current wording.",
        )
    return met("The company states that it uses no named equipment.")


@dataclass(frozen=True, kw_only=True)
class ForcedLaborParams:
    """Words for high-priority sectors in the UFLPA strategy, words for a file that traces the goods, and places."""

    sectors: tuple[str, ...] = setting((
        "aluminum", "aluminium", "apparel", "batteries", "battery", "caustic soda", "copper", "cotton", "jujubes",
        "lithium", "polysilicon", "pvc", "polyvinyl", "seafood", "silica", "solar", "steel", "tomato",
    ), "Words for high-priority sectors")  # fmt: skip
    evidence: tuple[str, ...] = setting(
        ("traceability", "tracing", "uflpa", "chain of custody"), "Words for a file that traces the goods"
    )
    places: tuple[str, ...] = setting((
        "xinjiang", "sinkiang", "xuar", "urumqi", "wulumuqi", "kashgar", "kashi", "hotan", "hetian", "aksu", "akesu",
        "korla", "kuerle", "karamay", "kelamayi", "turpan", "tulufan", "hami", "kumul", "shihezi", "changji", "yining",
        "ghulja", "tacheng", "altay", "aral", "tumxuk", "wujiaqu", "新疆", "乌鲁木齐", "烏魯木齊",
    ), "Places in Xinjiang")  # fmt: skip


@rule(
    "SC-6",
    title="Forced labor exposure",
    basis="Uyghur Forced Labor Prevention Act; FLETF strategy",
    params=ForcedLaborParams,
    legal_effect="An import presumption. It binds importers.",
    numbers=("lines",),
)
def forced_labor(facts: ProposalFacts, params: ForcedLaborParams, *, on: date) -> Verdict:
    """Nothing is made in Xinjiang, and Chinese parts in a high-priority sector are traced."""
    for site in facts.supplier.sites:
        where = f"{site.name} {site.street} {site.city} {site.state}"
        if site.country == "CN" and _names(where, params.places):
            return not_met(
                f"The site {site.name or site.city} is in Xinjiang.",
                fix="Move production to a different site.",
            )
    if not facts.bom:
        return _no_lines(facts)
    lines = [line for line in facts.bom if line.origin in ("CN", "") and _names(_text(line), params.sectors)]
    if not lines:
        return met("No Chinese parts in a high-priority sector.")
    if any(_traces(document, params) for document in facts.documents):
        return met(
            f"{count_of(len(lines), 'part')} in a high-priority sector from China or of unknown origin. A "
            "tracing file is attached."
        )
    chinese = [line for line in lines if line.origin]
    if not chinese:
        return refer(
            f"Parts in a high-priority sector with no origin: line {_numbers(lines)}.",
            fix="Enter their countries of origin.",
            numbers={"lines": len(lines)},
        )
    return refer(
        f"Chinese parts in a high-priority sector: line {_numbers(chinese)}. No tracing file is attached.",
        fix="Attach a file that traces them to their raw materials.",
        numbers={"lines": len(chinese)},
    )


def _traces(document: DocumentFacts, params: ForcedLaborParams) -> bool:
    """A file that says in its name that it traces the goods; one that does not open shows nothing."""
    return document.opens is not False and not document.encrypted and _names(document.name, params.evidence)


def _text(line: BomLineFacts) -> str:
    return f"{line.part} {line.manufacturer}"


def _names(text: str, words: Sequence[str]) -> bool:
    """Whether one of the words stands in the text as whole words; Chinese, written without blanks, anywhere."""
    plain = f" {' '.join(readable_words(text))} "
    return any(f" {word} " in plain if word.isascii() else word in text for word in words)
