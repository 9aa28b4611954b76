"""docs/evaluation-file.md, made from the schema: `python -m scoring.calculation.manual`. Descriptions live in the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring.calculation.prices import FORMULAS
from scoring.calculation.shapes import schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation-file.md"
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
HEAD = """# The evaluation file

One JSON file holds everything a ranking was made from and, optionally, its results. `manage.py recompute FILE` reads it
without a database or settings and computes the same. Its JSON Schema (draft 2020-12) is `scoring/calculation/schema.json`.
This page is generated from it with `python -m scoring.calculation.manual`.

## Commands
| Command | What it does |
| --- | --- |
| `recompute FILE` | Compares. Exits with 0 if all results are equal, with 1 and a line for each difference, or with 2 and a sentence if it isn’t an evaluation file. |
| `recompute FILE --write OUT` | Writes the file with its results and the checksum of its inputs. The same input gives the same bytes. |
| `recompute FILE --json` | Prints the results. Analyses also print JSON. |
| `… --agreement` | Intraclass correlations with 95 % intervals, Krippendorff’s alpha, and Kendall’s W, by criterion and for weighted sums. |
| `… --effects` | How strict each evaluator is, and the ranking with that taken out. |
| `… --stability` | What other weights would change. `--draws N`, `--kappa K` or `--kappa uniform`, `--top K`, `--seed S`, `--bootstrap`. |
| `… --withdrawal` | Whether withdrawing a proposal reorders the others. |
| `… --portfolio` | The best choice over all sets under the limits in `portfolio`. |

## How numbers are read and compared
Decimals are strings or JSON numbers. They are read exactly, and every computation and comparison uses exact fractions. Printed
figures have all their digits, or 28 significant digits where a division doesn’t end. Unknown keys are refused.

In analyses, exact figures are strings, and floating-point figures are numbers.

## Choices that the analyses make
- The order of rows in `results` isn’t compared, because each row has its rank. Proposals that share a rank are listed by id.
- Before prices are opened, a criterion of the price envelope adds nothing, its minimum isn’t tested, and a missing value raises no flag.
- Quorum applies to marks that count. An automatic criterion needs no quorum while it has a value.
- With `rounding`, printed points add up to the rounded total: each is rounded as the total is.
- Agreement on the total uses evaluators’ weighted points. It counts a proposal for an evaluator who marked all shared criteria on it.
- Effects use each evaluator’s weighted mean value over the criteria that this evaluator marked on a proposal.
- Stability: without `--top`, the size of the shortlist is the lot’s slots in `portfolio`, or 3. Draws ignore rounding. Proposals with equal values keep their published order.
- `--bootstrap` weights evaluators at random for the mean. For other aggregates, it draws them with replacement.
- Leaving an evaluator out counts a criterion that nobody else marked as a missing input.
- Withdrawal lists every proposal that takes part. An order also changes when two proposals come to share a rank.
- A portfolio counts slots per lot over all windows. A lot that `slots` doesn’t name has none.

"""


def page() -> str:
    """The page in Markdown."""
    parts = [
        HEAD,
        "## Keys\nKeys without a default are required, unless the text says otherwise.\n\n### The file\n",
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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
