"""A workbook that a stranger sent, unpacked in a child process with limits."""

import logging

from portal.files import sandbox
from rfp.bom.sheet import table, workbook

log = logging.getLogger(__name__)
# What unpacking one workbook may cost in its child: processor seconds, bytes of memory, seconds by the clock.
CPU_SECONDS, MEMORY, WALL_SECONDS = 30, 768 * sandbox.MEGABYTE, 60.0
MOST_UNPACKED = 64 * sandbox.MEGABYTE


def unpacked_apart(data: bytes) -> list[table.Table]:
    """The sheets of a workbook, unpacked in a child process with limits. Raises NotATable."""
    try:
        answer = sandbox.run_limited(
            "rfp.bom.sheet.workbook:unpack",
            source=data,
            cpu_s=CPU_SECONDS,
            memory_bytes=MEMORY,
            wall_s=WALL_SECONDS,
            answer_bytes=MOST_UNPACKED,
        )
    except sandbox.Busy:
        raise table.NotATable("We’re reading many files right now. Try again in a minute.") from None
    except sandbox.TooMuch:
        raise table.NotATable(
            "The workbook takes too much time or memory to open. Save the sheet as CSV and upload that."
        ) from None
    except sandbox.Failed as failure:
        log.error("a workbook could not be unpacked: %s", failure)
        raise table.NotATable("The workbook is damaged and doesn’t open.") from None
    return workbook.tables_of(answer)
