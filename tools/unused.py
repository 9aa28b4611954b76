"""Names that nothing uses: vulture's finds, without what templates and settings read.

    python tools/unused.py

Exits 1 and names each. A name in `unused_kept.txt` that is used again, or gone, is named too, so the list stays short.
"""

import re
import subprocess
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "suppliers", "rfp", "scoring")
PATTERNS = ["*Config", "*Admin", "clean_*", "verbose_name*", "has_*_permission", "requires_system_checks"]
DECORATED = ["@receiver", "@job*", "@property", "@register*", "@rule*", "@admin*", "@hook*", "@*.connect*"]
# Django, Celery, allauth, axes and crispy-forms read these by name, or vulture doesn't see who reads them.
KEPT = set((ROOT / "tools" / "unused_kept.txt").read_text().split())


def read_by_name() -> set[str]:
    """Every word of every template and of the settings."""
    settings = [ROOT / "portal" / "settings.py", ROOT / "portal" / "frame" / "logs.py"]
    paths = [*(ROOT / "templates").rglob("*.*"), *settings]
    return {word for path in paths for word in re.findall(r"\w+", path.read_text())}


def unused() -> dict[str, str]:
    """name → where vulture found it."""
    files = subprocess.check_output(["git", "ls-files", *APPS, "manage.py"], cwd=ROOT, text=True).split()
    code = [ROOT / name for name in files if name.endswith(".py") and "/migrations/" not in name]
    search = Vulture(ignore_names=PATTERNS, ignore_decorators=DECORATED)
    search.scavenge([str(path) for path in code if path.exists()])
    read = read_by_name()
    return {
        item.name: f"{Path(item.filename).relative_to(ROOT)}:{item.first_lineno}"
        for item in search.get_unused_code(min_confidence=60)
        if item.name not in read
    }


def main() -> int:
    found = unused()
    for name in sorted(found.keys() - KEPT):
        print(f"{found[name]}: nothing uses {name}")
    for name in sorted(KEPT - found.keys()):
        print(f"tools/unused_kept.txt: {name} is used or gone; take it off the list")
    return int(found.keys() != KEPT)


if __name__ == "__main__":
    sys.exit(main())
