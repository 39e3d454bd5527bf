"""What is wrong with data or with a schema, in words for the person who can correct it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class DataProblem:
    """`path` leads to the value, `lines.1.amount`, and is "" for the data as a whole."""

    path: str
    message: str

    def __str__(self) -> str:
        return self.message


def dotted(path: Iterable[object]) -> str:
    return ".".join(str(part) for part in path)


def shown(value: object) -> str:
    """Return a value as it stands in a sentence, cut to a readable length."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."
        return f"'{cut}'"
    if isinstance(value, (int, float, Decimal)):
        return _shown_number(value)
    return "a list" if isinstance(value, list) else "a group of fields"


def _shown_number(value: int | float | Decimal) -> str:
    if isinstance(value, int) and value.bit_length() > 200:
        return "this number"
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    text = format(exact, "f") if -_SHOWN < exact.adjusted() < _SHOWN else str(exact)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
