"""The operators' admin site: they read, and change nothing. What changes an account is an action, with its event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

# Of others' models only this one: theirs hold factors, session keys and what people typed.
READ_OF_OTHERS = frozenset({"account.emailaddress"})


class ReadOnly:
    """Mixed into every model's page, whatever its own class allows."""

    actions = None
    list_editable = ()

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OperatorsSite(admin.AdminSite):
    """Everything that any app registers is read only; what others register is left out, but for addresses."""

    site_header = site_title = "Onshore for operators"
    site_url = "/"

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        base = admin_class or admin.ModelAdmin
        read_only = type(base.__name__, (ReadOnly, base), {"__module__": base.__module__})
        for model in models:
            label = model._meta.label_lower
            if model._meta.app_label in settings.ONSHORE_APPS or label in READ_OF_OTHERS:
                super().register(model, read_only, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The portal's own sign-in, with its guard and its second step, instead of the admin's form."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # a redirect, no page
        """The portal's own, which is recorded and asks again who it is."""
        return redirect("account_change_password")
