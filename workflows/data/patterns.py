"""Which regular expressions a schema may have: those that cannot be made to run for ever.

Python's matcher tries every way to divide a text among the repeats of a pattern. One repeat inside
another makes the number of ways explode, so it is refused. For repeats beside each other it is a
power of the text's length, which `worst_steps` tells before anything is matched.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

MAX_PATTERN = 200
MAX_REPEATS = 3
MAX_WAYS = 1_000
_LONG = 20

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
    for name, argument, is_repeated in _parts(parsed, is_repeated=False):
        if name in _REFUSED:
            return f"A pattern cannot have {_REFUSED[name]}: it could take for ever to match."
        if name == "BRANCH" and is_repeated:
            return "A choice (a|b) cannot be repeated: it could take for ever to match."
        if name in _REPEATS and argument[0] != argument[1] and is_repeated:
            return "A repeat cannot stand inside another one: it could take for ever to match."
    long_repeats, ways = _repeats(parsed)
    if long_repeats > MAX_REPEATS:
        return f"A pattern has at most {MAX_REPEATS} long repeats (* or +)."
    if ways > MAX_WAYS:
        return "A pattern has too many optional parts (? or {1,5})."
    return None


def worst_steps(pattern: str, length: int) -> float:
    """Return how many steps the matcher may take on a text of this length, about 20 ns each."""
    degree, ways = _cost(pattern)
    return float((length + 1) ** degree) / math.factorial(degree) * ways


@lru_cache(maxsize=1_000)
def _cost(pattern: str) -> tuple[int, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = _parser.parse(pattern)
    long_repeats, ways = _repeats(parsed)
    is_anchored = (
        len(parsed) > 0
        and str(parsed[0][0]) == "AT"
        and str(parsed[0][1]) in ("AT_BEGINNING", "AT_BEGINNING_STRING")
        and not parsed.state.flags & re.MULTILINE
    )
    # Without ^ the matcher also tries every place to start from.
    return (long_repeats if is_anchored else long_repeats + 1), ways


def _repeats(parsed: Any) -> tuple[int, int]:
    """Return the number of long repeats, and in how many ways the short ones can turn out."""
    long_repeats, ways = 0, 1
    for name, argument, _ in _parts(parsed, is_repeated=False):
        if name in _REPEATS and argument[0] != argument[1]:
            choices = argument[1] - argument[0] + 1
            if choices > _LONG:
                long_repeats += 1
            else:
                ways *= choices
    return long_repeats, ways


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
