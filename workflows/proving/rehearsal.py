"""Whole cases played with example data, guards obeyed: what fires, and where one gets stuck."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import data as case_data
from workflows.compiled import compile_flow
from workflows.definition import FlowDefinition
from workflows.net import Net
from workflows.proving.analysis import ClusterAnalysis
from workflows.proving.play import Play, Stuck
from workflows.proving.samples import base_data

_MOST_STARTS = 24


@dataclass(frozen=True, slots=True)
class Runs:
    fired: frozenset[str]
    stuck: Stuck | None


def rehearse(
    definition: FlowDefinition,
    net: Net,
    analyses: Sequence[ClusterAnalysis],
    *,
    deadline: float = math.inf,
) -> Runs:
    """Play a case with each example of the analyses, and with the plainest data there are.

    `deadline`, of the monotonic clock, ends it early.
    """
    flow = compile_flow(definition, version_id=0)
    gaps = [f.example for found in analyses for f in found.findings if f.example is not None]
    branches = [example for found in analyses for example in found.examples]
    fired: set[str] = set()
    stuck: Stuck | None = None
    starts = [*gaps, *branches, base_data(definition.data)][:_MOST_STARTS]
    played: set[str] = set()
    for start in starts:
        values = _given_at_start(definition, start)
        told = case_data.canonical(values)
        if told in played or case_data.check(definition.data, values):
            continue
        played.add(told)
        play = Play(flow, net, values, deadline=deadline)
        play.run()
        fired |= play.fired
        stuck = stuck or play.stuck
    return Runs(frozenset(fired), stuck)


def _given_at_start(definition: FlowDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data without what only the flow itself sets."""
    properties = definition.data.get("properties")
    schemas = properties if isinstance(properties, Mapping) else {}
    own = {name for t in definition.transitions for name in t.assignments}
    own |= {
        name for name, part in schemas.items() if isinstance(part, Mapping) and part.get("readOnly")
    }
    kept = {name: value for name, value in values.items() if name not in own}
    return case_data.read(definition.data, kept)
