"""What the chair settles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from portal.kit.forms import PortalForm, offer
from rfp.method.scales import Step, most_of, steps_of, worth
from rfp.models import Criterion
from scoring.panel.models import Evaluator


class AgreeForm(PortalForm):
    """The mark a panel agreed on, and why."""

    mark = forms.CharField(label="Agreed mark", max_length=20, error_messages={"required": "Choose a mark"})
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, criterion: Criterion, anchor_map: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="agree", **kwargs)
        self.criterion, self.anchor_map = criterion, anchor_map

    @property
    def steps(self) -> list[Step]:
        return steps_of(self.criterion.scale, self.criterion.anchors, self.anchor_map)

    @property
    def most(self) -> Decimal | None:
        return most_of(self.criterion.scale)

    def clean_mark(self) -> Decimal:
        text = self.cleaned_data["mark"].strip()
        try:
            mark = Decimal(text)
            is_fine = worth(self.criterion.scale, mark, self.anchor_map) is not None and mark == round(
                mark, 3
            )
        except InvalidOperation:
            is_fine = False
        if not is_fine:
            raise forms.ValidationError("Choose a mark on the scale of this criterion")
        return mark


class TakeBackForm(PortalForm):
    """An agreement is taken back, with the reason."""

    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="back", **kwargs)


class ReopenForm(PortalForm):
    """Which reviewer marks the criterion again, and why."""

    reviewer = forms.ChoiceField(label="Reviewer", error_messages={"required": "Choose a reviewer"})
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, seats: Sequence[tuple[Evaluator, str]], **kwargs: Any) -> None:
        super().__init__(*args, prefix="reopen", **kwargs)
        self.seats = {str(seat.pk): seat for seat, _words in seats}
        rows = [(str(seat.pk), f"{seat.user.name}, {words}") for seat, words in seats]
        offer(self, "reviewer", [("", "Choose a reviewer"), *rows])

    @property
    def who(self) -> Evaluator:
        return self.seats[self.cleaned_data["reviewer"]]
