"""Flow file to definition: every mistake of the file is found in one reading."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import FlowDefinition

from .cursor import LONGEST_TITLE, Cursor, Fields
from .mapping import to_mapping
from .nodes import Node, from_values
from .places import read_places
from .problems import FlowFileError, FlowFileProblem, Report
from .rules import check_rules
from .scenarios import kept, outcomes_of, read_scenarios
from .schema import read_schema
from .tasks import read_tasks
from .transitions import read_transitions
from .yamltext import compose

_KEYS = ("flow", "title", "description", "data", "places", "tasks", "transitions", "scenarios")


def read(text: str, *, filename: str = "") -> FlowDefinition:
    """Return the flow that a YAML or JSON text describes; `filename` is for the error's message.

    Raises:
        FlowFileError: with every mistake of the file, each with its line.
    """
    report = Report(filename)
    return _definition(compose(text, report), report)


def from_mapping(mapping: Mapping[str, object]) -> FlowDefinition:
    """Return the flow that plain JSON values describe: a flow file as an API call brings it.

    Raises:
        FlowFileError: with every mistake, each with its path, e.g. `transitions.approve.from`.
    """
    report = Report()
    return _definition(from_values(mapping, report), report)


def problems(definition: FlowDefinition) -> tuple[FlowFileProblem, ...]:
    """Return what keeps a definition from being a valid flow file: rows may say anything."""
    try:
        from_mapping(to_mapping(definition))
    except FlowFileError as error:
        return error.problems
    return ()


def _definition(node: Node, report: Report) -> FlowDefinition:
    definition = _read(Cursor(node, "", report))
    report.raise_any()
    return definition


def _read(root: Cursor) -> FlowDefinition:
    fields = root.fields(_KEYS) if root.is_mapping else None
    if fields is None:
        root.problem(f"a flow file is a mapping that begins with `flow: key`, not {root.says()}")
        return FlowDefinition("")
    schema = read_schema(fields.get("data"))
    places = read_places(fields)
    tasks = read_tasks(fields.get("tasks"), schema.fields)
    transitions = read_transitions(fields, places, tasks, schema.fields)
    check_rules(places or (), tasks, transitions)
    definition = FlowDefinition(
        key=_flow_key(fields),
        title=fields.text("title", LONGEST_TITLE),
        description=fields.text("description"),
        data=schema.schema,
        places=tuple((places or {}).values()),
        tasks=tuple(task.definition for task in tasks.values()),
        transitions=tuple(transition.definition for transition in transitions.values()),
        scenarios=kept(fields.get("scenarios")),
    )
    read_scenarios(fields.get("scenarios"), outcomes_of(definition))
    return definition


def _flow_key(fields: Fields) -> str:
    cursor = fields.get("flow")
    if cursor is None:
        fields.owner.problem("`flow` is missing: the key of the flow, e.g. `flow: expense`")
        return ""
    return cursor.flow_key() or ""
