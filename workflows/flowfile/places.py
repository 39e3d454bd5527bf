"""The `places` section: a list of names, a mapping, or a list of both."""

from __future__ import annotations

from workflows.definition import PlaceDefinition

from .cursor import Cursor, Fields
from .keys import key_problem


def read_places(fields: Fields) -> dict[str, PlaceDefinition] | None:
    """Return the places by key, or None where the section says nothing of use."""
    cursor = fields.get("places")
    if cursor is None:
        fields.owner.problem("`places` is missing: the list of the places of the net")
        return None
    places: dict[str, PlaceDefinition] = {}
    if cursor.is_list:
        for item in cursor.items():
            _read_item(item, places)
    elif cursor.is_mapping:
        _read_mapping(cursor, places)
    elif not cursor.is_null:
        cursor.wrong_value(f"must be a list of names, or a mapping of places, not {cursor.says()}")
        return None
    return places


def _read_item(item: Cursor, places: dict[str, PlaceDefinition]) -> None:
    if item.is_mapping:
        _read_mapping(item, places)
    elif key := item.key():
        _add(PlaceDefinition(key), item, places)


def _read_mapping(cursor: Cursor, places: dict[str, PlaceDefinition]) -> None:
    for key, entry in (cursor.entries() or {}).items():
        if problem := key_problem(key):
            entry.problem(problem)
            continue
        details = None if entry.is_null else entry.fields(("title", "position"))
        place = PlaceDefinition(key)
        if details is not None:
            place = PlaceDefinition(key, title=details.title(), position=details.position())
        _add(place, entry, places)


def _add(place: PlaceDefinition, cursor: Cursor, places: dict[str, PlaceDefinition]) -> None:
    if place.key in places:
        cursor.problem(f"the place {place.key!r} is listed twice")
    else:
        places[place.key] = place
