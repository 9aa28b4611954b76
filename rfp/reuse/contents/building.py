"""Contents as rows of a draft, each through the form on which an admin would type it: one set of rules for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS

from portal.kit.parameters import ParamsError, params_from_json, problems
from portal.models import User
from rfp.publishing.forms.criterion import CriterionForm
from rfp.publishing.forms.heads import HeadForm
from rfp.publishing.forms.lots import LotForm
from rfp.publishing.forms.parts import ZONES
from rfp.publishing.forms.preference import PreferenceForm
from rfp.publishing.forms.requirement import RequirementForm
from rfp.publishing.forms.scoring import TIES, ScoringForm
from rfp.publishing.forms.sections import SectionsForm
from rfp.publishing.forms.windows import MilestoneForm, WindowForm
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.rules import RULEBOOK
from rfp.sections import KEYS

Row = Mapping[str, Any]
# A form's field → what the file calls it, where the names differ.
NAMES = {"scale_kind": "scale", "asked_if": "only_if"}


def build(contents: Row, *, number: str, title: str, by: User) -> Solicitation:
    """A new draft with these contents. Call it in a transaction. Raises FileWrong with every problem."""
    made = _Making(_head(contents, number=number, title=title, by=by))
    rfp = made.rfp
    for at, row in enumerate(contents.get("lots", ())):
        made.keep(lot_form(rfp, row), f"lots[{at}]")
    for at, row in enumerate(contents.get("criteria", ())):
        made.keep(criterion_form(rfp, row), f"criteria[{at}]")
    # A question that decides whether another is asked comes before it.
    for at, row in sorted(
        enumerate(contents.get("requirements", ())), key=lambda each: is_conditional(each[1])
    ):
        made.keep_requirement(row, f"requirements[{at}]")
    for at, row in enumerate(contents.get("preferences", ())):
        made.keep(PreferenceForm(rfp, typed(row)), f"preferences[{at}]")
    dates = contents.get("dates", {})
    for at, row in enumerate(dates.get("windows", ())):
        made.keep(WindowForm(rfp, _window(row, rfp)), f"dates.windows[{at}]")
    for at, row in enumerate(dates.get("milestones", ())):
        data = typed(row) | {"sign_up_until": _moment(row.get("sign_up_until"), rfp)}
        made.keep(MilestoneForm(rfp, data), f"dates.milestones[{at}]")
    if method := contents.get("method"):
        made.method(method)
    asked = [key for key in KEYS if key not in contents.get("sections_off", ())]
    made.keep(SectionsForm(rfp, {"asked": asked}), "sections_off")
    made.rules(contents.get("rules", {}))
    made.uses(contents.get("rule_uses", {}))
    if made.problems:
        raise FileWrong(made.problems)
    return rfp


def _head(contents: Row, *, number: str, title: str, by: User) -> Solicitation:
    row = dict(contents["head"]) | {"number": number or contents["head"].get("number", "")}
    if title:
        row["title"] = title
    if row.get("time_zone", "UTC") not in dict(ZONES):
        raise FileWrong([Problem("head.time_zone", "We don’t know this time zone.")])
    empty = Solicitation(created_by=by)
    if "time_zone" in row:
        empty.time_zone = row["time_zone"]
    data = typed({name: getattr(empty, name) for name in HeadForm.Meta.fields} | row)
    data["delivery_years"] = ", ".join(map(str, row.get("delivery_years", [])))
    data["questions_until"] = _moment(contents.get("dates", {}).get("questions_until"), empty)
    form = HeadForm(data, instance=empty)
    if not form.is_valid():
        raise FileWrong(problems_of(form, "head"))
    rfp: Solicitation = form.save()
    return rfp


# ---- one row on its form ------------------------------------------------------------------------------------------


def lot_form(rfp: Solicitation, row: Row, *, instance: Lot | None = None) -> LotForm:
    """A lot on its form; items are told apart by code, and those the row doesn't name stay."""
    data = typed({name: value for name, value in row.items() if name != "items"})
    stored = {item.code.casefold(): item for item in instance.items.all()} if instance else {}
    rows = list(row.get("items", ()))
    # The formset wants the stored ones first.
    rows.sort(key=lambda item: str(item.get("code", "")).casefold() not in stored)
    first = sum(str(item.get("code", "")).casefold() in stored for item in rows)
    data |= {"items-TOTAL_FORMS": str(len(rows)), "items-INITIAL_FORMS": str(first)}
    for at, item in enumerate(rows):
        data |= {f"items-{at}-{name}": value for name, value in typed(item).items()}
        if at < first:
            data[f"items-{at}-id"] = str(stored[str(item["code"]).casefold()].pk)
    return LotForm(rfp, data, instance=instance)


def criterion_form(rfp: Solicitation, row: Row, *, instance: Criterion | None = None) -> CriterionForm:
    """A criterion on its form, with the steps of its scale in the fields that its kind of scale has."""
    kind = row.get("scale") or "rfp"
    data = typed({name: value for name, value in row.items() if name not in ("scale", "steps")})
    data |= {"scale_kind": kind, **{"mode": data.get("mode") or Criterion.Mode.EVALUATOR}}
    data.setdefault("envelope", "technical")
    for at, step in enumerate(row.get("steps", ())):
        if kind in ("rfp", "yes_no"):
            data[f"anchor_{step.get('mark', at)}"] = step.get("text", "")
        else:
            data[f"mark_{at}"], data[f"text_{at}"] = step.get("mark", ""), step.get("text", "")
            data[f"value_{at}"] = _text(step.get("worth"))
    return CriterionForm(rfp, data, instance=instance)


def requirement_form(
    rfp: Solicitation, row: Row, *, instance: Requirement | None = None
) -> tuple[RequirementForm, list[Problem]]:
    """(a requirement on its form, the codes it names that the RFP doesn't have)."""
    lost: list[Problem] = []
    data = typed(row)
    lot = _coded(rfp.lots, row.get("lot"), "lot", "lot", lost)
    feeds = _coded(rfp.criteria, row.get("feeds"), "feeds", "criterion", lost)
    data |= {"lot": str(lot.pk) if lot else "", "feeds": str(feeds.pk) if feeds else ""}
    items = {item.code: str(item.pk) for item in lot.items.all()} if lot else {}
    data["applies_to"] = [items[code] for code in row.get("applies_to", ()) if code in items]
    lost += [
        Problem("applies_to", f"There is no item {code} in the lot.")
        for code in row.get("applies_to", ())
        if code not in items
    ]
    data["choices"], data["columns"] = "\n".join(row.get("choices", ())), "\n".join(row.get("columns", ()))
    expected = row.get("expected")
    as_lines = "\n".join(expected) if isinstance(expected, list) else ""
    data["expected"] = str(expected).lower() if isinstance(expected, bool) else as_lines
    data["asked_if"] = f"{row['only_if']}={row.get('only_if_answer', '')}" if is_conditional(row) else ""
    data |= {"not_a_price": "on", "answered_by": data.get("answered_by") or "response"}
    data["effect"] = data.get("effect") or Requirement.Effect.SCORED.value
    return RequirementForm(rfp, data, instance=instance), lost


def is_conditional(row: Row) -> bool:
    """Whether a requirement is asked only if another has an answer."""
    return bool(row.get("only_if"))


def problems_of(form: Any, where: str, names: Callable[[str], str] | None = None) -> Iterator[Problem]:
    """A form's errors, each at the path of its field."""
    if isinstance(form, LotForm):
        yield from problems_of(form.head, where)
        for at, each in enumerate(form.items.forms):
            yield from problems_of(each, f"{where}.items[{at}]")
        for text in form.items.non_form_errors():
            yield Problem(f"{where}.items", str(text))
        return
    for name, texts in form.errors.items():
        place = where if name == NON_FIELD_ERRORS else f"{where}.{(names or _named)(name)}"
        for text in texts:
            yield Problem(place, str(text))


def _named(name: str) -> str:
    kind, _, at = name.rpartition("_")
    if at.isdigit() and kind in ("mark", "text", "value", "anchor"):
        return f"steps[{at}].{({'value': 'worth', 'anchor': 'text'}).get(kind, kind)}"
    if kind == "tie":
        return f"ties[{int(at) - 1}]"
    return NAMES.get(name, name)


def typed(row: Row) -> dict[str, Any]:
    """Values as a browser would send them."""
    return {
        name: _text(value)
        for name, value in row.items()
        if value is not False and not isinstance(value, list | dict)
    }


def _text(value: Any) -> str:
    return "" if value is None else "on" if value is True else str(value)


def _coded(rows: Any, code: str | None, field: str, word: str, lost: list[Problem]) -> Any:
    if not code:
        return None
    row = rows.filter(code=code).first()
    if row is None:
        lost.append(Problem(field, f"There is no {word} {code}."))
    return row


def _window(row: Row, rfp: Solicitation) -> dict[str, Any]:
    return typed(row) | {name: _moment(row.get(name), rfp) for name in ("opens_at", "closes_at")}


def _moment(text: str | None, rfp: Solicitation) -> str:
    """A moment as it is typed: local time in the RFP's zone. One that is none stays as it is, and the form says so."""
    try:
        return (
            datetime.fromisoformat(text).astimezone(rfp.zone).replace(tzinfo=None).isoformat() if text else ""
        )
    except (ValueError, OverflowError):
        return str(text)


class _Making:
    """An RFP in the making, and what was wrong so far."""

    def __init__(self, rfp: Solicitation) -> None:
        self.rfp = rfp
        self.problems: list[Problem] = []

    def keep(self, form: Any, where: str) -> None:
        if form.is_valid():
            form.save()
        else:
            self.problems += problems_of(form, where)

    def keep_requirement(self, row: Row, where: str) -> None:
        form, lost = requirement_form(self.rfp, row)
        if lost:
            self.problems += [Problem(f"{where}.{each.where}", each.why) for each in lost]
        else:
            self.keep(form, where)

    def method(self, row: Row) -> None:
        rfp = self.rfp
        shown = {name: getattr(rfp, name) for name in ScoringForm.Meta.fields} | dict(row)
        data = typed(shown) | {
            "trim": _text(_percent(shown["trim"])),
            "reference": row.get("reference", "public"),
        }
        data |= dict(zip(TIES, row.get("ties", rfp.tie_chain), strict=False))
        if marks := row.get("anchor_map"):
            rfp.anchor_map = marks
            if list(marks.values()) != sorted(marks.values()) or (marks["0"], marks["5"]) != (0, 100):
                self.problems.append(Problem("method.anchor_map", "Marks must rise from 0 to 100."))
        self.keep(ScoringForm(data, instance=rfp), "method")

    def uses(self, uses: Row) -> None:
        for code, use in uses.items():
            rule = next((each for each in RULEBOOK.rules if each.code == code), None)
            if rule is None:
                self.problems.append(Problem(f"rule_uses.{code}", "There is no such rule."))
            elif not rule.may_be_off:
                self.problems.append(Problem(f"rule_uses.{code}", "This rule counts in every RFP."))
            elif not use["reason"].strip():
                self.problems.append(Problem(f"rule_uses.{code}.reason", "Say why."))
        self.rfp.rule_uses = dict(uses)
        self.rfp.save(update_fields=["rule_uses"])

    def rules(self, settings: Row) -> None:
        if not settings:
            return
        try:
            found = params_from_json(RULEBOOK, settings)
        except ParamsError as error:
            self.problems.append(Problem("rules", str(error)))
            return
        wrong = problems({code: found[code] for code in settings})
        self.problems += [Problem(f"rules.{code}.{name}", words) for (code, name), words in wrong.items()]
        if not wrong:
            self.rfp.rule_params = dict(settings)
            self.rfp.save(update_fields=["rule_params"])


def _percent(share: Any) -> Any:
    try:
        return (Decimal(str(share)) * 100).normalize() if share not in (None, "") else ""
    except InvalidOperation:
        return share
