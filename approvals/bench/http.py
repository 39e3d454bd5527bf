"""Many people at once before the real web server, who read, think and decide."""

from __future__ import annotations

import http.client
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import override_settings

from approvals.models import Request
from workflows.bench.processes import percentiles, running
from workflows.models import WorkItem

from . import company
from .start import WEB, answers, free_port, wait_until, web_environment

REQUESTS = 20_000
# Has no factor in common with the numbers of people, so that every manager has work.
ONE_OPEN_IN = 3
CROWDS = (50, 200)
THINK_SECONDS = (2.0, 6.0)
"""Between an answer and the next click, evenly spread."""
WEB_PROCESSES = 2
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|idempotency_key)" value="([^"]+)"')
# What people look at, and how often of a hundred times; the rest are decisions.
READS = {"/inbox/": 40, "/": 15, "request": 20, "/requests/": 10, "/notices/": 5}


@dataclass
class _Person:
    cookie: str
    items: list[int]
    numbers: list[str]
    random: random.Random
    seconds: list[float] = field(default_factory=list)
    decisions: int = 0
    errors: list[str] = field(default_factory=list)


def http_bench(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """50 and 200 people at once before gunicorn, each with 2 to 6 seconds to think, in turn.

    `steps` is the seconds a round. Nine clicks in ten look at something, the tenth decides: the
    page that asks, and the decision itself. PostgreSQL only.
    """
    if connection.vendor != "postgresql":
        raise CommandError("This benchmark runs on PostgreSQL.")
    users = company.make_people()
    company.fill(users, REQUESTS, one_open_in=ONE_OPEN_IN)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        with override_settings(STATIC_ROOT=folder):
            call_command("collectstatic", verbosity=0, interactive=False)
        more = {"GOFLOW_STATIC_DIR": folder, "WEB_CONCURRENCY": str(WEB_PROCESSES)}
        # Sessions are signed with the key of the server's settings.
        key = web_environment(port)["SECRET_KEY"]
        with override_settings(SECRET_KEY=key):
            people = [_person(user) for user in users[: max(CROWDS)]]
        measured: dict[int, list[dict[str, Any]]] = {size: [] for size in CROWDS}
        with running(WEB, **web_environment(port, **more)):
            wait_until(lambda: answers(port, "/login/"))
            for _ in range(rounds):
                for size in CROWDS:
                    measured[size].append(_round(people[:size], port, steps))
    for size, found in measured.items():
        yield _told(size, found, seconds=steps)


def _told(size: int, found: list[dict[str, Any]], *, seconds: int) -> dict[str, Any]:
    def median(name: str) -> float:
        return float(round(statistics.median(each[name] for each in found), 1))

    return {
        "bench": "http",
        "database": connection.vendor,
        "what": f"{size} people",
        "requests": Request.objects.count(),
        "rounds": len(found),
        "seconds_a_round": seconds,
        "web_processes": WEB_PROCESSES,
        "answers_per_second": median("answers_per_second"),
        **{name: median(name) for name in ("p50_ms", "p95_ms", "p99_ms")},
        "answers": sum(each["answers"] for each in found),
        "decisions": sum(each["decisions"] for each in found),
        "errors": sum(len(each["errors"]) for each in found),
        "first_error": next((e for each in found for e in each["errors"]), ""),
    }


def _person(user: User) -> _Person:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    waiting = WorkItem.objects.actionable_by(user).awaited().order_by("pk")[:60]
    found = list(waiting.values_list("pk", "case__request__number"))
    return _Person(
        cookie=f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        items=[pk for pk, _number in found[:50]],
        numbers=[number for _pk, number in found[50:]] or [found[0][1]],
        random=random.Random(user.pk),  # noqa: S311  who clicks where is no secret
    )


def _round(people: list[_Person], port: int, seconds: int) -> dict[str, Any]:
    for person in people:
        person.seconds, person.errors, person.decisions = [], [], 0
    ends_at = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_work, args=(person, port, ends_at), daemon=True)
        for person in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [each for person in people for each in person.seconds]
    return {
        **percentiles(times),
        "answers": len(times),
        "answers_per_second": len(times) / seconds,
        "decisions": sum(person.decisions for person in people),
        "errors": [error for person in people for error in person.errors],
    }


def _work(person: _Person, port: int, ends_at: float) -> None:
    """Click and think until the time is over; what goes wrong is kept, not raised."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    choose = person.random
    time.sleep(choose.uniform(0, THINK_SECONDS[1]))
    while time.monotonic() < ends_at:
        address = choose.choices([*READS, "decide"], [*READS.values(), 10])[0]
        if address == "decide" and person.items:
            _decide(person, client, person.items.pop())
        else:
            number = choose.choice(person.numbers)
            is_fixed = address.startswith("/")
            _ask(person, client, address if is_fixed else f"/requests/{number}/")
        time.sleep(min(choose.uniform(*THINK_SECONDS), max(0.0, ends_at - time.monotonic())))
    client.close()


def _decide(person: _Person, client: http.client.HTTPConnection, item: int) -> None:
    address = f"/work-items/{item}/outcomes/approve/"
    page, csrf_cookie = _ask(person, client, address)
    fields = dict(HIDDEN.findall(page))
    if "csrfmiddlewaretoken" in fields:
        _ask(person, client, address, body=urlencode(fields), cookie=csrf_cookie, expected=302)
        person.decisions += 1


def _ask(
    person: _Person,
    client: http.client.HTTPConnection,
    address: str,
    *,
    body: str | None = None,
    cookie: str = "",
    expected: int = 200,
) -> tuple[str, str]:
    """Return the page and the cookie that it set; note how long it took."""
    headers = {"Cookie": f"{person.cookie}; {cookie}", "Connection": "keep-alive"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    begun = time.perf_counter()
    try:
        client.request("POST" if body is not None else "GET", address, body, headers)
        answer = client.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        client.close()
        person.errors.append(f"{address}: {error!r}")
        return "", ""
    person.seconds.append(time.perf_counter() - begun)
    if answer.status != expected:
        person.errors.append(f"{address}: {answer.status}")
    return text, (answer.getheader("Set-Cookie") or "").partition(";")[0]
