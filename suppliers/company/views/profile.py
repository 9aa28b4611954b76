"""The rows of a profile: sites, owners, officers, certificates, yearly statements."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.db.models import RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.files import storing
from portal.kit import clock
from portal.kit.requests import Request
from portal.models import User
from suppliers.company import actions, queries
from suppliers.company.forms.kinds import KINDS, Kind
from suppliers.company.forms.part import FileForm, PartForm
from suppliers.company.models import Supplier
from suppliers.company.views import autosave
from suppliers.company.views.company import person


def _asked(request: HttpRequest, pk: int, slug: str) -> tuple[User, Supplier, Kind]:
    user = person(request)
    supplier = get_object_or_404(queries.suppliers_changeable_by(user), pk=pk)
    if slug not in KINDS:
        raise Http404
    return user, supplier, KINDS[slug]


@login_required
def add(request: Request, pk: int, kind: str) -> HttpResponse:
    user, supplier, asked = _asked(request, pk, kind)
    return _written(request, user, supplier, asked, None)


@login_required
def edit(request: Request, pk: int, kind: str, row: int) -> HttpResponse:
    user, supplier, asked = _asked(request, pk, kind)
    instance = get_object_or_404(asked.model._default_manager.filter(supplier=supplier), pk=row)
    return _written(request, user, supplier, asked, instance)


def _written(request: Request, user: User, supplier: Supplier, kind: Kind, instance: Any) -> HttpResponse:
    data: QueryDict | None = request.POST or None
    if instance is not None:
        data = autosave.sent(request, kind.form(supplier=supplier, instance=instance))
    form = kind.form(data, request.FILES or None, supplier=supplier, instance=instance)
    form.cancel = reverse("suppliers:company_overview", args=[supplier.pk])
    form.attrs = autosave.attributes(
        request,
        f"{supplier.pk}:{kind.slug}:{instance.pk if instance else 'new'}",
        is_saved=instance is not None and not issubclass(kind.form, FileForm),
        is_there=instance is not None,
    )
    if autosave.asked(request) and instance is not None:
        return autosave.answer(request, supplier, form, part=kind.slug, by=user)
    if request.method == "POST" and form.is_valid() and _stored(form, supplier, kind, user):
        messages.success(request, f"{kind.one.capitalize()} saved.")
        return redirect("suppliers:company_overview", pk=supplier.pk)
    form.attrs |= autosave.carried(form)
    title = kind.describe(instance)[0] if instance and not form.is_bound else f"Add {kind.a_one}"
    if instance and form.is_bound:
        title = f"Change the {kind.one}"
    context = {
        "form": form,
        "supplier": supplier,
        "kind": kind,
        "row": instance,
        "title": title,
        "by_button": issubclass(kind.form, FileForm),
    }
    return render(request, "suppliers/company/profile/part_edit.html", context)


def _stored(form: PartForm, supplier: Supplier, kind: Kind, user: User) -> bool:
    """Whether it could be saved: two people may add the same year at the same moment."""
    try:
        actions.change_profile(
            supplier, lambda: _save(form, user), part=kind.slug, by=user, at=clock.wall_time()
        )
    except IntegrityError:
        form.add_error(None, f"Someone just saved the same {kind.one}. Check your profile first.")
        return False
    return True


def _save(form: PartForm, user: User) -> None:
    if isinstance(form, FileForm) and (checked := form.cleaned_data["upload"]):
        form.instance.document = storing.store(checked, by=user, at=clock.wall_time())
    form.save()


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
    user, supplier, asked = _asked(request, pk, kind)
    instance = get_object_or_404(asked.model._default_manager.filter(supplier=supplier), pk=row)
    if request.method == "POST":
        try:
            actions.change_profile(supplier, instance.delete, part=asked.slug, by=user, at=clock.wall_time())
        except RestrictedError:
            messages.error(
                request, f"Other owners have shares in this {asked.one}. Change or delete those first."
            )
        except IntegrityError:
            messages.error(request, f"You can’t delete this {asked.one}. A submitted proposal uses it.")
        else:
            messages.success(request, f"{asked.one.capitalize()} deleted.")
        return redirect("suppliers:company_overview", pk=supplier.pk)
    title, detail = asked.describe(instance)
    context = {"supplier": supplier, "kind": asked, "row": instance, "title": title, "detail": detail}
    return render(request, "suppliers/company/profile/part_delete.html", context)
