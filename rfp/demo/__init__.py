"""The sample RFP with its proposals: twenty written by hand, and variations on them. Beside it, one RFP for invited
companies and one that is being prepared.

Window 1 is decided, window 2 is closed and half marked, window 3 is open. A proposal whose moment of submission has
not come yet stays the draft that it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from portal.demo import Demo
from rfp.admitting import sample as invited_sample
from rfp.amending import sample as addenda_sample
from rfp.asking import sample as questions_sample
from rfp.controlled import sample as controlled_sample
from rfp.demo import proposals, rfps
from rfp.demo.rfps import SAMPLE
from rfp.events import sample as events_sample
from rfp.opendata import sample as opendata_sample
from rfp.reuse import sample as library_sample

# Two of the sample's proposals are moved into the second window, where their knock-outs wait for a decision.
MOVED = {"P08": "2026-05-12T12:51:40-04:00", "P20": "2026-05-12T14:12:00-04:00"}

# Answers that three proposals of the second window lack, so that the panel has something to ask for.
LEFT_OUT = {"P03": "L2-R07", "P09": "L4-R10", "P19": "L9-R07"}


def build(demo: Demo) -> None:
    """Publish the RFP, prepare another one, then submit the proposals dated before today."""
    solicitation = rfps.published(demo, json.loads((SAMPLE / "rfp.json").read_text()))
    demo.made["solicitation"] = solicitation
    rfps.in_preparation(demo)
    written = json.loads((SAMPLE / "proposals.json").read_text())["proposals"]
    safety = {row["id"]: row["safety"] for row in _suppliers()}
    for each in written:
        each = {**each, "submitted_at": MOVED.get(each["id"], each["submitted_at"])}
        demo.made[f"proposal:{each['id']}"] = proposals.submitted(
            demo, _as_told(demo, each), supplier=each["supplier"], safety=safety[each["supplier"]]
        )
        demo.say(f"  {each['id']}")
    for number in range(demo.varied):
        key, each = proposals.varied(demo, number, written)
        demo.made[f"proposal:W{number:02d}"] = proposals.submitted(
            demo, each, supplier=key, safety=safety[each["supplier"]]
        )
    addenda_sample.build(demo, solicitation)
    questions_sample.build(demo, solicitation)
    library_sample.build(demo, solicitation)
    invited = rfps.for_invited(demo)
    visit = events_sample.set_up(demo, invited)
    invited_sample.build(demo, invited)
    events_sample.build(demo, visit)
    controlled_sample.build(demo, invited)


def results(out: Path, *, worker_pid: int) -> list[str]:
    """Write ocds.json."""
    return [f"\n  {opendata_sample.write(out)}"]


def _as_told(demo: Demo, written: dict[str, Any]) -> dict[str, Any]:
    """A written proposal; in the whole demo without the answer that it is asked for after the opening."""
    left_out = LEFT_OUT.get(written["id"]) if demo.varied else None
    kept = {code: value for code, value in written["answers"].items() if code != left_out}
    return {**written, "answers": kept}


def _suppliers() -> list[dict[str, Any]]:
    path = SAMPLE.parents[1] / "suppliers" / "sample" / "suppliers.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text())["suppliers"]
    return rows
