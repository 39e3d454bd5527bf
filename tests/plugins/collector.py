"""Python's garbage collector, kept from looking again and again at what stays anyway.

Code and collected tests are half a million objects that live until the end of the run; each full
round of the collector would go through all of them. It is off until they are there, then sets them
aside, and looks less often at what the tests make. What it finds is the same.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

# The usual 700, 10, 10 suit a small program.
THRESHOLDS = 200_000, 20, 50

gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()
