"""Which regular expressions a schema may have: those that cannot be made to run for ever.

Python's matcher tries every way to divide a text among repeats. One repeat inside another, or many
beside each other, make the number of ways explode, so only few and flat ones are accepted.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

MAX_PATTERN = 200
MAX_REPEATS = 3
MAX_VARIABLE_PARTS = 8

# The standard library's parser of patterns, the only one that reads just what `re` reads.
_parser: Final[Any] = getattr(re, "_parser")  # noqa: B009  # typeshed does not know it
_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT")
_REFUSED: Final = {
    "ASSERT": "(?=...)",
    "ASSERT_NOT": "(?!...)",
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a reference to a group",
}


def why_refused(pattern: str) -> str | None:
    """Return why a schema may not have this pattern, None if it may."""
    if len(pattern) > MAX_PATTERN:
        return f"A pattern has at most {MAX_PATTERN} characters; this one has {len(pattern):,}."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        return f"This is not a regular expression: {error}."
    unbounded = variable = 0
    for name, argument, is_repeated in _parts(parsed, is_repeated=False):
        if name in _REFUSED:
            return f"A pattern cannot have {_REFUSED[name]}: it could take for ever to match."
        if name == "BRANCH" and is_repeated:
            return "A choice (a|b) cannot be repeated: it could take for ever to match."
        if name in _REPEATS and argument[0] != argument[1]:
            if is_repeated:
                return "A repeat cannot stand inside another one: it could take for ever to match."
            variable += 1
            unbounded += argument[1] - argument[0] > 20
    if unbounded > MAX_REPEATS or variable > MAX_VARIABLE_PARTS:
        told = (
            f"at most {MAX_REPEATS} long repeats (* or +) and {MAX_VARIABLE_PARTS} optional parts"
        )
        return f"A pattern has {told}."
    return None


def _parts(parsed: Any, *, is_repeated: bool) -> Iterator[tuple[str, Any, bool]]:
    """Yield every part of a parsed pattern, and whether it stands inside a repeat."""
    for operator, argument in parsed:
        name = str(operator)
        yield name, argument, is_repeated
        inside = is_repeated or (name in (*_REPEATS, "POSSESSIVE_REPEAT") and argument[1] > 1)
        for below in _nested(argument):
            yield from _parts(below, is_repeated=inside)


def _nested(argument: Any) -> Iterator[Any]:
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, (list, tuple)):
        for part in argument:
            yield from _nested(part)
