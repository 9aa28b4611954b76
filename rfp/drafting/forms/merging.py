"""Two people, or two tabs, in one section of a draft: only what a page changed is written.

A page carries a print of every value it was opened with. When it saves, a field that it did not change keeps what is
stored by then. A field that it did change, and that somebody else saved meanwhile, is not written: both texts go back
to the page, and its writer chooses. The page's word for it is not enough: the prints are compared with what is stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.formsets import BaseFormSet
from django.utils.datastructures import MultiValueDict

from rfp.drafting.forms.sections.answers import TableInput
from rfp.drafting.forms.sections.parts import KEY, Section

BASE, KEEP_MINE = "base", "keep_mine"
Data = MultiValueDict[str, str]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that was changed here and elsewhere: `mine` was not saved, `theirs` is stored. `now` is its print."""

    id: str
    target: str
    label: str
    mine: str
    theirs: str
    now: str

    @property
    def words(self) -> str:
        return f"{self.label}: someone else changed this while you were writing. Choose which text to keep"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What is to be stored, what has to be chosen, and what the page is told it holds (see `base_after`)."""

    data: Data
    conflicts: tuple[Conflict, ...]
    kept: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One value that is merged by itself: a field, or a cell of a row, with the name it is sent under."""

    id: str
    name: str
    bound: BoundField


def units_of(section: Section) -> Iterator[Unit]:
    """Every field of a section; a row's cells under the row's key, wherever in the table the row stands."""
    for part in _parts(section):
        if isinstance(part, BaseFormSet):
            for form in part.forms:
                key = str(form["key"].value() or "")
                for bound in form:
                    if bound.name != "key":
                        yield Unit(id=f"{part.prefix}|{key}|{bound.name}", name=bound.html_name, bound=bound)
        else:
            for bound in part:
                yield Unit(id=bound.html_name, name=bound.html_name, bound=bound)


def _parts(section: Section) -> Iterator[Any]:
    if isinstance(section, forms.BaseForm):
        yield section
    else:
        yield from (each for each in vars(section).values() if isinstance(each, forms.BaseForm | BaseFormSet))


def as_sent(bound: BoundField) -> list[str]:
    """A stored value as a browser would send it."""
    value: Any = bound.value()
    widget = bound.field.widget
    if isinstance(widget, TableInput):
        return _table(value or [])
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown: Any = widget.format_value(value)
    if isinstance(shown, list | tuple):
        return [str(each) for each in shown]
    return ["" if shown is None else str(shown)]


def _table(rows: list[dict[str, str]]) -> list[str]:
    return [json.dumps(rows, sort_keys=True)] if rows else []


def sent_in(data: Data, unit: Unit) -> list[str]:
    """What the page sent for that value."""
    widget = unit.bound.field.widget
    if isinstance(widget, TableInput):
        return _table(widget.value_from_datadict(data, None, unit.name))
    return data.getlist(unit.name)


def print_of(values: list[str]) -> str:
    """A value in short. Line ends and blanks around a text do not make it another one."""
    plain = [text.replace("\r\n", "\n").strip() for text in values]
    return hashlib.sha256(json.dumps([text for text in plain if text]).encode()).hexdigest()[:10]


def base_of(section: Section) -> str:
    """What a page that shows the section carries: each value's print, as shown and as stored."""
    prints = {unit.id: print_of(as_sent(unit.bound)) for unit in units_of(section)}
    return json.dumps({name: f"{each}:{each}" for name, each in prints.items()}, separators=(",", ":"))


def _base_in(data: Data) -> dict[str, str]:
    """The prints that a page sent; nothing when it sent none that can be read."""
    try:
        found = json.loads(data.get(BASE) or "{}")
    except ValueError:
        return {}
    return {str(name): str(each) for name, each in found.items()} if isinstance(found, dict) else {}


def merge(data: Data, stored: Section) -> Merged:
    """What the page changed, over what is stored. `stored` is the unbound section as it is now, under its lock."""
    base, forced = _base_in(data), set(data.getlist(KEEP_MINE))
    merged = data.copy()
    conflicts: list[Conflict] = []
    kept: dict[str, str] = {}
    taken: dict[str, tuple[str, str, str]] = {}
    for unit in _placed(data, stored):
        now, mine = as_sent(unit.bound), sent_in(data, unit)
        before = print_of(now)
        shown, _, seen = base.get(unit.id, f"{before}:{before}").partition(":")
        is_touched = print_of(mine) != shown or unit.id in forced
        is_moved = before != seen and print_of(mine) != before and unit.id not in forced
        if not is_touched or is_moved:
            # Once it has to be chosen, typing the old text again is no way around the choice.
            kept[unit.id] = f"{'?' if is_touched else shown}:{seen}"
            put(merged, unit, now)
            if is_touched:
                conflicts.append(_conflict(unit, mine, now, before))
        else:
            taken[unit.id] = (shown, print_of(mine), before)
    return Merged(data=merged, conflicts=tuple(conflicts), kept=kept, taken=taken)


def _placed(data: Data, stored: Section) -> Iterator[Unit]:
    """The units of the stored section under the names that the page sent them by: a row is found by its key."""
    places: dict[tuple[str, str], str] = {}
    for name in data:
        prefix, _, last = name.rpartition("-")
        key = str(data.get(name, ""))
        if last == "key" and KEY.fullmatch(key):
            places[prefix.rpartition("-")[0], key] = prefix
    for unit in units_of(stored):
        prefix, _, rest = unit.id.partition("|")
        if not rest:
            yield unit
            continue
        key, _, cell = rest.partition("|")
        if (prefix, key) in places:
            yield Unit(id=unit.id, name=f"{places[prefix, key]}-{cell}", bound=unit.bound)


def put(data: Data, unit: Unit, values: list[str]) -> None:
    """Put a stored value in place of the one that was sent."""
    widget = unit.bound.field.widget
    if not isinstance(widget, TableInput):
        data.setlist(unit.name, values)
        return
    for name in [each for each in data if each.startswith(f"{unit.name}-")]:
        del data[name]
    rows = json.loads(values[0]) if values else []
    for at, row in enumerate(rows):
        for place, head in enumerate(widget.columns):
            data[f"{unit.name}-{at}-{place}"] = row.get(head, "")


def _conflict(unit: Unit, mine: list[str], theirs: list[str], now: str) -> Conflict:
    return Conflict(
        id=unit.id,
        target=unit.name,
        label=str(unit.bound.label),
        mine=_in_words(unit.bound, mine),
        theirs=_in_words(unit.bound, theirs),
        now=now,
    )


def _in_words(bound: BoundField, values: list[str]) -> str:
    """A value as people read it."""
    choices = {str(value): str(label) for value, label in getattr(bound.field, "choices", ()) or ()}
    said = ", ".join(choices.get(each, each) for each in values if each)
    return said or "Nothing"


def base_after(merged: Merged, stored: Section) -> str:
    """What the page carries from now on. A value that was not accepted still counts as changed there."""
    prints = {unit.id: print_of(as_sent(unit.bound)) for unit in units_of(stored)}
    base = {name: f"{each}:{each}" for name, each in prints.items()}
    base |= merged.kept
    for name, (shown, mine, before) in merged.taken.items():
        now = prints.get(name, "")
        is_refused = now == before and mine != before
        base[name] = f"{shown}:{now}" if is_refused else f"{mine}:{now}"
    return json.dumps(base, separators=(",", ":"))
