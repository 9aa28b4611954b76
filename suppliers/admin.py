"""For operators only: who belongs to which supplier, and which lists are loaded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from portal.admin import ReadOnlyAdmin
from suppliers.models import Membership, Snapshot, Supplier


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    # By name: without an order the database gives rows as they lie, which nobody can read.
    supplier = forms.ModelChoiceField(Supplier.objects.order_by("legal_name", "pk"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        user = cleaned.get("user")
        if user is not None and not user.is_supplier:
            raise ValidationError("Staff accounts do not belong to a supplier.")
        return cleaned


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = MembershipForm
    list_display = ("supplier", "user", "level")
    list_filter = ("level",)
    raw_id_fields = ("user",)
    search_fields = ("user__email",)
    autocomplete_fields = ()


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("source", "as_of", "loaded_at", "parties_count", "is_active")
    list_filter = ("source", "is_active")
