"""The questions of a proposal as a workbook, and its answers back: over what is stored, as a page would send them.

The column "As downloaded" says what each answer was. An answer is touched where it differs from that, and nothing else
is written; one that somebody changed meanwhile is named instead.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portal.kit.tables import as_typed, cell_of
from rfp.bom.sheet.table import Row, Table
from rfp.drafting.forms import merging
from rfp.drafting.forms.sections import answers
from rfp.drafting.forms.sections.answers import AnswersForm, field_name
from rfp.proposals.models import Revision
from rfp.publishing.question_models import Requirement
from rfp.publishing.words import only_if, wanted
from rfp.reuse.contents.problems import FileWrong, Problem

ABOUT, SHEET = "About this workbook", "Answers"
HEADS = ("Code", "Question", "Kind of answer", "What we ask for", "Choices", "Answer", "As downloaded")
WIDTHS = (12, 60, 16, 30, 30, 50, 24)
CODE, ANSWER, DOWNLOADED = (HEADS.index(head) for head in ("Code", "Answer", "As downloaded"))
TYPE = Requirement.DataType
Data = MultiValueDict[str, str]
MOST_CHARACTERS = 4_000


@dataclass(frozen=True)
class Change:
    """An answer that would be stored in place of another."""

    code: str
    question: str
    old: str
    new: str


# ---- out ----------------------------------------------------------------------------------------------------------


def written(draft: Revision) -> bytes:
    """The workbook of a draft: its questions with the answers it holds."""
    book = Workbook()
    book.remove(book.active)
    form = AnswersForm(draft)
    _about(book, draft)
    page = book.create_sheet(SHEET)
    page.freeze_panes = "C2"
    for at, width in enumerate(WIDTHS, start=1):
        page.column_dimensions[get_column_letter(at)].width = width
    _append(page, HEADS, bold=True)
    for at, requirement in enumerate(form.requirements, start=2):
        _append(page, _line(form, requirement))
        options = _options(requirement)
        if (
            options
            and len(",".join(options)) < 250
            and not any("," in each or '"' in each for each in options)
        ):
            choice = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True)
            choice.add(f"{get_column_letter(ANSWER + 1)}{at}")
            page.add_data_validation(choice)
    for requirement in form.requirements:
        if requirement.data_type == TYPE.TABLE:
            _table_sheet(book, requirement, form.stored.get(requirement.pk))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _about(book: Any, draft: Revision) -> None:
    proposal, rfp = draft.proposal, draft.proposal.lot.solicitation
    page = book.create_sheet(ABOUT)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 80
    for name, value in (
        ("RFP", f"{rfp.number} {rfp.title}"),
        ("Lot", f"{proposal.lot.code} {proposal.lot.title}"),
        ("Company", proposal.supplier.legal_name),
        ("Proposal", str(proposal.pk)),
        ("Version", str(rfp.version)),
        (
            "How to use it",
            "Fill in the column Answer on the sheet Answers. Tables have a sheet of their own.",
        ),
        ("", "Then upload the workbook to the same proposal. You see what would change before it is saved."),
        ("", "Leave the column As downloaded as it is: it tells us which answers you changed."),
    ):
        _append(page, (name, value))


def _line(form: AnswersForm, requirement: Requirement) -> Sequence[str]:
    answer = _as_text(form.stored.get(requirement.pk))
    if requirement.data_type == TYPE.TABLE:
        answer = f"See the sheet {requirement.code}"
    kind = requirement.get_data_type_display() + (f", {requirement.unit}" if requirement.unit else "")
    kept = _print(form, requirement) if requirement.data_type == TYPE.TABLE else answer
    choices = "\n".join(_options(requirement))
    when = only_if(requirement, form.requirements)
    needed = "\n".join(filter(None, (wanted(requirement), when)))
    return (requirement.code, requirement.text, kind, needed, choices, answer, kept)


def _table_sheet(book: Any, requirement: Requirement, rows: Any) -> None:
    page = book.create_sheet(requirement.code)
    _append(page, requirement.columns, bold=True)
    for row in rows or ():
        _append(page, [str(row.get(head, "")) for head in requirement.columns])


def _append(page: Any, texts: Sequence[str], *, bold: bool = False) -> None:
    cells = [cell_of(page, text, bold=bold) for text in texts]
    for cell in cells:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if bold:
            cell.font = Font(bold=True)
    page.append(cells)


def _options(requirement: Requirement) -> list[str]:
    if requirement.data_type == TYPE.BOOLEAN:
        return ["yes", "no"]
    return list(requirement.choices) if requirement.data_type == TYPE.CHOICE else []


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _print(form: AnswersForm, requirement: Requirement) -> str:
    return merging.print_of(merging.as_sent(form[field_name(requirement)]))


# ---- in -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """What a workbook says, as a page would send it; and the place of each field in it."""

    data: Data
    places: Mapping[str, str]


def read(draft: Revision, tables: Sequence[Table]) -> Filled:
    """Raises FileWrong: another proposal's, another version's, or with questions that we don't ask."""
    sheets = {table.name: table for table in tables}
    _check_about(draft, sheets.get(ABOUT))
    if SHEET not in sheets:
        raise FileWrong([Problem("The file", f"The sheet {SHEET} is missing.")])
    form = AnswersForm(draft)
    reading = _Reading(form, sheets)
    codes = {each.code for each in form.requirements if each.data_type == TYPE.TABLE}
    for table in (sheets[name] for name in (SHEET, *codes) if name in sheets):
        reading.problems += [Problem(f"{table.name}, row {each.row}", each.why) for each in table.errors]
    for row in sheets[SHEET].rows[1:]:
        if not row.is_blank:
            reading.row(row)
    if reading.problems:
        raise FileWrong(reading.problems)
    reading.data[merging.BASE] = json.dumps(reading.base)
    return Filled(reading.data, reading.places)


def _check_about(draft: Revision, about: Table | None) -> None:
    told = {row.cells[0]: row.cells[1] for row in about.rows if len(row.cells) > 1} if about else {}
    proposal, rfp = draft.proposal, draft.proposal.lot.solicitation
    if not {"Proposal", "Version", "RFP", "Lot"} <= told.keys():
        raise FileWrong(
            [Problem("The file", f"It is not a workbook of questions: the sheet {ABOUT} is missing.")]
        )
    if told["Proposal"] != str(proposal.pk):
        why = f"It belongs to another proposal: RFP {told['RFP'][:80]}, lot {told['Lot'][:80]}."
        raise FileWrong([Problem("The file", why)])
    if told["Version"] != str(rfp.version):
        why = f"It has the questions of version {told['Version'][:10]}. The RFP is at version {rfp.version} now."
        raise FileWrong([Problem("The file", f"{why} Download the workbook again.")])


class _Reading:
    """The rows of one workbook over what the draft holds."""

    def __init__(self, form: AnswersForm, sheets: Mapping[str, Table]) -> None:
        self.form, self.sheets = form, sheets
        self.asked = {each.code: each for each in form.requirements}
        self.places: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.base: dict[str, str] = {}
        self.data: Data = MultiValueDict()
        for unit in merging.units_of(form):
            merging.put(self.data, unit, merging.as_sent(unit.bound))

    def row(self, row: Row) -> None:
        cells = (*row.cells, *([""] * len(HEADS)))
        code, answer, before = (as_typed(cells[at]).strip() for at in (CODE, ANSWER, DOWNLOADED))
        requirement, place = self.asked.get(code), f"{SHEET}, row {row.number}, Answer"
        if requirement is None:
            self.problems.append(Problem(f"{SHEET}, row {row.number}, Code", f"We don’t ask “{code[:40]}”."))
            return
        name = field_name(requirement)
        if name in self.places:
            self.problems.append(Problem(f"{SHEET}, row {row.number}, Code", f"{code} is there twice."))
        self.places[name] = place
        if requirement.data_type == TYPE.TABLE:
            self._table(requirement, before)
        elif len(answer) >= MOST_CHARACTERS:
            self.problems.append(Problem(place, f"Use fewer than {MOST_CHARACTERS:,} characters."))
        elif (mine := _sent(requirement, answer)) != (shown := _sent(requirement, before)):
            self.data.setlist(name, [mine] if mine else [])
            print = merging.print_of([shown] if shown else [])
            self.base[name] = f"{print}:{print}"

    def _table(self, requirement: Requirement, before: str) -> None:
        name, table = field_name(requirement), self.sheets.get(requirement.code)
        if table is None:
            return
        self.places[name] = f"{requirement.code}, rows"
        rows = [row for row in table.rows if not row.is_blank]
        heads = [cell.strip() for cell in rows[0].cells] if rows else []
        if missing := [head for head in requirement.columns if head not in heads]:
            self.problems.append(
                Problem(f"{requirement.code}, row 1", f"The column “{missing[0]}” is missing.")
            )
            return
        if len(rows) > answers.MOST_ROWS + 1:
            self.problems.append(Problem(requirement.code, f"It has more than {answers.MOST_ROWS} rows."))
            return
        for key in [each for each in self.data if each.startswith(f"{name}-")]:
            del self.data[key]
        for at, row in enumerate(rows[1:]):
            cells = dict(zip(heads, row.cells, strict=False))
            for place, head in enumerate(requirement.columns):
                self.data[f"{name}-{at}-{place}"] = as_typed(cells.get(head, "")).strip()
        self.base[name] = f"{before}:{before}"


def _sent(requirement: Requirement, text: str) -> str:
    """What a page would send for the text of a cell; what can't be read is sent as it is, and the form says why."""
    if requirement.data_type == TYPE.BOOLEAN:
        return {"yes": "true", "no": "false"}.get(text.casefold(), text)
    if requirement.data_type == TYPE.CHOICE:
        return next((each for each in requirement.choices if each.casefold() == text.casefold()), text)
    if requirement.data_type == TYPE.DATE:
        return text.removesuffix("T00:00:00")
    return text


def preview(draft: Revision, filled: Filled) -> list[Change]:
    """What saving it would change. Raises FileWrong with every cell that won't do, or that somebody changed since."""
    form = AnswersForm(draft)
    merged = merging.merge(filled.data, form)
    problems = [
        Problem(
            filled.places.get(each.id, SHEET), f"Someone changed this since. It is now: {each.theirs[:200]}."
        )
        for each in merged.conflicts
    ]
    bound = AnswersForm(draft, data=merged.data)
    bound.is_valid()
    problems += [
        Problem(filled.places.get(name, SHEET), f"{str(text).rstrip('.')}.")
        for name, texts in bound.errors.items()
        for text in texts
    ]
    if problems:
        raise FileWrong(problems)
    return list(_changes(form, bound))


def _changes(form: AnswersForm, bound: AnswersForm) -> Any:
    for requirement in form.requirements:
        old = form.stored.get(requirement.pk)
        new = answers.to_json(bound.valid_data.get(field_name(requirement)))
        if old != new:
            yield Change(
                requirement.code, requirement.text, _shown(requirement, old), _shown(requirement, new)
            )


def _shown(requirement: Requirement, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(", ".join(str(cell) for cell in row.values()) for row in value)
    return answers.in_words(requirement, value)
