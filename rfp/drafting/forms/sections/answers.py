"""One typed field for each requirement that has an answer of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.kit.formats import number, with_unit
from portal.templatetags.states import effect_tag
from rfp.conditions import possible
from rfp.drafting.forms.sections.parts import Data, DraftForm
from rfp.proposals.models import Response, Revision
from rfp.publishing import queries
from rfp.publishing.question_models import Requirement
from rfp.publishing.words import ideal, only_if, wanted

YES_NO = [("true", "Yes"), ("false", "No")]
MOST_ROWS = 40
BLANK_ROWS = 2
CELL_LENGTH = 200


class TableInput(forms.Widget):
    """Rows of text cells under fixed column heads; a row that is left blank is no row."""

    template_name = "rfp/drafting/widgets/table.html"
    use_fieldset = True
    columns: Sequence[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = value if isinstance(value, list) else []
        shown = [row if isinstance(row, dict) else {} for row in rows] + [{} for _ in range(BLANK_ROWS)]
        context["widget"]["columns"] = self.columns
        context["widget"]["rows"] = [
            [
                {"name": f"{name}-{at}-{place}", "head": head, "value": row.get(head, "")}
                for place, head in enumerate(self.columns)
            ]
            for at, row in enumerate(shown)
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        rows = []
        for at in range(MOST_ROWS):
            cells = [data.get(f"{name}-{at}-{place}") for place in range(len(self.columns))]
            if all(cell is None for cell in cells):
                break
            row = {head: (cell or "").strip() for head, cell in zip(self.columns, cells, strict=True)}
            if any(row.values()):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-0-0" not in data

    def id_for_label(self, id_: str) -> str:
        return ""


class TableField(forms.Field):
    """A list of rows, each a mapping of column head to text."""

    def __init__(self, *, columns: Sequence[str], **options: Any) -> None:
        widget = TableInput()
        widget.columns = columns
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> list[dict[str, str]] | None:
        rows: list[dict[str, str]] = value or []
        for at, row in enumerate(rows, start=1):
            for head, cell in row.items():
                if "\x00" in cell:
                    raise forms.ValidationError(f"Row {at}, {head}: remove the null character")
                if len(cell) > CELL_LENGTH:
                    raise forms.ValidationError(f"Row {at}, {head}: use at most {CELL_LENGTH} characters")
        return rows or None


class AnswersForm(DraftForm):
    """The answers of a draft, by requirement."""

    def __init__(self, draft: Revision, *, data: Data = None) -> None:
        self.requirements = asked_of(draft)
        self.stored = {response.requirement_id: response.value for response in draft.responses.all()}
        super().__init__(
            data,
            initial={
                field_name(r): shown(self.stored[r.pk]) for r in self.requirements if r.pk in self.stored
            },
        )

    def add_cells(self) -> None:
        for requirement in self.requirements:
            self.fields[field_name(requirement)] = field_for(requirement, self.requirements)

    def save(self, draft: Revision) -> bool:
        changed = False
        for requirement in self.requirements:
            name = field_name(requirement)
            if name not in self.valid_data:
                continue
            value = to_json(self.valid_data[name])
            if value == self.stored.get(requirement.pk):
                continue
            changed = True
            if value is None:
                draft.responses.filter(requirement=requirement).delete()
            else:
                Response.objects.update_or_create(
                    revision=draft, requirement=requirement, defaults={"value": value}
                )
        return changed


def asked_of(draft: Revision) -> list[Requirement]:
    """The requirements of the draft's lot and items that have an answer of their own, files apart; also those that are
    asked only if another has an answer."""
    offered = {item.pk for item in draft.items.all()}
    return [
        requirement
        for requirement in possible(queries.applicable(queries.requirements_for(draft.proposal.lot), offered))
        if requirement.answered_by == Requirement.AnsweredBy.RESPONSE
        and requirement.data_type != Requirement.DataType.FILE
    ]


def field_name(requirement: Requirement) -> str:
    return f"requirement-{requirement.question}"


LIMIT = 10**15


def field_for(requirement: Requirement, asked: Sequence[Requirement] = ()) -> forms.Field:
    """The typed field of a requirement: unit and limits stand in its help, never in a placeholder. `asked`: the
    questions beside it."""
    kind = Requirement.DataType(requirement.data_type)
    common: dict[str, Any] = {
        "label": requirement.text,
        "help_text": _help(requirement, asked),
        "required": False,
    }
    if kind is Requirement.DataType.NUMBER:
        common["error_messages"] = {"invalid": f"{requirement.code}: use digits only, for example 12.5"}
        return forms.DecimalField(max_digits=24, decimal_places=8, **common)
    if kind is Requirement.DataType.INTEGER:
        common["error_messages"] = {"invalid": f"{requirement.code}: use digits only, for example 8100"}
        return forms.IntegerField(min_value=-LIMIT, max_value=LIMIT, **common)
    if kind is Requirement.DataType.BOOLEAN:
        return forms.TypedChoiceField(
            choices=YES_NO,
            coerce=lambda text: text == "true",
            empty_value=None,
            widget=forms.RadioSelect,
            **common,
        )
    if kind is Requirement.DataType.DATE:
        return forms.DateField(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"invalid": f"{requirement.code}: enter a date, for example 2027-04-30"},
            **common,
        )
    if kind is Requirement.DataType.CHOICE:
        choices = [(choice, choice) for choice in requirement.choices]
        return forms.TypedChoiceField(choices=choices, empty_value=None, widget=forms.RadioSelect, **common)
    if kind is Requirement.DataType.TABLE:
        return TableField(columns=requirement.columns, **common)
    return forms.CharField(
        max_length=4000, empty_value=None, widget=forms.Textarea(attrs={"rows": 3}), **common
    )


def _help(requirement: Requirement, asked: Sequence[Requirement]) -> SafeString:
    limits = wanted(requirement)
    unit = requirement.unit if not limits and requirement.data_type != Requirement.DataType.TABLE else ""
    needed = ". ".join(text for text in (limits, ideal(requirement)) if text)
    evidence = f"Evidence: {requirement.evidence}." if requirement.evidence else ""
    sentences = [
        f"{needed}." if needed else f"In {unit}." if unit else "",
        requirement.why,
        f"{evidence} Attach it under Documents." if requirement.evidence_required else evidence,
    ]
    tag = effect_tag("knockout") if requirement.effect == Requirement.Effect.KNOCKOUT else ""
    words = format_html_join(" ", "{}", ((sentence,) for sentence in sentences if sentence))
    when = _when(requirement, asked)
    return format_html('<span class="code">{}</span> {} {} {}', requirement.code, tag, when, words)


def _when(requirement: Requirement, asked: Sequence[Requirement]) -> SafeString | str:
    """The condition in words, with what a script needs to hide the question while it isn't met."""
    if not requirement.only_if:
        return ""
    other = next((each for each in asked if each.code == requirement.only_if), None)
    answer = requirement.only_if_answer
    if other and other.data_type == Requirement.DataType.BOOLEAN:
        answer = {"yes": "true", "no": "false"}.get(answer, answer)
    return format_html(
        '<strong data-only-if="{}" data-only-if-answer="{}">{}.</strong>',
        field_name(other) if other else "",
        answer,
        only_if(requirement, asked),
    )


def to_json(value: Any) -> Any:
    """A cleaned answer as stored: exact numbers as text, dates as ISO text."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def shown(value: Any) -> Any:
    """A stored answer as the form's field takes it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def in_words(requirement: Requirement, value: Any) -> str:
    """A stored answer as people read it, with its unit; tables are drawn by their template."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if requirement.data_type in (Requirement.DataType.NUMBER, Requirement.DataType.INTEGER):
        try:
            return with_unit(number(str(value)), requirement.unit)
        except ValueError:
            return str(value)
    return str(value)
