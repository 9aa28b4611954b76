"""The scale of a criterion on its form: its kind, and the rows or texts that the kind asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Field
from django import forms

from portal.kit.forms import NumberText, no_turned_text
from rfp.method.scales import (
    KINDS,
    YES_NO,
    NotAScale,
    Step,
    check_order,
    check_steps,
    kind_of,
    plain,
    points_up_to,
    steps_json,
    steps_of,
)

ROWS = range(8)
RFP_MARKS = range(6)


class ScaleFields:
    """The fields of one form that make up the scale. The form redraws itself when `scale_kind` changes."""

    def __init__(self, form: Any) -> None:
        self.form = form
        criterion = form.instance
        form.fields["scale_kind"] = forms.ChoiceField(
            label="Kind of scale",
            choices=list(KINDS.items()),
            required=False,
            initial=kind_of(criterion.scale),
            help_text="Suppliers see the marks, the choices, and what each is worth. They don’t see what earns a mark.",
        )
        self.kind = str(form["scale_kind"].value() or "rfp")
        same_kind = self.kind == kind_of(criterion.scale)
        self.steps = steps_of(criterion.scale, criterion.anchors, {}) if same_kind else []
        self.texts = criterion.anchors if same_kind else {}
        self._add_fields()

    def _add_fields(self) -> None:
        if self.kind == "rfp":
            for anchor in RFP_MARKS:
                self._text(f"anchor_{anchor}", f"What earns {anchor}", self.texts.get(str(anchor), ""))
        elif self.kind == "yes_no":
            for mark, word in zip(YES_NO, ("no", "yes"), strict=True):
                self._text(f"anchor_{mark}", f"When to answer {word}", self.texts.get(mark, ""))
        elif self.kind in ("anchors", "choices"):
            for at in ROWS:
                self._row(at, self.steps[at] if at < len(self.steps) else None)

    def _row(self, at: int, step: Step | None) -> None:
        fields = self.form.fields
        if self.kind == "anchors":
            fields[f"mark_{at}"] = _decimal("Mark", Decimal(step.mark) if step else None)
        label = "What earns it" if self.kind == "anchors" else "Choice"
        self._text(f"text_{at}", label, step.text if step else "", rows=1)
        fields[f"value_{at}"] = _decimal("Worth, %", step.value if step else None, least=0, most=100)

    def _text(self, name: str, label: str, initial: str, *, rows: int = 2) -> None:
        self.form.fields[name] = forms.CharField(
            label=label,
            required=False,
            max_length=600,
            initial=initial,
            validators=[no_turned_text],
            widget=forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput(),
        )

    # ---- drawn -------------------------------------------------------------------------------------------------------

    def layout(self) -> Sequence[Any]:
        if self.kind in ("anchors", "choices"):
            return [self._row_layout(at) for at in ROWS]
        return [name for name in self.form.fields if name.startswith("anchor_")]

    def _row_layout(self, at: int) -> Div:
        wide = "col-sm-7" if self.kind == "anchors" else "col-sm-9"
        cells = [Field(f"text_{at}", wrapper_class=wide), Field(f"value_{at}", wrapper_class="col-sm-3")]
        if self.kind == "anchors":
            cells.insert(0, Field(f"mark_{at}", wrapper_class="col-sm-2"))
        return Div(*cells, css_class="row align-items-start")

    # ---- checked and stored ------------------------------------------------------------------------------------------

    def clean(self, cleaned: dict[str, Any]) -> None:
        """Adds an error beside each field that makes no scale."""
        if self.kind == "rfp":
            self._clean_texts(cleaned)
        elif self.kind in ("anchors", "choices"):
            self._clean_rows(cleaned)

    def _clean_texts(self, cleaned: dict[str, Any]) -> None:
        written = [cleaned.get(f"anchor_{mark}", "").strip() for mark in RFP_MARKS]
        for mark, text in enumerate(written):
            if any(written) and not text:
                self.form.add_error(
                    f"anchor_{mark}", f"Describe what earns {mark}. You filled in the other anchors"
                )

    def _clean_rows(self, cleaned: dict[str, Any]) -> None:
        before = len(self.form.errors)
        rows = self._filled(cleaned)
        for at in rows:
            for key, words in self._asked().items():
                if cleaned.get(f"{key}_{at}") in (None, "") and f"{key}_{at}" not in self.form.errors:
                    self.form.add_error(f"{key}_{at}", words)
        if len(self.form.errors) > before or any(
            f"{key}_{at}" in self.form.errors for at in ROWS for key in KEYS
        ):
            return
        steps = list(self._steps(cleaned))
        try:
            check_steps(steps)
            if self.kind == "anchors":
                check_order(steps)
        except NotAScale as wrong:
            at = rows[wrong.at] if wrong.at < len(rows) else next(at for at in ROWS if at not in rows)
            key = wrong.key if f"{wrong.key}_{at}" in self.form.fields else "text"
            words = str(wrong).replace("marks", "choices").replace("mark", "choice")
            self.form.add_error(f"{key}_{at}", str(wrong) if self.kind == "anchors" else words)

    def _asked(self) -> dict[str, str]:
        """Part of a row → what to say when it is missing."""
        if self.kind == "anchors":
            return {"mark": "Enter the mark", "value": "Enter what the mark is worth"}
        return {"text": "Name the choice", "value": "Enter what the choice is worth"}

    def _filled(self, cleaned: dict[str, Any]) -> list[int]:
        """The rows in which something was typed."""
        return [at for at in ROWS if any(cleaned.get(f"{key}_{at}") not in (None, "") for key in KEYS)]

    def _steps(self, cleaned: dict[str, Any]) -> Iterator[Step]:
        for number, at in enumerate(self._filled(cleaned), start=1):
            mark = plain(cleaned[f"mark_{at}"]) if self.kind == "anchors" else str(number)
            yield Step(mark, cleaned[f"value_{at}"], cleaned.get(f"text_{at}", "").strip())

    def stored(self, cleaned: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """(scale, what earns each mark), as the criterion stores them."""
        if self.kind == "points":
            return points_up_to(cleaned["weight"]), {}
        if self.kind in ("anchors", "choices"):
            steps = list(self._steps(cleaned))
            return steps_json(steps), {step.mark: step.text for step in steps}
        marks = YES_NO if self.kind == "yes_no" else [str(mark) for mark in RFP_MARKS]
        texts = {mark: cleaned.get(f"anchor_{mark}", "").strip() for mark in marks}
        scale = {"anchors": dict(YES_NO)} if self.kind == "yes_no" else {}
        return scale, texts if any(texts.values()) else {}


KEYS = ("mark", "value", "text")


def _decimal(
    label: str, initial: Decimal | None, *, least: int | None = None, most: int | None = None
) -> forms.DecimalField:
    beyond = "Enter a value from 0 to 100"
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        max_digits=9,
        decimal_places=3,
        initial=None if initial is None else plain(initial),
        widget=NumberText(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "Use digits only, for example 12.5",
            "min_value": beyond,
            "max_value": beyond,
        },
    )
