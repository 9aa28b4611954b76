"""Proposal numbers that tell nothing: not how many there are, nor which came first. Pure."""

from __future__ import annotations

import hashlib
from uuid import UUID

# No vowels and nothing that looks like something else, so that a number spells no word and is read out right.
LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 5


def number_of(key: UUID) -> str:
    """ "P-K7M2Q" for a random key: one of 17 million, and the key cannot be found from it."""
    left = int.from_bytes(hashlib.sha256(key.bytes).digest())
    digits = []
    for _ in range(LENGTH):
        left, digit = divmod(left, len(LETTERS))
        digits.append(LETTERS[digit])
    return f"P-{''.join(digits)}"
