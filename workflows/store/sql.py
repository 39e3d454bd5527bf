"""SQL that is made from the models once a process, and then only sent.

Compiling a queryset costs several times what the database needs to answer it. What every step asks
and writes is compiled once here; the text still comes from the models, so no column is named twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import connection, connections, models

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`order` has, for each parameter of the text, its name, or "" and the value that never
    changes."""

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
        found = compiler.get_converters([column for column, *_ in compiler.select])
        return _Compiled(sql, order, [(position, *pair) for position, pair in found.items()])

    def converted(self, row: Row) -> Row:
        """Return a row with its columns' values as Django's fields have them."""
        values = list(row)
        for position, converters, expression in self._compiled.converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return values


class Table:
    """The statements that write rows of one model, and the values of a row in their order."""

    def __init__(self, model: type[models.Model]) -> None:
        self.fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self.name = _quoted(model._meta.db_table)
        self._key_column = model._meta.pk.column
        self.key = _quoted(self._key_column)
        self.columns = [_quoted(field.column) for field in self.fields]
        self._stored = [(field.attname, field.get_db_prep_save) for field in self.fields]
        self._by_name = {field.name: field for field in self.fields}

    def column(self, name: str) -> str:
        """Return the column of a field, quoted."""
        return _quoted(self._by_name[name].column)

    def values(self, row: models.Model, *, without: str = "") -> list[Any]:
        """Return what is stored of `row`, its key apart; `without` names an attribute to leave
        out."""
        stored, database = row.__dict__, connections[connection.alias]
        return [
            prepare(stored[name], database) for name, prepare in self._stored if name != without
        ]

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
            self.fields, OnConflict.UPDATE, told, [self._key_column]
        )
        into = self._into([self.key, *self.columns])
        return f"{into} {', '.join(rows)} {suffix} RETURNING {self.name}.{self.key}"

    def update(self, changes: Sequence[str]) -> str:
        """Return the statement that updates one row, named by its key; see `changes_of`."""
        assignments = ", ".join(f"{_quoted(self._by_name[name].column)} = %s" for name in changes)
        return f"UPDATE {self.name} SET {assignments} WHERE {self.key} = %s"  # noqa: S608

    def changes_of(self, row: models.Model, changes: Sequence[str]) -> list[Any]:
        """Return the parameters of `update`."""
        fields = [self._by_name[name] for name in changes]
        stored, database = row.__dict__, connections[connection.alias]
        return [f.get_db_prep_save(stored[f.attname], database) for f in fields] + [row.pk]

    def _into(self, columns: Sequence[str]) -> str:
        return f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES"  # noqa: S608


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")


@cache
def table(model: type[models.Model]) -> Table:
    return Table(model)


def cursor() -> Any:
    """Return a cursor that lets the database keep the plans of what is sent again and again.

    On PostgreSQL it sends the parameters beside the text; Django's own puts them into it.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        made = _planning_cursor()(connection.connection)
    return connection._prepare_cursor(made)  # type: ignore[attr-defined]  # as `connection.cursor`


@cache
def _planning_cursor() -> Any:
    from django.db.backends.postgresql.base import ServerBindingCursor

    class PlanningCursor(ServerBindingCursor):
        def _send_query_prepared(self, name: bytes, query: Any, **options: Any) -> None:
            self._query = query  # Django's log of statements looks here, psycopg leaves it empty.
            super()._send_query_prepared(name, query, **options)  # type: ignore[misc]

    return PlanningCursor
