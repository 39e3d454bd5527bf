"""A scenario out of a case that somebody has played: it expects what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.definition import TaskKind
from workflows.engine.start import fields_of_the_flow

from .play import Play


def scenario_out_of(run: Mapping[str, object], play: Play, *, title: str) -> dict[str, object]:
    """Return the scenario that a run makes: where it has come to, and what the flow has set."""
    own = fields_of_the_flow(play.flow)
    data = {name: value for name, value in play.data.items() if name in own}
    expect: dict[str, Any] = {"end": play.is_ended}
    if data:
        expect["data"] = data
    if not play.is_ended:
        expect["offered"] = [key for key in play.offered if _is_awaited(play, key)]
    return {"title": title, **{key: part for key, part in run.items() if part}, "expect": expect}


def _is_awaited(play: Play, key: str) -> bool:
    definition = play.flow.tasks[key].definition
    return not definition.is_optional and definition.kind is not TaskKind.TIMER
