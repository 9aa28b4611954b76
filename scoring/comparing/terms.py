"""The constraints of a portfolio in the words of the evaluation file, and in words that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.kit import formats
from suppliers.reference.places import STATE_NAMES


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What somebody asks of a portfolio of one lot. `sources`: item code → suppliers at least; 1 covers it."""

    slots: int
    budget: Decimal | None = None
    sources: Mapping[str, int] = field(default_factory=dict)
    states: Sequence[str] = ()
    max_per_supplier: int | None = None
    pinned: Sequence[str] = ()
    excluded: Sequence[str] = ()

    def as_file(self, lot: str) -> dict[str, Any]:
        """`portfolio` of the evaluation file."""
        return {
            "slots": {lot: self.slots},
            "budget": None if self.budget is None else f"{self.budget:f}",
            "cover_categories": [code for code, least in self.sources.items() if least == 1],
            "min_sources": {code: least for code, least in self.sources.items() if least > 1},
            "cover_states": list(self.states),
            "max_per_supplier": self.max_per_supplier,
            "pinned": list(self.pinned),
            "excluded": list(self.excluded),
        }

    @classmethod
    def from_file(cls, stored: Mapping[str, Any], lot: str) -> Terms:
        """The same again, from what is stored."""
        covered = dict.fromkeys(stored["cover_categories"], 1)
        return cls(
            slots=stored["slots"][lot],
            budget=None if stored["budget"] is None else Decimal(stored["budget"]),
            sources=covered | stored["min_sources"],
            states=stored["cover_states"],
            max_per_supplier=stored["max_per_supplier"],
            pinned=stored["pinned"],
            excluded=stored["excluded"],
        )


def limit_in_words(name: str, terms: Terms, items: Mapping[str, str], names: Mapping[str, str]) -> str:
    """A constraint as the engine names it ("cover_categories:L1-A"), in words. `items`, `names`: how each is called."""
    kind, _, key = name.partition(":")
    if kind == "slots":
        return formats.count_of(terms.slots, "place")
    if kind == "budget":
        return f"Budget {formats.money_short(terms.budget)}"
    if kind == "cover_categories":
        return f"Cover {items.get(key, key)}"
    if kind == "min_sources":
        return f"At least {terms.sources.get(key, 0)} suppliers of {items.get(key, key)}"
    if kind == "cover_states":
        return f"A site in {STATE_NAMES.get(key, key)}"
    if kind == "max_per_supplier":
        return f"At most {formats.count_of(terms.max_per_supplier or 0, 'proposal')} per supplier"
    verb = "Pin" if kind == "pinned" else "Exclude"
    return f"{verb} {names.get(key, key)}"


def infeasible_in_words(
    limits: Sequence[str], terms: Terms, items: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """Which constraints can't hold together, in a sentence."""
    said = [limit_in_words(name, terms, items, names) for name in limits]
    said = [text[0].lower() + text[1:] if not text.startswith("A site") else text for text in said]
    if len(said) == 1:
        return f"No ranked proposal without a hold fits this constraint: {said[0]}."
    return f"These constraints can’t hold together: {formats.listed(said)}. Loosen one of them."
