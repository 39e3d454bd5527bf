"""System checks of the engine."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def mysql_reads_committed(**kwargs: Any) -> list[CheckMessage]:
    """At REPEATABLE READ, MariaDB and MySQL let two approvals of one item both succeed,
    silently."""
    problems: list[CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        if not database["ENGINE"].endswith("mysql"):
            continue
        if database.get("OPTIONS", {}).get("isolation_level") != "read committed":
            problems.append(
                Error(
                    f"The database {alias!r} does not run at READ COMMITTED.",
                    hint="Set OPTIONS['isolation_level'] = 'read committed'.",
                    id="workflows.E001",
                )
            )
    return problems


@register()
def sqlite_begins_immediate(**kwargs: Any) -> list[CheckMessage]:
    """A deferred SQLite transaction that reads, then writes, fails at once under two writers."""
    return [
        Error(
            f"The database {alias!r} does not begin its transactions with a lock.",
            hint="Set OPTIONS['transaction_mode'] = 'IMMEDIATE'.",
            id="workflows.E002",
        )
        for alias, database in settings.DATABASES.items()
        if database["ENGINE"].endswith("sqlite3")
        and str(database.get("OPTIONS", {}).get("transaction_mode", "")).upper() != "IMMEDIATE"
    ]
