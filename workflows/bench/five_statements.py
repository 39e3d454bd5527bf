"""The yardstick: what a step would cost as five plain statements in one transaction.

Lock the case, close the item, move the marking, open the next item, write the history. No net, no
rights, no candidates, no hashes to be worked out: the statements and nothing else. On PostgreSQL
they go through psycopg itself, which prepares them, elsewhere through Django's cursor; the
server's settings are those that Goflow has.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db import connection, transaction

from workflows import engine
from workflows.models import WorkItem


class Yardstick(Protocol):
    name: str

    def run(self, times: int) -> None:
        """Do so many steps."""

    def close(self) -> None:
        """Give the connection back."""


class SameRows:
    """Into Goflow's own tables, with their indexes and foreign keys, what a step stores there."""

    def __init__(self) -> None:
        person = User.objects.get(username="requester")
        self._case = engine.start("bench_again", by=person, data={"amount": 100})
        self._item = WorkItem.objects.open().get(case=self._case)
        self._person = User.objects.get(username="reviewer").pk
        self._length = self._case.history_length
        self._through = _Through()
        self.name = f"{self._through.name}, five statements"

    def run(self, times: int) -> None:
        for _ in range(times):
            with self._through.transaction() as cursor:
                self._five(cursor)

    def close(self) -> None:
        self._through.close()

    def _five(self, cursor: Any) -> None:
        case, item, at = self._case.pk, self._item.pk, datetime.now(UTC)
        moment = at if connection.vendor == "postgresql" else str(at.replace(tzinfo=None))
        previous, digest = f"{self._length:064x}", f"{self._length + 1:064x}"
        self._length += 1
        cursor.execute(
            "SELECT id, version_id, business_key, requester_id, state, marking, data, failure, "
            "step_count, history_length, history_hash, started_at, changed_at, ended_at "
            "FROM workflows_case WHERE id = %s" + self._through.lock,
            [case],
        )
        cursor.fetchone()
        cursor.execute(
            "UPDATE workflows_workitem SET state = %s, completed_by_id = %s, outcome = %s, "
            "closed_at = %s WHERE id = %s",
            ["completed", self._person, "again", moment, item],
        )
        cursor.execute(
            "UPDATE workflows_case SET state = %s, marking = %s, failure = %s, step_count = %s, "
            "history_length = %s, history_hash = %s, changed_at = %s, ended_at = %s WHERE id = %s",
            ["running", '{"waiting": 1}', "", self._length, self._length, digest, moment, None]
            + [case],
        )
        cursor.execute(
            "INSERT INTO workflows_workitem (case_id, task_id, state, claimed_by_id, "
            "completed_by_id, outcome, opened_at, due_at, closed_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [case, self._item.task_id, "offered", None, None, "", moment, moment, None],
        )
        (self._item.pk,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO workflows_event (case_id, sequence, kind, at, actor_id, work_item_id, "
            "transition, payload, idempotency_key, previous_hash, hash) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [case, self._length, "fired", moment, self._person, item, "again"]
            + ['{"outcome": "again"}', None, previous, digest],
        )


BARE = (
    "CREATE TABLE {0}_case (id integer PRIMARY KEY, state integer, marking varchar(100))",
    "CREATE TABLE {0}_task (id integer PRIMARY KEY, case_id integer, open integer)",
    "CREATE TABLE {0}_event (case_id integer, sequence integer, payload varchar(200))",
    "INSERT INTO {0}_case VALUES (1, 0, 'waiting')",
    "INSERT INTO {0}_task VALUES (0, 1, 1)",
)


class BareTables:
    """Into tables of a few short columns: no foreign key, and no index but primary keys."""

    def __init__(self, name: str = "bench") -> None:
        with connection.cursor() as cursor:
            for statement in BARE:
                cursor.execute(statement.format(name))
        self._tables = name
        self._number = 0
        self._through = _Through()
        self.name = f"{self._through.name}, five statements on bare tables"

    def run(self, times: int) -> None:
        for _ in range(times):
            with self._through.transaction() as cursor:
                self._five(cursor, self._tables)

    def close(self) -> None:
        self._through.close()

    def _five(self, cursor: Any, name: str) -> None:
        number = self._number = self._number + 1
        # The name is this module's own.
        cursor.execute(
            f"SELECT state, marking FROM {name}_case WHERE id = %s{self._through.lock}",  # noqa: S608
            [1],
        )
        cursor.fetchone()
        cursor.execute(f"UPDATE {name}_task SET open = 0 WHERE id = %s", [number - 1])  # noqa: S608
        cursor.execute(f"UPDATE {name}_case SET state = %s WHERE id = %s", [number, 1])  # noqa: S608
        cursor.execute(f"INSERT INTO {name}_task VALUES (%s, 1, 1)", [number])  # noqa: S608
        cursor.execute(f"INSERT INTO {name}_event VALUES (1, %s, %s)", [number, "approved"])  # noqa: S608


class _Through:
    """What the statements go through: a connection of psycopg's own, or Django's cursor."""

    def __init__(self) -> None:
        self._psycopg = _psycopg()
        self.name = "psycopg" if self._psycopg else "cursor"
        self.lock = "" if connection.vendor == "sqlite" else " FOR UPDATE"

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        if self._psycopg is not None:
            with self._psycopg.transaction(), self._psycopg.cursor() as cursor:
                yield cursor
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                yield cursor

    def close(self) -> None:
        if self._psycopg is not None:
            self._psycopg.close()


def _psycopg() -> Any:
    if connection.vendor != "postgresql":
        return None
    import psycopg

    parameters = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(
        **{key: parameters[key] for key in wanted if parameters.get(key)}, autocommit=True
    )
