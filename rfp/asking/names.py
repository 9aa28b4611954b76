"""What in a text could tell who wrote it: names, addresses, amounts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from suppliers.matching.names import normalize
from suppliers.reference.generic_words import GENERIC

_AMOUNT = re.compile(r"[$€£¥]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:USD|EUR|dollars)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b|\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)\+?\d[\d ()./-]{8,}\d(?!\d)")
LEAST = 4  # letters of a word that names somebody


def telling(text: str, names: Iterable[str]) -> list[str]:
    """The passages that could tell who asked, in the order of the text, each once.

    `names`: what the asker is called: company, trade names, sites, people. A name counts as a whole, without its
    legal form, and by each of its words that few companies share.
    """
    found: list[str] = []
    end = 0
    for match in sorted(_passages(text, set(_needles(names))), key=lambda each: (each.start(), -each.end())):
        # A name inside a passage that is named already, as in an address, is not named again.
        if match.start() >= end:
            found.append(match.group())
            end = match.end()
    return list(dict.fromkeys(found))


def amounts(text: str) -> list[str]:
    """Sums of money in a text, in order."""
    return [match.group().strip() for match in _AMOUNT.finditer(text)]


def _passages(text: str, needles: set[str]) -> Iterator[re.Match[str]]:
    for pattern in (_ADDRESS, _PHONE, _AMOUNT):
        yield from pattern.finditer(text)
    for needle in needles:
        yield from re.finditer(rf"(?<!\w){re.escape(needle)}(?!\w)", text, re.IGNORECASE)


def _needles(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        words = re.findall(r"[\w'’-]+", name)
        if len(" ".join(words)) >= LEAST:
            yield name.strip()
        tokens = set(normalize(name).tokens)
        for word in words:
            folded = word.casefold()
            if len(word) >= LEAST and folded in tokens and folded not in GENERIC:
                yield word
