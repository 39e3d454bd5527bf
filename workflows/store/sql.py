"""SQL that is made from the models once a process, and then only sent.

Compiling a queryset costs several times what the database needs to answer it. What every step asks
and writes is compiled once here; the text still comes from the models, so no column is named twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState

from workflows.models.fields import MarkingField, OrderedJSONField

from .planning import planning_cursor

Row = Sequence[Any]
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`order` has, for each parameter of the text, its name, or "" and the value that never
    changes. PostgreSQL is sent neither these nor one parameter twice: they are in the text."""

    sql: str
    order: list[tuple[str, Any]]
    converters: list[tuple[int, Sequence[Callable[..., Any]], Any]]


class CompiledQuery:
    """A queryset that is compiled at its first use, and asked with other parameters each time.

    `build` is called with a stand-in for each of its parameters: whole numbers, and texts for those
    that are annotated as such. Stand-ins may be compared with columns and nothing else.
    """

    _FIRST_NUMBER = 2_147_480_000
    """Within the range of every integer column, and far from any number that a queryset names."""

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]]) -> None:
        self._build = build

    def rows(self, **parameters: object) -> list[Row]:
        """Send the query; return its rows with their columns converted as Django does."""
        compiled = self._compiled
        given = [parameters[name] if name else value for name, value in compiled.order]
        with cursor() as sent:
            sent.execute(compiled.sql, given)
            rows: list[Row] = list(sent.fetchall())
        return [self.converted(row) for row in rows] if compiled.converters else rows

    @cached_property
    def _compiled(self) -> _Compiled:
        """All at once, so that threads which compile at the same time do not mix."""
        code, types = self._build.__code__, self._build.__annotations__
        names = code.co_varnames[: code.co_argcount]
        stand_ins: dict[object, str] = {
            f"\ue000{name}" if types[name] == "str" else self._FIRST_NUMBER + position: name
            for position, name in enumerate(names)
        }
        queryset = self._build(**{name: stand_in for stand_in, name in stand_ins.items()})
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, parameters = compiler.as_sql()
        order = [(stand_ins.get(value, ""), value) for value in parameters]
        missing = set(names) - {name for name, _ in order}
        if missing:
            raise TypeError(f"{self._build.__name__} does not compare {', '.join(missing)}.")
        if connection.vendor == "postgresql":
            sql, order = _told_once(sql, order)
        found = compiler.get_converters([column for column, *_ in compiler.select])
        return _Compiled(sql, order, [(position, *pair) for position, pair in found.items()])

    def converted(self, row: Row) -> Row:
        """Return a row with its columns' values as Django's fields have them."""
        values = list(row)
        for position, converters, expression in self._compiled.converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return values


def _told_once(sql: str, order: list[tuple[str, Any]]) -> tuple[str, list[tuple[str, Any]]]:
    """Put what never changes into the text, where a plan can make use of it, and number the rest.

    A kept plan knows nothing of its parameters: of a state that it is told, for example, it cannot
    see that few rows have it.
    """
    names = list(dict.fromkeys(name for name, _ in order if name))
    told = iter(order)

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        name, value = next(told)
        if name:
            return f"${names.index(name) + 1}"
        literal: str = connection.ops.compose_sql("%s", [value])  # type: ignore[attr-defined]  # PostgreSQL's
        return literal.replace("%", "%%")

    return re.sub("%%|%s", place, sql), [(name, None) for name in names]


class Table:
    """The statements that write rows of one model, and the values of a row in their order."""

    def __init__(self, model: type[models.Model]) -> None:
        self._model = model
        self.fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self.name = _quoted(model._meta.db_table)
        self._key = model._meta.pk
        self.key = _quoted(self._key.column)
        self.columns = [_quoted(field.column) for field in self.fields]
        self.attributes = [field.attname for field in model._meta.concrete_fields]
        self._stored = [(field.attname, _preparing(field)) for field in self.fields]
        # A default that could be changed is made anew for each row.
        defaults = [(field.attname, field.get_default) for field in model._meta.concrete_fields]
        self._defaults = [(n, make) for n, make in defaults if isinstance(make(), list | dict)]
        self._constants = {name: make() for name, make in defaults}
        self._by_name = {field.name: field for field in self.fields}
        self._stored_by_name = dict(zip(self._by_name, self._stored, strict=True))

    def new(self, told: Mapping[str, Any]) -> Any:
        """Return a row that is not stored yet as `Model()` makes it, likewise without ceremony.

        `told` are attributes (`case_id`, not `case`); the others have their fields' defaults.
        """
        row = self._model.__new__(self._model)
        row._state = ModelState()
        row.__dict__.update(self._constants)
        for name, default in self._defaults:
            row.__dict__[name] = default()
        row.__dict__.update(told)
        return row

    def column(self, name: str) -> str:
        """Return the column of a field, quoted."""
        return _quoted(self._by_name[name].column)

    def values(self, row: object, *, without: str = "", unread: object = None) -> list[Any]:
        """Return what is stored of `row`, its key apart; `without` names an attribute to leave
        out, `unread` stands for those that it has not read."""
        stored = row.__dict__
        return [
            stored.get(name, unread) if prepare is None else prepare(stored.get(name, unread))
            for name, prepare in self._stored
            if name != without
        ]

    def loaded(self, values: Iterable[Any], names: Iterable[str] = ()) -> Any:
        """Return a row as `Model.from_db` does, in a tenth of its time: it sends no signals, and
        lets no descriptor have a say about what the database tells.

        Fields that are not among `names` are read when they are asked for; without, all are told.
        """
        row = self._model.__new__(self._model)
        state = row._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        row.__dict__.update(zip(names or self.attributes, values, strict=True))
        return row

    def insert(self, rows: int) -> str:
        """Return the statement that inserts so many rows, each with a new key."""
        row = f"({', '.join(['%s'] * len(self.columns))})"
        return f"{self._into(self.columns)} {', '.join([row] * rows)}"

    def insert_for(self, owner: str, keys: Sequence[str]) -> str:
        """Return the statement that inserts a row for each of `keys`, SQL that tells its owner's
        key."""
        others = len(self.columns) - 1
        place = [field.attname for field in self.fields].index(owner)
        columns = [self.columns[place], *self.columns[:place], *self.columns[place + 1 :]]
        rows = [f"({', '.join([key] + ['%s'] * others)})" for key in keys]
        return f"{self._into(columns)} {', '.join(rows)}"

    def upsert(self, changed: int, new: int, *, updates: Sequence[str]) -> str:
        """Return the statement that updates so many rows, which are there, and inserts others.

        The parameters of a row that is there begin with its key. The statement returns the keys of
        all; those of new rows are the highest.
        """
        from django.db.models.constants import OnConflict

        values = ", ".join(["%s"] * len(self.columns))
        default = connection.ops.pk_default_value()
        rows = [f"(%s, {values})"] * changed + [f"({default}, {values})"] * new
        told = [self._by_name[name].column for name in updates]
        suffix = connection.ops.on_conflict_suffix_sql(
            self.fields, OnConflict.UPDATE, told, [self._key.column]
        )
        into = self._into([self.key, *self.columns])
        return f"{into} {', '.join(rows)} {suffix} RETURNING {self.name}.{self.key}"

    def update(self, changes: Sequence[str]) -> str:
        """Return the statement that updates one row, named by its key; see `changes_of`."""
        assignments = ", ".join(f"{_quoted(self._by_name[name].column)} = %s" for name in changes)
        return f"UPDATE {self.name} SET {assignments} WHERE {self.key} = %s"  # noqa: S608

    def update_each(self, rows: int, changes: Sequence[str]) -> str:
        """Return the statement of PostgreSQL that updates so many rows, each with the parameters of
        `update`."""
        if rows == 1:
            return self.update(changes)
        columns = [self._by_name[name] for name in changes]
        types = ", ".join(f"%s::{field.db_type(connection)}" for field in [*columns, self._key])
        names = ", ".join(_quoted(field.column) for field in [*columns, self._key])
        told = ", ".join(f"{_quoted(f.column)} = told.{_quoted(f.column)}" for f in columns)
        values = ", ".join([f"({types})"] * rows)
        return (
            f"UPDATE {self.name} SET {told} FROM (VALUES {values}) AS told({names}) "  # noqa: S608
            f"WHERE {self.name}.{self.key} = told.{self.key}"
        )

    def changes_of(self, row: models.Model, changes: Sequence[str]) -> list[Any]:
        """Return the parameters of `update`."""
        stored = row.__dict__
        told: list[Any] = []
        for name in changes:
            attribute, prepare = self._stored_by_name[name]
            value = stored[attribute]
            told.append(value if prepare is None else prepare(value))
        told.append(stored[self._key.attname])
        return told

    def _into(self, columns: Sequence[str]) -> str:
        return f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES"  # noqa: S608


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


def new(model: type[M], **told: Any) -> M:
    """Return a new row of `model`; see `Table.new`."""
    row: M = table(model).new(told)
    return row


@cache
def table(model: type[models.Model]) -> Table:
    return Table(model)


def cursor(*, commits: bool = False) -> Any:
    """Return a cursor that lets the database keep the plans of what is sent again and again.

    On PostgreSQL it is the same each time: fetch all that you want before you ask for it again.
    There the next statement may also commit the transaction, if nothing follows it.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return database.cursor()
    return planning_cursor(database, commits=commits)


def _preparing(field: Any) -> Callable[[Any], Any] | None:
    """Return what makes of an attribute's value what the driver takes; None where that is the same.

    PostgreSQL's driver takes all but JSON as it is, and that as text.
    """
    if connection.vendor != "postgresql":
        return lambda value: field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])
    if isinstance(field, MarkingField):
        return field.as_text
    if isinstance(field, OrderedJSONField):
        return field.get_prep_value
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])
    return None
