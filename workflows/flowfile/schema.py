"""The `data` section: a JSON Schema (draft 2020-12) of an object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .cursor import Cursor
from .nodes import Json
from .problems import did_you_mean

_META = Draft202012Validator(Draft202012Validator.META_SCHEMA)
# JSON Schema words whose value is data, so that a `$ref` in there is no reference.
_DATA_WORDS = frozenset({"default", "const", "enum", "examples"})


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema as it stands, and its field names; `fields` is None where they cannot be told."""

    schema: dict[str, Json]
    fields: frozenset[str] | None


def read_schema(cursor: Cursor | None) -> Schema:
    if cursor is None:
        return Schema({"type": "object", "properties": {}}, frozenset())
    before = len(cursor.report)
    entries = cursor.entries("a JSON Schema of an object")
    value = cursor.plain()
    if entries is None or not isinstance(value, dict):
        return Schema({}, None)
    if value.get("type") != "object":
        entries.get("type", cursor).problem(
            "must say `type: object`: the data of a case is an object"
        )
    _check_references(cursor)
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
        # Below `anyOf` and the like, the error that says most is the deepest.
        found = best_match([error]) or error
        place = _descend(cursor, found.absolute_path)
        message = str(found.message)
        place.wrong_value(
            f"not valid JSON Schema: {message if len(message) < 200 else message[:197] + '...'}"
        )


def _descend(cursor: Cursor, path: Iterable[str | int]) -> Cursor:
    for step in path:
        if isinstance(step, int):
            cursor = cursor.items()[step]
        else:
            cursor = (cursor.entries() or {})[step]
    return cursor


def _check_references(schema: Cursor) -> None:
    """A reference that leaves the file would make the server fetch what a flow's author names."""
    for cursor in _below(schema):
        key = cursor.path.rpartition(".")[2]
        value = cursor.plain() if key in ("$ref", "$dynamicRef") else "#"
        if isinstance(value, str) and not value.startswith("#"):
            cursor.wrong_value("may only point into this schema: `#/$defs/...`")


def _below(cursor: Cursor) -> Iterator[Cursor]:
    for item in cursor.items():
        yield from _below(item)
    if cursor.is_mapping:
        for key, entry in (cursor.entries() or {}).items():
            yield entry
            if key not in _DATA_WORDS:
                yield from _below(entry)


def _check_field_names(names: Cursor | None, fields: frozenset[str]) -> None:
    if names is None:
        return
    if not names.is_list:
        names.wrong_value(f"must be a list of field names, not {names.says()}")
    for item in names.items():
        name = item.text()
        if name is not None and name not in fields:
            item.wrong_value(
                f"`properties` has no field {name!r}.{did_you_mean(name, sorted(fields))}"
            )
