"""A cursor of PostgreSQL for what is sent again and again: the server keeps its plans.

Django's own cursor puts the parameters into the text, so each text is a new one to the server. And
it waits for BEGIN and for COMMIT, as it waits for every statement; this one lets them travel with
the first statement of a transaction and with the last.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import Any

from workflows import faultpoints

_MOST_BIGINT = 2**63


def planning_cursor(database: Any, *, commits: bool = False) -> Any:
    """Return the one cursor of this kind that the connection has, as Django wraps its own. Its next
    statement `commits` the transaction, where that may be.

    Making one costs as much as sending a statement. So fetch all that you want before you ask for
    it again.
    """
    database.ensure_connection()
    made = vars(database).get("_goflow_cursor")
    if made is None or made.connection is not database.connection:
        with database.wrap_database_errors:
            made = database._goflow_cursor = _planning_cursor()(database.connection)
    made.commits = commits and _may_commit(database)
    return database._prepare_cursor(made)


def _may_commit(database: Any) -> bool:
    """Say whether a statement that nothing follows may bring COMMIT along: nobody ends a
    transaction that another has begun, nor where a test of faults looks at the moment before."""
    return bool(
        not faultpoints.IS_ACTIVE
        and len(database.atomic_blocks) == 1
        and database.commit_on_exit
        and not database.needs_rollback
    )


@lru_cache(maxsize=1_024)
def _numbered(text: str) -> bytes:
    """Return the text with PostgreSQL's own placeholders, made of Django's once."""
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] == "%%":
            return "%"
        count += 1
        return f"${count}"

    return re.sub("%%|%s", number, text).encode()


@cache
def _planning_cursor() -> Any:
    """Return the class; where there is no PostgreSQL, its driver need not be there either."""
    from psycopg import RawCursor, errors
    from psycopg._preparing import Prepare
    from psycopg.adapt import Loader, Transformer
    from psycopg.generators import fetch_many, pipeline_communicate
    from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
    from psycopg.types.numeric import Int8Dumper, IntDumper, IntNumericDumper

    class WholeNumberDumper(IntDumper):
        """Sends a whole number as a bigint, whatever its size: a plan is kept for each row of types
        that a text is sent with."""

        _bigint, _numeric = Int8Dumper(int), IntNumericDumper(int)

        def upgrade(self, number: int, format: Any) -> Any:
            is_bigint = -_MOST_BIGINT <= number < _MOST_BIGINT
            return self._bigint if is_bigint else self._numeric

        def get_key(self, number: int, format: Any) -> Any:
            return Int8Dumper if -_MOST_BIGINT <= number < _MOST_BIGINT else IntNumericDumper

    class MomentLoader(Loader):
        """Reads what a connection whose zone is UTC tells, in a quarter of psycopg's time."""

        def load(self, text: Any) -> datetime:
            return datetime.fromisoformat(bytes(text).decode()).astimezone(UTC)

    class PlanningCursor(RawCursor[Any]):
        commits = False
        """Whether the next statement is its transaction's last: it brings COMMIT along."""

        def __init__(self, connection: Any) -> None:
            super().__init__(connection)
            self.adapters.register_dumper(int, WholeNumberDumper)
            self.adapters.register_loader("timestamptz", MomentLoader)

        def execute(self, text: str, parameters: Sequence[Any] = (), **options: Any) -> Any:  # type: ignore[override]  # as Django calls it
            return super().execute(_numbered(text), parameters, **options)

        def close(self) -> None:
            """Forget what was read, and stay open."""
            self._reset()

        def _start_query(self, query: Any = None) -> Generator[Any, Any, None]:
            """Get ready, and leave BEGIN to the statement."""
            is_idle = self._pgconn.transaction_status == TransactionStatus.IDLE
            self._begins = is_idle and not self._conn.autocommit
            self._reset()
            self._tx = Transformer(self)
            return
            yield

        def _maybe_prepare_gen(
            self, pgq: Any, *, prepare: bool | None = None, binary: bool | None = None
        ) -> Generator[Any, Any, None]:
            commits, self.commits = self.commits, False
            plan, name = self._get_prepared(pgq, prepare)
            if plan is Prepare.YES and (self._begins or commits):
                yield from self._send_together(pgq, name, commits=commits)
                return
            if self._begins:
                yield from self._conn._start_query()
            yield from super()._maybe_prepare_gen(pgq, prepare=prepare, binary=binary)

        def _send_together(
            self, pgq: Any, name: bytes, *, commits: bool
        ) -> Generator[Any, Any, None]:
            """Send the statement with BEGIN before it or COMMIT behind it, and wait once.

            Where one of them fails, PostgreSQL leaves out what follows: nothing is committed.
            """
            pgconn, command = self._pgconn, self._pgconn.send_query_params
            statement = partial(
                pgconn.send_query_prepared,
                name,
                pgq.params,
                param_formats=pgq.formats,
                result_format=self.format,
            )
            sent: deque[Any] = deque([statement])
            if self._begins:
                sent.appendleft(partial(command, self._conn._get_tx_start_command(), None))
            if commits:
                sent.append(partial(command, b"COMMIT", None))
            sent.append(pgconn.pipeline_sync)
            expected, place = len(sent), int(self._begins)
            self._query = pgq
            pgconn.enter_pipeline_mode()
            try:
                told = list((yield from pipeline_communicate(pgconn, sent)))
                while len(told) < expected and (results := (yield from fetch_many(pgconn))):
                    told.append(results)
            finally:
                if pgconn.status != ConnStatus.BAD:
                    pgconn.exit_pipeline_mode()
            for results in told:
                for result in results:
                    if result.status == ExecStatus.FATAL_ERROR:
                        raise errors.error_from_result(result, encoding=self._encoding)
            if len(told) < expected:
                raise errors.OperationalError("The connection was lost.")
            self._conn._prepared.maybe_add_to_cache(pgq, Prepare.YES, name)
            self._set_results(told[place])

        def _send_query_prepared(
            self, name: bytes, pgq: Any, *, binary: bool | None = None
        ) -> None:
            self._query = pgq  # Django's log of statements looks here, psycopg leaves it empty.
            super()._send_query_prepared(name, pgq, binary=binary)

    return PlanningCursor
