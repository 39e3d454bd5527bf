"""Data with which a case would take just the branches of a run, for faults of the net alone.

The classical verdict lets every decision fall either way. A story is easier to follow with an
amount in it, and where some example data lead the same way, they do no harm.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.compiled import CompiledFlow, CompiledTransition, compile_flow
from workflows.definition import FlowDefinition
from workflows.expressions import ExpressionError
from workflows.net.errors import NetError
from workflows.proving import analyse_guards
from workflows.proving.samples import AsksPeopleError, base_data, results_on

_MOST_CASES = 300


def example_for(
    definition: FlowDefinition, run: Sequence[str], *, seconds: float
) -> Mapping[str, Any] | None:
    """Return data with which every decision on the run falls as it does there.

    None where no decision is on the run, and where no such data were found at once.
    """
    try:
        flow = compile_flow(definition, version_id=0)
    except (ExpressionError, NetError):
        return None
    choices = list(_choices(flow, run))
    if not any(t.guard is not None for choice in choices for t in choice):
        return None
    began = time.monotonic()
    for values in _examples(definition, seconds):
        if time.monotonic() - began > seconds:
            break
        if all(_falls(choice, values) for choice in choices):
            return values
    return None


def _choices(flow: CompiledFlow, run: Sequence[str]) -> Iterator[tuple[CompiledTransition, ...]]:
    """Yield each choice on the run, up to the branch that is taken."""
    outcomes = {t.key: t for task in flow.tasks.values() for t in task.outcomes.values()}
    for key in dict.fromkeys(run):
        if key in outcomes:
            yield (outcomes[key],)
        for decision in flow.decisions:
            keys = [t.key for t in decision]
            if key in keys:
                yield decision[: keys.index(key) + 1]


def _falls(choice: tuple[CompiledTransition, ...], values: Mapping[str, Any]) -> bool:
    """Say whether the last branch holds on these data, and none before it."""
    try:
        *before, last = results_on(tuple(t.guard for t in choice), values)
    except AsksPeopleError:
        return False
    return last is True and all(held is False for held in before)


def _examples(definition: FlowDefinition, seconds: float) -> Iterator[Mapping[str, Any]]:
    yield base_data(definition.data)
    report = analyse_guards(definition, at_most=_MOST_CASES, seconds=seconds, with_soundness=False)
    for cluster in report.clusters:
        yield from cluster.examples
        yield from (found.example for found in cluster.findings if found.example is not None)
