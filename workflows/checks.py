"""System checks of the engine."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# As the server names it, as psycopg numbers it, and where nothing is asked for.
READ_COMMITTED = ("read committed", "2", "")


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
def postgresql_reads_committed(**kwargs: Any) -> list[CheckMessage]:
    """Above READ COMMITTED, PostgreSQL answers two people at once with serialization errors."""
    return [
        Error(
            f"The database {alias!r} does not run at READ COMMITTED.",
            hint="Take OPTIONS['isolation_level'] away.",
            id="workflows.E003",
        )
        for alias, database in settings.DATABASES.items()
        if database["ENGINE"].endswith("postgresql")
        and _level(database.get("OPTIONS", {})) not in READ_COMMITTED
    ]


def _level(options: dict[str, Any]) -> str:
    """Return the level that the options ask for: by Django's own, or by one of the server's."""
    own = options.get("isolation_level")
    if own is not None:
        return str(getattr(own, "value", own)).lower()
    asked = re.findall(
        r"default_transaction_isolation=((?:\\.|\S)+)", str(options.get("options", ""))
    )
    return asked[-1].replace("\\", "").lower() if asked else ""


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
