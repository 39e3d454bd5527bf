"""What people do all day: they start orders, and two of them decide each."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.faults.client import OK, ClientLog, Load, Person
from tests.faults.stack.site import Site

_threads = threading.local()


def person(site: Site, log: ClientLog, name: str) -> Person:
    """Return this thread's connection as somebody."""
    kept: dict[tuple[int, int, str], Person] = _threads.__dict__.setdefault("people", {})
    where = (site.port, id(log), name)
    if where not in kept:
        kept[where] = site.person(name, log)
    return kept[where]


def order(site: Site, log: ClientLog, number: int) -> None:
    """One case from its start to the call outside; whoever is too late looks on."""
    started = person(site, log, "ada").start("order", {"amount": number})
    if started.state != OK:
        return
    items = {item["task"]: item["id"] for item in started.body["work_items"]}
    person(site, log, "ben").complete(items["check_left"], "approve")
    person(site, log, ("carl", "cleo")[number % 2]).complete(items["check_right"], "approve")


def orders(site: Site, log: ClientLog, *, people: int = 4, most: int | None = None) -> Load:
    once: Callable[[int], None] = lambda number: order(site, log, number)  # noqa: E731
    return Load(once, people=people, most=most)
