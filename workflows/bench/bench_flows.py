"""The flows of the benchmarks of steps, and who decides in them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, User

from workflows import engine, flowfile, publishing, store
from workflows.models import Case, WorkItem

AGAIN = """
flow: bench_again
title: Bench
data:
  type: object
  properties: {amount: {type: number}, note: {type: string}}
  required: [amount]
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: group("reviewers"), due: 2 working days}
transitions:
  submit: {from: start, to: waiting}
  again: {task: review, outcome: again, from: waiting, to: waiting, guard: amount > 10}
  stop: {task: review, outcome: stop, from: waiting, to: end}
"""

WHOLE = """
flow: bench_whole
title: Bench
data:
  type: object
  properties: {amount: {type: number}, recorded: {type: boolean}}
  required: [amount]
places: [start, approving, paying, recording, end]
tasks:
  approve: {kind: human, title: Approve, assign: user("approver")}
  pay: {kind: human, title: Pay, assign: user("payer")}
transitions:
  submit: {from: start, to: approving}
  approved: {task: approve, outcome: approve, from: approving, to: paying}
  paid: {task: pay, outcome: pay, from: paying, to: recording}
  record: {from: recording, to: end, set: {recorded: "true"}}
"""


def wide(branches: int) -> str:
    """Return a flow that asks so many people at once, and waits for all of them."""
    numbers = range(branches)
    lines = [
        f"flow: bench_wide_{branches}",
        "data: {type: object, properties: {}}",
        f"places: [start, end, {', '.join(f'a{n}, d{n}' for n in numbers)}]",
        "tasks:",
        *(f'  t{n}: {{kind: human, title: T{n}, assign: user("reviewer")}}' for n in numbers),
        "transitions:",
        f"  split: {{from: start, to: [{', '.join(f'a{n}' for n in numbers)}]}}",
        *(f"  do{n}: {{task: t{n}, outcome: done, from: a{n}, to: d{n}}}" for n in numbers),
        f"  join: {{from: [{', '.join(f'd{n}' for n in numbers)}], to: end}}",
    ]
    return "\n".join(lines)


def publish(text: str) -> None:
    draft = store.save_draft(flowfile.read(text), by=None)
    publishing.publish(draft, by=None, confirm_warnings=True)


def make_people() -> dict[str, User]:
    """Make who asks and who decides, each by name."""
    group, _ = Group.objects.get_or_create(name="reviewers")
    names = ("requester", "reviewer", "approver", "payer")
    people = {name: User.objects.create(username=name) for name in names}
    people["reviewer"].groups.add(group)
    return people


def decide(case: Case, reviewer: User, times: int) -> float:
    """Decide so often; return the seconds it took, without those in which the item was found."""
    seconds = 0.0
    open_items = WorkItem.objects.open().filter(case=case).values_list("pk", flat=True)
    for _ in range(times):
        item = open_items.get()
        seconds += timed(engine.complete, item, by=reviewer, outcome="again")
    return seconds


def timed(call: Callable[..., object], *args: Any, **options: Any) -> float:
    begun = time.perf_counter()
    call(*args, **options)
    return time.perf_counter() - begun
