"""One step of a case, in memory: fire a transition, then run on until people or machines must act.

Knows rows neither to read nor to write; the commands beside it do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace

from workflows.compiled import CompiledFlow, CompiledTransition, enabled_tasks
from workflows.directory import PersonId
from workflows.errors import EvaluationRefused
from workflows.expressions import Context, EvaluationError, Expression
from workflows.net import Marking, enabled_after, fire, is_enabled

MAX_FIRINGS = 1_000
"""More automatic firings than this in one step are taken for a livelock."""


class LivelockError(Exception):
    """The automatic transitions do not come to rest. Becomes a failed case, never reaches a
    caller."""

    def __init__(self, transitions: Sequence[str]) -> None:
        super().__init__(
            f"After {MAX_FIRINGS} firings in one step the flow still does not come to rest; "
            f"it goes round through {', '.join(transitions)}."
        )


@dataclass(frozen=True, slots=True)
class Firing:
    """One transition that fired; `changes` are the data fields that it set."""

    transition: str
    changes: dict[str, object]


@dataclass
class Step:
    """The working copy of a case. `interrupted`: tasks that were disabled at some moment of the
    step.

    Which transitions are enabled is kept up from firing to firing: each looks next to the places
    that it has changed only.
    """

    flow: CompiledFlow
    marking: Marking
    values: MutableMapping[str, object]
    context: Context
    firings: list[Firing] = field(default_factory=list)
    interrupted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._enabled = enabled_after(
            self.flow.net, self.marking, before=self.flow.unconditional, changed=self.marking
        )

    @property
    def open_tasks(self) -> frozenset[str]:
        """The tasks for which a work item must stand open after the step."""
        return enabled_tasks(self.flow, self._enabled)

    @property
    def is_ended(self) -> bool:
        return self.marking[self.flow.end] > 0

    def fire(self, transition: CompiledTransition) -> None:
        """Fire `transition` and apply what it sets; the expressions see the data from before."""
        changes = {
            name: self._evaluate(expression, f"what {transition.title!r} sets in {name!r}")
            for name, expression in transition.assignments
        }
        net, key = self.flow.net, transition.key
        self.marking = fire(net, self.marking, key)
        self.values.update(changes)
        self.firings.append(Firing(key, changes))
        self._look_next_to({*net.inputs(key), *net.outputs(key), *net.resets(key)})

    def move(self, *, take: Mapping[str, int], put: Mapping[str, int]) -> None:
        """Take tokens away and put others, without a transition: an operator says so.

        Raises:
            workflows.net.errors.InvalidMarking: a place holds fewer than are to be taken.
        """
        self.marking = self.marking.remove(take).add(put)
        self._look_next_to({*take, *put})

    def complete(self, task_key: str, *, by: PersonId | None) -> None:
        """Let `did("task")` tell, from now on, who ends the task in this very step; None: nobody.

        The rows do not know it before the step is written.
        """
        earlier = self.context.completed_by
        self.context = replace(
            self.context, completed_by=lambda key: by if key == task_key else earlier(key)
        )

    def run_to_quiescence(self) -> None:
        """Fire automatic transitions until none is enabled with its guard holding.

        Raises:
            LivelockError: they do not come to rest within `MAX_FIRINGS`.
            EvaluationRefused: a guard cannot be evaluated on this data.
        """
        while (chosen := self._next_automatic()) is not None:
            if len(self.firings) >= MAX_FIRINGS:
                recent = [firing.transition for firing in self.firings[-10:]]
                raise LivelockError(list(dict.fromkeys(recent)))
            self.fire(chosen)

    def allows(self, transition: CompiledTransition) -> bool:
        """Say whether the net and the guard allow `transition` now."""
        return transition.key in self._enabled and self._holds(transition)

    def waiting_decisions(self) -> list[tuple[CompiledTransition, ...]]:
        """Return the decisions that have their tokens but of which no branch accepts the data."""
        places = self.flow.decision_of
        return [
            self.flow.decisions[place]
            for place in sorted(places[key] for key in self._enabled if key in places)
        ]

    def _next_automatic(self) -> CompiledTransition | None:
        for decision in self.waiting_decisions():
            for transition in decision:
                if self._holds(transition):
                    return transition
        return None

    def _holds(self, transition: CompiledTransition) -> bool:
        if transition.guard is None:
            return True
        return self._evaluate(transition.guard, f"the guard of {transition.title!r}") is True

    def _evaluate(self, expression: Expression, where: str) -> object:
        try:
            return expression.evaluate(self.values, context=self.context)
        except EvaluationError as error:
            raise EvaluationRefused(
                f"In {self.flow.title!r}, {where} could not be worked out: {error} "
                "Correct the data, or ask an administrator to correct the flow.",
                expression=expression.source,
            ) from error

    def _look_next_to(self, places: Collection[str]) -> None:
        net, task_of = self.flow.net, self.flow.task_of
        near = {transition for place in places for transition in net.observers(place)}
        enabled = {transition for transition in near if is_enabled(net, self.marking, transition)}
        before = self._enabled
        self._enabled = (before - near) | enabled
        ended = {task_of[key] for key in (before & near) - enabled if key in task_of}
        if ended:
            self.interrupted |= ended - self.open_tasks
