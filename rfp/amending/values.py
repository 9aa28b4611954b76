"""Values of changes as JSON keeps them, and what differs in words."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

Says = list[dict[str, str]]


def with_values(row: Any, values: dict[str, Any]) -> Any:
    """A copy of the row that has these values, read from JSON. Nothing is stored."""
    changed = copy(row)
    for name, value in values.items():
        setattr(changed, name, row._meta.get_field(name).to_python(value))
    return changed


def plain(value: Any) -> Any:
    """A value as JSON keeps it: decimals as text, moments, days and times in ISO form."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def differences(pairs: Iterable[tuple[str, str, str]]) -> Says:
    """Of (label, before, after), those that differ."""
    return [
        {"label": label, "before": before, "after": after}
        for label, before, after in pairs
        if before != after
    ]
