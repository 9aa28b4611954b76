"""For operators only, to read: who belongs to which supplier, and which lists are loaded."""

from __future__ import annotations

from django.contrib import admin

from suppliers.models import Membership, Snapshot


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("supplier", "user", "level")
    list_filter = ("level",)
    search_fields = ("user__email",)


@admin.register(Snapshot)
class SnapshotAdmin(admin.ModelAdmin):
    list_display = ("source", "as_of", "loaded_at", "parties_count", "is_active")
    list_filter = ("source", "is_active")
