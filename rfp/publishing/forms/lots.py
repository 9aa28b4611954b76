"""A lot of an RFP and its items."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from crispy_forms.layout import Div, Field
from django import forms
from django.forms import BaseInlineFormSet, inlineformset_factory

from portal.kit.forms import in_our_words
from rfp.publishing.forms.parts import PartForm, check_code, plainly
from rfp.publishing.models import Item, Lot, Solicitation

# ---- lots ---------------------------------------------------------------------------------------------------------


class LotHeadForm(PartForm):
    class Meta:
        model = Lot
        fields = ("code", "title", "area", "summary", "price_unit", "lead_time_days_max", "position")
        labels: ClassVar[dict[str, str]] = {
            "position": "Position in the list",
            "price_unit": "Price unit",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "code": "For example L1.",
            "area": "We group lots by area.",
            "price_unit": "For example USD per unit, delivered.",
            "lead_time_days_max": "From firm order to first shipment. We compare lead times with it.",
        }
        widgets: ClassVar[dict[str, Any]] = {"summary": forms.Textarea(attrs={"rows": 3})}

    def layout(self) -> Sequence[Any]:
        return (
            Div(
                Field("code", wrapper_class="col-sm-4"),
                Field("title", wrapper_class="col-sm-8"),
                css_class="row",
            ),
            "area",
            "summary",
            "price_unit",
            Div(
                Field("lead_time_days_max", wrapper_class="col-sm-6"),
                Field("position", wrapper_class="col-sm-6"),
                css_class="row align-items-end",
            ),
        )


class ItemForm(forms.ModelForm):
    class Meta:
        model = Item
        fields = ("code", "title", "unit", "reference_price", "reference_annual_volume")
        labels: ClassVar[dict[str, str]] = {
            "reference_price": "Reference price, $",
            "reference_annual_volume": "Units per year",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)
        plainly(self)

    def clean_code(self) -> str:
        return check_code(self.cleaned_data["code"].strip())

    def clean_reference_price(self) -> Decimal | None:
        price: Decimal | None = self.cleaned_data["reference_price"]
        if price is not None and price <= 0:
            raise forms.ValidationError("Reference price must be more than 0")
        return price


class ItemFormSet(BaseInlineFormSet):
    """The items of a lot, a line each."""

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            code = getattr(form, "cleaned_data", {}).get("code", "")
            if not code or form.cleaned_data.get("DELETE"):
                continue
            if code.casefold() in seen:
                form.add_error("code", f"Two items have the code {code}")
            seen.add(code.casefold())

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove"


LotItems = inlineformset_factory(Lot, Item, form=ItemForm, formset=ItemFormSet, extra=2, can_delete=True)


class LotForm:
    """A lot with its items: two forms that are checked and stored as one."""

    def __init__(self, solicitation: Solicitation, data: Any = None, *, instance: Lot | None = None) -> None:
        self.head = LotHeadForm(solicitation, data, instance=instance)
        self.items: Any = LotItems(data, instance=self.head.instance, prefix="items")

    def is_valid(self) -> bool:
        return all([self.head.is_valid(), self.items.is_valid()])

    def save(self) -> Lot:
        lot: Lot = self.head.save()
        self.items.instance = lot
        self.items.save()
        return lot
