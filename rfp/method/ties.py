"""The steps of a tie chain: what decides between equal totals. A criterion’s code is a step too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Step → what it prefers.
TIE_STEPS: Mapping[str, str] = {
    "technical": "the higher technical score",
    "price": "the lower price",
    "received_at": "the proposal received earlier",
    "draw": "a recorded draw",
}


def chain_words(chain: Iterable[str], titles: Mapping[str, str]) -> str:
    """The chain in a sentence. `titles`: criterion’s code → its title."""
    steps = [TIE_STEPS.get(step) or f"the higher mark for {titles.get(step, step)}" for step in chain]
    if not steps:
        return "Proposals with equal totals share a place."
    first, *rest = steps
    return f"Between equal totals, {', then '.join([first, *rest])} decides. If all are equal, they share a place."
