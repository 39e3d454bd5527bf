"""The `data` section: a JSON Schema (draft 2020-12) of an object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from .cursor import Cursor
from .keys import shortened
from .nodes import Json
from .problems import did_you_mean

_META = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=FormatChecker(formats=["regex"])
)

MOST_ENTRIES = 10_000
"""Keys of the schema; checking this many takes about two seconds."""

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema as it stands, and its field names; `fields` is None where they cannot be told."""

    schema: dict[str, Json]
    fields: frozenset[str] | None


def read_schema(cursor: Cursor | None) -> Schema:
    """Return the schema; where there is none, that of an object without fields."""
    if cursor is None:
        return Schema({"type": "object", "properties": {}}, frozenset())
    before = len(cursor.report)
    entries = cursor.entries("a JSON Schema of an object")
    value = cursor.plain()
    if entries is None or not isinstance(value, dict):
        return Schema({}, None)
    if value.get("type") != "object":
        kind = entries.get("type", cursor)
        kind.problem("must say `type: object`: the data of a case is an object")
    if sum(1 for _ in _entries_below(cursor)) > MOST_ENTRIES:
        cursor.problem(f"has more than {MOST_ENTRIES:,} entries, all levels together")
        return Schema(value, None)
    _check_references(cursor, value)
    _check_against_meta_schema(cursor, value)
    if len(cursor.report) > before:
        return Schema(value, None)
    properties = value.get("properties", {})
    fields = frozenset(properties) if isinstance(properties, dict) else frozenset[str]()
    _check_field_names(entries.get("required"), fields)
    _check_field_names(entries.get("x-summary"), fields)
    return Schema(value, fields)


def _check_against_meta_schema(cursor: Cursor, value: Json) -> None:
    for error in _META.iter_errors(value):
        # Below an `anyOf`, the deepest error says most.
        found = best_match([error]) or error
        place = _descend(cursor, found.absolute_path)
        place.wrong_value(f"not valid JSON Schema: {_in_plain_words(found)}")


def _in_plain_words(error: ValidationError) -> str:
    word = error.absolute_path[-1] if error.absolute_path else ""
    if error.validator == "anyOf" and word == "type":
        wrong = str(error.instance)
        return f"{shortened(wrong)!r} is no type.{did_you_mean(wrong, _TYPES)}"
    return error.message if len(error.message) < 200 else f"{error.message[:197]}..."


def _descend(cursor: Cursor, path: Iterable[str | int]) -> Cursor:
    for step in path:
        entries = cursor.entries() if cursor.is_mapping else None
        cursor = entries[str(step)] if entries is not None else cursor.items()[int(step)]
    return cursor


def _check_references(schema: Cursor, value: Json) -> None:
    """A reference that leaves the file would make the server fetch what a flow's author names."""
    for key, cursor in _entries_below(schema):
        target = cursor.plain() if key in ("$ref", "$dynamicRef") else None
        if isinstance(target, str) and not target.startswith("#"):
            cursor.wrong_value("may only point into this schema, e.g. `#/$defs/address`")
        elif isinstance(target, str) and not _is_found(value, target):
            cursor.wrong_value(f"there is no {shortened(target)!r} in this schema")


def _is_found(value: Json, target: str) -> bool:
    """Tell whether a JSON pointer `#/a/b` leads somewhere."""
    start, *steps = target.removeprefix("#").split("/")
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name in map(str, range(len(value))):
            value = value[int(name)]
        else:
            return False
    return not start


def _entries_below(cursor: Cursor) -> Iterator[tuple[str, Cursor]]:
    for item in cursor.items():
        yield from _entries_below(item)
    if cursor.is_mapping:
        for key, entry in (cursor.entries() or {}).items():
            yield key, entry
            yield from _entries_below(entry)


def _check_field_names(names: Cursor | None, fields: frozenset[str]) -> None:
    if names is None:
        return
    if not names.is_list:
        names.wrong_value(f"must be a list of field names, not {names.says()}")
    for item in names.items():
        name = item.text()
        if name is not None and name not in fields:
            hint = did_you_mean(name, sorted(fields))
            item.wrong_value(f"`properties` has no field {name!r}.{hint}")
