"""Text that people read is plain American English: these words and phrases do not come back.

It reads templates, string literals in the apps, docstrings that pages show (rules and their settings), and the docs.
Each line of PHRASES is a regular expression for a whole word or phrase, in any case.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "rfp", "suppliers", "scoring")
DOCS = ("README.md", "CONTRIBUTING.md")

PHRASES = r"""
about, a year
all weights together make
anybody
anyhow
approved unread
rules are looking
asked of (this|every|the) lot
at hand
begun already
by whom
came into use
come(s)? into use
chain of owners is told
computed mark missing
cost a unit
done just now
e-mails?
enter a (whole )?number(?! (up|from))
everybody
files? of this kind (is|are) not taken
full-time places
give a (date|number|reason|year)
give the reason
given by
go on with
good units of all
had lapsed
hand(s|ed)? (it )?in
hand in
holds? no
holds until
i stand
in force
in the way
(?<!there )(?<!There )is no(?= (?!longer|one\b|more\b|later\b|need\b))
it was escalated
keep their moment
kept places
lapse[sd]?
letters? (is|are) on (its|their) way
likeness
load of this list came
look(s|ed)? again
looked at
makes no sense
meanwhile
mend(s|ed|ing)?
misspelt
new places
no longer holds
no window takes
nobody
not given
not told
nothing was done
one a line
papers
part and maker
person looks
person will look
places after the point
price a unit
propose to build it here
put in force
reviewers mark alone
set(s)? (it |each )?aside
shares? (is|are) not told
somebody
somebody else
stand(s)? (against|beside|in the|in its|in addresses|twice)
steps of making
told of
units a year
what is done there
who (looked|publishes|asked this)\b
who owns them in turn
whom
without it being seen
work(ed)? (it )?out
worth marks
yardstick
(hours|marks|places|proposals|shifts|units|alerts) an? (day|hour|shift|thousand|unit|year)
(inc|corp|co|ltd)\.\.
"""

BANNED = [re.compile(rf"(?<![\w-]){line}(?![\w-])", re.IGNORECASE) for line in PHRASES.strip().splitlines()]

# A key, a name of a user, or SQL.
CODE = re.compile(r"[a-z_0-9./:-]*$|\s*(WITH|SELECT|INSERT|UPDATE|DELETE|CREATE)\b")

TEMPLATE_NOISE = re.compile(
    r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|<!--.*?-->|<script\b[^>]*>.*?</script>|\{\{.*?\}\}"
    r"|\{%\s*(?:url|extends|load|block|endblock|if|elif|for|csrf_token|crispy_field)\b.*?%\}"
    r"|sort_th \"[a-z_]+\""
    r"|\b(?:class|id|href|src|for|name|style|hx-[a-z-]+|data-(?!label)[a-z-]+)=\"[^\"]*\"",
    re.DOTALL,
)


def _without_noise(text: str) -> str:
    """The template with code blanked out; its lines stay where they are."""
    return TEMPLATE_NOISE.sub(lambda found: "\n" * found.group().count("\n"), text)


def _templates() -> Iterator[tuple[Path, int, str]]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            for number, line in enumerate(_without_noise(path.read_text()).splitlines(), 1):
                yield path, number, line


def _docs() -> Iterator[tuple[Path, int, str]]:
    paths = [*(ROOT / name for name in DOCS), *sorted((ROOT / "docs").rglob("*.md"))]
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield path, number, re.sub(r"`[^`]*`", "", line)


def _is_shown(node: ast.AST) -> bool:
    """A rule's docstring is on the public page of rules, and that of its settings on the page of settings."""
    if isinstance(node, ast.ClassDef):
        return node.name.endswith("Params")
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(each, ast.Call) and getattr(each.func, "id", "") == "rule" for each in decorators)


def _hidden_docstrings(tree: ast.AST) -> set[int]:
    """The ids of docstring nodes that no page shows."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
        and not _is_shown(node)
    }


def _strings() -> Iterator[tuple[Path, int, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _strings_of(path)


def _strings_of(path: Path) -> Iterator[tuple[Path, int, str]]:
    tree = ast.parse(path.read_text())
    hidden = _hidden_docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in hidden:
            continue
        if not CODE.match(node.value):
            yield path, node.lineno, node.value


def _sample() -> Iterator[tuple[Path, int, str]]:
    for path in sorted(ROOT.glob("*/sample/*.json")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield path, number, line


def faults(lines: Iterator[tuple[Path, int, str]]) -> list[str]:
    """`file:line: what was found` for each banned phrase."""
    return [
        f"{path.relative_to(ROOT)}:{number}: “{hit.group()}” in “{line.strip()[:90]}”"
        for path, number, line in lines
        for each in BANNED
        if (hit := each.search(line))
    ]


@pytest.mark.parametrize(
    "source", [_templates, _strings, _docs, _sample], ids=["templates", "strings", "docs", "sample"]
)
def test_what_people_read_is_plain_english(source):
    assert not faults(source()), "\n" + "\n".join(faults(source()))


def test_the_check_finds_a_fault_and_names_its_place(tmp_path):
    found = faults(iter([(ROOT / "templates/a.html", 7, "Hand it in again, by e-mail.")]))
    assert len(found) == 2
    assert all(each.startswith("templates/a.html:7: ") for each in found)


def test_the_check_leaves_code_and_comments_alone():
    assert "mend" not in _without_noise('{# mend #}<p class="mend" id="mend">{{ mend }}{% if mend %}')
    assert "mend" in _without_noise('<input placeholder="mend">{% empty "mend" %}')
