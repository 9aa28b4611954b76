"""The columns of a list: what its head says, what it sorts by, and what files hold of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class File:
    """One column of the CSV and XLSX: its head, and what a row holds there. Numbers stay numbers."""

    head: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """`head` is blank for what only files hold; `hidden` says it to screen readers alone.

    `sort`: the field the column sorts by, blank where it doesn't; `key`: the word for it in the address.
    """

    head: str = ""
    key: str = ""
    sort: str = ""
    css: str = ""
    first: str = "ascending"
    hidden: bool = False
    files: tuple[File, ...] = ()
