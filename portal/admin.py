"""For operators only, to read: accounts, the outbox and the audit chain. Nothing sealed is registered anywhere."""

from __future__ import annotations

from django.contrib import admin

from portal import audit
from portal.models import AuditEvent, Notice, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Without the password's hash."""

    fields = ("email", "name", "role", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_display = ("email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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
class NoticeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Without the text: a letter is between us and the person it goes to."""

    fields = ("to", "key", "subject", "created_at", "sent_at")
    readonly_fields = fields
    list_display = ("subject", "to", "created_at", "sent_at")
    list_filter = ("sent_at",)
    ordering = ("-id",)
