"""Does a flow give a say to the very person who publishes it? Flagged, confirmed and logged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.contrib.auth.models import User

from workflows.definition import FlowDefinition
from workflows.directory import get_directory


def own_powers(definition: FlowDefinition, person: User) -> list[str]:
    """Return the tasks that name `person` in so many words, or a group or role of theirs.

    What depends on the requester, such as `manager(requester)`, is nobody's in particular.
    """
    found = []
    for task in definition.tasks:
        for source in (task.assign, task.otherwise):
            named = [call for call in _calls(source) if _finds(call, person)]
            found += [f"{task.title or task.key}: {name}({argument!r})" for name, argument in named]
    return list(dict.fromkeys(found))


def _calls(source: str) -> Iterator[tuple[str, str]]:
    """Yield `("group", "finance")` for each call by a fixed name in an expression."""
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # What cannot be read cannot be published either, and is told as a problem.
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="user" | "group" | "role" as name),
                args=[ast.Constant(value=str(argument))],
            ):
                yield name, argument


def _finds(call: tuple[str, str], person: User) -> bool:
    name, argument = call
    directory = get_directory()
    if name == "user":
        return directory.user(argument) == person.pk
    people = directory.members(argument) if name == "group" else directory.with_role(argument)
    return person.pk in people
