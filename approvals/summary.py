"""A case's data as labels and texts, by its schema: titles for keys, units for bare numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from approvals import formatting

Titles = Mapping[str, Mapping[str, str]]
"""Field -> code -> title, for codes whose titles stand in rows."""


@dataclass(frozen=True, slots=True)
class KeyField:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """Unpacks to `(title, fields)`."""

    title: str
    fields: list[KeyField]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.title, self.fields))


def properties(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found = schema.get("properties", {})
    return found if isinstance(found, Mapping) else {}


def field_title(schema: Mapping[str, Any], name: str) -> str:
    title = properties(schema).get(name, {}).get("title")
    return str(title) if title else capfirst(name.replace("_", " "))


def choices_of(field: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return an enumeration's values with titles: `enum`, or `oneOf` of `const` and `title`."""
    one_of = field.get("oneOf")
    if isinstance(one_of, Sequence) and all(
        isinstance(o, Mapping) and "const" in o for o in one_of
    ):
        return [(o["const"], str(o.get("title") or code_title(o["const"]))) for o in one_of]
    return [(value, code_title(value)) for value in field.get("enum", ()) if value is not None]


def code_title(code: object) -> str:
    """Return a code as words: `office_chair` reads `Office chair`, `EUR` stays."""
    text = str(code)
    return capfirst(text.replace("_", " ")) if text.islower() else text


def summary_names(schema: Mapping[str, Any]) -> list[str]:
    """Return what stands for a request in a list: `x-summary`, else the first required fields."""
    named = schema.get("x-summary")
    if isinstance(named, Sequence) and not isinstance(named, str) and named:
        return [name for name in named if name in properties(schema)]
    return [name for name in schema.get("required", ()) if name in properties(schema)][:3]


def fields_of(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    names: Sequence[str] | None = None,
    titles: Titles | None = None,
    hidden: Collection[str] = (),
) -> list[KeyField]:
    """Return the given fields that hold something, in the schema's order or in that of `names`.

    Amounts are told with the currency, which then is no field of its own.
    """
    chosen = list(properties(schema)) if names is None else list(names)
    currency = currency_of(schema, values)
    shown = []
    for name in chosen:
        value = values.get(name)
        if name in hidden or value is None or value == "" or value == []:
            continue
        field = properties(schema).get(name, {})
        if _is_table(field) or (
            name == "currency" and currency and _has_money(schema, chosen, values)
        ):
            continue
        text = text_of(field, value, currency=currency, titles=(titles or {}).get(name, {}))
        shown.append(KeyField(field_title(schema, name), text))
    return shown


def currency_of(schema: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    currency = values.get("currency")
    return currency if "currency" in properties(schema) and isinstance(currency, str) else ""


def text_of(
    field: Mapping[str, Any],
    value: Any,
    *,
    currency: str = "",
    titles: Mapping[str, str] | None = None,
) -> str:
    """Return one value as text."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = field.get("items", {})
        return ", ".join(text_of(items, item, titles=titles) for item in value)
    if isinstance(value, str) and titles and value in titles:
        return str(titles[value])
    named = dict(choices_of(field)) if not isinstance(value, Mapping) else {}
    if isinstance(value, str | int | Decimal) and value in named:
        return str(named[value])
    if isinstance(value, datetime):
        return formatting.moment(value)
    if isinstance(value, date):
        return formatting.day(value)
    if isinstance(value, Decimal | int | float):
        is_money = bool(currency) and field.get("x-type") == "decimal"
        return formatting.money(Decimal(value), currency) if is_money else formatting.number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{code_title(key)}: {text_of({}, item)}" for key, item in value.items())
    return str(value)


def _is_table(field: Mapping[str, Any]) -> bool:
    return field.get("type") == "array" and field.get("items", {}).get("type") == "object"


def _has_money(schema: Mapping[str, Any], names: Sequence[str], values: Mapping[str, Any]) -> bool:
    return any(
        properties(schema).get(name, {}).get("x-type") == "decimal" and values.get(name) is not None
        for name in names
    )
