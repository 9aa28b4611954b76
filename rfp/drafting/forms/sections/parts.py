"""What the sections of a draft have in common: forms that save what is valid and keep what is not, and tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from crispy_forms.layout import Div, Field
from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from portal.kit.forms import PortalForm, in_our_words
from rfp.proposals.models import Revision

Data = MultiValueDict[str, str] | None
KEY = re.compile(r"[0-9]{1,6}|[A-Z]{2}|NEW[0-9]{1,3}")


class Section(Protocol):
    """A section of a draft: filled from it, or bound to what was sent."""

    def is_valid(self) -> bool: ...

    def save(self, draft: Revision) -> bool:
        """Store every valid field; whether anything changed."""
        ...

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(words, id of the field) of everything that was not saved."""
        ...


class DraftForm(PortalForm):
    """A form over a draft: nothing is required, ids are the fields' names, valid fields are saved alone."""

    form_tag = False
    # In a draft everything may wait, so "(optional)" on every label would say nothing.
    says_nothing_optional = True
    # One summary for the whole page names what was not saved; a second one would say the same again.
    page_sums_up = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = kwargs.get("initial") or {}
        kwargs["initial"] = {name: as_typed(value) for name, value in initial.items()}
        kwargs.setdefault("auto_id", "%s")
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.add_cells()
        in_our_words(self)
        for field in self.fields.values():
            field.required = False

    def add_cells(self) -> None:
        """Add the fields that depend on the RFP."""

    @property
    def problems(self) -> list[tuple[str, str]]:
        return problems_of(self)

    @property
    def valid_data(self) -> dict[str, Any]:
        """The cleaned fields without those that have errors."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.errors}

    def layout(self) -> Sequence[Any]:
        """Groups of radios and boxes get an element with the field's own id, for links to land on."""
        return [
            Div(Field(name), css_id=self[name].auto_id) if self[name].use_fieldset else Field(name)
            for name in self.fields
        ]


def as_typed(value: Any) -> Any:
    """A stored figure the way a person types it, without the column's trailing zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def problems_of(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(words, id of the field) of everything wrong with a form, in the order of the page."""
    errors: ErrorDict = form.errors
    found = [(str(text), "") for text in form.non_field_errors()]
    return found + [(str(text), form[name].auto_id) for name in form.fields for text in errors.get(name, [])]


class RowForm(DraftForm):
    """A row of a table. `key` says which stored row it was; a row without any value is no row."""

    key = forms.RegexField(KEY, widget=forms.HiddenInput)

    def layout(self) -> Sequence[Any]:
        return list(self.fields)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.valid_data.items() if name != "key"}

    @property
    def is_blank(self) -> bool:
        """Whether nothing was entered; a checkbox or a preset choice alone does not make a row."""
        typed = [name for name in self.fields if name != "key" and name not in self.presets]
        return not self.errors and not any(self.cleaned_data.get(name) not in (None, "") for name in typed)

    presets: tuple[str, ...] = ()


class RowFormSet(forms.BaseFormSet):
    """The rows of one table, and blank ones to go on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "%s")
        super().__init__(*args, **kwargs)

    @property
    def problems(self) -> list[tuple[str, str]]:
        whole = [(str(text), "") for text in self.non_form_errors()]
        return whole + [
            (f"Row {at}: {words}", target)
            for at, form in enumerate(self.forms, start=1)
            for words, target in form.problems
        ]

    def merged(self, stored: Mapping[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        """(key, values) of the rows as they are to be stored: the valid ones as sent; a row with an error keeps what
        is stored for it, or only its valid fields when `stored` has none and `stands` says that they are enough.

        A stored row that the page did not send was added elsewhere since the page was opened: it stays."""
        if not self.management_form.is_valid():
            return list(stored.items())
        rows = []
        sent = set()
        for form in self.forms:
            key = form.data.get(form.add_prefix("key"), "")
            if not KEY.fullmatch(key):
                continue
            sent.add(key)
            if form.errors:
                if key in stored:
                    rows.append((key, {**stored[key], **form.values}))
                elif self.stands(form.values):
                    rows.append((key, form.values))
            elif not form.is_blank:
                rows.append((key, form.values))
        return rows + [(key, values) for key, values in stored.items() if key not in sent]

    def stands(self, values: Mapping[str, Any]) -> bool:
        """Whether a row with these values alone can be stored."""
        return False


def formset(
    row: type[RowForm],
    rows: Iterable[dict[str, Any]],
    *,
    prefix: str,
    data: Data,
    extra: int = 3,
    next_key: Callable[[int], str] = str,
    base: type[RowFormSet] = RowFormSet,
    most: int = 500,
) -> Any:
    """A bound or filled formset of `row`; `next_key(n)` names the n-th blank row."""
    initial = list(rows)
    blanks = [{"key": next_key(n)} for n in range(extra)]
    kind = forms.formset_factory(row, formset=base, extra=0, max_num=most, absolute_max=most + 50)
    return kind(data, prefix=prefix, initial=[*initial, *blanks])


class GridForm(DraftForm):
    """A table with fixed rows and columns, a number in each cell; every cell is saved alone.

    `rows` are (key, title, detail); `columns` are (key, head). A cell's field is called `prefix-row-column`.
    """

    def __init__(
        self,
        *,
        name: str,
        rows: Sequence[tuple[str, str, str]],
        columns: Sequence[tuple[str, str]],
        cell: Callable[[str], forms.Field],
        stored: Mapping[tuple[str, str], Any],
        data: Data = None,
    ) -> None:
        self.name, self.rows_of, self.columns, self.stored = name, rows, columns, stored
        self._cell = cell
        super().__init__(data, initial={self.field_name(*pair): value for pair, value in stored.items()})

    def field_name(self, row: str, column: str) -> str:
        return f"{self.name}-{row}-{column}"

    def add_cells(self) -> None:
        for row, title, _ in self.rows_of:
            for column, head in self.columns:
                self.fields[self.field_name(row, column)] = self._cell(f"{title}, {head}")

    @property
    def heads(self) -> list[str]:
        return [head for _, head in self.columns]

    @property
    def table(self) -> list[dict[str, Any]]:
        """Rows for the template: title, detail and the bound field of each cell."""
        return [
            {
                "title": title,
                "detail": detail,
                "cells": [self[self.field_name(row, column)] for column, _ in self.columns],
            }
            for row, title, detail in self.rows_of
        ]

    @property
    def changes(self) -> dict[tuple[str, str], Any]:
        """(row, column) → new value of every valid cell that differs from what is stored; None empties it."""
        sent = self.valid_data
        return {
            (row, column): sent[name]
            for row, _, _ in self.rows_of
            for column, _ in self.columns
            if (name := self.field_name(row, column)) in sent and sent[name] != self.stored.get((row, column))
        }


def store(revision: Revision, values: Mapping[str, Any]) -> bool:
    """Write changed fields of the revision itself; whether anything changed."""
    changed = [name for name, value in values.items() if getattr(revision, name) != value]
    for name in changed:
        setattr(revision, name, values[name])
    if changed:
        revision.save(update_fields=changed)
    return bool(changed)
