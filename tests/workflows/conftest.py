"""The engine alone: no portal listens, so what these tests see is what the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workflows.listeners import case_listeners


@pytest.fixture(autouse=True)
def _nobody_listens(settings: Any) -> Iterator[None]:
    settings.GOFLOW_CASE_LISTENERS = []
    case_listeners.cache_clear()
    yield
    case_listeners.cache_clear()
