"""The rules engine: rules in, findings out. Pure: no framework, no clock, no database.

A rule is a function of facts, parameters and the assessment date, and answers with one Verdict or several
(parts: a year, a requirement, a certificate). The engine adds what the rule declares about itself and
returns Findings.

    @rule("FA-1", title="Site in the United States", basis="Solicitation 4.1", params=SiteParams)
    def site_in_the_united_states(facts: ProposalFacts, params: SiteParams, *, on: date) -> Verdict:
        if ...:
            return met("Lancaster, OH 43130")
        return not_met("ZIP code 43215 belongs to OH, not TX.", fix="Correct the ZIP code or the state.")

Sealing: a finding has one envelope. Before its envelope is opened a buyer may read `sealed(finding)` only:
the outcome, no message, no numbers. A rule that knows both shares and amounts answers with two parts, the
amounts in one whose envelope is PRICE; so no text ever mixes the two.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

from portal.codec import CodecError, canonical, dump, load

log = logging.getLogger(__name__)

Facts = TypeVar("Facts")
Wider = TypeVar("Wider")


class Outcome(StrEnum):
    """What a rule found. Missing input, a stale list and a crash are `refer`: a person decides."""

    MET = "met"
    NOT_MET = "not_met"
    REFER = "refer"
    NOT_APPLICABLE = "not_applicable"


class Effect(StrEnum):
    """What a `not_met` does: a knock-out waits for a person's confirmation, advice does not exclude."""

    KNOCKOUT = "knockout"
    ADVISORY = "advisory"


class Audience(StrEnum):
    """The least privileged reader: `supplier` means everyone, `chair` means chairs and officers only."""

    SUPPLIER = "supplier"
    BUYER = "buyer"
    CHAIR = "chair"


class Envelope(StrEnum):
    """Which opening makes the content readable to buyers."""

    TECHNICAL = "technical"
    PRICE = "price"


_RANK = {Audience.SUPPLIER: 0, Audience.BUYER: 1, Audience.CHAIR: 2}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule's outcome for one part of the subject; what is stored and shown."""

    rule: str
    part: str
    outcome: Outcome
    effect: Effect
    audience: Audience
    envelope: Envelope
    title: str
    message: str
    fix: str
    basis: str
    legal_effect: str
    numbers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule's bare answer. What is None is taken from the rule's declaration."""

    outcome: Outcome
    message: str
    part: str = ""
    fix: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    effect: Effect | None = None
    audience: Audience | None = None
    envelope: Envelope | None = None
    basis: str | None = None

    def but(self, **changes: Any) -> "Verdict":
        """The same answer with, say, another effect: `not_met(...).but(effect=Effect.KNOCKOUT)`."""
        return replace(self, **changes)


Answer: TypeAlias = Verdict | Sequence[Verdict]
Check: TypeAlias = Callable[..., Answer]
Number: TypeAlias = Decimal | int | str | date | bool
Numbers: TypeAlias = Mapping[str, Number]
NONE: Numbers = MappingProxyType({})


def met(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The line was reached."""
    return Verdict(outcome=Outcome.MET, message=message, part=part, fix=fix, numbers=_texts(numbers))


def not_met(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The line was not reached; `fix` says what would reach it."""
    return Verdict(outcome=Outcome.NOT_MET, message=message, part=part, fix=fix, numbers=_texts(numbers))


def refer(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """A person decides: input is missing, in doubt or near the line."""
    return Verdict(outcome=Outcome.REFER, message=message, part=part, fix=fix, numbers=_texts(numbers))


def not_applicable(message: str, *, part: str = "", fix: str = "", numbers: Numbers = NONE) -> Verdict:
    """The rule does not concern this subject."""
    return Verdict(
        outcome=Outcome.NOT_APPLICABLE, message=message, part=part, fix=fix, numbers=_texts(numbers)
    )


@dataclass(frozen=True)
class NoParams:
    """For rules with nothing to set."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[Facts]):
    """A check and what it declares about itself."""

    code: str
    title: str
    basis: str
    effect: Effect
    audience: Audience
    envelope: Envelope
    legal_effect: str
    params: type[Any]
    check: Check

    @property
    def description(self) -> str:
        """The rule in one paragraph, for the public list of rules: the check's docstring."""
        return " ".join((self.check.__doc__ or "").split())

    def findings(self, facts: Facts, params: Any, *, on: date) -> tuple[Finding, ...]:
        """Run the check. Raises whatever it raises, and ValueError when two answers name the same part."""
        answer = self.check(facts, params, on=on)
        verdicts = (answer,) if isinstance(answer, Verdict) else tuple(answer)
        if len({verdict.part for verdict in verdicts}) != len(verdicts):
            raise ValueError(f"{self.code} answered twice for one part")
        return tuple(self._finding(verdict) for verdict in verdicts)

    def seen_from(self, subject: Callable[[Wider], Facts]) -> "Rule[Wider]":
        """The same rule over wider facts: `UEI.seen_from(lambda proposal: proposal.supplier)`."""
        inner = self.check

        def check(facts: Wider, params: Any, *, on: date) -> Answer:
            return inner(subject(facts), params, on=on)

        check.__doc__ = inner.__doc__
        return Rule(**{**{f.name: getattr(self, f.name) for f in fields(self)}, "check": check})

    def _finding(self, verdict: Verdict) -> Finding:
        return Finding(
            rule=self.code,
            part=verdict.part,
            outcome=verdict.outcome,
            effect=verdict.effect or self.effect,
            audience=verdict.audience or self.audience,
            envelope=verdict.envelope or self.envelope,
            title=verdict.title or self.title,
            message=verdict.message,
            fix=verdict.fix,
            basis=verdict.basis or self.basis,
            legal_effect=self.legal_effect,
            numbers=dict(verdict.numbers),
        )


def rule(
    code: str,
    *,
    title: str,
    basis: str,
    effect: Effect = Effect.ADVISORY,
    audience: Audience = Audience.SUPPLIER,
    envelope: Envelope = Envelope.TECHNICAL,
    legal_effect: str = "Guideline: not legally binding on a private buyer.",
    params: type[Any] = NoParams,
) -> Callable[[Check], Rule[Any]]:
    """Declare a rule. `params` is a frozen dataclass whose defaults an administrator may change."""

    def declare(check: Check) -> Rule[Any]:
        return Rule(
            code=code,
            title=title,
            basis=basis,
            effect=effect,
            audience=audience,
            envelope=envelope,
            legal_effect=legal_effect,
            params=params,
            check=check,
        )

    return declare


@dataclass(frozen=True)
class Rulebook(Generic[Facts]):
    """A dated, ordered set of rules. Raise the version when a rule's meaning changes."""

    version: str
    rules: tuple[Rule[Facts], ...]

    def __post_init__(self) -> None:
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) != len(codes):
            raise ValueError("A rulebook can name each rule only once.")

    def __getitem__(self, code: str) -> Rule[Facts]:
        for candidate in self.rules:
            if candidate.code == code:
                return candidate
        raise KeyError(code)


class ParamsError(ValueError):
    """Stored parameters name a rule or a setting that does not exist, or hold a wrong value."""


def default_params(rulebook: Rulebook[Any]) -> dict[str, Any]:
    """Rule code → its parameters with the built-in defaults."""
    return {rule.code: rule.params() for rule in rulebook.rules}


def params_to_json(params: Mapping[str, Any]) -> dict[str, Any]:
    """Rule code → JSON-ready settings, for storing beside an assessment."""
    return {code: dump(value) for code, value in params.items()}


def params_from_json(rulebook: Rulebook[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults overlaid with stored settings. Raises ParamsError naming the unknown rule or setting."""
    params = default_params(rulebook)
    for code, settings in data.items():
        if code not in params:
            raise ParamsError(f"Rulebook {rulebook.version} has no rule {code}.")
        params[code] = _overlaid(code, params[code], settings)
    return params


def _overlaid(code: str, defaults: Any, settings: Any) -> Any:
    known = {f.name for f in fields(defaults)}
    if not isinstance(settings, Mapping):
        raise ParamsError(f"{code}: settings must be a table of names and values.")
    for name in settings:
        if name not in known:
            raise ParamsError(f"{code} has no setting called {name}.")
    try:
        return load(type(defaults), {**dump(defaults), **settings})
    except CodecError as error:
        raise ParamsError(f"{code}: {error}") from error


def assess(
    rules: Sequence[Rule[Facts]], facts: Facts, params: Mapping[str, Any], *, on: date
) -> tuple[Finding, ...]:
    """Every rule's findings, in the order of the rules. A rule that crashes is referred to a person."""
    found: list[Finding] = []
    for each in rules:
        try:
            found.extend(each.findings(facts, params[each.code], on=on))
        except Exception as error:
            # The exception's text may hold sealed figures or names: only its kind and place are logged.
            log.error(
                "rule %s could not be computed: %s at %s", each.code, type(error).__name__, _place(error)
            )
            found.append(each._finding(refer("We couldn’t calculate this. A person will review it.")))
    return tuple(found)


def input_hash(
    rulebook: Rulebook[Any], facts: Any, params: Mapping[str, Any], on: date, lists: Mapping[str, str]
) -> str:
    """SHA-256 (hex) over all that decides an assessment: rulebook version, facts, parameters, date, list
    snapshots.

    It covers sealed content, so it is not shown to buyers before every envelope is open.
    """
    subject = {
        "rulebook": rulebook.version,
        "facts": dump(facts),
        "params": params_to_json(params),
        "on": on.isoformat(),
        "lists": dict(lists),
    }
    return hashlib.sha256(canonical(subject).encode()).hexdigest()


def may_read(reader: Audience, finding_audience: Audience) -> bool:
    """Whether a reader of this standing sees a finding made for that audience."""
    return _RANK[Audience(reader)] >= _RANK[Audience(finding_audience)]


def sealed(finding: Finding) -> Finding:
    """What a buyer reads while the finding's envelope is closed: the outcome, without words or numbers."""
    return replace(finding, message="", fix="", numbers={})


def _texts(numbers: Numbers) -> dict[str, str]:
    return {name: _text(value) for name, value in numbers.items()}


def _text(value: Number) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
