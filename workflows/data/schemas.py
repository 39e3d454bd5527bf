"""Check a flow's data schema: JSON Schema, within bounds, with names that expressions can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

from workflows.data.names import confused_names, why_unusable
from workflows.data.patterns import why_refused
from workflows.data.problem import DataProblem, dotted
from workflows.expressions.scope import GIVEN_NAMES

MAX_DEPTH = 40
MAX_PARTS = 5_000
MAX_EXPANDED = 10_000
"""A definition that is used often counts as often: checking data costs as much."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_META: Final = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=FormatChecker(formats=["regex"])
)
_MAPS: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE: Final = (
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
)
_REFUSED: Final = (
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$vocabulary",
)

_Path = tuple[object, ...]


def check_schema(schema: object) -> list[DataProblem]:
    """Return what is wrong with a flow's data schema; nothing if cases can be started with it."""
    for check in (_size_problems, _meta_problems, _part_problems, _expansion_problems):
        problems = list(islice(check(schema), 50))
        if problems:
            return problems
    return []


def subschemas(schema: object) -> Iterator[tuple[_Path, Any]]:
    """Yield the schema and every schema below it, with their paths."""
    pending: list[tuple[_Path, Any]] = [((), schema)]
    while pending:
        path, part = pending.pop()
        yield path, part
        if isinstance(part, Mapping):
            pending.extend(((*path, *step), below) for step, below in _directly_below(part))


def _directly_below(schema: Mapping[str, Any]) -> Iterator[tuple[_Path, Any]]:
    for keyword in _MAPS:
        below = schema.get(keyword)
        if isinstance(below, Mapping):
            yield from (((keyword, name), part) for name, part in below.items())
    for keyword in _LISTS:
        below = schema.get(keyword)
        if isinstance(below, list):
            yield from (((keyword, position), part) for position, part in enumerate(below))
    yield from (((keyword,), schema[keyword]) for keyword in _SINGLE if keyword in schema)


def _size_problems(schema: object) -> Iterator[DataProblem]:
    if not isinstance(schema, Mapping):
        yield DataProblem("", "The data must be a JSON Schema of an object.")
        return
    pending: list[tuple[object, int]] = [(schema, 1)]
    parts = 0
    while pending:
        value, depth = pending.pop()
        parts += 1
        if depth > MAX_DEPTH or parts > MAX_PARTS:
            told = f"at most {MAX_DEPTH} levels and {MAX_PARTS:,} parts are possible"
            yield DataProblem("", f"The schema is too large: {told}.")
            return
        if isinstance(value, Mapping):
            if any(not isinstance(name, str) for name in value):
                yield DataProblem("", "Every name in the schema must be a text.")
                return
            pending.extend((part, depth + 1) for part in value.values())
        elif isinstance(value, list):
            pending.extend((part, depth + 1) for part in value)


def _meta_problems(schema: Any) -> Iterator[DataProblem]:
    if schema.get("$schema", _DIALECT) not in (_DIALECT, _DIALECT + "#"):
        yield DataProblem(
            "$schema", "Schemas are written in draft 2020-12 here; leave $schema out."
        )
        return
    for error in _META.iter_errors(schema):
        yield DataProblem(
            dotted(error.absolute_path), f"This is not JSON Schema: {error.message[:200]}"
        )


def _part_problems(schema: Any) -> Iterator[DataProblem]:
    if schema.get("type") != "object":
        yield DataProblem("type", "The data of a case is an object: write type: object.")
    for name in schema.get("properties", {}):
        if name in GIVEN_NAMES:
            told = f'"{name}" is given to every expression and cannot be the name of a field.'
            yield DataProblem(f"properties.{name}", told)
    for path, part in subschemas(schema):
        if isinstance(part, Mapping):
            yield from _keyword_problems(schema, path, part)
            yield from _name_problems(path, part)


def _keyword_problems(root: Any, path: _Path, part: Mapping[str, Any]) -> Iterator[DataProblem]:
    for keyword in _REFUSED:
        if keyword in part:
            yield DataProblem(dotted((*path, keyword)), f"{keyword} is not possible here.")
    if "$ref" in part and _definition_name(root, part["$ref"]) is None:
        reference = str(part["$ref"])[:80]
        told = f'"{reference}" leads nowhere: only "#/$defs/name" in this schema can be used.'
        yield DataProblem(dotted((*path, "$ref")), told)
    patterns = [("pattern", part["pattern"])] if "pattern" in part else []
    patterns += [("patternProperties", pattern) for pattern in part.get("patternProperties", {})]
    for keyword, pattern in patterns:
        reason = why_refused(pattern)
        if reason is not None:
            yield DataProblem(dotted((*path, keyword)), reason)


def _name_problems(path: _Path, part: Mapping[str, Any]) -> Iterator[DataProblem]:
    properties = part.get("properties", {})
    for name in properties:
        reason = why_unusable(name)
        if reason is not None:
            yield DataProblem(dotted((*path, "properties", name)), reason)
    names = [*properties, *GIVEN_NAMES] if not path else list(properties)
    for one, other in confused_names(names):
        told = (
            f'"{other}" looks like "{one}" but is another name: a reader could not tell them apart.'
        )
        yield DataProblem(dotted((*path, "properties", other)), told)


def _definition_name(root: Any, reference: object) -> tuple[str, str] | None:
    """Return where a local reference leads: `("$defs", "line")`."""
    if not isinstance(reference, str):
        return None
    parts = reference.split("/")
    if len(parts) != 3 or parts[0] != "#" or parts[1] not in ("$defs", "definitions"):
        return None
    name = parts[2].replace("~1", "/").replace("~0", "~")
    # A validator reads "%41" as "A"; without escapes both readers agree.
    is_there = "%" not in name and name in root.get(parts[1], {})
    return (parts[1], name) if is_there else None


def _expansion_problems(schema: Any) -> Iterator[DataProblem]:
    """Refuse definitions that refer to themselves, and those that grow when they are followed."""
    sizes: dict[tuple[str, str], int] = {}

    def size(part: Any, open_names: tuple[tuple[str, str], ...]) -> int:
        total = 1
        if not isinstance(part, Mapping):
            return total
        name = _definition_name(schema, part["$ref"]) if "$ref" in part else None
        if name is not None:
            if name in open_names:
                raise _RefersToItself(name[1])
            if name not in sizes:
                sizes[name] = size(schema[name[0]][name[1]], (*open_names, name))
            total += sizes[name]
        for step, below in _directly_below(part):
            if step[0] not in ("$defs", "definitions"):
                total += size(below, open_names)
        return total

    try:
        total = size(schema, ())
        for keyword in ("$defs", "definitions"):
            for name, part in schema.get(keyword, {}).items():
                total = max(total, size(part, ((keyword, name),)))
    except _RefersToItself as error:
        yield DataProblem(f"$defs.{error}", f'"{error}" refers to itself: data must have an end.')
        return
    except RecursionError:
        total = MAX_EXPANDED + 1
    if total > MAX_EXPANDED:
        yield DataProblem("$defs", "The definitions are used within each other too often.")


class _RefersToItself(Exception):
    """A definition that is part of itself."""
