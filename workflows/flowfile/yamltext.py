"""YAML and JSON text to nodes, each with its line and column.

The tree is built from the parser's events, not by PyYAML's loader: so nothing is resolved but null,
true, false and numbers as JSON writes them (`no`, `on`, `1:30`, `0x10`, `2026-01-01` and `007` stay
text), no alias can blow a file up, no tag can name a Python type, and depth is bounded before it is
reached.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

import yaml

from .nodes import (
    DEEPEST,
    LONGEST_NUMBER,
    Entry,
    ListNode,
    MapNode,
    Node,
    Scalar,
    ScalarNode,
    join_path,
    unusable_key,
    unusable_text,
)
from .problems import Report

LARGEST_BYTES = 1_000_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_WORDS: dict[str, Scalar] = {"null": None, "~": None, "": None, "true": True, "false": False}

# What YAML lets stand in a file unescaped.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_JSON_STRING_OR_TAB = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\t')
_JSON_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\.|[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
)

# The parser's words for the mistakes that people make most, said so that they help.
_HINTS = (
    (
        "mapping values are not allowed",
        "a text with `: ` in it needs quotes; or the indentation is off",
    ),
    (
        "cannot start any token",
        "no text begins with this character: use quotes, and indent with blanks, not tabs",
    ),
    ("did not find expected key", "the indentation is off, or a quote or bracket is missing"),
    ("could not find expected ':'", "a key without a colon: write `key: value`"),
    ("did not find expected ',' or", "a comma or the closing bracket is missing before this"),
    ("did not find expected node content", "a value or a closing bracket is missing here"),
    ("tab character that violates indentation", "indent with blanks, not tabs"),
    ("unexpected end of stream", "a quote is not closed"),
    ("exceeded max depth", f"nested more than {DEEPEST} levels deep"),
    ("invalid Unicode character", "this escape stands for no character"),
    (
        "unknown escape character",
        "no such escape: write \\\\ for a backslash, or use single quotes",
    ),
)


def resolve(source: str) -> Scalar:
    """Return what an unquoted scalar means: null, true, false, a number as in JSON, or its text.

    Raises:
        ValueError: a number too long or too large to be kept.
    """
    if source in _WORDS:
        return _WORDS[source]
    if not _NUMBER.match(source):
        return source
    if len(source) > LONGEST_NUMBER:
        raise ValueError(f"a number of more than {LONGEST_NUMBER} characters")
    if _INTEGER.match(source):
        return int(source)
    number = float(source)
    if not math.isfinite(number):
        raise ValueError(f"{source} is too large a number")
    return number


def compose(text: str, report: Report) -> Node:
    """Return the tree of a YAML or JSON text; mistakes that leave a tree go to the report.

    Raises:
        FlowFileError: there is no tree.
    """
    text = text.removeprefix("\ufeff")
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_BYTES:
        report.refuse(1, 1, f"larger than {LARGEST_BYTES:,} bytes, the most a flow file may be")
    text = _json_as_yaml(text)
    if unprintable := _UNPRINTABLE.search(text):
        before = text[: unprintable.start()]
        column = unprintable.start() - before.rfind("\n")
        code = f"U+{ord(unprintable.group()):04X}"
        report.refuse(
            before.count("\n") + 1, column, f"the character {code} may not stand in a file as it is"
        )
    try:
        return _Composer(text, report).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        report.refuse(line, column, _in_plain_words(error))
    except yaml.YAMLError as error:
        report.refuse(1, 1, f"not readable as YAML: {error}")


def _in_plain_words(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or error)
    for words, hint in _HINTS:
        if words in problem:
            return f"not readable as YAML: {hint}"
    return f"not readable as YAML: {problem}"


def _json_as_yaml(text: str) -> str:
    """Return JSON with what YAML would read otherwise spelt YAML's way; other text as it is."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _JSON_STRING_OR_TAB.sub(
        lambda m: " " if m.group() == "\t" else _JSON_ESCAPE.sub(_yaml_escape, m.group()), text
    )


def _yaml_escape(escape: re.Match[str]) -> str:
    found = escape.group()
    if len(found) == 12:  # JSON writes characters beyond U+FFFF as two halves; YAML refuses halves
        character: str = json.loads(f'"{found}"')
        return character
    if len(found) == 1:  # mere characters to JSON; line breaks or nothing printable to YAML
        return f"\\u{ord(found):04x}"
    return found


class _Composer:
    """Builds the tree of the one document of a stream."""

    def __init__(self, text: str, report: Report) -> None:
        self._report = report
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Node:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._report.refuse(1, 1, "empty; a flow file begins with `flow: key`")
        node = self._node(next(self._events), "", 0)
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            self._problem(following, "", "a second document begins here; one file holds one flow")
        return node

    def _problem(self, event: yaml.Event, path: str, message: str) -> None:
        self._report.add(*_position(event), path, message)

    def _node(self, event: yaml.Event, path: str, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            self._problem(
                event, path, f"aliases are not read: write out what *{event.anchor} stands for"
            )
            return ScalarNode(None, "", *_position(event))
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._problem(event, path, f"anchors are not read: take away &{event.anchor}")
        if (
            isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
            and event.tag is not None
        ):
            self._problem(event, path, "tags (`!name`) are not read: take it away")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if depth >= DEEPEST:
            self._report.refuse(*_position(event), f"nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, path, depth)
        return self._map(event, path, depth)

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> ScalarNode:
        if problem := unusable_text(event.value):
            self._problem(event, path, problem)
        value: Scalar = event.value
        # An unquoted scalar alone has a meaning other than its text.
        if event.implicit[0]:
            try:
                value = resolve(event.value)
            except ValueError as error:
                self._problem(event, path, str(error))
                value = 0
        return ScalarNode(value, event.value, *_position(event))

    def _list(self, start: yaml.Event, path: str, depth: int) -> ListNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, join_path(path, len(items)), depth + 1))
        return ListNode(tuple(items), *_position(start))

    def _map(self, start: yaml.Event, path: str, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, path, depth + 1)
            name = key.source if isinstance(key, ScalarNode) else ""
            node = self._node(next(self._events), join_path(path, name), depth + 1)
            if not isinstance(key, ScalarNode):
                self._problem(event, path, "a key must be a text, not a list or a mapping")
            elif problem := unusable_key(name):
                self._problem(event, path, problem)
            elif name in entries:
                first = entries[name].line
                self._problem(
                    event, join_path(path, name), f"stands here twice, first in line {first}"
                )
            else:
                entries[name] = Entry(name, node, key.line, key.column)
        return MapNode(tuple(entries.values()), *_position(start))


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
