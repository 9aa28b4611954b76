"""A name as its comparable tokens. Pure.

NFKC, invisible characters out, look-alike letters folded, other scripts transliterated (anyascii), lower
case, "&" to "and", apostrophes dropped, initials joined, legal forms stripped.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Indel

from suppliers.reference.legal_forms import FIRST_FORMS, JOINING, LAST_FORMS, PHRASES, SPELLED_OUT

# Cyrillic and Greek letters that look like Latin ones, for names that mix scripts to pass unseen.
_LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіІјЈѕЅԁԛԝҮһΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
    "ABEKMHOPCTYXaeopcyxiIjJsSdqwYhABEZHIKMNOPTYXaikvoptux",
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_INITIALS = re.compile(r"\b(?:[a-z0-9]\.\s?){2,}|\b(?:[a-z] ){2,}(?=[a-z]\b|$)")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_TOKEN = re.compile(r"[a-z0-9]+")
_PHRASES = re.compile(rf"\b({'|'.join(PHRASES)})\b")


@dataclass(frozen=True, slots=True)
class Name:
    """`tokens` in order, `ordered` the same without legal forms, sorted, `joined` without blanks."""

    raw: str
    tokens: tuple[str, ...]
    ordered: str
    joined: str


def normalize(raw: str) -> Name:
    """The comparable form of a name; tokens are empty when nothing readable is left."""
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    if _LATIN.search(text):
        text = text.translate(_LOOK_ALIKE)
    text = anyascii(_spaced(text)).lower().replace("&", " and ")
    text = _APOSTROPHES.sub("", text)
    text = _INITIALS.sub(_joined, text)
    words = _PHRASES.sub(
        lambda found: PHRASES[found[0]], " ".join(map(_spelled, _TOKEN.findall(text)))
    ).split()
    tokens = _without_legal_forms(words)
    # A form can stand anywhere once words are reordered, so the sorted view leaves it out everywhere.
    core = [token for token in tokens if token not in LAST_FORMS] or tokens
    return Name(raw=raw, tokens=tokens, ordered=" ".join(sorted(core)), joined="".join(tokens))


@lru_cache(maxsize=65536)
def _spelled(token: str) -> str:
    """A misspelled word of a legal form put right: "companny" and "limted" hide nothing."""
    for word in SPELLED_OUT:
        near = abs(len(token) - len(word)) <= 1 and Indel.normalized_similarity(token, word) >= 0.85
        if near and token != word:
            return word
    return token


def _spaced(text: str) -> str:
    """A blank between scripts, so that a transliterated word does not run into a Latin one."""
    return re.sub(
        r"(?<=[\u3040-\u9fff\uac00-\ud7af])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3040-\u9fff\uac00-\ud7af])",
        " ",
        text,
    )


def _joined(initials: re.Match[str]) -> str:
    return f"{re.sub(r'[. ]', '', initials[0])} "


def _without_legal_forms(tokens: list[str]) -> tuple[str, ...]:
    """The tokens without legal forms at either end; a name that is nothing else keeps them."""
    kept = [token for token in tokens if token != "the"] or tokens
    while len(kept) > 1 and (kept[-1] in LAST_FORMS or _dangling(kept)):
        kept = kept[:-1]
    if len(kept) > 1 and kept[0] in FIRST_FORMS:
        kept = kept[1:]
    return tuple(kept)


def _dangling(tokens: list[str]) -> bool:
    """A joining word left over before a stripped form, as in "de" of "S.A. de C.V."."""
    return len(tokens) > 2 and tokens[-1] in JOINING and tokens[-2] in LAST_FORMS
