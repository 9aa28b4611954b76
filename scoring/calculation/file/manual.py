"""docs/evaluation-file.md: `manual.md`, then the keys with their descriptions from the schema.

`python -m scoring.calculation.file.manual` writes it, and the names of the price formulas into `schema.json`.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rfp.method.prices import FORMULAS
from scoring.calculation.file.shapes import SCHEMA, schema

PAGE = Path(__file__).resolve().parents[3] / "docs" / "evaluation-file.md"
PARTS = {
    "solicitation": "`solicitation`",
    "method": "`method`",
    "price": "`method.price`",
    "rounding": "`method.rounding`",
    "criterion": "`criteria[]`",
    "scale": "`criteria[].scale`",
    "set": "`sets[]`",
    "proposal": "`sets[].proposals[]`",
    "price_input": "`sets[].proposals[].price_inputs[]`",
    "adjustment": "`sets[].proposals[].adjustments[]`",
    "mark": "`sets[].marks[]`",
    "automatic": "`sets[].automatic[]`",
    "consensus": "`sets[].consensus[]`",
    "decision": "`sets[].decisions[]`",
    "result": "`sets[].results[]`",
    "result_criterion": "`sets[].results[].criteria[]`",
    "portfolio": "`portfolio`",
}
HEAD = Path(__file__).with_suffix(".md")


def page() -> str:
    """The page in Markdown."""
    parts = [
        HEAD.read_text(encoding="utf-8"),
        "\n## Keys\nKeys without a default are required, unless the text says otherwise.\n\n### The file\n",
        _table(schema()),
    ]
    for name, heading in PARTS.items():
        node = schema()["$defs"][name]
        parts.append(f"\n### {heading}\n")
        if "description" in node:
            parts.append(f"{node['description']}\n\n")
        branches = node.get("anyOf", [node])
        parts.append("\n".join(_table(branch) for branch in branches))
    parts.append(
        "\n## Price formulas\n| Formula | What a solicitation publishes | Parameters |\n| --- | --- | --- |\n"
    )
    for formula in FORMULAS.values():
        parts.append(
            f"| `{formula.name}` | {formula.words} | {', '.join(f'`{x}`' for x in formula.parameters) or '–'} |\n"
        )
    return "".join(parts)


def _table(node: Mapping[str, Any]) -> str:
    rows = ["| Key | Default | Meaning |\n| --- | --- | --- |\n"]
    required = node.get("required", ())
    for key, child in node["properties"].items():
        if "default" in child:
            default = f"`{json.dumps(child['default'], ensure_ascii=False)}`"
        else:
            default = "required" if key in required else "–"
        rows.append(f"| `{key}` | {default} | {_meaning(child)} |\n")
    return "".join(rows)


def _meaning(child: Mapping[str, Any]) -> str:
    said = str(child.get("description", ""))
    words = child.get("enum")
    if words:
        said = f"{said} One of {', '.join(f'`{word}`' for word in words)}."
    return said.strip()


def schema_text() -> str:
    """`schema.json` with the price formulas of the registry."""
    names = textwrap.fill(", ".join(f'"{name}"' for name in FORMULAS), 110, break_on_hyphens=False)
    listed = textwrap.indent(names, " " * 12)
    return re.sub(
        r'("formula": \{\s*"enum": \[)[^\]]*?(\s*\])',
        lambda found: f"{found[1]}\n{listed}{found[2]}",
        SCHEMA.read_text(encoding="utf-8"),
    )


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
