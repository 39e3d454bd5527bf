"""Which names an expression may use, and their types: the flow's data schema and what is given."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from workflows.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    NONE,
    NUMBER,
    PERSON,
    TEXT,
    Field,
    Kind,
    Type,
    join,
    list_of,
    one_of,
    optional,
)

GIVEN_NAMES: Mapping[str, Type] = {
    "requester": PERSON,
    "today": DATE,
    "now": DATETIME,
    "business_key": TEXT,
}
CONSTANTS = frozenset({"true", "false", "none"})
MAX_TYPES = 2_000
MAX_TYPE_DEPTH = 12

_SIMPLE = {
    "number": NUMBER,
    "integer": replace(NUMBER, whole=True),
    "string": TEXT,
    "boolean": BOOLEAN,
    "null": NONE,
}
_FORMATS = {"date": DATE, "date-time": DATETIME}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may use; `task_keys`: those `did("...")` may name, None for all."""

    names: Mapping[str, Type]
    task_keys: Collection[str] | None = None

    def with_names(self, names: Mapping[str, Type]) -> Scope:
        return replace(self, names={**self.names, **names})


def scope_of(schema: Mapping[str, object], *, task_keys: Collection[str] | None = None) -> Scope:
    """Return the names that the data schema declares, and the given ones.

    A field that is not in `required` may be none. A part of the schema that this language has no
    type for is `any`; `workflows.data.check_schema` tells what is wrong with a schema.
    """
    data = type_of(schema)
    declared = {field.name: field.type for field in data.fields if is_usable_name(field.name)}
    return Scope({**declared, **GIVEN_NAMES}, task_keys)


def is_usable_name(name: str) -> bool:
    """Say whether an expression can name this field: an identifier in its normal form (NFKC)."""
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and name not in CONSTANTS
        and unicodedata.normalize("NFKC", name) == name
    )


def type_of(schema: object) -> Type:
    """Return the type of the values that a JSON Schema (draft 2020-12) accepts."""
    return _SchemaReader(schema).read(schema, 0)


class _SchemaReader:
    """Turns a schema into a type; too deep or too large a part of it becomes `any`."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._types_left = MAX_TYPES

    def read(self, schema: object, depth: int) -> Type:
        self._types_left -= 1
        if not isinstance(schema, Mapping) or depth > MAX_TYPE_DEPTH or self._types_left < 0:
            return ANY
        if "$ref" in schema:
            return self.read(local_definition(self._root, schema["$ref"]), depth + 1)
        allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(allowed, list) and allowed and "type" not in schema:
            return _type_of_values(allowed)
        type_ = self._declared(schema, depth)
        return _narrowed(type_, allowed) if isinstance(allowed, list) else type_

    def _declared(self, schema: Mapping[str, object], depth: int) -> Type:
        declared = schema.get("type")
        if declared is None and schema.get("x-type") == "decimal":
            declared = "number"
        if declared is None and "properties" in schema:
            declared = "object"
        if declared is None:
            return self._alternatives(schema, depth)
        names = [declared] if isinstance(declared, str) else declared
        if not isinstance(names, list):
            return ANY
        kinds = [name for name in names if name != "null"]
        if not kinds:
            return NONE
        if len(kinds) > 1 and set(kinds) != {"integer", "number"}:
            return ANY
        type_ = self._one(kinds[-1], schema, depth)
        return optional(type_) if "null" in names else type_

    def _one(self, name: object, schema: Mapping[str, object], depth: int) -> Type:
        if name == "string" and schema.get("x-type") == "decimal":
            return NUMBER
        if name == "string":
            return _FORMATS.get(str(schema.get("format")), TEXT)
        if name == "array":
            return list_of(self.read(schema.get("items"), depth + 1))
        if name == "object":
            return self._record(schema, depth)
        return _SIMPLE.get(str(name), ANY)

    def _record(self, schema: Mapping[str, object], depth: int) -> Type:
        properties, required = schema.get("properties"), schema.get("required")
        if not isinstance(properties, Mapping):
            properties = {}
        always = (
            {name for name in required if isinstance(name, str)}
            if isinstance(required, list)
            else set()
        )
        fields = []
        for name, part in properties.items():
            type_ = self.read(part, depth + 1)
            title = part.get("title") if isinstance(part, Mapping) else None
            fields.append(
                Field(
                    name=str(name),
                    type=type_ if name in always else optional(type_),
                    title=title if isinstance(title, str) else "",
                    required=name in always,
                )
            )
        return Type(Kind.RECORD, fields=tuple(fields))

    def _alternatives(self, schema: Mapping[str, object], depth: int) -> Type:
        for keyword_ in ("anyOf", "oneOf", "allOf"):
            parts = schema.get(keyword_)
            if isinstance(parts, list) and parts and (keyword_ != "allOf" or len(parts) == 1):
                type_: Type | None = self.read(parts[0], depth + 1)
                for part in parts[1:]:
                    type_ = None if type_ is None else join(type_, self.read(part, depth + 1))
                return type_ or ANY
        return ANY


def local_definition(root: object, reference: object) -> object:
    """Return what `#/$defs/name` refers to, None where there is no such thing."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    found = root
    for part in reference[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def _type_of_values(values: list[object]) -> Type:
    present_values = [value for value in values if value is not None]
    if not present_values:
        return NONE
    if all(isinstance(value, str) for value in present_values):
        type_ = one_of(*(str(value) for value in present_values))
    elif all(isinstance(value, bool) for value in present_values):
        type_ = BOOLEAN
    elif all(
        isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
        for value in present_values
    ):
        type_ = NUMBER
    else:
        return ANY
    return optional(type_) if len(present_values) < len(values) else type_


def _narrowed(type_: Type, allowed: list[object]) -> Type:
    if type_.kind is not Kind.TEXT:
        return type_
    texts = tuple(value for value in allowed if isinstance(value, str))
    if type_.optional and None not in allowed:
        type_ = replace(type_, optional=False)
    return replace(type_, values=texts)
