"""The cells of one dimension: constants of the guards, within what the schema allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from workflows.expressions.ranges.cells import EMPTY, FAILING, Cell, CellKind
from workflows.expressions.ranges.domains import (
    Domain,
    as_date,
    as_decimal,
    date_domain,
    enum_of,
    length_domain,
    number_domain,
    schema_at,
    to_fraction,
)
from workflows.expressions.ranges.terms import Linear, plain_path
from workflows.expressions.tree import Call
from workflows.expressions.types import Kind

if TYPE_CHECKING:
    from workflows.expressions.ranges.dimensions import Dimension

_SAMPLE_TEXT = "something else"
_ANYTHING: Final[Mapping[Kind, object]] = {
    Kind.NUMBER: Decimal(1),
    Kind.DATE: date(2026, 1, 15),
    Kind.DATETIME: datetime(2026, 1, 15, 9, tzinfo=UTC),
    Kind.LIST: (),
    Kind.RECORD: MappingProxyType({}),
}


def add_threshold(dimension: Dimension, form: Linear, value: object) -> None:
    """Let `dimension` tell `value` from the others; `form` is what is compared with it."""
    if isinstance(value, date):
        dimension.numbers.add(Fraction(value.toordinal()))
    elif isinstance(value, str):
        dimension.texts.add(value)
    elif (number := to_fraction(value)) is not None:
        dimension.numbers.add(form.where(number))


def cells_of(dimension: Dimension, schema: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the cells; together they hold every value that the dimension can have."""
    cells = _values(dimension, schema)
    if dimension.is_part:
        return (*cells, FAILING)
    return (*cells, EMPTY) if dimension.type.optional else tuple(cells)


def _values(dimension: Dimension, schema: Mapping[str, Any]) -> list[Cell]:
    kind = dimension.type.kind
    own = {} if dimension.is_part else schema_at(schema, dimension.key)
    if dimension.is_order:
        return [Cell(CellKind.VALUE, Decimal(sign)) for sign in (-1, 0, 1)]
    if kind is Kind.BOOLEAN:
        return [Cell(CellKind.VALUE, value) for value in (True, False)]
    if kind is Kind.NUMBER:
        domain = _part_domain(dimension, schema) or number_domain(dimension.type, own)
        return domain.split(dimension.numbers, as_decimal)
    if kind is Kind.DATE and dimension.numbers:
        return date_domain().split(dimension.numbers, as_date)
    if kind is Kind.TEXT and (dimension.texts or dimension.type.values):
        return _texts(dimension, own)
    return [Cell(CellKind.PRESENT, _ANYTHING.get(kind, _SAMPLE_TEXT))]


def _part_domain(dimension: Dimension, schema: Mapping[str, Any]) -> Domain | None:
    node = dimension.node
    if isinstance(node, Call) and node.function == "len":
        argument = node.arguments[0]
        path = plain_path(argument)
        return length_domain(argument.type.kind, {} if path is None else schema_at(schema, path))
    return None


def _texts(dimension: Dimension, schema: Mapping[str, Any]) -> list[Cell]:
    allowed = dimension.type.values or tuple(
        value for value in enum_of(schema) or () if isinstance(value, str)
    )
    if allowed:
        named = [value for value in allowed if value in dimension.texts]
        rest = [value for value in allowed if value not in dimension.texts]
        others = [Cell(CellKind.OTHER, rest[0])] if len(rest) > 1 else []
        if len(rest) == 1:
            named = [value for value in allowed if value in (*named, rest[0])]
        return [Cell(CellKind.VALUE, value) for value in named] + others
    cells = [Cell(CellKind.VALUE, value) for value in sorted(dimension.texts)]
    other = _SAMPLE_TEXT
    while other in dimension.texts:
        other += "!"
    return [*cells, Cell(CellKind.OTHER, other)]
