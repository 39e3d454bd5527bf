"""What the parts of a flow file must be to each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from workflows.definition import TaskKind

from .problems import did_you_mean
from .tasks import ReadTask
from .transitions import ReadTransition

# How each kind of task may end; first, how it ends when all goes well. People's outcomes are free.
OUTCOMES: Mapping[TaskKind, tuple[str, ...]] = {
    TaskKind.SERVICE: ("done", "failed"),
    TaskKind.TIMER: ("due",),
    TaskKind.MESSAGE: ("received",),
    TaskKind.SUBFLOW: ("completed", "cancelled"),
}


def check_rules(
    places: Collection[str],
    tasks: Mapping[str, ReadTask],
    transitions: Mapping[str, ReadTransition],
) -> None:
    """Report where places, tasks and transitions do not fit together."""
    outcomes: dict[str, list[ReadTransition]] = {key: [] for key in tasks}
    for key, transition in transitions.items():
        if key in places:
            transition.cursor.problem(f"{key!r} is a place already: nodes of a net share no key")
        if transition.definition.task in outcomes:
            outcomes[transition.definition.task].append(transition)
        _check_default(transition)
    for key, task in tasks.items():
        _check_task(key, task, outcomes[key])
    _check_one_default_a_decision(transitions.values())


def _check_default(transition: ReadTransition) -> None:
    definition = transition.definition
    if not definition.is_default:
        return
    if definition.task is not None:
        transition.problem(
            "default", "an outcome is chosen by whoever does the task, never by default"
        )
    if definition.guard:
        transition.problem(
            "default", "the default fires when no guard holds: take away `guard` or `default`"
        )


def _check_task(key: str, task: ReadTask, outcomes: list[ReadTransition]) -> None:
    if not outcomes:
        task.cursor.problem(
            f"no transition is an outcome of the task {key!r}: add one: `task: {key}`"
        )
        return
    _check_outcomes_once(key, outcomes)
    _check_same_inputs(key, outcomes)
    names = {transition.definition.outcome for transition in outcomes}
    if task.is_whole and (allowed := OUTCOMES.get(task.definition.kind)):
        _check_allowed_outcomes(key, task, outcomes, allowed)
    for outcome, cursor in task.rule.items():
        if outcome not in names:
            cursor.problem(
                f"the task has no outcome {outcome!r}.{did_you_mean(outcome, sorted(names))}"
            )


def _check_outcomes_once(key: str, outcomes: Iterable[ReadTransition]) -> None:
    first: dict[str, str] = {}
    for transition in outcomes:
        outcome = transition.definition.outcome
        if outcome and outcome in first:
            transition.problem(
                "outcome",
                f"the task {key!r} has the outcome {outcome!r} already: {first[outcome]!r}",
            )
        first.setdefault(outcome, transition.definition.key)


def _check_same_inputs(key: str, outcomes: Iterable[ReadTransition]) -> None:
    """A work item stands for all outcomes of its task: one set of tokens must enable them all."""
    whole = [transition for transition in outcomes if transition.is_whole]
    for transition in whole[1:]:
        model = whole[0].definition
        if transition.definition.inputs != model.inputs:
            transition.problem(
                "from",
                f"the outcomes of one task share the same input places; {model.key!r}, also of "
                f"{key!r}, comes from {_told(model.inputs)}",
            )


def _check_allowed_outcomes(
    key: str, task: ReadTask, outcomes: Iterable[ReadTransition], allowed: tuple[str, ...]
) -> None:
    kind = task.definition.kind
    given = set()
    for transition in outcomes:
        outcome = transition.definition.outcome
        given.add(outcome)
        if outcome and outcome not in allowed:
            transition.problem(
                "outcome", f"a {kind} task ends with {' or '.join(allowed)}, not with {outcome!r}"
            )
    if allowed[0] not in given and given <= set(allowed):
        task.cursor.problem(
            f"no transition is the outcome {allowed[0]!r} of the {kind} task {key!r}"
        )


def _check_one_default_a_decision(transitions: Iterable[ReadTransition]) -> None:
    defaults: dict[object, str] = {}
    for transition in transitions:
        definition = transition.definition
        if not (definition.is_default and definition.is_automatic and transition.is_whole):
            continue
        arcs = (definition.inputs, definition.reads, definition.inhibitors)
        decision = tuple(frozenset(weights.items()) for weights in arcs)
        if decision in defaults:
            transition.problem(
                "default", f"this decision has a default already: {defaults[decision]!r}"
            )
        defaults.setdefault(decision, definition.key)


def _told(inputs: Mapping[str, int]) -> str:
    if not inputs:
        return "no place"
    return ", ".join(
        place if weight == 1 else f"{place} (weight {weight})" for place, weight in inputs.items()
    )
