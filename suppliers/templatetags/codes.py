"""Words for what suppliers and lists store as codes."""

from collections.abc import Mapping

from django import template

from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.screening import desk

register = template.Library()


@register.filter
def words(code: str) -> str:
    """ "former_name" → "former name"."""
    return str(code).replace("_", " ")


# Roles of a screened name that do not read well as they are stored.
ROLES = {"dba": "trade name", "native_name": "name in original script"}


@register.filter
def role(code: str) -> str:
    """What a screened name is to its supplier: "trade name", "former name", "owner"."""
    return ROLES.get(code, words(code))


@register.filter
def country(code: str) -> str:
    """The country's name; what is no code is a name already."""
    return COUNTRY_NAMES.get(code, code)


@register.filter
def item(mapping: Mapping[str, str], key: str) -> str:
    """What a mapping holds for a key; the key where it holds nothing."""
    return mapping.get(key, key)


@register.filter
def list_title(source: str) -> str:
    """The full name of a screening list."""
    return desk.list_title(source)
