"""What is inside a file from outside: runs in a child process with limits (portal/files/sandbox.py), knows no Django.

A file is taken only when its content is of the kind its name says AND it opens as one AND it holds nothing that runs.
"""

from __future__ import annotations

from typing import IO, Any

from portal.files.hostile.kinds import FileRefused, check_kind
from portal.files.hostile.office import check_office
from portal.files.hostile.pdf import count_pages
from portal.files.hostile.pictures import check_picture

__all__ = ["FileRefused", "judge"]


def judge(extension: str, limits: dict[str, int], source: IO[bytes]) -> dict[str, Any]:
    """`{"ok", "why", "pages"}` for a file whose name ends like that; `limits` has `unpacked`, in bytes."""
    data = source.read()
    pages = None
    try:
        check_kind(data, extension)
        if extension == "pdf":
            pages = count_pages(data)
        elif extension in ("xlsx", "docx"):
            check_office(data, extension, unpacked=limits["unpacked"])
        else:
            check_picture(data, extension)
    except FileRefused as refused:
        return {"ok": False, "why": str(refused), "pages": None}
    return {"ok": True, "why": "", "pages": pages}
