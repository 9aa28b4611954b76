"""Names that a reader may not see, taken out of text, pages, tables and files. Pure.

Names are compared word by word: whatever the capitals, the accents, the dots and commas between the words, or the legal
form at the end. What is found is replaced by what the supplier is called instead.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from anyascii import anyascii

from suppliers.reference.generic_words import GENERIC, WRITTEN_OUT
from suppliers.reference.legal_forms import LAST_FORMS

# A word, and the most that may stand between two words of one name: "Acme, Inc.", "Smith & Sons", "acme_works.pdf".
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"\s+|[\W_]{1,4}")
_JOINING = frozenset(("and", "und", "et", "y"))
# A name of one word is a name only where it is written like one, and is not a word like "Energy".
_SHORTEST_WORD, _SHORTEST_FIRST, _SHORTEST_JOINED, _LONGEST = 4, 5, 6, 12
# Scripts that write without blanks: a name there stands inside a longer run of letters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
# The dot of "Inc." that ends no sentence.
_SHORTENED = re.compile(r"\.(?!\s+[A-Z])")
_TAG = re.compile(r"(<[^>]*>)")
_SAID = re.compile(r'\b((?:aria-label|title|alt|placeholder|value|content|label|data-[a-z-]+)=")([^"]*)(")')
_END = ""

WITHHELD = "[name withheld]"


@lru_cache(maxsize=100_000)
def _key(word: str) -> str:
    """A word as it is compared: plain lower-case letters, abbreviations written out."""
    plain = word.lower()
    if not plain.isascii():
        plain = "".join(each for each in anyascii(word).lower() if each.isalnum())
    return WRITTEN_OUT.get(plain, plain)


def _words(name: str) -> list[str]:
    keys = (_key(found[0]) for found in _WORD.finditer(name))
    return [key for key in keys if key and key not in _JOINING]


def _spellings(name: str) -> Iterator[tuple[str, ...]]:
    """The ways in which a company's name is written: in whole, without its legal form, without words like "Works" at
    its end, by its first word alone, and in one word."""
    whole = _words(name)[:_LONGEST]
    core = _without(whole, LAST_FORMS)
    if len(whole) > 1:
        yield tuple(whole)
    if all(word in GENERIC or len(word) < 2 for word in core):
        return
    if len(core) > 1:
        yield tuple(core)
    short = _without(core, GENERIC)
    if 1 < len(short) < len(core):
        yield tuple(short)
    if len(core) > 1 and core[0] not in GENERIC and len(core[0]) >= _SHORTEST_FIRST:
        yield (core[0],)
    for joined in {"".join(core), "".join(short)}:
        if len(joined) >= (_SHORTEST_JOINED if len(core) > 1 else _SHORTEST_WORD):
            yield (joined,)


def _without(words: list[str], endings: frozenset[str]) -> list[str]:
    kept = list(words)
    while len(kept) > 1 and kept[-1] in endings:
        kept.pop()
    return kept


class Withheld:
    """Names with what stands in their place. Immutable once built; shared between requests."""

    def __init__(
        self,
        names: Iterable[tuple[str, str]],
        *,
        exact: Iterable[tuple[str, str]] = (),
        places: Iterable[str] = (),
    ) -> None:
        """`names`: a company's name and its replacement; `exact`: a person's name, or a number like a UEI; `places`:
        words that name no company by themselves, as "Toledo" in "Toledo Steel"."""
        towns = {word for place in places for word in _words(place)}
        self._root: dict[str, Any] = {}
        self._solid: dict[str, str] = {}
        self._unspaced: dict[str, str] = {}
        for name, shown in names:
            if _UNSPACED.search(name):
                self._unspaced.setdefault(name.strip(), shown)
            first = tuple(_words(name)[:1])
            for spelling in _spellings(name):
                if spelling == first and first[0] in towns:
                    continue
                self._add(spelling, shown, as_name=spelling == first)
                if spelling != first and len("".join(spelling)) >= _SHORTEST_JOINED:
                    self._solid.setdefault("".join(spelling), shown)
        for name, shown in exact:
            if len("".join(words := _words(name))) >= _SHORTEST_WORD:
                self._add(tuple(words), shown)

    def _add(self, words: tuple[str, ...], shown: str, *, as_name: bool = False) -> None:
        """`as_name`: the one word is an ordinary one where it is not written with a capital."""
        node = self._root
        for word in words:
            node = node.setdefault(word, {})
        node.setdefault(_END, (shown, as_name))

    def text(self, text: str) -> str:
        """The text without the names."""
        for name, shown in self._unspaced.items():
            if name in text:
                text = text.replace(name, shown)
        found = list(_WORD.finditer(text))
        keys = [_key(each[0]) for each in found]
        parts, at, here = [], 0, 0
        while here < len(found):
            if keys[here] in self._root and (hit := self._longest(text, found, keys, here)):
                last, shown = hit
                parts += [text[at : found[here].start()], shown]
                at, here = found[last].end(), last
                if keys[last] in LAST_FORMS and _SHORTENED.match(text, at):
                    at += 1
            here += 1
        return "".join([*parts, text[at:]]) if parts else text

    def _longest(
        self, text: str, found: list[re.Match[str]], keys: list[str], first: int
    ) -> tuple[int, str] | None:
        """(index of the last word, what stands there) of the longest name that begins at this word; None for none."""
        node, best = self._root, None
        for here in range(first, len(found)):
            if here > first and not _is_gap(text, found, here):
                break
            if here > first and keys[here] in _JOINING and keys[here] not in node:
                continue
            if keys[here] not in node:
                break
            node = node[keys[here]]
            if _END in node:
                shown, as_name = node[_END]
                if not (as_name and found[here][0].islower()):
                    best = (here, shown)
        if best is None:
            return None
        last, shown = best
        while last + 1 < len(found) and _is_form(text, found, keys, last + 1):
            last += 1
        return last, shown

    def html(self, markup: str) -> str:
        """A page or a piece of it: text and what is read aloud, never addresses, classes or ids."""
        return "".join(
            _SAID.sub(self._attribute, piece) if piece.startswith("<") else self._piece(piece)
            for piece in _TAG.split(markup)
        )

    def _attribute(self, found: re.Match[str]) -> str:
        return found[1] + self._piece(found[2]) + found[3]

    def _piece(self, escaped: str) -> str:
        if not escaped.strip():
            return escaped
        plain = html.unescape(escaped)
        shown = self.text(plain)
        return escaped if shown == plain else html.escape(shown)

    def data(self, value: Any) -> Any:
        """The same in whatever JSON can hold; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(each) for key, each in value.items()}
        return [self.data(each) for each in value] if isinstance(value, list | tuple) else value

    def workbook(self, content: bytes) -> bytes:
        """The same in an XLSX file."""
        target = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as source,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            for each in source.infolist():
                body = source.read(each)
                if each.filename.endswith(".xml"):
                    body = self.html(body.decode()).encode()
                out.writestr(each, body)
        return target.getvalue()

    def is_named_in(self, text: str) -> bool:
        """Whether the text has any of the names: also where a file's words run together, or its letters stand apart."""
        if self.text(text) != text:
            return True
        letters = "".join(each for each in anyascii(text).lower() if each.isalnum())
        return any(solid in letters for solid in self._solid)


def _is_gap(text: str, found: list[re.Match[str]], here: int) -> bool:
    """Whether this word may follow the one before it in a name."""
    return bool(_GAP.fullmatch(text, found[here - 1].end(), found[here].start()))


def _is_form(text: str, found: list[re.Match[str]], keys: list[str], here: int) -> bool:
    """Whether this word is a legal form that belongs to the name before it: "Acme" in "Acme, LLC"."""
    return keys[here] in LAST_FORMS and found[here][0][0].isupper() and _is_gap(text, found, here)
