"""A flow as plain values: what the flow file says, what the rows store, what the engine runs.

The three forms of a flow (file, rows, compiled) meet here, so that none of them needs to know
another. Nothing here knows Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from workflows.net import Arc, ArcKind, Net, Place, Transition


class TaskKind(StrEnum):
    HUMAN = "human"
    SERVICE = "service"
    TIMER = "timer"
    MESSAGE = "message"
    SUBFLOW = "subflow"


class FieldRight(StrEnum):
    """What a person who does a task may do with one field of the case's data."""

    HIDDEN = "hidden"
    READ = "read"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class PlaceDefinition:
    key: str
    title: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """A piece of work. `assign`, `otherwise` and `due` are expressions; "" is none.

    `otherwise` names who may act where `assign` finds nobody. `is_optional`: it may be done, but
    nobody waits for it (withdrawing, say), so it stands on the request's page and in no inbox.
    `options` holds the keys that only one kind has (remind; handler, topic, inputs, outputs, queue,
    retry, timeout; after, at, every; name, key; flow, data, foreach).
    """

    key: str
    kind: TaskKind = TaskKind.HUMAN
    title: str = ""
    assign: str = ""
    otherwise: str = ""
    due: str = ""
    is_optional: bool = False
    form: Mapping[str, FieldRight] = field(default_factory=dict)
    seats: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransitionDefinition:
    """A transition with its arcs. `assignments` maps a data field to an expression (`set:` in the
    file)."""

    key: str
    title: str = ""
    task: str | None = None
    outcome: str = ""
    inputs: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    reads: Mapping[str, int] = field(default_factory=dict)
    inhibitors: Mapping[str, int] = field(default_factory=dict)
    resets: tuple[str, ...] = ()
    guard: str = ""
    priority: int | None = None
    is_default: bool = False
    assignments: Mapping[str, str] = field(default_factory=dict)
    position: tuple[float, float] | None = None

    @property
    def is_automatic(self) -> bool:
        return self.task is None


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """A task that ends with an outcome. `by` names who does it, `at` sets the clock; none needs
    to."""

    task: str
    outcome: str
    data: Mapping[str, object] = field(default_factory=dict)
    by: str = ""
    at: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should be true after a scenario's last step; None is not asked.

    `data` are some of its fields. `offered` are the tasks that are open then, `not_offered` some
    that are not, `never` those that were not open at any time.
    """

    ends: bool | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    offered: tuple[str, ...] | None = None
    not_offered: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioDefinition:
    """A sample case and the way it should go."""

    title: str
    requester: str = ""
    at: date | datetime | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    steps: tuple[ScenarioStep, ...] = ()
    expect: Expectation = field(default_factory=Expectation)


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A flow. `scenarios` are kept as they are written; `flowfile.scenarios_of` reads them."""

    key: str
    title: str = ""
    description: str = ""
    data: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "properties": {}})
    places: tuple[PlaceDefinition, ...] = ()
    tasks: tuple[TaskDefinition, ...] = ()
    transitions: tuple[TransitionDefinition, ...] = ()
    scenarios: tuple[Mapping[str, object], ...] = ()

    def net(self) -> Net:
        """Return the net of this flow.

        Raises:
            workflows.net.errors.NetError: an arc names an unknown place, or two nodes share a key.
        """
        weighted = (
            (ArcKind.INPUT, "inputs"),
            (ArcKind.OUTPUT, "outputs"),
            (ArcKind.READ, "reads"),
            (ArcKind.INHIBITOR, "inhibitors"),
        )
        arcs = [
            Arc(place=place, transition=transition.key, kind=kind, weight=weight)
            for transition in self.transitions
            for kind, attribute in weighted
            for place, weight in getattr(transition, attribute).items()
        ]
        arcs += [
            Arc(place=place, transition=transition.key, kind=ArcKind.RESET)
            for transition in self.transitions
            for place in transition.resets
        ]
        return Net(
            key=self.key,
            places=tuple(Place(p.key, p.title, p.position) for p in self.places),
            transitions=tuple(Transition(t.key, t.title, t.position) for t in self.transitions),
            arcs=tuple(arcs),
        )
