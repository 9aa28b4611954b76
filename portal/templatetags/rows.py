"""Rows of long lists are Jinja2 templates, which fill a hundred rows in a sixth of the time. They know our own tags
as functions and our filters as filters; the pages around them stay Django's.

{% rows "scoring/decisions/ranking/rows.jinja" %}
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from typing import Any

from django import template
from django.conf import settings
from django.template import engines
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, StrictUndefined, pass_context

register = template.Library()


def environment(**options: Any) -> Environment:
    """What row templates may say: `{{ status("met", "All in") }}`, `{{ 12884|number }}`, `{{ url("rfp:public", 1) }}`.

    A name that the page does not give is an error, not a blank.
    """
    made = Environment(**options | {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})
    pages: Any = settings.TEMPLATES[0]
    for path in pages["OPTIONS"]["builtins"]:
        if path == __name__ or path.startswith(("django.", "crispy_forms.")):
            continue
        module = import_module(path)
        made.filters.update(module.register.filters)
        named = {name: getattr(module, name, None) for name in module.register.tags}
        made.globals.update({name: _as_function(tag) for name, tag in named.items() if callable(tag)})
    made.globals["url"] = _url
    return made


def _as_function(tag: Callable[..., Any]) -> Callable[..., Any]:
    """A tag of ours; one that reads the page's context gets that of the rows."""
    takes_context = next(iter(signature(tag).parameters), "") == "context"
    return pass_context(tag) if takes_context else tag


def _url(name: str, *values: Any) -> str:
    return reverse(name, args=values)


@register.simple_tag(takes_context=True)
def rows(context: Context, name: str, **more: Any) -> SafeString:
    """The rows that the template makes of what the page knows, and `more`. Raises TemplateDoesNotExist.

    A template that does not end in .jinja is one of Django's.
    """
    if not name.endswith(".jinja"):
        page: Any = context.template
        return mark_safe(page.engine.get_template(name).render(context))
    known: dict[str, Any] = {str(key): value for key, value in context.flatten().items()}
    return mark_safe(engines["jinja2"].get_template(name).render(known | more))
