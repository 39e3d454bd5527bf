"""Benchmarks by name. A speed is told beside something else measured in the same run."""

from collections.abc import Callable, Iterator
from typing import Any

from .steps import steps

BENCHMARKS: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {"steps": steps}
