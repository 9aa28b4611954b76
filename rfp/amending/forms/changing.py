"""How an admin writes a change: the forms of the setup, filled with what is published. They store nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from portal.kit.forms import PortalForm
from portal.kit.refused import Refused
from rfp.amending import applying, changes, fact_changes
from rfp.amending.changes import KIND
from rfp.amending.forms.facts import FactsChangeForm, MilestoneChangeForm
from rfp.amending.values import plain
from rfp.publishing.addendum_models import Change
from rfp.publishing.forms.parts import PartForm
from rfp.publishing.forms.requirement import RequirementForm
from rfp.publishing.forms.windows import WindowForm
from rfp.publishing.models import Lot, Solicitation, Window
from rfp.publishing.question_models import Criterion, Requirement

NEW = "new"


# Each form says the `subject` of its change, and its `values`: field → value as JSON.


def _of(form: forms.BaseForm, names: tuple[str, ...], blank: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(form.cleaned_data.get(name, blank.get(name, ""))) for name in names}


# ---- questions --------------------------------------------------------------------------------------------------

BLANK: Mapping[str, Any] = {"choices": [], "columns": [], "expected": None, "evidence_required": False}


class QuestionForm(RequirementForm):
    """A published question. What answers and scoring hang on stays as it is."""

    fixed = ("code", "lot", "data_type", "answered_by", "envelope", "feeds", "applies_to", "position")

    def __init__(self, solicitation: Solicitation, data: Any, *, instance: Requirement) -> None:
        super().__init__(solicitation, _with_fixed(data, instance), instance=instance)
        for name in self.fixed:
            if name in self.fields:
                self.fields[name].disabled = True
                for attribute in ("hx-post", "hx-trigger", "hx-target", "hx-swap"):
                    self.fields[name].widget.attrs.pop(attribute, None)

    def subject(self) -> str:
        return str(self.instance.code)

    def values(self) -> dict[str, Any]:
        return _of(self, changes.QUESTION_FIELDS, BLANK)


def _with_fixed(data: Any, row: Requirement) -> Any:
    """What was sent, with what is fixed as it is: a browser sends nothing of a field that can't be changed, and which
    other fields there are follows from it."""
    if data is None:
        return None
    whole = data.copy()
    for name in ("code", "data_type", "answered_by", "envelope", "position"):
        whole[name] = getattr(row, name)
    whole["lot"], whole["feeds"] = row.lot_id or "", row.feeds_id or ""
    whole.setlist("applies_to", list(row.applies_to.values_list("pk", flat=True)))
    return whole


class NewQuestionForm(RequirementForm):
    """A question that an addendum adds."""

    def subject(self) -> str:
        return str(self.cleaned_data["code"])

    def values(self) -> dict[str, Any]:
        names = (*changes.QUESTION_FIELDS, "data_type", "answered_by", "envelope", "position")
        lot, feeds = self.cleaned_data.get("lot"), self.cleaned_data.get("feeds")
        return {
            **_of(self, names, BLANK),
            "lot": lot.code if lot else "",
            "feeds": feeds.code if feeds else "",
            "applies_to": sorted(item.code for item in self.cleaned_data.get("applies_to") or ()),
        }


# ---- criteria, lots, text ---------------------------------------------------------------------------------------


class CriterionChangeForm(PartForm):
    class Meta:
        model = Criterion
        fields = changes.CRITERION_FIELDS
        labels: ClassVar[dict[str, str]] = {
            "minimum": "Minimum, %",
            "supplier_guidance": "Guidance for suppliers",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "weight": "Points out of 100. Change other criteria too, so that all weights total 100.",
            "minimum": "We don’t rank proposals that earn less of this criterion. Leave blank for none.",
        }
        widgets: ClassVar[dict[str, Any]] = {"supplier_guidance": forms.Textarea(attrs={"rows": 3})}

    def subject(self) -> str:
        return str(self.instance.code)

    def values(self) -> dict[str, Any]:
        return _of(self, changes.CRITERION_FIELDS, {"minimum": None})


class LotChangeForm(PartForm):
    class Meta:
        model = Lot
        fields = changes.LOT_FIELDS
        widgets: ClassVar[dict[str, Any]] = {"summary": forms.Textarea(attrs={"rows": 3})}

    def subject(self) -> str:
        return str(self.instance.code)

    def values(self) -> dict[str, Any]:
        return _of(self, changes.LOT_FIELDS, {})


class TextForm(PortalForm):
    form_tag = False

    title = forms.CharField(label="Title", max_length=200)
    summary = forms.CharField(label="Summary", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))

    def subject(self) -> str:
        return ""

    def values(self) -> dict[str, Any]:
        return _of(self, changes.TEXT_FIELDS, {})


class SureForm(PortalForm):
    """Nothing to fill in: the button says it."""

    form_tag = False

    def __init__(self, subject: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subject = subject

    def subject(self) -> str:
        return self._subject

    def values(self) -> dict[str, Any]:
        return {}


# ---- windows ----------------------------------------------------------------------------------------------------


class WindowChangeForm(WindowForm):
    """Dates of a published window: later, never earlier."""

    outage = forms.BooleanField(
        label="This makes up for an outage of this site",
        required=False,
        help_text="Suppliers read it. A window that has closed can only be extended for this reason.",
    )
    now: datetime

    def __init__(self, solicitation: Solicitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(solicitation, *args, **kwargs)
        for name in ("number", "opens_at"):
            self.fields[name].disabled = True
        # Validation puts what was typed on the instance.
        self.before = changes.window_called(solicitation, str(self.instance.number))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        closes = cleaned.get("closes_at")
        if closes is not None and "closes_at" not in self.errors:
            is_outage = bool(cleaned.get("outage"))
            if words := applying.may_move(self.before, closes, is_outage=is_outage, now=self.now):
                self.add_error("closes_at", words.rstrip("."))
        return cleaned

    def subject(self) -> str:
        return str(self.before.number)

    def values(self) -> dict[str, Any]:
        outage = {"outage": True} if self.cleaned_data.get("outage") else {}
        return {**_of(self, ("closes_at", "feedback_by"), {"feedback_by": None}), **outage}


class NewWindowForm(WindowForm):
    now: datetime

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        closes = cleaned.get("closes_at")
        if closes is not None and closes <= self.now:
            self.add_error("closes_at", "The new window would close in the past")
        return cleaned

    def subject(self) -> str:
        return str(self.cleaned_data["number"])

    def values(self) -> dict[str, Any]:
        return _of(self, ("opens_at", "closes_at", "feedback_by"), {"feedback_by": None})


# ---- one for each kind --------------------------------------------------------------------------------------------

Make = Callable[[Solicitation, str, Any, dict[str, Any], datetime], Any]


def form_for(
    solicitation: Solicitation,
    kind: str,
    subject: str,
    *,
    data: Any,
    change: Change | None,
    now: datetime,
    typed: dict[str, Any] | None = None,
) -> Any:
    """The form of a change, filled with what is published and what the change says so far. `typed`: first values of a
    new question's form, drawn anew. Raises Refused where there is no such thing."""
    if typed is not None:
        return NewQuestionForm(solicitation, None, initial=typed)
    if KIND(kind) == KIND.REQUIREMENT_ADDED and change is not None:
        return NewQuestionForm(solicitation, data, initial=_again(solicitation, change))
    if KIND(kind) in (KIND.WINDOW_ADDED, KIND.MILESTONE_ADDED) and change is not None:
        subject = NEW
    return MAKE[KIND(kind)](solicitation, subject, data, change.values if change else {}, now)


def _again(rfp: Solicitation, change: Change) -> dict[str, Any]:
    """What a new question's form was filled with."""
    lot = rfp.lots.filter(code=change.values["lot"]).first()
    feeds = rfp.criteria.filter(code=change.values["feeds"]).first()
    items = list(lot.items.filter(code__in=change.values["applies_to"])) if lot else []
    listed = {name: "\n".join(change.values[name]) for name in ("choices", "columns")}
    asks = change.values.get("only_if")
    return {
        **change.values,
        **listed,
        "code": change.subject,
        "lot": lot,
        "feeds": feeds,
        "applies_to": items,
        "asked_if": f"{asks}={change.values['only_if_answer']}" if asks else "",
    }


def _question(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    row: Requirement = changes.with_values(changes.requirement_called(rfp, subject), values)
    return QuestionForm(rfp, data, instance=row)


def _new_question(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    _must_be_new(subject)
    return NewQuestionForm(rfp, data)


def _criterion(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    return CriterionChangeForm(
        rfp, data, instance=changes.with_values(changes.criterion_called(rfp, subject), values)
    )


def _lot(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    return LotChangeForm(rfp, data, instance=changes.with_values(changes.lot_called(rfp, subject), values))


def _window(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    dates = {name: value for name, value in values.items() if name != "outage"}
    row = changes.with_values(changes.window_called(rfp, subject), dates)
    form = WindowChangeForm(rfp, data, instance=row, initial={"outage": values.get("outage", False)})
    form.now = now
    return form


def _new_window(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    _must_be_new(subject)
    form = NewWindowForm(rfp, data, initial=_dates(values))
    form.now = now
    return form


def _dates(values: dict[str, Any]) -> dict[str, Any]:
    """What a new window's form was filled with."""
    row = changes.with_values(Window(), values)
    return {name: getattr(row, name) for name in values}


def _text(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    return TextForm(data, initial={"title": rfp.title, "summary": rfp.summary, **values})


def _removed_question(
    rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime
) -> Any:
    return SureForm(changes.requirement_called(rfp, subject).code, data)


def _withdrawn_lot(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    return SureForm(changes.lot_called(rfp, subject).code, data)


def _facts(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    form = FactsChangeForm(rfp, data, instance=changes.with_values(rfp, values))
    form.now = now
    return form


def _milestone(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    row = changes.with_values(fact_changes.milestone_called(rfp, subject), values)
    return MilestoneChangeForm(rfp, data, instance=row)


def _new_milestone(rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime) -> Any:
    _must_be_new(subject)
    return MilestoneChangeForm(rfp, data, initial=values)


def _removed_milestone(
    rfp: Solicitation, subject: str, data: Any, values: dict[str, Any], now: datetime
) -> Any:
    return SureForm(str(fact_changes.milestone_called(rfp, subject).pk), data)


def _must_be_new(subject: str) -> None:
    if subject != NEW:
        raise Refused("There is no such thing to change.")


MAKE: Mapping[Change.Kind, Make] = {
    KIND.REQUIREMENT: _question,
    KIND.REQUIREMENT_ADDED: _new_question,
    KIND.REQUIREMENT_REMOVED: _removed_question,
    KIND.CRITERION: _criterion,
    KIND.LOT: _lot,
    KIND.LOT_WITHDRAWN: _withdrawn_lot,
    KIND.WINDOW: _window,
    KIND.WINDOW_ADDED: _new_window,
    KIND.TEXT: _text,
    KIND.FACTS: _facts,
    KIND.MILESTONE: _milestone,
    KIND.MILESTONE_ADDED: _new_milestone,
    KIND.MILESTONE_REMOVED: _removed_milestone,
}
