"""A transaction that the database has ended for another's sake is run again as a whole.

All changes of a case lock it first, so two of them cannot deadlock. But there are other
transactions: an operator's statement, a backup, a cascade of a deletion.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 0.02

# PostgreSQL's SQLSTATEs, and MariaDB's number, of a deadlock and of a serialization failure.
_SQLSTATES = ("40P01", "40001")
_MARIADB_DEADLOCK = 1213

_P = ParamSpec("_P")
_T = TypeVar("_T")


def again_after_conflict(run: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let `run`, which is one transaction, be run again where it was the victim of a conflict.

    It has to be without any effect but on the database. A few times at most, with pauses that grow
    and differ; the last failure is raised. Within another transaction it is run once: what that one
    did before is lost as well, so whoever began it has to run all of it again.
    """

    @wraps(run)
    def run_again(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        most = 1 if connection.in_atomic_block else MOST_TRIES
        for number in range(1, most):
            try:
                return run(*args, **kwargs)
            except OperationalError as error:
                if not _is_conflict(error):
                    raise
            time.sleep(random.uniform(0.5, 1.5) * FIRST_PAUSE_SECONDS * 2**number)  # noqa: S311
        return run(*args, **kwargs)

    return run_again


def _is_conflict(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in _SQLSTATES or bool(error.args and error.args[0] == _MARIADB_DEADLOCK)
