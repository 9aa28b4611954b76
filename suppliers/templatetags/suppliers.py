"""Words for what suppliers and lists store as codes."""

from django import template

from suppliers.reference.countries import COUNTRY_NAMES

register = template.Library()


@register.filter
def words(code: str) -> str:
    """ "former_name" → "former name"."""
    return str(code).replace("_", " ")


@register.filter
def country(code: str) -> str:
    """The country's name; what is no code is a name already."""
    return COUNTRY_NAMES.get(code, code)
