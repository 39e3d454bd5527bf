"""Small pieces of English: rows, quotes, how a case and its data are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.definition import FlowDefinition

_MOST_IN_A_ROW = 6
_MOST_WORDS = 4


def row(parts: Iterable[str], word: str = "and") -> str:
    """Return `a, b and c`; a long row ends with how many more there are."""
    listed = list(parts)
    rest = len(listed) - _MOST_IN_A_ROW
    if rest > 1:
        listed = [*listed[:_MOST_IN_A_ROW], f"{rest} more"]
    if len(listed) > 1:
        return f"{', '.join(listed[:-1])} {word} {listed[-1]}"
    return listed[0] if listed else ""


def quoted(text: str) -> str:
    return f"“{text}”"


def opened(sentence: str) -> str:
    """Return the sentence with a capital letter first."""
    return sentence[:1].upper() + sentence[1:]


def the_case(definition: FlowDefinition) -> str:
    """Return how a sentence calls a case of the flow: `the expense claim`."""
    words = definition.title.split()
    if not 0 < len(words) <= _MOST_WORDS or not definition.title.isascii():
        return "the request"
    first = words[0]
    # Capitals within a word are a name or an abbreviation, which stays as it is.
    if first[1:] == first[1:].lower() and len(first) > 1:
        words[0] = first.lower()
    return f"the {' '.join(words)}"


def value_told(value: object) -> str:
    """Return typed data as a person writes them: `12,000`, `yes`, `2026-12-31`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal)):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None:
        return "empty"
    if isinstance(value, (list, tuple)):
        return "1 line" if len(value) == 1 else f"{len(value)} lines"
    return quoted(str(value))


def field_title(schema: Mapping[str, Any], name: str) -> str:
    properties = schema.get("properties")
    part = properties.get(name) if isinstance(properties, Mapping) else None
    title = part.get("title") if isinstance(part, Mapping) else None
    return title if isinstance(title, str) and title else name
