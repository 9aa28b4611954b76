"""A picture that is whole and is nothing else besides."""

from __future__ import annotations

import io
import zipfile

from portal.files.hostile.kinds import NOT_WHAT_IT_SAYS, FileRefused


def check_picture(data: bytes, extension: str) -> None:
    """Raises FileRefused. Phones may write after a JPEG's end."""
    whole = data.endswith(b"IEND\xaeB`\x82") if extension == "png" else b"\xff\xd9" in data
    if not whole:
        raise FileRefused("The image is damaged and doesn’t open.")
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise FileRefused(NOT_WHAT_IT_SAYS.format(extension=extension))
