"""What a rule may be told: each parameter says in its own declaration what it is called and what it may be. Pure.

    @dataclass(frozen=True, kw_only=True)
    class CapacityParams:
        full: Decimal = setting(Decimal(100), "Full capacity use", unit="%")

The pages that show and change parameters read the label and the unit from there, and `problems` reads the limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from portal.kit.codec import CodecError, dump, load
from portal.kit.formats import day, number

LARGEST = Decimal(10) ** 12
MOST_WHOLE = 10_000_000
PLACES = 6
MOST_LINES, LONGEST_LINE, MOST_NUMBERS = 200, 200, 12


class ParamsError(ValueError):
    """Stored parameters name a rule or a setting that does not exist, or hold a wrong value."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One parameter as declared.

    `least` and `most` hold for the number, or for each of several numbers; None means the widest limits that there
    are. `line` is a pattern for each line of a table, and `example` such a line. `up_to` names another parameter of
    the same rule that this one may not exceed. `basis` and `as_of` say where the built-in value is from.
    """

    name: str
    label: str
    unit: str = ""
    least: Decimal | int | None = None
    most: Decimal | int | None = None
    line: str = ""
    example: str = ""
    up_to: str = ""
    basis: str = ""
    as_of: date | None = None

    @property
    def title(self) -> str:
        """The label with its unit, as it stands beside a field."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def origin(self) -> str:
        """Where the built-in value is from, for the help beside a field; blank where nothing is declared."""
        when = f", as of {day(self.as_of)}" if self.as_of else ""
        return f"Basis: {self.basis}{when}" if self.basis else ""


def setting(default: Any, label: str, **about: Any) -> Any:
    """A dataclass field with what `Setting` says about it. Raises TypeError for a word that `Setting` lacks."""
    Setting(name="", label=label, **about)
    return field(default=default, metadata={"label": label, **about})


def settings_of(params: Any) -> dict[str, Setting]:
    """A params dataclass, or one of them: name → what is declared about it, in order."""
    return {each.name: _declared(each) for each in fields(params)}


def _declared(each: Field[Any]) -> Setting:
    return Setting(**{"name": each.name, "label": each.name.replace("_", " ").capitalize(), **each.metadata})


def check_declaration(params: type[Any]) -> None:
    """Raises ValueError where a params dataclass contradicts itself: no default, or one beyond its own limits."""
    for each in fields(params):
        if each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{params.__name__}.{each.name} has no default.")
    for name, about in settings_of(params).items():
        if about.up_to and about.up_to not in settings_of(params):
            raise ValueError(f"{params.__name__}.{name} may not exceed {about.up_to}, which does not exist.")
    for name, words in _problems(params()):
        raise ValueError(f"{params.__name__}.{name} is built in beyond its own limits: {words}.")


def overlaid(code: str, defaults: Any, settings: Any) -> Any:
    """The parameters of one rule with what is stored laid over them. Raises ParamsError naming the setting."""
    known = {each.name for each in fields(defaults)}
    if not isinstance(settings, Mapping):
        raise ParamsError(f"{code}: settings must be a table of names and values.")
    for name in settings:
        if name not in known:
            raise ParamsError(f"{code} has no setting called {name}.")
    try:
        return load(type(defaults), {**dump(defaults), **settings})
    except CodecError as error:
        raise ParamsError(f"{code}: {error}") from error


def problems(params: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(rule's code, parameter) → what is wrong with it. `params` has the rules' parameters and others by code."""
    return {(code, name): words for code, each in params.items() for name, words in _problems(each)}


def _problems(params: Any) -> Iterator[tuple[str, str]]:
    declared = settings_of(params)
    alone = {
        name: words for name, about in declared.items() if (words := _problem(about, getattr(params, name)))
    }
    yield from alone.items()
    for name, about in declared.items():
        # Only numbers can be compared.
        if not about.up_to or {name, about.up_to} & alone.keys():
            continue
        value, limit = getattr(params, name), getattr(params, about.up_to)
        if value > limit:
            yield name, f"Can’t be more than “{declared[about.up_to].label}”, {number(limit)}"


def _problem(about: Setting, value: Any) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return _whole(about, value)
    if isinstance(value, Decimal):
        return _decimal(about, value)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
        if len(value) > MOST_NUMBERS:
            return f"Enter at most {MOST_NUMBERS} numbers"
        return next((words for each in value if (words := _whole(about, each))), "")
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return _lines(about, value)
    return ""


def _whole(about: Setting, value: int) -> str:
    least, most = _limits(about, MOST_WHOLE)
    return "" if least <= value <= most else f"Enter a number from {number(least)} to {number(most)}"


def _decimal(about: Setting, value: Decimal) -> str:
    least, most = _limits(about, LARGEST)
    if not value.is_finite() or not least <= value <= most:
        return f"Enter a number from {number(least)} to {number(most)}"
    if -int(value.as_tuple().exponent) > PLACES:
        return f"Enter at most {PLACES} decimal places"
    return ""


def _limits(about: Setting, most: Decimal | int) -> tuple[Decimal | int, Decimal | int]:
    return (0 if about.least is None else about.least, most if about.most is None else about.most)


def _lines(about: Setting, lines: tuple[str, ...]) -> str:
    if len(lines) > MOST_LINES:
        return f"Enter at most {MOST_LINES} lines"
    if any(len(line) > LONGEST_LINE for line in lines):
        return f"A line can have at most {LONGEST_LINE} characters"
    wrong = next((line for line in lines if about.line and not re.fullmatch(about.line, line)), "")
    return f"“{wrong[:60]}” does not match the format “{about.example}”" if wrong else ""


# ---- of a whole rulebook ------------------------------------------------------------------------------------------


class Ruled(Protocol):
    """A rule, as far as its parameters go."""

    @property
    def code(self) -> str: ...
    @property
    def params(self) -> type[Any]: ...


class Book(Protocol):
    """A rulebook, as far as its rules' parameters go."""

    @property
    def version(self) -> str: ...
    @property
    def rules(self) -> Sequence[Ruled]: ...


def default_params(rulebook: Book) -> dict[str, Any]:
    """Rule code → its parameters with the built-in defaults."""
    return {rule.code: rule.params() for rule in rulebook.rules}


def params_to_json(params: Mapping[str, Any]) -> dict[str, Any]:
    """Rule code → JSON-ready settings, for storing beside an assessment."""
    return {code: dump(value) for code, value in params.items()}


def params_from_json(rulebook: Book, data: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults overlaid with stored settings. Raises ParamsError naming the unknown rule or setting."""
    params = default_params(rulebook)
    for code, settings in data.items():
        if code not in params:
            raise ParamsError(f"Rulebook {rulebook.version} has no rule {code}.")
        params[code] = overlaid(code, params[code], settings)
    return params
