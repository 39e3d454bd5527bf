"""The rows of a net that nobody may change, as a table to read: forms of Django's admin that are
shown and not sent take most of a page's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from workflows.models import FlowVersion

from .inlines import NetInline

EMPTY = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    label: str
    value: object


@dataclass(frozen=True, slots=True)
class PlainTable:
    """`heads` are the labels of each column, `rows` the cells below each other in each column."""

    key: str
    title: str
    is_collapsed: bool
    heads: list[list[str]]
    rows: list[list[list[Cell]]]


def plain_tables(
    admin: ModelAdmin[Any], inlines: Iterable[type[NetInline]], request: HttpRequest, obj: Any
) -> list[PlainTable]:
    """Return the tables of a version, one for each kind of row."""
    made = (inline(FlowVersion, admin.admin_site) for inline in inlines)
    return [_table(inline, inline.rows_of(request, obj)) for inline in made]


def _table(inline: NetInline, rows: Iterable[models.Model]) -> PlainTable:
    model = inline.model
    columns = [(c,) if isinstance(c, str) else c for c in inline.readonly_columns]
    labels = {name: _label(inline, model, name) for column in columns for name in column}
    return PlainTable(
        key=str(model._meta.model_name),
        title=capfirst(str(model._meta.verbose_name_plural)),
        is_collapsed="collapse" in (inline.classes or ()),
        heads=[[labels[name] for name in column] for column in columns],
        rows=[list(_cells(inline, row, columns, labels)) for row in rows],
    )


def _cells(
    inline: NetInline, row: models.Model, columns: list[tuple[str, ...]], labels: dict[str, str]
) -> Iterator[list[Cell]]:
    for column in columns:
        yield [Cell(name, labels[name], _value(inline, row, name)) for name in column]


def _label(inline: NetInline, model: type[models.Model], name: str) -> str:
    made = getattr(inline, name, None)
    label = getattr(made, "short_description", "") or model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return capfirst(str(label))


def _value(inline: NetInline, row: models.Model, name: str) -> object:
    made = getattr(inline, name, None) or getattr(row, f"get_{name}_display", None)
    value = (made(row) if hasattr(inline, name) else made()) if made else getattr(row, name)
    return EMPTY if value in (None, "") else value
