"""`manage.py recompute FILE`: compare, write or print. Needs no database, no settings and no Django."""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from scoring.calculation import Analyses, Declined, Evaluation, NotAnEvaluation, SetResults, Simulation
from scoring.calculation.analysing import analyse
from scoring.calculation.figures import exact
from scoring.calculation.file.comparing import differences, has_results
from scoring.calculation.file.reading import load
from scoring.calculation.file.writing import pretty, with_results
from scoring.calculation.recomputing import recompute

SAME, DIFFERENT, NO_SUCH_FILE = 0, 1, 2
HELP = "Recompute an evaluation file and compare the results. See docs/evaluation-file.md."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--write", type=Path, metavar="OUT", help="write the file with its results")
    shape.add_argument("--json", action="store_true", help="print results as JSON instead of comparing")
    parser.add_argument("--agreement", action="store_true", help="how far evaluators agree")
    parser.add_argument("--effects", action="store_true", help="how strict evaluators are")
    parser.add_argument("--stability", action="store_true", help="how sure the ranking is")
    parser.add_argument("--draws", type=_count, default=10_000, metavar="N", help="weights to draw (10000)")
    parser.add_argument(
        "--kappa", type=_kappa, default=Fraction(100), metavar="K", help="closeness, or uniform (100)"
    )
    parser.add_argument("--top", type=_count, metavar="K", help="shortlist size (the lot’s slots, or 3)")
    parser.add_argument("--seed", type=_seed, default=1, metavar="S", help="seed of the draws (1)")
    parser.add_argument("--bootstrap", action="store_true", help="resample evaluators as well")
    parser.add_argument(
        "--withdrawal", action="store_true", help="whether withdrawing a proposal reorders others"
    )
    parser.add_argument("--portfolio", action="store_true", help="the best portfolio over all sets")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000_000:
        raise argparse.ArgumentTypeError("must be a whole number above 0")
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 30:
        raise argparse.ArgumentTypeError("must be a whole number")
    return int(text)


def _kappa(text: str) -> Fraction | str:
    found = exact(text)
    if text != "uniform" and (found is None or found <= 0):
        raise argparse.ArgumentTypeError("must be a number above 0, or uniform")
    return text if found is None else found


def main(arguments: Sequence[str]) -> int:
    """The whole command; the exit code. Wrong arguments exit with 2, as wrong files do."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="manage.py recompute", description=HELP)
    add_arguments(parser)
    return run(parser.parse_args(arguments), sys.stdout, sys.stderr)


def run(asked: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """0 if results are equal, written or printed; 1 if they differ; 2 with one sentence if there is no such file."""
    wanted = _wanted(asked)
    try:
        if asked.write and wanted != Analyses():
            raise NotAnEvaluation("Analyses are printed as JSON, so --write can’t be combined with them.")
        evaluation = load(asked.file)
        results = recompute(evaluation)
        if asked.write:
            return _write(asked.write, with_results(evaluation, results), out)
        if asked.json or wanted != Analyses():
            out.write(pretty(analyse(evaluation, wanted, results)) + "\n")
            return SAME
        return _compare(evaluation, results, out)
    except (NotAnEvaluation, Declined) as sentence:
        err.write(f"{_one_line(str(sentence))}\n")
        return NO_SUCH_FILE


def _wanted(asked: argparse.Namespace) -> Analyses:
    simulation = Simulation(asked.draws, asked.kappa, asked.top, asked.seed, asked.bootstrap)
    return Analyses(
        agreement=asked.agreement,
        effects=asked.effects,
        stability=simulation if asked.stability else None,
        withdrawal=asked.withdrawal,
        portfolio=asked.portfolio,
    )


def _compare(evaluation: Evaluation, results: Sequence[SetResults], out: TextIO) -> int:
    found = differences(evaluation, results)
    for line in found:
        out.write(f"{_one_line(line)}\n")
    if found:
        return DIFFERENT
    proposals = sum(len(each.rows) for each in results)
    size = f"{_counted(proposals, 'proposal')} in {_counted(len(results), 'set')}"
    if has_results(evaluation):
        out.write(f"All results are equal: {size}.\n")
    else:
        out.write(f"The file has no results to compare. It holds {size}; --write computes them.\n")
    return SAME


def _one_line(text: str) -> str:
    """Ids and keys may hold line breaks and escapes; printed, they must not look like lines of ours."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _write(path: Path, content: bytes, out: TextIO) -> int:
    """In one step: a reader never sees half a file."""
    temporary = None
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal
            path.write_bytes(content)
            return SAME
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise NotAnEvaluation(f"Can’t write {path}: {error.strerror}.") from error
    out.write(f"Wrote {path}.\n")
    return SAME


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
