"""The tabs above a list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """`count` is None where counting says nothing."""

    key: str
    title: str
    url: str
    count: int | str | None
    is_current: bool
