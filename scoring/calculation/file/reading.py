"""From bytes to an evaluation: strict JSON, the shape, then what the shape can't say (references, scales, methods)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from scoring.calculation.facts import (
    Adjustment,
    Cell,
    Criterion,
    Evaluation,
    EvaluationSet,
    Mark,
    Method,
    NotAnEvaluation,
    PortfolioTerms,
    PriceTerms,
    Proposal,
)
from scoring.calculation.figures import HUNDRED, Literal, exact, printed
from scoring.calculation.file.checking import check_method, check_portfolio, check_set
from scoring.calculation.file.shapes import evaluation_shape, quoted
from scoring.calculation.scales import OffTheScale, Scale

EXTRACT = "onshore-extract/1"


def load(source: Path | str | bytes) -> Evaluation:
    """The evaluation in a file (a path) or in its bytes. Raises NotAnEvaluation with one sentence."""
    if not isinstance(source, bytes):
        path = Path(source)
        try:
            source = path.read_bytes()
        except (OSError, ValueError) as error:
            raise NotAnEvaluation(f"Can’t open {path}: {getattr(error, 'strerror', error)}.") from error
    return read(parse(source))


def parse(content: bytes) -> Any:
    """JSON with every number as it was written. Refuses doubled keys, NaN, and text that is not Unicode."""
    try:
        text = content.decode("utf-8-sig")
        found = json.loads(
            text,
            parse_int=Literal,
            parse_float=Literal,
            parse_constant=_no_constant,
            object_pairs_hook=_no_doubled_key,
        )
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise NotAnEvaluation("The file is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise NotAnEvaluation(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise NotAnEvaluation("The file nests objects or lists too deeply.") from error
    return found


def _no_constant(name: str) -> Any:
    raise NotAnEvaluation(f"The file is not JSON: it holds {name}.")


def _no_doubled_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotAnEvaluation(f"The file has the key {quoted(twice)} twice in one object.")
    return found


def read(raw: Any) -> Evaluation:
    """The evaluation in parsed JSON. Raises NotAnEvaluation."""
    if isinstance(raw, dict) and raw.get("format") == EXTRACT:
        raise NotAnEvaluation(
            f"The file is an extract ({EXTRACT}) of one proposal; only a whole evaluation can be recomputed."
        )
    found = evaluation_shape()(raw, "")
    criteria = _criteria(found["criteria"])
    method = _method(found["method"])
    check_method(method, criteria)
    by_code = {criterion.code: criterion for criterion in criteria}
    default_quorum = found["method"]["quorum"]
    criteria = tuple(_with_quorum(criterion, default_quorum) for criterion in criteria)
    listed = found.get("evaluators")
    sets = []
    for index, each in enumerate(found["sets"]):
        sets.append(_set(each, f"sets[{index}]", by_code, method, listed))
    _no_doubles(
        [(each.window, each.lot) for each in sets], "sets", lambda pair: f"window {pair[0]}, lot “{pair[1]}”"
    )
    portfolio = PortfolioTerms(**found["portfolio"]) if "portfolio" in found else None
    if portfolio:
        check_portfolio(portfolio, sets)
    return Evaluation(
        raw=raw,
        method=method,
        criteria=criteria,
        evaluators=tuple(_named(sets)) if listed is None else listed,
        sets=tuple(sets),
        portfolio=portfolio,
        inputs_sha256=found.get("inputs_sha256"),
    )


def _no_doubles(keys: Sequence[Any], path: str, words: Any = quoted) -> None:
    if len(set(keys)) < len(keys):
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise NotAnEvaluation(f"{path} names {words(twice)} twice.")


def _named(sets: Sequence[EvaluationSet]) -> list[str]:
    """The evaluators named in marks, in the order of their names."""
    return sorted({mark.evaluator for each in sets for marks in each.marks.values() for mark in marks})


def _method(found: Mapping[str, Any]) -> Method:
    price = dict(found["price"])
    if price["points"] is None and found["technical_share"] is not None:
        price["points"] = HUNDRED
    same = {key: value for key, value in found.items() if key not in ("price", "rounding", "quorum")}
    places = found["rounding"]["places"] if found["rounding"] else None
    return Method(**same, price=PriceTerms(**price), places=places)


def _criteria(found: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    _no_doubles([each["code"] for each in found], "criteria")
    criteria = []
    for index, each in enumerate(found):
        scale = _scale(each["scale"], f"criteria[{index}].scale")
        criteria.append(Criterion(**{"title": each["code"], **each, "scale": scale}))
    return tuple(criteria)


def _with_quorum(criterion: Criterion, default: Any) -> Criterion:
    from dataclasses import replace

    return criterion if criterion.quorum is not None else replace(criterion, quorum=default)


def _scale(found: Mapping[str, Any], path: str) -> Scale:
    if "anchors" not in found:
        if not found["min"] < found["max"]:
            raise NotAnEvaluation(f"{path} needs a max above its min.")
        return Scale(low=found["min"], high=found["max"])
    anchors = {}
    for mark, value in found["anchors"].items():
        number = exact(mark)
        if number is None:
            raise NotAnEvaluation(
                f"{path}.anchors has the mark {quoted(mark)}, which is not a decimal number."
            )
        if number in anchors:
            raise NotAnEvaluation(f"{path}.anchors has the mark {printed(number)} twice.")
        anchors[number] = value
    return Scale(anchors=anchors)


def _set(
    found: Mapping[str, Any],
    path: str,
    by_code: Mapping[str, Criterion],
    method: Method,
    listed: Sequence[str] | None,
) -> EvaluationSet:
    proposals = tuple(_proposal(each, method) for each in found["proposals"])
    _no_doubles([each.id for each in proposals], f"{path}.proposals")
    known = {each.id for each in proposals}
    for kind in ("marks", "automatic", "consensus", "decisions"):
        for index, row in enumerate(found[kind]):
            _check_names(row, f"{path}.{kind}[{index}]", known, by_code)
    read_set = EvaluationSet(
        window=found["window"],
        lot=found["lot"],
        proposals=proposals,
        marks=_marks(found["marks"], f"{path}.marks", by_code, listed),
        automatic=_automatic(found["automatic"], f"{path}.automatic", by_code),
        consensus=_consensus(found["consensus"], f"{path}.consensus", by_code),
        stored=found.get("results"),
    )
    check_set(read_set, path, method)
    return read_set


def _check_names(
    row: Mapping[str, Any], path: str, known: set[str], by_code: Mapping[str, Criterion]
) -> None:
    if row["proposal"] not in known:
        raise NotAnEvaluation(
            f"{path} names the proposal {quoted(row['proposal'])}, which the set doesn’t have."
        )
    if "criterion" in row and row["criterion"] not in by_code:
        raise NotAnEvaluation(
            f"{path} names the criterion {quoted(row['criterion'])}, which the file doesn’t have."
        )


def _proposal(found: Mapping[str, Any], method: Method) -> Proposal:
    reference = found["reference"]
    return Proposal(
        id=found["id"],
        price=found["price"],
        reference=method.price.reference if reference is None else reference,
        received_at=found["received_at"],
        gate=found["gate"],
        draw=found["draw"],
        holds=found["holds"],
        adjustments=tuple(
            Adjustment(kind=each["kind"], value=each["value"], cap=each["cap"])
            for each in found["adjustments"]
        ),
        categories=frozenset(found["categories"]),
        state=found["state"],
        supplier=found["supplier"],
        stage=found["stage"],
    )


def _marks(
    rows: Sequence[Mapping[str, Any]],
    path: str,
    by_code: Mapping[str, Criterion],
    listed: Sequence[str] | None,
) -> Mapping[Cell, Sequence[Mark]]:
    allowed = None if listed is None else set(listed)
    found: dict[Cell, dict[str, Mark]] = {}
    values: dict[tuple[str, Fraction | None], Fraction | None] = {}
    for index, row in enumerate(rows):
        evaluator, where = row["evaluator"], f"{path}[{index}]"
        if allowed is not None and evaluator not in allowed:
            raise NotAnEvaluation(
                f"{where} names the evaluator {quoted(evaluator)}, who isn’t in the file’s list."
            )
        if row["status"] == "given" and row["mark"] is None:
            raise NotAnEvaluation(f"{where} has the status given, but no mark.")
        of_cell = found.setdefault((row["proposal"], row["criterion"]), {})
        if evaluator in of_cell:
            raise NotAnEvaluation(
                f"{where} is the second mark of {quoted(evaluator)} for proposal {quoted(row['proposal'])} "
                f"and criterion {quoted(row['criterion'])}."
            )
        key = (row["criterion"], row["mark"])
        if key not in values:
            values[key] = _value(row, where, by_code)
        value = values[key]
        of_cell[evaluator] = Mark(evaluator=evaluator, status=row["status"], mark=row["mark"], value=value)
    return {cell: tuple(marks[each] for each in sorted(marks)) for cell, marks in found.items()}


def _value(row: Mapping[str, Any], path: str, by_code: Mapping[str, Criterion]) -> Any:
    if row["mark"] is None:
        return None
    try:
        return by_code[row["criterion"]].scale.value(row["mark"])
    except OffTheScale as off:
        raise NotAnEvaluation(
            f"{path} has the mark {printed(row['mark'])} for criterion {quoted(row['criterion'])}, but {off}."
        ) from off


def _automatic(rows: Sequence[Mapping[str, Any]], path: str, by_code: Mapping[str, Criterion]) -> Any:
    for index, row in enumerate(rows):
        if by_code[row["criterion"]].mode != "automatic":
            raise NotAnEvaluation(
                f"{path}[{index}] names criterion {quoted(row['criterion'])}, which is not automatic."
            )
    return _by_cell(rows, path, [row["value"] for row in rows])


def _consensus(rows: Sequence[Mapping[str, Any]], path: str, by_code: Mapping[str, Criterion]) -> Any:
    values = [_value(row, f"{path}[{index}]", by_code) for index, row in enumerate(rows)]
    return _by_cell(rows, path, values)


def _by_cell(rows: Sequence[Mapping[str, Any]], path: str, values: Sequence[Any]) -> Mapping[Cell, Any]:
    cells = [(row["proposal"], row["criterion"]) for row in rows]
    found = dict(zip(cells, values, strict=True))
    if len(found) < len(cells):
        seen: set[Cell] = set()
        for cell in cells:
            if cell in seen:
                raise NotAnEvaluation(
                    f"{path} has proposal {quoted(cell[0])} and criterion {quoted(cell[1])} twice."
                )
            seen.add(cell)
    return found
