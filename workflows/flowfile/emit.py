"""Plain JSON values to YAML that people like to read, and that every YAML reader reads alike.

A text is left unquoted only where neither this package nor a YAML 1.1 reader (to which `no`, `on`
and `1:30` are not texts) could take it for anything else.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import yaml

from workflows.definition import FlowDefinition

from .mapping import to_mapping
from .yamltext import resolve

WIDTH = 100

_NOT_PLAIN = re.compile(r"[^\w(]|.*(?::| #|\s\s)|.*\s\Z", re.DOTALL)
_NOT_PLAIN_IN_FLOW = re.compile(r"[,\[\]{}?]")
_YAML_1_1 = yaml.SafeLoader.yaml_implicit_resolvers
_YAML_1_1_BOOLEANS = frozenset("yYnN")

# These never stand on one line: their entries do.
_OPEN = {
    *((), ("data",), ("data", "properties"), ("places",), ("tasks",), ("transitions",)),
    ("scenarios", "-"),
}
_OPEN_LISTS = {("scenarios",), ("scenarios", "-", "steps")}


def write(definition: FlowDefinition) -> str:
    """Return the flow as YAML, ending in a line break: the same text for the same definition.

    `read` gives back an equal definition.
    """
    return "\n".join(_mapping_lines(to_mapping(definition), (), 0)) + "\n"


def write_scenarios(scenarios: Sequence[Mapping[str, object]]) -> str:
    """Return scenarios as the YAML of their list alone; nothing where there are none."""
    lines = (line for item in scenarios for line in _item_lines(item, ("scenarios", "-"), 0))
    return "".join(f"{line}\n" for line in lines)


def write_data(values: Mapping[str, object]) -> str:
    """Return the fields of a case's data as YAML, one a line; nothing where there are none."""
    return "".join(f"{line}\n" for line in _mapping_lines(values, ("-",), 0))


def _mapping_lines(
    mapping: Mapping[str, object], path: tuple[str, ...], indent: int
) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _entry_lines(
            f"{' ' * indent}{_scalar(str(key), in_flow=False)}:", value, (*path, str(key)), indent
        )


def _entry_lines(head: str, value: object, path: tuple[str, ...], indent: int) -> Iterator[str]:
    """Return the lines of an entry; its head is a key with its colon, or the dash of an item."""
    if isinstance(value, str):
        yield from _text_lines(head, value, indent + 2)
        return
    line = f"{head} {_flow(value)}"
    is_open = path in _OPEN_LISTS
    if isinstance(value, Mapping):
        is_only_entry = path[-1] == "-" and len(value) == 1
        is_open = path in _OPEN or len(path) == 2 and path[0] == "tasks" or is_only_entry
    has_entries = isinstance(value, Mapping | list | tuple) and len(value) > 0
    if not has_entries or not is_open and len(line) <= WIDTH:
        yield line
    elif isinstance(value, Mapping):
        yield head
        yield from _mapping_lines(value, path, indent + 2)
    elif isinstance(value, list | tuple):
        yield head
        for item in value:
            yield from _item_lines(item, (*path, "-"), indent + 2)


def _item_lines(item: object, path: tuple[str, ...], indent: int) -> Iterator[str]:
    """Return the lines of an item; the first entry of a mapping stands beside the dash."""
    lines = list(_entry_lines(f"{' ' * indent}-", item, path, indent))
    if isinstance(item, Mapping) and len(lines) > 1:
        lines[:2] = [f"{lines[0]} {lines[1].lstrip()}"]
    yield from lines


def _text_lines(head: str, text: str, indent: int) -> Iterator[str]:
    """Return a text: on the line, or as a block where it is long or has several lines."""
    line = f"{head} {_scalar(text, in_flow=False)}"
    lines = text.removesuffix("\n").split("\n")
    sign = "" if text.endswith("\n") else "-"
    margin = " " * indent
    if len(lines) > 1 and _fits_block(lines):
        yield f"{head} |{sign}"
        yield from (margin + each if each else "" for each in lines)
    elif (
        len(lines) == 1
        and len(line) > WIDTH
        and " " in text
        and _fits_block(lines)
        and "  " not in text
    ):
        yield f"{head} >{sign}"
        width = max(WIDTH - indent, 40)
        # Blanks alone are line breaks: a folded line break reads as one blank.
        yield from (
            margin + each
            for each in textwrap.wrap(
                lines[0], width, break_long_words=False, break_on_hyphens=False
            )
        )
    else:
        yield line


def _fits_block(lines: list[str]) -> bool:
    if not lines[0] or lines[0][0].isspace() or not lines[-1]:
        return False
    return all(line.isprintable() and line == line.rstrip() for line in lines)


def _flow(value: object) -> str:
    """Return the value on one line."""
    if isinstance(value, str):
        return _scalar(value, in_flow=True)
    if isinstance(value, Mapping):
        entries = (
            f"{_scalar(str(key), in_flow=True)}: {_flow(item)}" for key, item in value.items()
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    number = json.dumps(value)
    # YAML 1.1 takes `1e-05` for a text; `1.0e-05` is a number to all.
    return number.replace("e", ".0e") if isinstance(value, float) and "." not in number else number


def _scalar(text: str, *, in_flow: bool) -> str:
    return text if _is_plain(text, in_flow=in_flow) else _quoted(text)


def _is_plain(text: str, *, in_flow: bool) -> bool:
    if not text or not text.isprintable() or _NOT_PLAIN.match(text):
        return False
    if in_flow and _NOT_PLAIN_IN_FLOW.search(text):
        return False
    # `0o17`, `1e3`, `12_000`: other readers take many of these for numbers.
    if text[0].isdigit() and " " not in text:
        return False
    if text in _YAML_1_1_BOOLEANS or not isinstance(resolve(text), str):
        return False
    return not any(pattern.match(text) for _, pattern in _YAML_1_1.get(text[0], ()))


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        character if character.isprintable() else _escape(ord(character)) for character in quoted
    )


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
