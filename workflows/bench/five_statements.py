"""The yardstick: what a step would cost as five plain statements in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection

CREATE = (
    "CREATE TABLE bench_case (id integer PRIMARY KEY, state integer, marking varchar(100))",
    "CREATE TABLE bench_task (id integer PRIMARY KEY, case_id integer, open integer)",
    "CREATE TABLE bench_event (case_id integer, sequence integer, payload varchar(200))",
    "INSERT INTO bench_case VALUES (1, 0, 'waiting')",
    "INSERT INTO bench_task VALUES (0, 1, 1)",
)


class FiveStatements:
    """Lock the case, close the task, move the marking, open the next task, write the history."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            for statement in CREATE:
                cursor.execute(statement)
        self._number = 0
        self._psycopg = self._connect()
        self.name = "psycopg, five statements" if self._psycopg else "cursor, five statements"

    def run(self, times: int) -> None:
        for _ in range(times):
            if self._psycopg is None:
                self._with_django()
            else:
                with self._psycopg.transaction(), self._psycopg.cursor() as cursor:
                    self._five(cursor, " FOR UPDATE")

    def close(self) -> None:
        if self._psycopg is not None:
            self._psycopg.close()

    def _with_django(self) -> None:
        from django.db import transaction

        lock = "" if connection.vendor == "sqlite" else " FOR UPDATE"
        with transaction.atomic(), connection.cursor() as cursor:
            self._five(cursor, lock)

    def _five(self, cursor: Any, lock: str) -> None:
        number = self._number = self._number + 1
        cursor.execute(f"SELECT state, marking FROM bench_case WHERE id = %s{lock}", [1])  # noqa: S608
        cursor.fetchone()
        cursor.execute("UPDATE bench_task SET open = 0 WHERE id = %s", [number - 1])
        cursor.execute("UPDATE bench_case SET state = %s WHERE id = %s", [number, 1])
        cursor.execute("INSERT INTO bench_task VALUES (%s, 1, 1)", [number])
        cursor.execute("INSERT INTO bench_event VALUES (1, %s, %s)", [number, "approved"])

    def _connect(self) -> Any:
        if connection.vendor != "postgresql":
            return None
        import psycopg

        parameters = connection.get_connection_params()
        wanted = ("dbname", "user", "password", "host", "port")
        return psycopg.connect(
            **{key: parameters[key] for key in wanted if parameters.get(key)}, autocommit=True
        )
