"""The requirements builder: a typed question with its limits, its weight and what it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from crispy_forms.layout import Div, Field, Fieldset
from django import forms
from django.db.models import Q
from django.utils.text import Truncator

from portal.kit.compliance import Envelope
from portal.kit.formats import date_in, decimal_in
from portal.kit.forms import offer_rows
from rfp import conditions
from rfp.checks.words import looks_like_money
from rfp.publishing import queries
from rfp.publishing.forms.parts import PartForm, lines_of
from rfp.publishing.models import Item, Lot, Solicitation
from rfp.publishing.publication import FROM_REQUIREMENTS, NUMERIC
from rfp.publishing.question_models import Criterion, Requirement

TYPE = Requirement.DataType
SECTION = Requirement.AnsweredBy

# The kind of answer each section of the proposal gives.
SECTION_TYPES: Mapping[str, Requirement.DataType] = {
    SECTION.SITE: TYPE.CHOICE,
    SECTION.PROCESS_STEPS: TYPE.TABLE,
    SECTION.CAPACITY: TYPE.INTEGER,
    SECTION.RAMP: TYPE.TABLE,
    SECTION.LEAD_TIME: TYPE.INTEGER,
    SECTION.START: TYPE.DATE,
    SECTION.JOBS: TYPE.TABLE,
}
TYPED_FIELDS: Mapping[str, tuple[str, ...]] = {
    TYPE.STRING: ("expected",),
    TYPE.NUMBER: ("unit", "minimum", "maximum", "ideal"),
    TYPE.INTEGER: ("unit", "minimum", "maximum", "ideal"),
    TYPE.BOOLEAN: ("expected",),
    TYPE.DATE: ("minimum", "maximum", "ideal"),
    TYPE.CHOICE: ("choices", "expected"),
    TYPE.TABLE: ("columns",),
    TYPE.FILE: (),
}
LIMITS = ("minimum", "maximum", "ideal")
YES_OR_NO = (("", "Yes or no"), ("true", "Must be yes"), ("false", "Must be no"))


class RequirementForm(PartForm):
    """A requirement. Which fields there are follows from the kind of answer and from the lot."""

    rebuilds = ("data_type", "answered_by", "lot")
    asked_if = forms.CharField(
        label="When we ask it",
        required=False,
        widget=forms.Select,
        help_text="Another requirement, a yes-or-no question or a choice, can decide whether we ask this one.",
    )
    not_a_price = forms.BooleanField(
        label="This is not a price. Reviewers can read it before prices open", required=False
    )

    class Meta:
        model = Requirement
        fields = (
            "code",
            "lot",
            "text",
            "why",
            "data_type",
            "answered_by",
            "unit",
            "minimum",
            "maximum",
            "ideal",
            "effect",
            "envelope",
            "feeds",
            "applies_to",
            "evidence",
            "evidence_required",
            "position",
        )
        labels: ClassVar[dict[str, str]] = {
            "lot": "Lot",
            "data_type": "Answer type",
            "answered_by": "Answered by",
            "feeds": "Feeds criterion",
            "envelope": "Envelope",
            "applies_to": "Only for these items",
            "position": "Position in the list",
            "minimum": "At least",
            "maximum": "At most",
            "ideal": "Ideal",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "code": "For example L1-03.",
            "text": "One question, in words a plant manager would use.",
            "why": "Suppliers see it below the question.",
            "answered_by": "A proposal section can answer it, so suppliers don’t enter the same thing twice.",
            "unit": "For example kg or units per year.",
            "ideal": "The answer that earns full marks.",
            "effect": "A knock-out that is not met excludes the proposal once a person confirms it.",
            "envelope": "Answers in the price envelope stay sealed until prices open.",
            "applies_to": "Leave blank if it applies to all items in the lot.",
            "evidence": "What the supplier must provide, for example a test report from an accredited laboratory.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "text": forms.Textarea(attrs={"rows": 2}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "applies_to": forms.CheckboxSelectMultiple,
        }

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        self.lot = self._chosen_lot()
        self.fields["envelope"].required = False
        self._fit_answer()
        self._fit_scope()
        self._fit_condition()
        for name in self.rebuilds:
            self.fields[name].widget.attrs |= {
                "hx-post": "?rebuild",
                "hx-trigger": "change",
                "hx-target": "#part-form",
                "hx-swap": "outerHTML",
            }

    def siblings(self) -> Any:
        """The other questions of the RFP, in every wording they had: a code is never used twice."""
        rows = Requirement.objects.filter(solicitation=self.solicitation)
        if self.instance.pk is None:
            return rows
        same = self.instance.question
        return rows.exclude(Q(pk=same) | Q(origin=same))

    # -- which fields there are --

    @property
    def kind(self) -> str:
        return str(self["data_type"].value() or "")

    def _chosen_lot(self) -> Lot | None:
        value = self["lot"].value()
        if isinstance(value, Lot):
            return value
        return self.solicitation.lots.filter(pk=value).first() if str(value or "").isdigit() else None

    def _fit_answer(self) -> None:
        typed = TYPED_FIELDS.get(self.kind, ())
        for name in ("unit", *LIMITS):
            if name not in typed:
                del self.fields[name]
        if self.kind == TYPE.DATE:
            for name in LIMITS:
                self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        kept = self.instance
        if "choices" in typed and self["answered_by"].value() == SECTION.RESPONSE:
            self.fields["choices"] = _lines("Answers to choose from", kept.choices)
        if "columns" in typed:
            self.fields["columns"] = _lines("Columns of the table", kept.columns)
        if "expected" in typed:
            self.fields["expected"] = self._expected_field()

    def _expected_field(self) -> forms.Field:
        expected = self.instance.expected
        values = expected if isinstance(expected, list) else [] if expected is None else [expected]
        if self.kind == TYPE.BOOLEAN:
            now = {True: "true", False: "false"}.get(values[0], "") if values else ""
            return forms.ChoiceField(label="Required answer", choices=YES_OR_NO, required=False, initial=now)
        texts = [str(value) for value in values if not isinstance(value, bool)]
        field = _lines("Accepted answers", texts)
        field.required = False
        field.help_text = "One per line. Leave blank to accept any answer."
        return field

    def _fit_scope(self) -> None:
        offer_rows(self, "lot", self.solicitation.lots.all(), blank="All lots")
        marked = self.solicitation.criteria.exclude(mode=Criterion.Mode.PRICE)
        offer_rows(self, "feeds", marked, blank="None")
        if self.lot is None:
            del self.fields["applies_to"]
        else:
            offer_rows(self, "applies_to", Item.objects.filter(lot=self.lot))

    # -- when it is asked --

    def _fit_condition(self) -> None:
        """Offer each answer that may decide, and keep showing one that no longer may."""
        row, self.before = self.instance, str(self.instance.code)
        if row.only_if:
            self.initial.setdefault("asked_if", f"{row.only_if}={row.only_if_answer}")
        rows = queries.asked_now(self.solicitation).order_by("position", "code")
        others = {each.code: each for each in rows if each.question != row.question}
        self.others = [queries.condition_of(each) for each in others.values()]
        mine = conditions.Question(code=self.before, lot=str(self.lot.pk) if self.lot else "")
        found: dict[str, str] = {"": "Always"}
        for code, answers in conditions.offered(mine, self.others).items():
            asks = Truncator(others[code].text).chars(70)
            found |= {f"{code}={answer}": f"Only if {code} is {answer}: {asks}" for answer in answers}
        now = str(self["asked_if"].value() or "")
        found.setdefault(now, f"Only if {now.replace('=', ' is ', 1)}")
        self.fields["asked_if"].widget.choices = list(found.items())

    def _check_condition(self, cleaned: dict[str, Any]) -> None:
        """What decides is there and can decide; and what this one decides still can be."""
        code, _, answer = (cleaned.get("asked_if") or "").partition("=")
        other = next((each for each in self.others if each.code == code), None)
        answer = conditions.as_answer(answer, other.answers) if other else answer
        cleaned["only_if"], cleaned["only_if_answer"] = code, answer
        own = cleaned.get("answered_by") == SECTION.RESPONSE
        kinds = {TYPE.BOOLEAN: conditions.YES_OR_NO, TYPE.CHOICE: tuple(cleaned.get("choices") or ())}
        lot = cleaned.get("lot")
        mine = conditions.Question(
            code=cleaned.get("code") or self.before,
            lot=str(lot.pk) if lot else "",
            answers=kinds.get(cleaned.get("data_type") or TYPE.STRING, ()) if own else (),
            is_sealed=cleaned.get("envelope") == Envelope.PRICE.value,
            only_if=code,
            only_if_answer=answer,
        )
        if wrong := conditions.objection(mine, self.others):
            self.add_error("asked_if", wrong)
        if {"code", "lot", "data_type", "choices"} & set(self.errors):
            return
        place, wrong = conditions.broken(mine, self.others, before=self.before)
        answers = "choices" if "choices" in self.fields else "data_type"
        if wrong:
            self.add_error({"only_if": "asked_if", "answers": answers}.get(place, place), wrong)

    def layout(self) -> Sequence[Any]:
        answer = [name for name in ("choices", "columns", "expected", "unit", *LIMITS) if name in self.fields]
        scope = [name for name in ("applies_to",) if name in self.fields]
        return (
            Div(
                Field("code", wrapper_class="col-sm-3"),
                Field("lot", wrapper_class="col-sm-6"),
                Field("position", wrapper_class="col-sm-3"),
                css_class="row align-items-end",
            ),
            "text",
            "why",
            "asked_if",
            Fieldset("The answer", "data_type", "answered_by", *answer),
            Fieldset("Effect", "effect", "envelope", *self._money_field(), "feeds", *scope),
            Fieldset("Evidence", "evidence", "evidence_required"),
        )

    def _money_field(self) -> tuple[str, ...]:
        """The box that says it is no price; only where it could be one."""
        typed = " ".join(str(self[name].value() or "") for name in ("text", "unit") if name in self.fields)
        return ("not_a_price",) if looks_like_money(typed) else ()

    # -- what was typed --

    def clean_envelope(self) -> str:
        return self.cleaned_data["envelope"] or Envelope.TECHNICAL.value

    def clean_minimum(self) -> str:
        return self._limit("minimum")

    def clean_maximum(self) -> str:
        return self._limit("maximum")

    def clean_ideal(self) -> str:
        return self._limit("ideal")

    def _limit(self, name: str) -> str:
        """A limit as it is stored: a plain number or an ISO date. Raises ValidationError."""
        text = str(self.cleaned_data[name]).strip().replace(",", "")
        if not text:
            return ""
        label = self.fields[name].label
        if self.kind == TYPE.DATE:
            if date_in(text) is None:
                raise forms.ValidationError(f"{label}: enter a date")
            return text
        value = decimal_in(text)
        if value is None:
            raise forms.ValidationError(f"{label}: use digits only, for example 12.5")
        if self.kind == TYPE.INTEGER and value != value.to_integral_value():
            raise forms.ValidationError(f"{label}: use digits only, for example 8100")
        return f"{value:f}"

    def clean_choices(self) -> list[str]:
        return _checked_lines(self.cleaned_data["choices"], "An answer", 120, least=2)

    def clean_columns(self) -> list[str]:
        return _checked_lines(self.cleaned_data["columns"], "A column's name", 60, least=1)

    def clean_expected(self) -> Any:
        text = self.cleaned_data["expected"]
        if self.kind == TYPE.BOOLEAN:
            return {"true": True, "false": False}.get(text)
        return lines_of(text) or None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._check_section(cleaned)
        self._check_order(cleaned)
        self._check_accepted(cleaned)
        self._check_feeds(cleaned)
        self._check_envelope(cleaned)
        self._check_condition(cleaned)
        if cleaned.get("evidence_required") and not cleaned.get("evidence"):
            self.add_error("evidence", "Describe the required file")
        return cleaned

    def _check_section(self, cleaned: dict[str, Any]) -> None:
        section = str(cleaned.get("answered_by") or SECTION.RESPONSE)
        wanted = SECTION_TYPES.get(section)
        if wanted and cleaned.get("data_type") and cleaned["data_type"] != wanted:
            label = SECTION(section).label
            self.add_error("data_type", f"{label} needs the answer type “{wanted.label}”")

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        read: Callable[[str], Any] = date_in if self.kind == TYPE.DATE else decimal_in
        low, high, ideal = (read(cleaned.get(name) or "") for name in LIMITS)
        if low is not None and high is not None and low > high:
            self.add_error("maximum", "“At most” can’t be below “At least”")
        elif ideal is not None and ((low is not None and ideal < low) or (high is not None and ideal > high)):
            self.add_error("ideal", "The ideal is outside the limits")

    def _check_accepted(self, cleaned: dict[str, Any]) -> None:
        choices, expected = cleaned.get("choices"), cleaned.get("expected")
        if self.kind == TYPE.CHOICE and choices and isinstance(expected, list):
            strange = [text for text in expected if text not in choices]
            if strange:
                self.add_error("expected", f"“{strange[0]}” is not among the answers to choose from")

    def _check_envelope(self, cleaned: dict[str, Any]) -> None:
        """A price typed as an answer would be read before prices open; ask once. Sealed answers feed no mark."""
        if cleaned.get("envelope") == Envelope.PRICE.value:
            criterion = cleaned.get("feeds")
            if criterion is not None and criterion.envelope == Envelope.TECHNICAL.value:
                self.add_error(
                    "feeds", f"{criterion.code} is scored before prices open, so it can’t use this answer"
                )
            return
        is_money = looks_like_money(f"{cleaned.get('text', '')} {cleaned.get('unit', '')}")
        if is_money and not cleaned.get("not_a_price"):
            self.add_error(
                "envelope",
                "This looks like a price. Choose the price envelope, or confirm below that it is not a price",
            )

    def _check_feeds(self, cleaned: dict[str, Any]) -> None:
        """A number that a computed mark rests on needs both ends of its scale."""
        criterion = cleaned.get("feeds")
        if criterion is None or criterion.value_source != FROM_REQUIREMENTS or self.kind not in NUMERIC:
            return
        if not cleaned.get("ideal") and "ideal" not in self.errors:
            self.add_error("ideal", f"{criterion.code} is computed from this answer. Enter the ideal")
        if not (cleaned.get("minimum") or cleaned.get("maximum")) and not {"minimum", "maximum"} & set(
            self.errors
        ):
            self.add_error("minimum", f"{criterion.code} is computed from this answer. Enter a limit")

    def save(self, commit: bool = True) -> Any:
        requirement = self.instance
        for name in ("unit", *LIMITS):
            if name not in self.fields:
                setattr(requirement, name, "")
        requirement.choices = self.cleaned_data.get("choices", [])
        requirement.columns = self.cleaned_data.get("columns", [])
        requirement.expected = self.cleaned_data.get("expected")
        requirement.only_if = self.cleaned_data["only_if"]
        requirement.only_if_answer = self.cleaned_data["only_if_answer"]
        saved = super().save(commit)
        if commit and "applies_to" not in self.fields:
            requirement.applies_to.clear()
        return saved


def _lines(label: str, values: Sequence[str]) -> forms.CharField:
    return forms.CharField(
        label=label,
        initial="\n".join(values),
        help_text="One per line.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": f"{label}: enter at least one line"},
    )


def _checked_lines(text: str, what: str, longest: int, *, least: int) -> list[str]:
    lines = lines_of(text)
    if len(lines) < least:
        raise forms.ValidationError(
            f"Enter at least {least} lines" if least > 1 else "Enter at least one line"
        )
    if too_long := next((line for line in lines if len(line) > longest), None):
        raise forms.ValidationError(f"{what} can have at most {longest} characters: “{too_long[:40]}…”")
    return lines
