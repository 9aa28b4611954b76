"""A recorded draw between proposals that are tied in every other way.

Nobody picks the order: it follows from a seed, and anyone can work it out again with a tool that computes SHA-256. Each
proposal gets the SHA-256 of "seed:number"; the lowest comes first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

STATEMENT = "onshore-draw/1"


def statement(**said: Any) -> str:
    """What is drawn and from what, in canonical JSON: the text that is signed."""
    return json.dumps({"draw": STATEMENT, **said}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def seed_of(signature: bytes) -> str:
    """The seed that a signature of the statement gives, in hex."""
    return hashlib.sha256(signature).hexdigest()


def number_of(seed: str, proposal: str) -> str:
    """The number that a proposal draws, in hex."""
    return hashlib.sha256(f"{seed}:{proposal}".encode()).hexdigest()


def order_of(seed: str, tied: Iterable[str]) -> list[str]:
    """The tied proposals in the order that the seed gives them, the first place first."""
    return sorted(tied, key=lambda proposal: number_of(seed, proposal))


def digest_of(tied: Iterable[str]) -> str:
    """What a tie is known by, whatever the order of its proposals."""
    return hashlib.sha256(",".join(sorted(tied)).encode()).hexdigest()


def positions_in(drawn: Iterable[Mapping[str, int]], tied: Iterable[str]) -> Mapping[str, int]:
    """Proposal → its place in the first draw that held everyone in the tie; empty where none did.

    A draw that held only some of them says nothing: a proposal that was not in it would lose unseen. The first counts,
    so that whoever makes a tie larger and smaller again gets no second draw.
    """
    members = list(tied)
    for positions in drawn:
        if all(each in positions for each in members):
            return {each: positions[each] for each in members}
    return {}
