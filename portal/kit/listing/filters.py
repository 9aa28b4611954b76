"""What a list can be narrowed to. What makes no sense in an address narrows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

Reader = Any  # who asks: a User
Narrows = Q | Callable[[Reader], Q] | None


@dataclass(frozen=True)
class Option:
    """One choice: the words for it, and which rows it leaves; None leaves all of them."""

    words: str
    where: Narrows = None


@dataclass(frozen=True)
class Search:
    """Words typed into a field: rows where one of the `lookups` holds them, or that `also` leaves."""

    label: str
    lookups: tuple[str, ...]
    also: Callable[[str], Q] | None = None
    name: str = "q"
    template: str = "components/lists/filter_words.html"
    default: str = ""

    def chosen(self, text: str) -> str:
        return text

    def where(self, text: str, reader: Reader) -> Q | None:
        if not text:
            return None
        held = reduce(or_, (Q(**{lookup: text}) for lookup in self.lookups))
        return held | self.also(text) if self.also else held

    def options(self) -> list[tuple[str, str]]:
        return []


@dataclass(frozen=True)
class Choice:
    """One of fixed choices, or of those that `listed` offers.

    `field`: the column that holds the chosen value, for choices without rows of their own; a value that isn't offered
    is asked for all the same, and finds what it finds. `blank`: what the blank value is called, if it is a choice.
    """

    name: str
    label: str
    fixed: Mapping[str, Option] | None = None
    listed: Callable[[], Iterable[tuple[Any, str]]] | None = None
    field: str = ""
    blank: str = ""
    default: str = ""
    template: str = "components/lists/filter_choice.html"

    def chosen(self, text: str) -> str:
        """What was asked for, or the default where it is no choice. What `listed` finds is not asked for it."""
        return text if self.fixed is None or text in self.fixed else self.default

    def where(self, text: str, reader: Reader) -> Q | None:
        if self.fixed is None:
            return Q(**{self.field: text}) if text else None
        found = self.fixed[text].where if text in self.fixed else None
        return found(reader) if callable(found) else found

    def options(self) -> list[tuple[str, str]]:
        if self.fixed is not None:
            return [(value, option.words) for value, option in self.fixed.items()]
        return [(str(value), words) for value, words in self.listed()] if self.listed else []
