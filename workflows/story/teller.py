"""Tells all faults of a proof within a bound of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from workflows import data as case_data
from workflows.definition import FlowDefinition
from workflows.proving.checks import Fault

from .actors import Cast, Roles
from .story import Story
from .telling import SECONDS, tell

CastOf = Callable[[FlowDefinition, Mapping[str, Any] | None], Cast]

_SECONDS_IN_ALL = 3.0


def _roles(definition: FlowDefinition, values: Mapping[str, Any] | None) -> Cast:
    return Roles(definition)


class Teller:
    """Tells faults as JSON, each once. `cast_of` returns who plays in a case with these data.

    Its stories take a few seconds together: a net with hundreds of faults is told from its first
    ones, the others have none.
    """

    def __init__(self, cast_of: CastOf = _roles) -> None:
        self._cast_of = cast_of
        self._left = _SECONDS_IN_ALL
        self._flow: FlowDefinition | None = None
        self._casts: dict[str, Cast] = {}
        self._told: dict[tuple[object, ...], Mapping[str, object] | None] = {}

    def __call__(self, definition: FlowDefinition, fault: Fault) -> Mapping[str, object] | None:
        """Return the story as JSON, None where there is none."""
        if definition is not self._flow:
            self._flow, self._casts, self._told = definition, {}, {}
        key = (fault.kind, fault.message, fault.firing_sequence)
        if key not in self._told:
            story = self.story(definition, fault) if self._left > 0 else None
            self._told[key] = None if story is None else story.as_dict()
        return self._told[key]

    def story(self, definition: FlowDefinition, fault: Fault) -> Story | None:
        """Return the story of one fault, however long others have taken."""
        began = time.monotonic()
        data = "" if fault.example is None else case_data.canonical(fault.example)
        if data not in self._casts:
            self._casts[data] = self._cast_of(definition, fault.example)
        story = tell(definition, fault, self._casts[data], seconds=SECONDS)
        self._left -= time.monotonic() - began
        return story
