"""Silence for libraries that print. HiGHS in scipy 1.17 has a forgotten `printf`, which would land amid the JSON."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.Lock()
STDOUT = 1


@contextmanager
def silent() -> Iterator[None]:
    """Whatever is written to the process's standard output inside goes nowhere."""
    with _ONE_AT_A_TIME:
        if sys.stdout is not None:
            sys.stdout.flush()
        try:
            kept = os.dup(STDOUT)
        except OSError:  # a service without a standard output
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, STDOUT)
            yield
        finally:
            # C keeps what it printed in a buffer of its own, and would write it later.
            ctypes.CDLL(None).fflush(None)
            os.dup2(kept, STDOUT)
            os.close(kept)
            os.close(nowhere)
