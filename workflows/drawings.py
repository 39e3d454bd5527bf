"""Flows and cases as pictures: the net of a version, and the net of a case with its tokens on
it."""

from __future__ import annotations

from collections.abc import Sequence

from workflows import store
from workflows.definition import FlowDefinition
from workflows.history import FIRING
from workflows.models import Case, FlowVersion
from workflows.net import Marking, enabled_transitions
from workflows.net.drawing import draw
from workflows.net.progress import NodeState, progress


def draw_definition(definition: FlowDefinition, *, standalone: bool = False) -> str:
    """Return the SVG of a flow's net.

    Raises:
        workflows.net.errors.NetError: an arc names an unknown place, or two nodes share a key.
    """
    return draw(
        definition.net(),
        title=definition.title or definition.key,
        tasks=task_titles(definition),
        standalone=standalone,
    )


def draw_version(version: FlowVersion, *, standalone: bool = False) -> str:
    """Return the SVG of a version's net; load it by `FlowVersion.objects.with_net()`."""
    return draw_definition(store.definition_of(version), standalone=standalone)


def draw_progress(
    definition: FlowDefinition, marking: Marking, fired: Sequence[str], *, title: str
) -> str:
    """Return the SVG of a net with tokens on it, after these transitions have fired."""
    net = definition.net()
    return draw(
        net,
        marking=marking,
        states=progress(net, marking, fired),
        title=title,
        tasks=task_titles(definition),
    )


def draw_case(case: Case, *, standalone: bool = False) -> str:
    """Return the SVG of a case's net with its tokens; what is done, present and possible told
    apart."""
    flow = store.load_flow(case.version_id)
    return draw(
        flow.net,
        marking=case.marking,
        states=_states(case),
        title=f"{flow.title} {case}",
        tasks=task_titles(flow.definition),
        standalone=standalone,
    )


def describe_case(case: Case) -> list[str]:
    """Return what the drawing shows as sentences."""
    flow = store.load_flow(case.version_id)
    net = flow.net
    places = [net.title(place) for place in case.marking]
    told = [f"Tokens are in: {', '.join(places)}."] if places else ["No place holds a token."]
    enabled = enabled_transitions(net, case.marking) if case.is_running else []
    if enabled:
        told.append(f"Possible now: {', '.join(dict.fromkeys(net.title(t) for t in enabled))}.")
    done = dict.fromkeys(net.title(transition) for transition in _fired(case))
    if done:
        told.append(f"Done so far: {', '.join(done)}.")
    return told


def task_titles(definition: FlowDefinition) -> dict[str, str]:
    """Return transition -> title of its task, for the outcomes of tasks."""
    titles = {task.key: task.title or task.key for task in definition.tasks}
    return {t.key: titles[t.task] for t in definition.transitions if t.task in titles}


def _states(case: Case) -> dict[str, NodeState]:
    net = store.load_flow(case.version_id).net
    return progress(net, case.marking, _fired(case))


def _fired(case: Case) -> list[str]:
    fired = case.history.filter(kind__in=FIRING).order_by("sequence")
    return list(fired.values_list("transition", flat=True))
