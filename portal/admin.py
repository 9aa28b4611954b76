"""For operators only: accounts, the outbox and the audit chain. Nothing sealed is registered, here or elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse

from portal import audit
from portal.models import AuditEvent, Notice, User


def sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The portal's own sign-in, with its lockout and its second step, instead of the admin's form."""
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.GET.get("next") or request.get_full_path())


admin.site.login = sign_in  # type: ignore[method-assign,assignment]
admin.site.site_header = admin.site.site_title = "Onshore for operators"
admin.site.site_url = "/"


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are looked at, never changed."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        memberships = getattr(self.instance, "memberships", None)
        if cleaned.get("role") != "supplier" and self.instance.pk and memberships and memberships.exists():
            raise ValidationError("A staff account belongs to no supplier. Remove the membership first.")
        return cleaned


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = UserForm
    fields = ("email", "name", "role", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Without the hashes: they cover fingerprints of sealed content, and a guess at a price could be tried on them."""

    fields = ("seq", "at", "verb", "actor", "subject", "open_facts")
    readonly_fields = fields
    list_display = ("seq", "at", "verb", "actor", "subject")
    list_filter = ("verb",)
    search_fields = ("subject", "actor")
    ordering = ("-seq",)

    @admin.display(description="facts")
    def open_facts(self, event: AuditEvent) -> str:
        return ", ".join(f"{name}: {value}" for name, value in audit.open_facts(event).items())


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Without the text: a letter is between us and the person it goes to."""

    fields = ("to", "key", "subject", "created_at", "sent_at")
    readonly_fields = fields
    list_display = ("subject", "to", "created_at", "sent_at")
    list_filter = ("sent_at",)
    ordering = ("-id",)
