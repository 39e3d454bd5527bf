"""The data that make a difference to who may do a task: one example of each kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledFlow
from workflows.engine.start import fields_of_the_flow
from workflows.expressions import Expression
from workflows.expressions.ranges import Partition, cases_of
from workflows.proving import words
from workflows.proving.play import Play
from workflows.proving.samples import base_data, example_of

_MOST_CASES = 300
_EXAMPLES_TRIED = 6


@dataclass(frozen=True, slots=True)
class Situation:
    """Data of a case, and in words what distinguishes them; "" where they make no difference."""

    values: Mapping[str, Any]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Situations:
    """`is_complete`: whatever the data, one of `found` stands for them."""

    found: tuple[Situation, ...]
    is_complete: bool


def situations_of(
    flow: CompiledFlow, conditions: Sequence[Expression], *, deadline: float = math.inf
) -> Situations:
    """Return an example of the data for each way in which the `conditions` can fall."""
    schema: Mapping[str, Any] = flow.schema
    if not conditions:
        plain = case_data.read(schema, base_data(schema))
        return Situations((Situation(plain),), is_complete=True)
    guards = tuple(conditions)
    partition = Partition(list(guards), schema)
    cases = cases_of(partition, at_most=_MOST_CASES, deadline=deadline)
    by_results: dict[tuple[bool | None, ...], list[Any]] = {}
    for case in cases.found:
        by_results.setdefault(case.results, []).append(case)
    found: list[Situation] = []
    is_complete = cases.is_complete
    for alike in by_results.values():
        tried = (example_of(c, partition, guards, schema) for c in alike[:_EXAMPLES_TRIED])
        example = next((values for values in tried if values is not None), None)
        if example is None:
            is_complete = False
            continue
        regions = words.merged(partition, [case.cells for case in alike])
        told = " or ".join(dict.fromkeys(words.told(partition, r, schema) for r in regions))
        found.append(Situation(example, told))
    return Situations(tuple(found), is_complete)


def is_reached(
    flow: CompiledFlow, task: str, values: Mapping[str, Any], *, deadline: float
) -> bool:
    """Say whether a case that begins with these data, and keeps them, is seen to come to the task.

    Of data that the flow itself sets nothing can be told: then the answer is no.
    """
    if fields_of_the_flow(flow) & values.keys():
        return False
    if case_data.check(flow.schema, values):
        return False
    play = Play(flow, flow.net, dict(values), deadline=deadline)
    play.run()
    return any(t.key in play.fired for t in flow.tasks[task].outcomes.values())
