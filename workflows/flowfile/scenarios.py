"""The `scenarios` section: sample cases with the way they should go.

A scenario is kept as it is written; what it means is read from there, by the very checks that the
file has passed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from workflows.definition import (
    Expectation,
    FlowDefinition,
    ScenarioDefinition,
    ScenarioStep,
)

from .cursor import LONGEST_TITLE, Cursor, Fields
from .keys import shortened
from .nodes import Json
from .problems import did_you_mean

MOST_SCENARIOS = 100
MOST_STEPS = 100

_KEYS = ("title", "requester", "today", "now", "data", "steps", "expect")
_STEP_KEYS = ("task", "outcome", "data", "by", "today", "now")
_EXPECT_KEYS = ("end", "data", "offered", "not_offered", "never")
_TIMER, _RINGS = "timer", "due"

Outcomes = Mapping[str, Collection[str]]
"""The outcomes of each task."""


def read_scenarios(
    cursor: Cursor | None, outcomes: Outcomes | None
) -> tuple[ScenarioDefinition, ...]:
    """Return the scenarios; without known `outcomes`, what they name is taken on trust."""
    if cursor is None or cursor.is_null:
        return ()
    if not cursor.is_list:
        cursor.wrong_value(f"must be a list of scenarios, not {cursor.says()}")
        return ()
    items = cursor.items()
    if len(items) > MOST_SCENARIOS:
        cursor.problem(f"has {len(items)} scenarios; {MOST_SCENARIOS} are the most")
        return ()
    found: dict[str, ScenarioDefinition] = {}
    for item in items:
        scenario = _scenario(item, outcomes)
        if scenario.title in found:
            item.problem(f"there is a scenario {shortened(scenario.title)!r} already")
        found[scenario.title] = scenario
    return tuple(found.values())


def kept(cursor: Cursor | None) -> tuple[Mapping[str, Json], ...]:
    """Return the scenarios as they are kept: plain values, as they are written."""
    items = cursor.items() if cursor else []
    values = [item.plain() for item in items]
    return tuple(value for value in values if isinstance(value, dict))


def outcomes_of(definition: FlowDefinition) -> Outcomes:
    found: dict[str, list[str]] = {task.key: [] for task in definition.tasks}
    for transition in definition.transitions:
        if transition.task in found:
            found[transition.task].append(transition.outcome)
    return found


def _scenario(cursor: Cursor, outcomes: Outcomes | None) -> ScenarioDefinition:
    fields = cursor.fields(_KEYS)
    if fields is None:
        return ScenarioDefinition(cursor.path)
    if "title" not in fields:
        cursor.problem("a scenario needs a `title`: what it shows, in a few words")
    expect = fields.get("expect")
    if expect is None:
        cursor.problem("a scenario needs `expect`: how it should go, e.g. `expect: {end: true}`")
    return ScenarioDefinition(
        title=fields.title() or cursor.path,
        requester=_name(fields, "requester"),
        at=_moment(fields),
        data=_data(fields),
        steps=_steps(fields.get("steps"), outcomes),
        expect=_expectation(expect, outcomes) if expect else Expectation(),
    )


def _steps(cursor: Cursor | None, outcomes: Outcomes | None) -> tuple[ScenarioStep, ...]:
    if cursor is None or cursor.is_null:
        return ()
    if not cursor.is_list:
        cursor.wrong_value(f"must be a list such as `- review: approve`, not {cursor.says()}")
        return ()
    items = cursor.items()
    if len(items) > MOST_STEPS:
        cursor.problem(f"has {len(items)} steps; {MOST_STEPS} are the most")
        return ()
    steps = (_step(item, outcomes) for item in items)
    return tuple(step for step in steps if step is not None)


def _step(cursor: Cursor, outcomes: Outcomes | None) -> ScenarioStep | None:
    """Return a step; written short, it is one entry: the task and its outcome."""
    entries = cursor.entries("a step such as `review: approve`")
    if not entries:
        if entries is not None:
            cursor.wrong_value("is empty: write a step such as `review: approve`")
        return None
    key, value = next(iter(entries.items()))
    is_task = outcomes is None or key in outcomes
    if len(entries) == 1 and key == _TIMER and not (outcomes and is_task):
        return _checked_step(value, value.key(), value, _RINGS, outcomes)
    if len(entries) == 1 and (is_task or key not in _STEP_KEYS):
        return _checked_step(value, key, value, value.key(), outcomes)
    fields = cursor.fields(_STEP_KEYS)
    if fields is None:
        return None
    task, outcome = fields.get("task"), fields.get("outcome")
    if task is None or outcome is None:
        missing = "a `task`" if task is None else "an `outcome`"
        cursor.problem(f"a step needs {missing} too: which task ends, and how")
        return None
    return _checked_step(
        task,
        task.key(),
        outcome,
        outcome.key(),
        outcomes,
        data=_data(fields),
        by=_name(fields, "by"),
        at=_moment(fields),
    )


def _checked_step(
    task_at: Cursor,
    task: str | None,
    outcome_at: Cursor,
    outcome: str | None,
    outcomes: Outcomes | None,
    *,
    data: Mapping[str, object] | None = None,
    by: str = "",
    at: date | datetime | None = None,
) -> ScenarioStep | None:
    if task is None or outcome is None or not _is_task(task_at, task, outcomes):
        return None
    if outcomes is not None and outcome not in outcomes[task]:
        hint = did_you_mean(outcome, outcomes[task])
        outcome_at.problem(f"the task {task!r} has no outcome {shortened(outcome)!r}.{hint}")
        return None
    return ScenarioStep(task, outcome, data or {}, by, at)


def _is_task(cursor: Cursor, task: str, outcomes: Outcomes | None) -> bool:
    if outcomes is None or task in outcomes:
        return True
    cursor.problem(f"there is no task {shortened(task)!r}.{did_you_mean(task, outcomes)}")
    return False


def _expectation(cursor: Cursor, outcomes: Outcomes | None) -> Expectation:
    fields = cursor.fields(_EXPECT_KEYS)
    if fields is None:
        return Expectation()
    if not fields.entries:
        cursor.wrong_value("expects nothing: write `end: true`, or what should be on offer")
    end, offered = fields.get("end"), fields.get("offered")
    return Expectation(
        ends=end.boolean() if end else None,
        data=_data(fields),
        offered=None if offered is None else _tasks(offered, outcomes),
        not_offered=_tasks(fields.get("not_offered"), outcomes),
        never=_tasks(fields.get("never"), outcomes),
    )


def _tasks(cursor: Cursor | None, outcomes: Outcomes | None) -> tuple[str, ...]:
    """Return task keys: a list, or one."""
    if cursor is None:
        return ()
    named = ((item, item.key()) for item in (cursor.items() if cursor.is_list else [cursor]))
    return tuple(key for item, key in named if key and _is_task(item, key, outcomes))


def _data(fields: Fields) -> Mapping[str, object]:
    """Return the fields of the data; whether they fit the schema is told when they are used."""
    cursor = fields.get("data")
    if cursor is None or cursor.entries("a mapping from field to value") is None:
        return {}
    value = cursor.plain()
    return value if isinstance(value, dict) else {}


def _name(fields: Fields, key: str) -> str:
    return fields.text(key, LONGEST_TITLE)


def _moment(fields: Fields) -> date | datetime | None:
    """Return the clock of a scenario or a step: a day, or a moment with its zone."""
    today, now = fields.get("today"), fields.get("now")
    if now is None:
        return _day(today) if today else None
    if today is not None:
        now.problem("tells the time once more: keep `today` or `now`")
    text = now.text(40)
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or moment.tzinfo is None):
        now.wrong_value("must be a moment with its zone, e.g. 2026-01-05T09:00:00+00:00")
        return None
    return moment


def _day(cursor: Cursor) -> date | None:
    text = cursor.text(40)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        cursor.wrong_value("must be a day, e.g. 2026-01-05")
        return None
