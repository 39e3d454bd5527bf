"""The one clock of all processes: the database's.

Web and worker processes run on machines whose clocks disagree. Leases, due times and the moments in
the history are told by the database, so that they can be compared.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Func

NOW = {
    "postgresql": "CLOCK_TIMESTAMP()",
    "mysql": "UTC_TIMESTAMP(6)",
    # Text is compared: as many digits as Django stores.
    "sqlite": "STRFTIME('%Y-%m-%d %H:%M:%f000', 'NOW')",
}


class DatabaseNow(Func):
    """The moment at which the statement runs, not that at which its transaction began."""

    output_field = models.DateTimeField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        # A percent sign stands once for the template and once for the placeholders.
        template = NOW[connection.vendor].replace("%", "%%%%")
        return super().as_sql(compiler, connection, template=template, **extra)


class StatementNow(DatabaseNow):
    """The moment at which the statement began: the same for every row, so an index can be asked."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return Func.as_sql(self, compiler, connection, template="STATEMENT_TIMESTAMP()")


def database_now() -> datetime:
    """Return the database's moment; costs a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW[connection.vendor]}")
        return as_moment(cursor.fetchone()[0])


def as_moment(value: Any) -> datetime:
    """Return what a driver gives for `DatabaseNow` as a moment with a zone."""
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
