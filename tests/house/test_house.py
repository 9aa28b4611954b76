"""The rules of the house: who may import whom, that pure modules are pure when they run, and how long a template is."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PURE = next(contract for contract in CONTRACTS if contract["name"].startswith("Pure modules"))


def modules_below(package: str) -> list[str]:
    """The module itself and, for a package, every module in it."""
    folder = CHECKOUT / package.replace(".", "/")
    if not folder.is_dir():
        return [package]
    inside = (path.relative_to(CHECKOUT).with_suffix("") for path in sorted(folder.rglob("*.py")))
    return [".".join(path.parts).removesuffix(".__init__") for path in inside]


def test_the_import_contracts_hold() -> None:
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("package", PURE["source_modules"])
def test_a_pure_module_loads_neither_django_nor_celery(package: str) -> None:
    """In a fresh interpreter: an import hidden in a function or in a package's `__init__` counts as well."""
    modules = modules_below(package)
    loaded = "sorted({'django', 'celery', 'kombu'} & set(sys.modules))"
    code = f"import sys, {', '.join(modules)}\nprint(*{loaded})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_every_pure_module_is_typed_strictly() -> None:
    """What the contract calls pure, mypy checks with every type written down."""
    overrides = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    strict = {
        name.removesuffix(".*")
        for override in overrides
        if override.get("disallow_untyped_defs")
        for name in override["module"]
    }
    assert set(PURE["source_modules"]) <= strict


def test_locks_name_no_host() -> None:
    locks = [*CHECKOUT.glob("requirements*.txt"), *CHECKOUT.glob("requirements*.in"), CHECKOUT / ".npmrc"]
    named = [lock.name for lock in locks if "://" in lock.read_text()]
    assert (len(locks), named) == (9, [])
    assert '"resolved"' not in (CHECKOUT / "package-lock.json").read_text()


TEMPLATES = sorted(path for path in (CHECKOUT / "templates").rglob("*") if path.suffix in (".html", ".jinja"))
BUILT_IN = set(re.findall(r'"[\w.]+\.templatetags\.(\w+)",', (CHECKOUT / "portal/settings.py").read_text()))


def test_every_template_has_lines_a_person_can_read() -> None:
    """Letters (.txt) are not counted: where their lines end is how they read."""
    long = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert (len(TEMPLATES) > 300, long) == (True, [])


def test_no_template_has_more_than_a_hundred_lines() -> None:
    """Rows and sections of a long page are parts of their own."""
    assert [str(path) for path in TEMPLATES if len(path.read_text().splitlines()) > 100] == []


def test_no_template_loads_what_is_built_in() -> None:
    assert {"static", "words", "codes"} <= BUILT_IN
    loaded = {
        str(path.relative_to(CHECKOUT)): BUILT_IN & set(words.split())
        for path in TEMPLATES
        for words in re.findall(r"{% load ([^%]+) %}", path.read_text())
    }
    assert {path: names for path, names in loaded.items() if names} == {}


# ---- how long and how wide ------------------------------------------------------------------------------------------

CODE = [
    path
    for top in ("portal", "suppliers", "rfp", "scoring", "tests", "tools")
    for path in sorted((CHECKOUT / top).rglob("*.py"))
    if "migrations" not in path.parts
]
# Data, sample stories, measurements: long because there is much to tell.
LONG_FILES = {
    "scoring/bench.py",
    "suppliers/reference/generic_words.py",
    "tests/factories/__init__.py",
    "tests/house/test_recipes.py",
    "tests/image/__main__.py",
    "tests/processes/chaos.py",
    "tests/whole/test_acts.py",
    "tests/whole/test_matrix.py",
}
# Really tables: a field or a column a line.
LONG_FUNCTIONS = {
    "portal/kit/compliance.py:rule",
    "rfp/bom/costs.py:roll_up",
    "rfp/proposals/revision_facts.py:facts_about",
    "scoring/bench.py:_marking",
    "scoring/bench.py:_pages",
    "scoring/bench_data.py:_evaluation",
    "scoring/bench_data.py:_proposals",
    "scoring/bench_data.py:_suppliers",
    "scoring/decisions/rows.py:rank_row",
    "scoring/decisions/views/proposal.py:detail_context",
    "scoring/decisions/views/queue.py:queue_context",
    "scoring/ranking/scores.py:score_of",
}
# Sample files, the names that allauth asks for, and a page for each decision.
FULL_FOLDERS = {
    "docs/decisions",
    "tests/rfp/bom/cases",
    "templates/account",
    "templates/allauth/elements",
}


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    long = {str(path.relative_to(CHECKOUT)) for path in CODE if len(path.read_text().splitlines()) > 400}
    assert (len(CODE) > 700, long) == (True, LONG_FILES)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines without its docstring."""
    said = ast.get_docstring(function, clean=False) or ""
    return (function.end_lineno or 0) - function.lineno + 1 - len(said.splitlines())


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(CHECKOUT)}:{node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > 40
    }
    assert {name for name in long if not name.startswith("tests/")} == LONG_FUNCTIONS


def test_every_test_file_tests_something() -> None:
    """A table of cases whose test is gone passes for ever."""
    files = [*(CHECKOUT / "tests").rglob("test_*.py")]
    empty = [
        str(each.relative_to(CHECKOUT)) for each in files if not re.search(r"def test_", each.read_text())
    ]
    assert (len(files) > 150, empty) == (True, [])


def test_no_folder_holds_more_than_a_dozen_files() -> None:
    tops = ("portal", "suppliers", "rfp", "scoring", "tests", "templates", "static", "tools", "docs")
    full = set()
    for folder in (
        each for top in tops for each in [CHECKOUT / top, *(CHECKOUT / top).rglob("*")] if each.is_dir()
    ):
        files = [each for each in folder.iterdir() if each.is_file() and each.name != "__init__.py"]
        if len(files) > 12 and folder.name != "__pycache__":
            full.add(str(folder.relative_to(CHECKOUT)))
    assert full == FULL_FOLDERS
