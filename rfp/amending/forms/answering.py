"""The form of the touched answers: for each, whether it stands, and the field to change it."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.kit.forms import in_our_words
from rfp.amending.changes import question_says
from rfp.amending.supplier_actions import Answer
from rfp.drafting.forms.sections.answers import field_for, field_name, in_words, shown, to_json
from rfp.proposals.models import Revision
from rfp.proposals.reconfirming import Again
from rfp.publishing.question_models import Requirement

KEEP, CHANGE = "keep", "change"
TYPE = Requirement.DataType


class ReconfirmForm(forms.Form):
    """The touched questions. `may_wait`: answers may be left for later, as in a draft; a signature takes them all."""

    says_nothing_optional = True

    def __init__(self, revision: Revision, again: list[Again], *, data: Any, may_wait: bool) -> None:
        self.again, self.may_wait = again, may_wait
        self.stored = {each.requirement_id: each.value for each in revision.responses.all()}
        super().__init__(data, auto_id="%s")
        for each in again:
            requirement = each.requirement
            options = [(KEEP, "My answer stands"), (CHANGE, "Change it")]
            self.fields[_choice(requirement)] = forms.ChoiceField(
                choices=options, required=False, label=requirement.code
            )
            if is_typed(requirement):
                field = field_for(requirement)
                field.initial = shown(self.value_of(each))
                field.label, field.help_text = "New answer", ""
                self.fields[field_name(requirement)] = field
        in_our_words(self)

    def value_of(self, each: Again) -> Any:
        """The answer as it is; a draft's has followed its question to the new wording."""
        if each.requirement.pk in self.stored:
            return self.stored[each.requirement.pk]
        return self.stored.get(each.before.pk) if each.before else None

    def has_answer(self, each: Again) -> bool:
        if not is_typed(each.requirement):
            return each.before is not None
        return self.value_of(each) is not None

    def can_keep(self, each: Again) -> bool:
        """Whether the old answer is one to the new wording at all."""
        value = self.value_of(each)
        if not self.has_answer(each):
            return False
        if each.requirement.data_type == TYPE.CHOICE and is_typed(each.requirement):
            return value in each.requirement.choices
        if each.requirement.data_type == TYPE.TABLE and isinstance(value, list):
            return all(set(row) <= set(each.requirement.columns) for row in value)
        return True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for each in self.again:
            requirement = each.requirement
            name, chosen = _choice(requirement), self._chosen(each)
            if chosen == KEEP and not self.can_keep(each):
                self.add_error(name, f"{requirement.code}: the old answer is no longer possible. Change it")
            elif chosen == CHANGE and not is_typed(requirement):
                self.add_error(name, f"{requirement.code}: change it in a new revision")
            elif not chosen and not self.may_wait and name not in self.errors:
                self.add_error(name, f"{requirement.code}: choose whether your answer stands")
            elif chosen == CHANGE and self._is_blank(requirement, cleaned):
                self.add_error(field_name(requirement), f"{requirement.code}: enter your answer")
        # What is not changed need not be right.
        for each in self.again:
            if self._chosen(each) != CHANGE:
                self.errors.pop(field_name(each.requirement), None)
        return cleaned

    def _is_blank(self, requirement: Requirement, cleaned: dict[str, Any]) -> bool:
        name = field_name(requirement)
        return name not in self.errors and to_json(cleaned.get(name)) is None

    def _chosen(self, each: Again) -> str:
        """What was chosen; a new question has nothing to keep, so an answer to it is the choice."""
        chosen = str(self.cleaned_data.get(_choice(each.requirement)) or "")
        if not chosen and not self.has_answer(each) and is_typed(each.requirement):
            typed = self.cleaned_data.get(field_name(each.requirement))
            return CHANGE if not self.may_wait or to_json(typed) is not None else ""
        return chosen

    def answers(self) -> list[Answer]:
        """What was decided, in order. Of a valid form."""
        found = []
        for each in self.again:
            chosen = self._chosen(each)
            if chosen == KEEP:
                found.append(Answer(each.requirement, is_kept=True))
            elif chosen == CHANGE:
                value = to_json(self.cleaned_data[field_name(each.requirement)])
                found.append(Answer(each.requirement, is_kept=False, value=value))
        return found

    def rows(self) -> list[dict[str, Any]]:
        """What the page shows of each question."""
        return [self._row(each) for each in self.again]

    def _row(self, each: Again) -> dict[str, Any]:
        requirement, value = each.requirement, self.value_of(each)
        name = _choice(requirement)
        is_table = isinstance(value, list)
        return {
            "requirement": requirement,
            "says": question_says(each.before, requirement),
            "is_new": each.before is None,
            "is_confirmed": each.is_confirmed,
            "is_typed": is_typed(requirement),
            "has_answer": self.has_answer(each),
            "can_keep": self.can_keep(each),
            "answer": f"{len(value)} rows"
            if is_table
            else ""
            if value is None
            else in_words(requirement, value),
            "name": name,
            "chosen": self[name].value() or "",
            "field": self[field_name(requirement)] if is_typed(requirement) else None,
            "errors": self.errors.get(name, []),
            "anchor": field_name(requirement),
        }


def is_typed(requirement: Requirement) -> bool:
    """Whether its answer is typed here: not a file, and not a section of the proposal."""
    own = requirement.answered_by == Requirement.AnsweredBy.RESPONSE
    return own and requirement.data_type != TYPE.FILE


def _choice(requirement: Requirement) -> str:
    return f"stands-{requirement.question}"
