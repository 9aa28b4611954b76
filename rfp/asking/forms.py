"""Asking and answering."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.text import Truncator

from portal.kit.forms import PortalForm, offer_rows, portal_helper
from portal.models import User
from rfp.asking import queries
from rfp.asking.actions import LONGEST_ANSWER, Draft
from rfp.asking.models import Question
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.queries import asked_now
from rfp.publishing.question_models import Requirement
from suppliers.company.models import Supplier

LONGEST = 2000


class _About(PortalForm):
    """What a question is about: a lot or all, and a requirement or none."""

    def __init__(self, *args: Any, solicitation: Solicitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lots, requirements = solicitation.lots.all(), asked_now(solicitation).select_related("lot")
        offer_rows(self, "lot", lots, blank="All lots", label=lambda each: f"{each.code} {each.title}")
        offer_rows(self, "requirement", requirements, blank="None in particular", label=_short)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lot, requirement = cleaned.get("lot"), cleaned.get("requirement")
        if lot and requirement and requirement.lot_id not in (None, lot.pk):
            self.add_error(
                "requirement", f"This requirement belongs to {requirement.lot.code}, not {lot.code}"
            )
        return cleaned


def _short(requirement: Requirement) -> str:
    return Truncator(f"{requirement.code} {requirement.text}").chars(90)


def _called(addendum: Addendum) -> str:
    if addendum.published_at is not None:
        return f"{addendum}, published"
    return f"{addendum}, discarded" if addendum.discarded_at is not None else f"{addendum}, not published yet"


class AskForm(_About):
    """A private question. `suppliers`: the companies that the person may ask for."""

    submit = "Ask privately"
    action = ""
    supplier = forms.ModelChoiceField(Supplier.objects.none(), label="Company")
    lot = forms.ModelChoiceField(Lot.objects.none(), label="About", required=False)
    requirement = forms.ModelChoiceField(Requirement.objects.none(), label="Requirement", required=False)
    text = forms.CharField(
        label="Your question",
        max_length=LONGEST,
        help_text="Leave out your company’s name, prices and product names.",
        error_messages={"required": "Write your question"},
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, suppliers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "supplier", suppliers, label=lambda each: str(each.legal_name))
        if len(found := list(suppliers[:2])) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial["supplier"] = found[0].pk

    @property
    def helper(self) -> FormHelper:
        return portal_helper(self.submit, action=self.action)


class AnswerForm(_About):
    """The answer, as a draft and as it is given. What is missing is said when it is sent."""

    says_nothing_optional = True

    published_text = forms.CharField(
        label="Question as published",
        max_length=LONGEST,
        required=False,
        help_text="Reword it so it doesn’t show who asked.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.CharField(
        label="Answer", max_length=LONGEST_ANSWER, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    lot = forms.ModelChoiceField(Lot.objects.none(), label="Lot", required=False)
    requirement = forms.ModelChoiceField(Requirement.objects.none(), label="Requirement", required=False)
    addendum = forms.ModelChoiceField(
        Addendum.objects.none(),
        label="Addendum",
        required=False,
        help_text="Choose it if your answer changes the RFP. You can send the answer once it is published.",
    )
    is_private = forms.ChoiceField(
        label="Who reads it",
        choices=[("", "Everyone"), ("1", "Only the company that asked")],
        required=False,
    )
    reason = forms.CharField(
        label="Reason for a private answer",
        max_length=300,
        required=False,
        help_text="For example, the question is about their own proposal. Recorded in the audit log.",
    )
    names_are_fine = forms.BooleanField(label="I checked: these words don’t tell who asked", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, solicitation=question.solicitation, **kwargs)
        none = "None: the answer doesn’t change the RFP"
        offer_rows(self, "addendum", queries.addenda_for(question), blank=none, label=_called)

    @property
    def helper(self) -> FormHelper:
        return portal_helper(tag=False)

    def draft(self) -> Draft:
        """What the page says. Call it when the form is valid."""
        said = self.cleaned_data
        return Draft(
            published_text=said["published_text"].strip(),
            answer=said["answer"].strip(),
            lot=said["lot"],
            requirement=said["requirement"],
            is_private=bool(said["is_private"]),
            reason=said["reason"].strip() if said["is_private"] else "",
            addendum=said["addendum"],
        )


class ColleagueForm(PortalForm):
    """Who to ask, and what to tell them. It stands inside the form of the answer."""

    prefix = "advice"
    colleague = forms.ModelChoiceField(
        User.objects.none(),
        label="Colleague",
        help_text="An admin, a compliance officer, or a reviewer of this RFP.",
        error_messages={"required": "Choose a colleague"},
    )
    note = forms.CharField(
        label="Note",
        max_length=LONGEST,
        required=False,
        help_text="They read it with the question as published. Don’t say who asked.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, question: Question, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "colleague", queries.colleagues_for(question, by=by), label=_with_role)


def _with_role(person: User) -> str:
    return f"{person}, {person.get_role_display().lower()}"


class SuggestForm(PortalForm):
    """An answer that a colleague suggests."""

    suggestion = forms.CharField(
        label="Your suggested answer",
        max_length=LONGEST_ANSWER,
        help_text="An admin can use it, change it, or leave it.",
        error_messages={"required": "Write your suggested answer"},
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    @property
    def helper(self) -> FormHelper:
        return portal_helper("Send the suggestion")
