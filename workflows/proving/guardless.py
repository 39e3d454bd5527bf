"""Flows in which nothing is decided by data: there both verdicts are one."""

from __future__ import annotations

from workflows.compiled import decisions_of
from workflows.definition import FlowDefinition


def decides_nothing(definition: FlowDefinition) -> bool:
    """Say whether the net alone tells how cases can go, although the engine fires what is automatic
    before anybody is asked.

    That is so where no transition has a guard, and none that is automatic shares an input place
    with another one. Its token then waits for it alone, so in every run to the end it fires, and it
    may as well fire at once: no other firing is disabled by that.
    """
    if any(t.guard for t in definition.transitions):
        return False
    if any(t.reads or t.inhibitors or t.resets for t in definition.transitions):
        return False
    if any(len(group) > 1 for group in decisions_of(definition)):
        return False
    consumers: dict[str, list[bool]] = {}
    for transition in definition.transitions:
        for place in transition.inputs:
            consumers.setdefault(place, []).append(transition.is_automatic)
    return all(len(found) == 1 or not any(found) for found in consumers.values())
