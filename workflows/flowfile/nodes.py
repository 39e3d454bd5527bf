"""The tree that a flow file is read from: the same for YAML, JSON and plain Python values.

Each node knows where it stands. Texts, lists and mappings only; no tags, no aliases.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .problems import Report

Scalar = None | bool | int | float | str
Json = Scalar | list["Json"] | dict[str, "Json"]

DEEPEST = 50
"""Levels of nesting; a flow needs about eight."""
LONGEST_NUMBER = 400
"""Digits."""
LONGEST_MAPPING_KEY = 100
"""Characters; escaped, ten times as many still fit into the 1,024 that YAML reads ahead."""


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A value; `source` is its text as it stands in the file, e.g. `1.50` or `true`."""

    value: Scalar
    source: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class ListNode:
    items: tuple[Node, ...]
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping; its position is that of the key."""

    key: str
    node: Node
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class MapNode:
    entries: tuple[Entry, ...]
    line: int = 0
    column: int = 0


Node = ScalarNode | ListNode | MapNode


def join_path(path: str, key: str | int) -> str:
    """Return the path of an entry or, for a number, of an item."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def plain(node: Node) -> Json:
    """Return the node as plain JSON values."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.node) for entry in node.entries}


def unusable_text(text: str) -> str:
    """Return why a text cannot be kept, or nothing."""
    if "\0" in text:
        return "a text must not hold the character U+0000"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "a text must not hold half of a character (a lone surrogate)"
    return ""


def unusable_key(key: str) -> str:
    """Return why a key of a mapping cannot be kept, or nothing: YAML wants keys short."""
    if len(key) <= LONGEST_MAPPING_KEY:
        return ""
    return f"a key here has {len(key)} characters; {LONGEST_MAPPING_KEY} is the most"


def from_values(value: object, report: Report, path: str = "", depth: int = 0) -> Node:
    """Return the tree of JSON-like Python values; what is not JSON-like is reported."""
    if isinstance(value, str):
        if problem := unusable_text(value):
            report.add(0, 0, path, problem)
        return ScalarNode(value, value)
    if value is None or isinstance(value, bool):
        return ScalarNode(value, json.dumps(value))
    if isinstance(value, int | float | Decimal):
        return _number(value, report, path)
    if depth >= DEEPEST:
        report.add(0, 0, path, f"nested more than {DEEPEST} levels deep")
    elif isinstance(value, Mapping):
        return _mapping(value, report, path, depth)
    elif isinstance(value, list | tuple):
        items = (
            from_values(item, report, join_path(path, index), depth + 1)
            for index, item in enumerate(value)
        )
        return ListNode(tuple(items))
    else:
        report.add(0, 0, path, f"a {type(value).__name__} has no place in a flow file")
    return ScalarNode(None, "null")


def _number(value: float | Decimal, report: Report, path: str) -> ScalarNode:
    if isinstance(value, int):
        is_usable = abs(value) < 10**LONGEST_NUMBER
    else:
        is_usable = math.isfinite(value) and math.isfinite(float(value))
    if not is_usable:
        report.add(0, 0, path, "not a number that can be kept: too large, or none at all")
        return ScalarNode(0, "0")
    source = str(value)
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    return ScalarNode(value, source)


def _mapping(value: Mapping[object, object], report: Report, path: str, depth: int) -> MapNode:
    entries = []
    for key, item in value.items():
        if not isinstance(key, str):
            report.add(0, 0, path, f"the key {key!r} must be text")
            continue
        if problem := unusable_text(key) or unusable_key(key):
            report.add(0, 0, path, problem)
        entries.append(Entry(key, from_values(item, report, join_path(path, key), depth + 1)))
    return MapNode(tuple(entries))
