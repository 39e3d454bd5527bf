"""Answers about people that are kept from step to step, and proved by the statement that writes.

To ask who somebody's manager is costs a step as much as to read the case, and the answer is nearly
always that of last time. So on PostgreSQL a command may take it from what this process was told
before, and the statement that writes its step asks again while it writes. Where the answer is
another by now, the database refuses the whole statement, and the command runs again and asks.

So nothing that is written rests on an answer which was not true at that moment, whoever has changed
it; and a refusal is told only by a run that has asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db import DataError, connection

from workflows.errors import GoflowError

from .sql import CompiledQuery, Row, cursor

MOST_KEPT = 20_000
MOST_ROWS = 8
"""An answer of more rows costs more to prove than to ask for."""

CHANGED = "goflow: an answer that was kept has changed"

T = TypeVar("T")
_Key = tuple["KeptQuery", tuple[object, ...]]

_answers: dict[_Key, list[Row]] = {}


@dataclass(frozen=True, slots=True)
class Claim:
    """That `query`, asked with `parameters`, still tells `rows`."""

    query: KeptQuery
    parameters: dict[str, object]
    rows: list[Row]

    @property
    def key(self) -> _Key:
        return self.query, tuple(self.parameters.values())

    @property
    def told(self) -> list[object]:
        """The parameters of `KeptQuery.proof`."""
        return [*(self.parameters[name] for name in self.query.order), [*map(_text, self.rows)]]


@dataclass(slots=True)
class _Relied:
    """What a command has relied on, and which of that no statement has proved yet."""

    keys: list[_Key] = field(default_factory=list)
    unproved: list[Claim] = field(default_factory=list)


_relied: ContextVar[_Relied | None] = ContextVar("goflow_relied", default=None)


class KeptQuery(CompiledQuery):
    """A query of whole numbers and truth values, whose answer is kept where a command relies on
    what is kept."""

    def rows(self, **parameters: object) -> list[Row]:
        relied = _relied.get()
        if relied is None:
            return super().rows(**parameters)
        key = self, tuple(parameters.values())
        rows = _answers.get(key)
        if rows is None:
            return self._asked(key, parameters)
        if key not in relied.keys:
            relied.keys.append(key)
            relied.unproved.append(Claim(self, parameters, rows))
        return rows

    def _asked(self, key: _Key, parameters: dict[str, object]) -> list[Row]:
        rows = super().rows(**parameters)
        if 0 < len(rows) <= MOST_ROWS:
            if len(_answers) >= MOST_KEPT:
                _answers.clear()
            _answers[key] = rows
        return rows

    @cached_property
    def order(self) -> list[str]:
        """The names of the parameters in the order of `proof`."""
        names = [name for name, _ in self._compiled.order]
        return [names[int(number) - 1] for number in _NUMBER.findall(self._compiled.sql)]

    @cached_property
    def proof(self) -> str:
        """The condition that the answer is the one told, as an SQL text."""
        asked = _NUMBER.sub("%s", self._compiled.sql)
        return f"ARRAY(SELECT told::text FROM ({asked}) AS told) = %s::text[]"  # noqa: S608  of the models


_NUMBER = re.compile(r"\$(\d+)")


def with_kept_answers(run: Callable[[], T]) -> T:
    """Call `run`, a command with its whole transaction, and let it rely on answers that are kept.

    It has to be without any effect but on the database: where something that it relied on has
    changed, or where it refuses, it is run once more, and asks. Within another transaction, and
    elsewhere than on PostgreSQL, it asks from the first.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return run()
    relied = _Relied()
    token = _relied.set(relied)
    try:
        return run()
    except GoflowError:
        if not relied.keys:
            raise
    except DataError as error:
        if CHANGED not in str(error):
            raise
    finally:
        _relied.reset(token)
    for key in relied.keys:
        _answers.pop(key, None)
    return run()


def forget_answers() -> None:
    """Keep nothing of what was told: the next commands ask."""
    _answers.clear()


def take_claims() -> tuple[Claim, ...]:
    """Return what has been relied on and not proved yet: whoever takes it proves it."""
    relied = _relied.get()
    if relied is None or not relied.unproved:
        return ()
    claims, relied.unproved = tuple(relied.unproved), []
    return claims


def proof_of(queries: Sequence[KeptQuery]) -> str:
    """Return an SQL expression that fails where an answer has changed; see `Claim.told`.

    The text that is no number depends on what the database finds, so that it is not looked at
    before the statement runs.
    """
    holds = " AND ".join(query.proof for query in queries)
    return f"CAST(CASE WHEN {holds} THEN '0' ELSE '{CHANGED}' END AS integer)"


def prove_claims(claims: Sequence[Claim] | None = None) -> None:
    """Prove `claims`, or what is left to prove, by a statement of its own.

    Raises:
        DataError: an answer has changed; as by the statement that writes a step.
    """
    claims = take_claims() if claims is None else claims
    if claims:
        text = f"SELECT {proof_of([claim.query for claim in claims])}"
        with cursor() as sent:
            sent.execute(text, [value for claim in claims for value in claim.told])
            sent.fetchall()


def _text(row: Row) -> str:
    """Return a row as PostgreSQL writes it as one text."""
    return f"({','.join(map(_value, row))})"


def _value(value: Any) -> str:
    if value is None:
        return ""
    return "ft"[value] if isinstance(value, bool) else str(int(value))
