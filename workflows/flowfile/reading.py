"""Flow file to definition: every mistake of the file is found in one reading."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import FlowDefinition, PlaceDefinition

from .cursor import LONGEST_TITLE, Cursor, Fields, key_problem
from .mapping import to_mapping
from .nodes import Node, from_values
from .problems import FlowFileError, FlowFileProblem, Report
from .rules import check_rules
from .schema import read_schema
from .tasks import read_tasks
from .transitions import read_transitions
from .yamltext import compose

_KEYS = ("flow", "title", "description", "data", "places", "tasks", "transitions")


def read(text: str, *, filename: str = "") -> FlowDefinition:
    """Return the flow that a YAML or JSON text describes; `filename` is for the error's message.

    Raises:
        FlowFileError: with every mistake of the file, each with its line.
    """
    report = Report(filename)
    node = compose(text, report)
    if node is None:
        report.raise_any()
        raise FlowFileError([FlowFileProblem(1, 1, "", "not readable")], filename=filename)
    return _definition(node, report)


def from_mapping(mapping: Mapping[str, object]) -> FlowDefinition:
    """Return the flow that plain JSON values describe: a flow file as an API call brings it.

    Raises:
        FlowFileError: with every mistake, each with its path, e.g. `transitions.approve.from`.
    """
    report = Report()
    node = from_values(mapping, report)
    report.raise_any()
    return _definition(node, report)


def problems(definition: FlowDefinition) -> tuple[FlowFileProblem, ...]:
    """Return what keeps a definition from being a valid flow file: the rows of a draft may say anything."""
    try:
        from_mapping(to_mapping(definition))
    except FlowFileError as error:
        return error.problems
    return ()


def _definition(node: Node, report: Report) -> FlowDefinition:
    root = Cursor(node, "", report)
    if not root.is_mapping:
        root.problem(f"a flow file is a mapping that begins with `flow: key`, not {root.says()}")
    fields = root.fields(_KEYS) if root.is_mapping else None
    if fields is None:
        report.raise_any()
        raise AssertionError("what is not a mapping is reported")
    key = fields.get("flow")
    if key is None:
        root.problem("`flow` is missing: the key of the flow, e.g. `flow: expense`")
    schema = read_schema(fields.get("data"))
    places = _places(fields)
    tasks = read_tasks(fields.get("tasks"), schema.fields)
    transitions = read_transitions(fields, places, tasks, schema.fields)
    check_rules(places, tasks, transitions)
    flow_key = key.flow_key() if key else None
    definition = FlowDefinition(
        key=flow_key or "",
        title=fields.text("title", LONGEST_TITLE),
        description=fields.text("description"),
        data=schema.schema,
        places=tuple(place for place, _ in places.values()),
        tasks=tuple(task.definition for task in tasks.values()),
        transitions=tuple(transition.definition for transition in transitions.values()),
    )
    report.raise_any()
    return definition


def _places(fields: Fields) -> dict[str, tuple[PlaceDefinition, Cursor]]:
    """Return the places by key, each with where it stands."""
    cursor = fields.get("places")
    if cursor is None:
        fields.owner.problem("`places` is missing: the list of the places of the net")
        return {}
    places: dict[str, tuple[PlaceDefinition, Cursor]] = {}
    if cursor.is_null:
        return places
    if cursor.is_list:
        for item in cursor.items():
            _place_item(item, places)
    elif cursor.is_mapping:
        _place_mapping(cursor, places)
    else:
        cursor.wrong_value(f"must be a list of names, or a mapping of places, not {cursor.says()}")
    return places


def _place_item(item: Cursor, places: dict[str, tuple[PlaceDefinition, Cursor]]) -> None:
    if item.is_mapping:
        _place_mapping(item, places)
    elif key := item.key():
        _add_place(PlaceDefinition(key), item, places)


def _place_mapping(cursor: Cursor, places: dict[str, tuple[PlaceDefinition, Cursor]]) -> None:
    for key, entry in (cursor.entries() or {}).items():
        if problem := key_problem(key):
            entry.problem(problem)
            continue
        details = None if entry.is_null else entry.fields(("title", "position"))
        place = PlaceDefinition(key)
        if details is not None:
            place = PlaceDefinition(key, title=details.title(), position=details.position())
        _add_place(place, entry, places)


def _add_place(
    place: PlaceDefinition, cursor: Cursor, places: dict[str, tuple[PlaceDefinition, Cursor]]
) -> None:
    if place.key in places:
        cursor.problem(f"the place {place.key!r} is listed twice")
    else:
        places[place.key] = (place, cursor)
