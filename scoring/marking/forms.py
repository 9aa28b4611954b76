"""The marking form: one part per criterion, and the running total."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.template.loader import render_to_string

from portal.kit import formats
from portal.kit.forms import PortalForm, portal_helper
from rfp.models import Criterion
from scoring.ranking.models import Mark

ABSTAIN = "abstain"


# ---- the desk ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One criterion on the desk: its anchors as choices, the reviewer's guidance, the supplier's words."""

    criterion: Criterion
    written: Mapping[int, str] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        return self.written.get(self.criterion.pk, "")

    @property
    def anchor_name(self) -> str:
        return f"anchor-{self.criterion.pk}"

    @property
    def comment_name(self) -> str:
        return f"comment-{self.criterion.pk}"

    @property
    def shown_name(self) -> str:
        """What the page showed when it was opened, so that a page left open does not bring an old mark back."""
        return f"shown-{self.criterion.pk}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        texts = self.criterion.anchors
        return [(str(anchor), str(texts.get(str(anchor), ""))) for anchor in range(6)] + [
            (ABSTAIN, "No mark: I can’t judge this")
        ]


def print_of(choice: str, comment: str) -> str:
    """A mark and its comment in short; blank for neither."""
    if not choice and not comment.strip():
        return ""
    return f"{choice}:{hashlib.sha256(comment.strip().encode()).hexdigest()[:12]}"


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
                "shown": form.stored_print(self.asked),
                "shown_name": self.asked.shown_name,
                "given": given,
                "opened": self.opened,
                "weight": formats.number(self.asked.criterion.weight),
                "options": [
                    (value, text, given == value, f"{anchor.auto_id}_{value}")
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
        scale: Mapping[int, Decimal],
        **kwargs: Any,
    ) -> None:
        self.asked, self.given, self.scale = asked, given, scale
        super().__init__(*args, **{"initial": self._initial(), **kwargs})
        for each in asked:
            title = each.criterion.title
            self.fields[each.anchor_name] = forms.ChoiceField(
                label=f"Mark for {title}",
                choices=each.choices,
                required=False,
                error_messages={"invalid_choice": f"{title}: choose a whole number from 0 to 5"},
            )
            self.fields[each.comment_name] = forms.CharField(
                label="Why this mark",
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"max_length": f"{title}: the comment is longer than 4,000 characters"},
            )

    def stored_print(self, asked: Asked) -> str:
        """The stored mark in short: what the page shows, and what is compared when it comes back."""
        mark = self.given.get(asked.criterion.pk)
        if mark is None:
            return ""
        return print_of(ABSTAIN if mark.abstained else str(mark.anchor), mark.comment)

    def _touched(self, asked: Asked, choice: str, comment: str) -> bool:
        """Whether this page changed the criterion: what it sends differs from what it showed when it was opened."""
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
                now = "no mark" if mark is None or mark.abstained else f"{mark.anchor} of 5"
                self.add_error(
                    each.anchor_name,
                    f"{each.criterion.title}: you saved this in a different browser tab. It is now {now}. "
                    "Save again to replace it with this version.",
                )
                continue
            if cleaned.get(each.comment_name) and not cleaned.get(each.anchor_name):
                self.add_error(
                    each.anchor_name,
                    f"{each.criterion.title}: choose a mark or abstain. We can’t save a comment alone",
                )
            elif each.criterion.pk in self.given and not cleaned.get(each.anchor_name):
                self.add_error(each.anchor_name, f"{each.criterion.title}: choose a mark or abstain")
        return cleaned

    def changed_marks(self) -> list[tuple[Criterion, int | None, str]]:
        """(criterion, anchor or None to abstain, comment) for what differs from the marks that are stored."""
        changed = []
        for each in self.asked:
            choice, comment = self.cleaned_data[each.anchor_name], self.cleaned_data[each.comment_name]
            if not choice or not self._touched(each, choice, comment):
                continue
            anchor = None if choice == ABSTAIN else int(choice)
            stored = self.given.get(each.criterion.pk)
            if stored is None or (stored.anchor, stored.comment) != (anchor, comment.strip()):
                changed.append((each.criterion, anchor, comment))
        return changed

    def running(self) -> Running:
        """The reviewer's own points so far, from what the form shows now."""
        chosen = {each.criterion.pk: self[each.anchor_name].value() for each in self.asked}
        return running_total(self.asked, chosen, self.scale)


@dataclass(frozen=True, kw_only=True)
class RunningSlot:
    """A criterion's slot in the running bar, in percent of its width."""

    key: int
    x: str
    width: str
    filled: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """Points so far, of the weight marked, of the weight to mark."""

    points: str
    marked: str
    whole: str
    given: int
    asked: int
    slots: tuple[RunningSlot, ...]


def running_total(asked: Iterable[Asked], chosen: Mapping[int, Any], scale: Mapping[int, Decimal]) -> Running:
    """Σ weight × mark ÷ 100 over the criteria with an anchor; abstentions are neither marked nor lost."""
    listed = list(asked)
    whole = sum((each.criterion.weight for each in listed), Decimal(0))
    points, marked, given, x, slots = Decimal(0), Decimal(0), 0, Decimal(0), []
    for each in listed:
        weight, choice = each.criterion.weight, chosen.get(each.criterion.pk)
        width = weight / whole * 100
        mark = scale.get(int(str(choice))) if str(choice or "").isdigit() else None
        given += bool(choice)
        if mark is not None:
            points += weight * mark / 100
            marked += weight
        slots.append(
            RunningSlot(
                key=each.criterion.pk,
                x=f"{x:.2f}%",
                width=f"{max(width - 1, Decimal(0)):.2f}%",
                filled=f"{max(width - 1, Decimal(0)) * (mark or 0) / 100:.2f}%",
            )
        )
        x += width
    return Running(
        points=formats.number(points, 1),
        marked=formats.number(marked),
        whole=formats.number(whole),
        given=given,
        asked=len(listed),
        slots=tuple(slots),
    )
