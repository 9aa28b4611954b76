"""For operators only, to read: accounts, the outbox and the audit chain. Nothing sealed is registered anywhere."""

from __future__ import annotations

from django.contrib import admin

from portal.models import AuditEvent, Notice, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Without the password's hash."""

    fields = ("email", "name", "role", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_display = ("email", "name", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)


@admin.register(AuditEvent)
class AuditEventAdmin(admin.ModelAdmin):
    """Number and time. What happened is on the auditors' page, which knows what is sealed; the hashes cover
    fingerprints of sealed content, and a guess at a price could be tried on them."""

    fields = ("seq", "at")
    readonly_fields = fields
    list_display = fields
    ordering = ("-seq",)


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """Whether letters go out. Who gets which would tell who submits in a sealed window."""

    fields = ("id", "created_at", "sent_at")
    readonly_fields = fields
    list_display = fields
    list_filter = ("sent_at",)
    ordering = ("-id",)
