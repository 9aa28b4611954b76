"""Official list files into listed parties: bytes in, dataclasses out, ListError for what is no list. Pure.

read_path(Path("ofac/"))                    # a folder or a file; the list is recognised by its layout
read_files({"list.csv": data}, source="uflpa")
"""

from suppliers.lists.changes import MOST_DROPPED, Change, Diff, diff, dropped_share, drops_too_much
from suppliers.lists.files import ListFile, read_files, read_path
from suppliers.lists.readers.ofac import read_ofac
from suppliers.lists.readers.template import read_custom
from suppliers.lists.reading import ListError
from suppliers.lists.sources import CUSTOM, PART_WORDS, SOURCES, Source, source_of

__all__ = [
    "CUSTOM",
    "MOST_DROPPED",
    "PART_WORDS",
    "SOURCES",
    "Change",
    "Diff",
    "ListError",
    "ListFile",
    "Source",
    "diff",
    "dropped_share",
    "drops_too_much",
    "read_custom",
    "read_files",
    "read_ofac",
    "read_path",
    "source_of",
]
