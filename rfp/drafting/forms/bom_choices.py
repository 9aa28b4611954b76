"""The decisions on a preview: what each column means, where the headings are, how each question is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rfp.bom import questions
from rfp.bom.layout import columns as layout_columns

# Quantities exclude each other: a file has one of them.
QUANTITIES = frozenset(("qty", "qty_assembly", "qty_product"))
_COLUMN = re.compile(r"c-(\d{1,3})")
_QUESTION = re.compile(r"q-([\w-]{1,60})")


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """The choices with what was sent, and what is wrong with it: name of a field → words."""

    choices: questions.Choices
    problems: Mapping[str, str]


def decide(sent: Mapping[str, str], before: questions.Choices) -> Decisions:
    """Take up what differs from what the page showed: each field `x` comes with a hidden `was-x`."""
    changed = {
        name: value
        for name, value in sent.items()
        if f"was-{name}" in sent and sent[f"was-{name}"] != value and not name.startswith("was-")
    }
    answers = {m[1]: value[:60] for name, value in changed.items() if (m := _QUESTION.fullmatch(name))}
    header_row = _header_row(changed, before)
    if header_row != before.header_row or "sheet" in answers:
        # Other rows and other sheets have other columns.
        kept = {"sheet": before.answers["sheet"]} if "sheet" in before.answers else {}
        return Decisions(
            choices=questions.Choices(header_row=header_row, answers=kept | answers), problems={}
        )
    columns, problems = _columns(changed, before)
    choices = questions.Choices(header_row=header_row, columns=columns, answers={**before.answers, **answers})
    return Decisions(choices=choices, problems=problems)


def _header_row(changed: Mapping[str, str], before: questions.Choices) -> int | None:
    row = changed.get("header", "")
    return int(row) if row.isdecimal() and len(row) < 6 else before.header_row


def _columns(changed: Mapping[str, str], before: questions.Choices) -> tuple[dict[int, str], dict[str, str]]:
    """(position → meaning, problems). A meaning that two columns were given is refused for the second."""
    columns = dict(before.columns)
    problems: dict[str, str] = {}
    given: dict[str, int] = {}
    for name, meaning in changed.items():
        match = _COLUMN.fullmatch(name)
        if not match or (meaning and meaning not in layout_columns.MEANINGS):
            continue
        place = int(match[1])
        kind = "qty" if meaning in QUANTITIES else meaning
        if kind and kind in given:
            words = layout_columns.MEANINGS[meaning]
            problems[name] = (
                f"Column {layout_columns.letter(given[kind])} is already “{words}”. Choose one column for it."
            )
            continue
        given[kind] = place
        # A column that had the meaning by an earlier choice gives it up.
        columns = {at: held for at, held in columns.items() if not kind or _kind(held) != kind}
        columns[place] = meaning
    return columns, problems


def _kind(meaning: str) -> str:
    return "qty" if meaning in QUANTITIES else meaning
