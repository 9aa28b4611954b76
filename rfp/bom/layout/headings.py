"""What the headings of a bill of materials mean, in the words of suppliers and their tools, in many languages. Pure.

A heading is first stripped of case, accents, punctuation, and currency. Then it either stands in `headings.txt`, or a
rule over its words fits. What a heading may mean is not decided here: `columns` looks at the cells too.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from rfp.bom.lines.money import currency_in_heading

# Words of which one alone says what a heading is about; the first rule that fits decides.
_COST = r"(price|cost|amount|value|preis|kosten|prix|cout|precio|coste|costo|prezzo|preco|custo|prijs)"
_PRICE = r"(price|cost|preis|prix|cout|precio|coste|costo|prezzo|preco|custo|prijs|cena|цена|単価|单价)"
_QTY = r"(qty|quantity|qnty)"
_NUMBER = r"(part|pn|p n|number|no|num|nr|ref|code|sku|id)"
_SELLER = r"(supplier|vendor|distributor|digi ?key|mouser|lcsc|jlcpcb|farnell|newark|arrow|tme)"
_MAKER = r"(manufacturers?|manuf|mfrs?|mfg|makers?|oem)"
_RULES: tuple[tuple[str, str], ...] = (
    ("unused", rf"{_SELLER}\b.*\b({_NUMBER}|stock|link|url|order)"),
    (
        "unused",
        r"\b(lifecycle|datasheet|footprint|url|link|lead ?time|moq|in stock|stock qty|min(imum)? order)\b",
    ),
    ("parent", r"^(parent|next higher)\b"),
    ("mpn", rf"\b{_MAKER}\b.*\b{_NUMBER}\b"),
    ("manufacturer", r"^(manufacturer|manuf|mfr|mfg|maker)\b"),
    ("us_manufactured", r"\b(us|usa|u s|united states|domestic)\b.*\b(made|manufactured|produced)\b"),
    ("us_manufactured", r"\bmade in (the )?(us|usa|u s)\b"),
    ("origin", r"\b(country|origin|coo|herkunft\w*|ursprung\w*|origen|origine|origem)\b"),
    ("qty_product", rf"\b(total|ext|extended)\b.*\b{_QTY}\b"),
    ("qty_product", rf"\b{_QTY}\b.*\b(total|product|unit|system|device|board|pcb)\b"),
    ("qty_assembly", rf"\b{_QTY}\b.*\b(assembly|assy|parent|subassembly|sub assembly|nha)\b"),
    ("unused", r"\b(ordered|available|required|minimum|min|build|stock) (qty|quantity)\b"),
    ("qty", rf"\b({_QTY}|menge|cantidad|quantite|quantita|quantidade|количество|数量)\b"),
    ("line_cost", rf"\b(ext|extended|total|line|sub ?total|gesamt\w*|totale?|totaal)\b.*\b{_COST}\b"),
    ("line_cost", rf"\b{_PRICE}\b.*\b(ext|extended|total|line|gesamt|totale)\b"),
    ("line_cost", r"\b(sub ?total|extended)\b"),
    ("inbound_freight", r"\b(freight|shipping)\b"),
    ("duty", r"\b(duty|duties|tariffs?)\b"),
    ("direct_labor", r"\b(labou?r)\b"),
    ("allocable_overhead", r"\b(overheads?)\b"),
    ("unit_cost", rf"\b{_PRICE}\b"),
    ("part_number", rf"\b(part|item|component|article|product|material|stock|drawing|dwg)\b.*\b{_NUMBER}\b"),
    ("designator", r"\bdesignators?\b|\bref ?des\b"),
    ("description", r"\b(description|desc|beschreibung|bezeichnung|descripcion|descrizione|descricao)\b"),
    ("name", r"\bname\b"),
    ("level", r"\blevel\b"),
    ("manufacturer", r"\b(manufacturer|hersteller|fabricante?)\b"),
    ("supplier", r"\b(supplier|vendor|distributor)\b"),
)
RULES = tuple((meaning, re.compile(pattern)) for meaning, pattern in _RULES)
_MONEY = re.compile(
    r"(?i)(us|ca|au|nz|hk|nt|mx|s|r|c|a)?[$€£¥₽₹]|元|円|руб|(?<![a-z])(usd|eur|gbp|jpy|cny|rmb|cad|chf|mxn|aud|krw|twd|"
    r"inr|sek|nok|dkk|pln|czk|huf|try|rub|brl|nzd|sgd|hkd|dollars?|euros?)(?![a-z])"
)
# How sure each way of knowing is; a smaller number goes first when two columns want one meaning.
SURE, BY_RULE, NUMBERED = 0, 1, 2
_MOST_LENGTH = 80


def plain(heading: str) -> str:
    """A heading without case, accents, punctuation, line breaks, and doubled blanks; "#" reads as "no"."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading[:_MOST_LENGTH].strip())
    if text in ("#", "№"):
        return "no"
    text = re.sub(r"\bN[°º]", "no ", text).replace("№", "no ").replace("#", " no ").replace("ß", "ss")
    folded = (
        unicodedata.normalize("NFKD", text).casefold().replace("ł", "l").replace("ı", "i").replace("ø", "o")
    )
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    composed = unicodedata.normalize("NFKC", bare)
    return " ".join(re.sub(r"[^\w]+|_+", " ", composed).split())


def _exact() -> dict[str, list[str]]:
    """Plain heading → its meanings, from the list beside this module."""
    found: dict[str, list[str]] = {}
    meaning = ""
    for line in (Path(__file__).parent / "headings.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            meaning = line.strip("[]")
        for phrase in [] if line.startswith(("[", "#")) else line.split(","):
            for form in {plain(phrase), plain(phrase).replace(" ", "")} - {""}:
                if meaning not in found.setdefault(form, []):
                    found[form].append(meaning)
    return found


EXACT = _exact()
WORDS = frozenset(word for phrase in EXACT for word in phrase.split() if len(word) > 2 or not word.isascii())


def is_known_word(word: str) -> bool:
    """Whether a word with letters beyond ASCII stands in a heading we know: proof that it was decoded right."""
    return not word.isascii() and plain(word) in WORDS


@lru_cache(maxsize=4096)
def meanings_of(heading: str) -> tuple[tuple[str, int], ...]:
    """(meaning, how sure: 0 is surest) of a heading, the likeliest first; empty when nobody knows it."""
    text = plain(heading)
    if not text:
        return ()
    if found := _known(text):
        return tuple((meaning, SURE) for meaning in found)
    without_money = _without_money(heading)
    if without_money != text and (found := _known(without_money)):
        return tuple((meaning, SURE) for meaning in _as_money(found))
    for shorter in (plain(re.sub(r"[\(\[（【].*?[\)\]）】]", " ", heading)), _last_part(heading)):
        if shorter and shorter != text and (found := _known(shorter)):
            return tuple((meaning, BY_RULE) for meaning in found)
    numbered = re.sub(r"\s*\d+$", "", text)
    if numbered != text and numbered and (found := _known(numbered)):
        return tuple((meaning, NUMBERED + _trailing(text)) for meaning in found)
    for meaning, pattern in RULES:
        if pattern.search(text):
            return ((meaning, BY_RULE + _trailing(text)),)
    # "Landed $": a currency in a heading that is otherwise unknown still says money.
    return (("unit_cost", NUMBERED + 1),) if currency_in_heading(heading) else ()


def _known(text: str) -> list[str]:
    return EXACT.get(text) or EXACT.get(text.replace(" ", "")) or []


def _trailing(text: str) -> int:
    """ "Manufacturer 2" comes after "Manufacturer 1"."""
    number = re.search(r"(\d{1,2})$", text)
    return int(number[1]) if number else 0


def _last_part(heading: str) -> str:
    """The last part of "BoM Lines/Component" or "Default/QTY."."""
    return plain(re.split(r"[/\\>]", heading)[-1])


def _without_money(heading: str) -> str:
    text = re.sub(r"(?i)\b(in|en|em)\s+(?=[$€£¥₽₹]|[a-z]{3}\b)", " ", heading)
    return plain(_MONEY.sub(" ", text))


def _as_money(found: list[str]) -> list[str]:
    """ "Valor USD" is a price, though "Valor" alone is the value of a component."""
    return [
        "unit_cost" if meaning in ("value", "part", "unit", "reference") else meaning for meaning in found
    ]
