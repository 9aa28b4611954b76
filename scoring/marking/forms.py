"""The marking form: one part per criterion, and the running total."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.template.loader import render_to_string

from portal.kit import formats
from portal.kit.forms import PortalForm, portal_helper
from rfp.method.scales import Step, kind_of, most_of, plain, steps_of, worth
from rfp.models import Criterion, Solicitation
from scoring.facts import Anchor, as_anchor
from scoring.marking import queries
from scoring.marking.running import Running, running_total
from scoring.ranking.mark_models import CONFIDENCE, Mark

ABSTAIN = "abstain"


# ---- the desk ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One criterion on the desk: its scale, the reviewer's guidance, the supplier's words.

    `anchor_map`: the RFP's own scale, for a criterion without one. `again`: why the chair asks for a new mark.
    `of`: what tells its fields from those of another proposal on the same page.
    """

    criterion: Criterion
    solicitation: Solicitation | None = None
    again: str = ""
    of: str = ""
    anchor_map: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[int, str] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        return self.written.get(self.criterion.pk, "")

    @property
    def anchor_name(self) -> str:
        return f"anchor-{self.criterion.pk}{self.of}"

    @property
    def comment_name(self) -> str:
        return f"comment-{self.criterion.pk}{self.of}"

    @property
    def sure_name(self) -> str:
        return f"sure-{self.criterion.pk}{self.of}"

    @property
    def shown_name(self) -> str:
        """What the page showed when it was opened, so that a page left open does not bring an old mark back."""
        return f"shown-{self.criterion.pk}{self.of}"

    @property
    def most(self) -> Decimal | None:
        """The most points that can be typed; None where a mark is chosen from steps."""
        return most_of(self.criterion.scale)

    @property
    def steps(self) -> list[Step]:
        return steps_of(self.criterion.scale, self.criterion.anchors, self.anchor_map)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(step.mark, step.text) for step in self.steps] + [(ABSTAIN, "No mark: I can’t judge this")]

    @property
    def is_numbered(self) -> bool:
        """Whether a mark is a number to reviewers too; in a choice table it only stands for the choice."""
        return kind_of(self.criterion.scale) not in ("yes_no", "choices")

    def needs_comment(self, choice: str) -> str:
        """Why this mark needs a comment, in words; blank where it needs none."""
        if self.solicitation is None:
            return ""
        return queries.needs_comment(self.solicitation, self.worth(choice))

    @property
    def comment_rule(self) -> str:
        """When a mark needs a comment, for everybody to read; blank where it never does."""
        if self.solicitation is None:
            return ""
        below, above = self.solicitation.comment_below, self.solicitation.comment_above
        rules = [
            *([f"less than {below}%"] if below is not None else []),
            *([f"more than {above}%"] if above is not None else []),
        ]
        return f"Needed for a mark worth {' or '.join(rules)}." if rules else ""

    def worth(self, choice: str) -> Decimal | None:
        """What a choice is worth, 0 to 100; None for no mark, and for what is not on the scale."""
        try:
            return worth(self.criterion.scale, Decimal(choice), self.anchor_map)
        except InvalidOperation:
            return None

    def said(self, choice: str) -> str:
        """A choice in words: "4 of 5", "Yes", "no mark"; blank for none."""
        if not choice or choice == ABSTAIN:
            return "no mark" if choice else ""
        if not self.is_numbered:
            return dict(self.choices).get(choice, choice)
        most = self.most if self.most is not None else Decimal(self.steps[-1].mark)
        return f"{choice} of {formats.number(most)}"

    @property
    def wrong(self) -> str:
        """What is said of a mark that is not on the scale."""
        if self.most is not None:
            return f"enter points from 0 to {formats.number(self.most)}, with at most 3 decimal places"
        if not self.criterion.scale:
            return "choose a whole number from 0 to 5"
        return "choose one of the marks"


def print_of(choice: str, comment: str) -> str:
    """A mark and its comment in short; blank for neither."""
    if not choice and not comment.strip():
        return ""
    return f"{choice}:{hashlib.sha256(comment.strip().encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Option:
    """One choice as it is drawn. `worth` is blank for no mark; `sign` is the number before the text."""

    asked: Asked
    value: str
    text: str
    checked: bool
    html_id: str

    @property
    def worth(self) -> str:
        found = self.asked.worth(self.value)
        return "" if found is None else plain(found)

    @property
    def said(self) -> str:
        return self.asked.said(self.value)

    @property
    def sign(self) -> str:
        return "–" if self.value == ABSTAIN else self.value if self.asked.is_numbered else ""


class PointsInput(forms.TextInput):
    """Points typed as text, and a box for no mark, which wins."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return ABSTAIN if f"{name}-{ABSTAIN}" in data else super().value_from_datadict(data, files, name)


class PointsField(forms.CharField):
    """Points from 0 to the criterion's weight, as plain text; blank for none yet, "abstain" for no mark."""

    def __init__(self, asked: Asked, **kwargs: Any) -> None:
        super().__init__(widget=PointsInput, required=False, max_length=20, **kwargs)
        self.asked = asked

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text or text == ABSTAIN:
            return text
        try:
            points = Decimal(text)
            is_fine = self.asked.worth(text) is not None and points == round(points, 3)
        except InvalidOperation:
            is_fine = False
        if not is_fine:
            raise forms.ValidationError(f"{self.asked.criterion.title}: {self.asked.wrong}")
        return plain(points)


class CriterionPart:
    """Draws one criterion in crispy's layout: summary, guidance, anchors, comment."""

    def __init__(self, asked: Asked, *, opened: bool) -> None:
        self.asked, self.opened = asked, opened

    def render(self, form: MarkForm, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        anchor, comment = form[self.asked.anchor_name], form[self.asked.comment_name]
        given = str(anchor.value() if anchor.value() is not None else "")
        return render_to_string(
            "scoring/marking/desk_criterion.html",
            {
                "asked": self.asked,
                "criterion": self.asked.criterion,
                "anchor": anchor,
                "comment": comment,
                "sure": form[self.asked.sure_name],
                "shown": form.stored_print(self.asked),
                "shown_name": self.asked.shown_name,
                "given": given,
                "opened": self.opened,
                "may_cite": context.get("may_cite", False),
                "weight": formats.number(self.asked.criterion.weight),
                "said": self.asked.said(given),
                "options": [
                    Option(self.asked, value, text, given == value, f"{anchor.auto_id}_{value}")
                    for value, text in self.asked.choices
                ],
            },
        )


class MarkForm(PortalForm):
    """A reviewer's marks on one proposal; what is left open stays open."""

    def __init__(
        self,
        *args: Any,
        asked: Sequence[Asked],
        given: Mapping[int, Mark],
        **kwargs: Any,
    ) -> None:
        self.asked, self.given = asked, given
        super().__init__(*args, **{"initial": self._initial(), **kwargs})
        for each in asked:
            title = each.criterion.title
            self.fields[each.anchor_name] = self._mark_field(each)
            self.fields[each.sure_name] = forms.ChoiceField(
                label="How sure are you?",
                required=False,
                choices=[("", "Not said"), *CONFIDENCE],
                error_messages={"invalid_choice": f"{title}: choose how sure you are"},
            )
            self.fields[each.comment_name] = forms.CharField(
                label="Why this mark",
                required=False,
                help_text=each.comment_rule,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"max_length": f"{title}: the comment is longer than 4,000 characters"},
            )

    @staticmethod
    def _mark_field(asked: Asked) -> forms.Field:
        label = f"Mark for {asked.criterion.title}"
        if asked.most is not None:
            return PointsField(asked, label=label)
        return forms.ChoiceField(
            label=label,
            choices=asked.choices,
            required=False,
            error_messages={"invalid_choice": f"{asked.criterion.title}: {asked.wrong}"},
        )

    def stored_print(self, asked: Asked) -> str:
        """The stored mark in short: what the page shows, and what is compared when it comes back."""
        mark = self.given.get(asked.criterion.pk)
        if mark is None:
            return ""
        return print_of(ABSTAIN if mark.abstained else str(mark.anchor), mark.comment)

    def sent_print(self) -> str:
        """The one mark that was sent, in short."""
        for each in self.asked:
            if each.shown_name in self.data:
                return print_of(self.cleaned_data[each.anchor_name], self.cleaned_data[each.comment_name])
        return ""

    def _touched(self, asked: Asked, choice: str, comment: str) -> bool:
        """Whether this page changed the criterion: what it sends differs from what it showed when it was opened.

        A criterion that the page did not show is not changed by it.
        """
        if asked.shown_name not in self.data and not any(
            name.startswith(asked.anchor_name) for name in self.data
        ):
            return False
        return self.data.get(asked.shown_name, self.stored_print(asked)) != print_of(choice, comment)

    def _changed_elsewhere(self, asked: Asked) -> bool:
        """Whether the mark was stored anew, in another window, since this page was opened."""
        return self.data.get(asked.shown_name, self.stored_print(asked)) != self.stored_print(asked)

    def _initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for each in self.asked:
            mark = self.given.get(each.criterion.pk)
            if mark is not None:
                initial[each.anchor_name] = ABSTAIN if mark.abstained else str(mark.anchor)
                initial[each.comment_name] = mark.comment
                initial[each.sure_name] = mark.confidence
        return initial

    @property
    def helper(self) -> FormHelper:
        helper = portal_helper()
        helper.form_tag = False
        helper.disable_csrf = True
        first = self._first_open()
        helper.layout = Layout(*(CriterionPart(each, opened=each is first) for each in self.asked))
        return helper

    def _first_open(self) -> Asked | None:
        """The first criterion with an error, else the first without a mark, else the first."""
        for each in self.asked:
            if self.is_bound and (each.anchor_name in self.errors or each.comment_name in self.errors):
                return each
        for each in self.asked:
            if not self[each.anchor_name].value():
                return each
        return self.asked[0] if self.asked else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for each in self.asked:
            if each.anchor_name in self.errors:
                continue
            choice, comment = cleaned.get(each.anchor_name) or "", cleaned.get(each.comment_name) or ""
            if not self._touched(each, choice, comment):
                continue
            if self._changed_elsewhere(each) and self.stored_print(each) != print_of(choice, comment):
                mark = self.given.get(each.criterion.pk)
                now = "no mark" if mark is None or mark.abstained else each.said(str(mark.anchor))
                self.add_error(
                    each.anchor_name,
                    f"{each.criterion.title}: you saved this in a different browser tab. It is now {now}. "
                    "Save again to replace it with this version.",
                )
                continue
            if not comment.strip() and (why := each.needs_comment(choice)):
                self.add_error(each.comment_name, f"{each.criterion.title}: {why}")
            if cleaned.get(each.comment_name) and not cleaned.get(each.anchor_name):
                self.add_error(
                    each.anchor_name,
                    f"{each.criterion.title}: choose a mark or abstain. We can’t save a comment alone",
                )
            elif each.criterion.pk in self.given and not cleaned.get(each.anchor_name):
                self.add_error(each.anchor_name, f"{each.criterion.title}: choose a mark or abstain")
        return cleaned

    def changed_marks(self) -> list[tuple[Criterion, Anchor | None, str]]:
        """(criterion, anchor or None to abstain, comment) for what differs from the marks that are stored."""
        changed: list[tuple[Criterion, Anchor | None, str]] = []
        for each in self.asked:
            choice, comment = self.cleaned_data[each.anchor_name], self.cleaned_data[each.comment_name]
            stored = self.given.get(each.criterion.pk)
            is_surer = stored is not None and self._sure_now(each) != stored.confidence
            if not choice or not (is_surer or self._touched(each, choice, comment)):
                continue
            anchor = None if choice == ABSTAIN else as_anchor(Decimal(choice))
            if is_surer or stored is None or (stored.anchor, stored.comment) != (anchor, comment.strip()):
                changed.append((each.criterion, anchor, comment))
        return changed

    def _sure_now(self, asked: Asked) -> str:
        """How sure the page says the reviewer is; as stored where it does not ask."""
        mark = self.given.get(asked.criterion.pk)
        if asked.sure_name not in self.data:
            return mark.confidence if mark is not None else ""
        return str(self.cleaned_data.get(asked.sure_name) or "")

    def confidence(self) -> dict[int, str]:
        """criterion id → how sure the reviewer is."""
        return {each.criterion.pk: self._sure_now(each) for each in self.asked}

    def running(self) -> Running:
        """The reviewer's own points so far, from what the form shows now."""
        chosen = {each.criterion.pk: self[each.anchor_name].value() for each in self.asked}
        return running_total(self.asked, chosen)
