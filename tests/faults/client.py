"""People who use the REST API, and the log of what they asked for and were told.

Each operation is invoked and then `ok` (2xx), `fail` (refused: 4xx) or `info` (nobody knows: no
answer, or 5xx). One that is `info` is sent again with the same Idempotency-Key until it is known.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OK, FAIL, INFO = "ok", "fail", "info"
TIMEOUT_SECONDS = 30.0


@dataclass
class Operation:
    """`mark` stands in the history line of the operation: a start's business key, an end's
    comment."""

    mark: str
    what: str
    by: str
    invoked_at: float
    key: str
    state: str = "invoke"
    status: int = 0
    body: Any = None
    first_unknown_at: float | None = None
    ended_at: float = 0.0
    statuses: list[int] = field(default_factory=list)

    @property
    def recovery_seconds(self) -> float | None:
        """From the first try that ended unknown to the answer; None where every try was known."""
        if self.first_unknown_at is None or self.state == INFO:
            return None
        return self.ended_at - self.first_unknown_at


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: there was none."""

    status: int
    body: Any
    headers: Mapping[str, str]


class ClientLog:
    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.is_over = False
        self._guard = threading.Lock()

    def add(self, operation: Operation) -> None:
        with self._guard:
            self.operations.append(operation)

    def counts(self) -> dict[str, int]:
        states = [operation.state for operation in self.operations]
        return {state: states.count(state) for state in (OK, FAIL, INFO)}

    def statuses(self) -> list[int]:
        return [status for operation in self.operations for status in operation.statuses]

    def recoveries(self) -> list[float]:
        return [s for o in self.operations if (s := o.recovery_seconds) is not None]


class Person:
    """One person with a token, on a connection of their own. Not to be shared by threads."""

    def __init__(self, port: int, name: str, token: str, log: ClientLog | None = None) -> None:
        self.port, self.name, self._token = port, name, token
        self.log = ClientLog() if log is None else log
        self._connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        """Send one request once."""
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=TIMEOUT_SECONDS
                )
            content = None if body is None else json.dumps(body)
            self._connection.request(method, f"/api/v1/{path}", content, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return Answer(0, None, {})
        if response.will_close:
            self.hang_up()
        try:
            told = json.loads(text) if text else None
        except ValueError:
            told = text.decode(errors="replace")
        return Answer(response.status, told, dict(response.getheaders()))

    def get(self, path: str) -> Any:
        """Return what is there, asked until somebody answers."""
        answer = Answer(0, None, {})
        for _ in range(400):
            answer = self.send("GET", path)
            if answer.status == 200:
                return answer.body
            time.sleep(0.05)
        raise TimeoutError(f"{path}: {answer}")

    def act(
        self, what: str, path: str, body: Any, *, mark: str, key: str = "", seconds: float = 60.0
    ) -> Operation:
        """Send until it is known what came of it, at most so long."""
        operation = Operation(mark, what, self.name, time.time(), key or uuid.uuid4().hex)
        self.log.add(operation)
        deadline = time.monotonic() + seconds
        while True:
            answer = self.send("POST", path, body, key=operation.key)
            now = time.time()
            operation.status, operation.body, operation.ended_at = answer.status, answer.body, now
            operation.statuses.append(answer.status)
            if 200 <= answer.status < 300:
                operation.state = OK
            elif 400 <= answer.status < 500:
                operation.state = FAIL
            else:
                operation.state = INFO
                operation.first_unknown_at = operation.first_unknown_at or now
                if time.monotonic() < deadline and not self.log.is_over:
                    time.sleep(random.uniform(0.02, 0.15))
                    continue
            return operation

    def start(self, flow: str, data: Mapping[str, Any], **how: Any) -> Operation:
        mark = how.pop("mark", "") or uuid.uuid4().hex
        body = {"flow": flow, "data": dict(data), "business_key": mark}
        return self.act("start", "cases/", body, mark=mark, **how)

    def complete(self, item: int, outcome: str, **how: Any) -> Operation:
        mark = how.pop("mark", "") or uuid.uuid4().hex
        body = {"outcome": outcome, "comment": mark}
        return self.act("complete", f"work-items/{item}/complete/", body, mark=mark, **how)

    def items_of(self, case: int) -> dict[str, int]:
        """Return the open items of a case that this person may act on, by task."""
        found = self.get(f"work-items/?case={case}")["results"]
        return {item["task"]: item["id"] for item in found}

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls on threads that start together; return what each returned, or raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        barrier.wait(timeout=30)
        try:
            results[number] = call()
        except Exception as error:  # noqa: BLE001  the test looks at it
            results[number] = error

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


@dataclass
class Load:
    """Runs `people` loops side by side, each calling `once` with its number again and again: until
    told to stop, or `most` times in all."""

    once: Callable[[int], Any]
    people: int = 4
    most: int | None = None
    errors: list[Exception] = field(default_factory=list)
    done: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def _run(self, number: int) -> None:
        while not self._stopping.is_set():
            with self._guard:
                if self.most is not None and self.done >= self.most:
                    return
                self.done += 1
            try:
                self.once(number)
            except Exception as error:  # noqa: BLE001  the test looks at it
                self.errors.append(error)
                return

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Load while the block runs, and until all that was begun is known."""
        threads = [threading.Thread(target=self._run, args=[n]) for n in range(self.people)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            if self.most is None:
                self._stopping.set()
            for thread in threads:
                thread.join(timeout=150)
        if self.errors:
            raise self.errors[0]

    def stop(self) -> None:
        self._stopping.set()
