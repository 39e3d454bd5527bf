"""What an operator may do to a running case, in memory: to its tokens, its work and its data.

Knows neither locks nor rights: `operate` does what is said here, `foresight` tells what would come
of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from workflows import data as case_data
from workflows.compiled import CompiledFlow
from workflows.errors import CaseWouldStrand, InvalidData, TokensGone
from workflows.models import Case, EventKind, WorkItem

from .advance import refuse_bad_data
from .step import Step

MOST_TOKENS = 1_000
"""More than this in one place is a slip of the pen."""


@dataclass
class Scene:
    """A running case in memory. `items` are its open items; an intervention changes `step` and
    these."""

    case: Case
    flow: CompiledFlow
    step: Step
    items: Sequence[WorkItem]
    at: datetime


@dataclass(frozen=True)
class Told:
    """What the history tells of an intervention, beside its reason."""

    payload: Mapping[str, Any]
    work_item_id: int | None = None
    transition: str = ""


class Intervention:
    """One thing that an operator wants done. A value: `facts` is all that it consists of."""

    name: ClassVar[str]
    kind: ClassVar[EventKind]
    mends: ClassVar[bool] = True
    """Whether it can remove the cause for which a case has failed, which then runs again."""

    @property
    def facts(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items()}

    def apply(self, scene: Scene) -> Told:
        """Do it to the scene.

        Raises:
            workflows.errors.GoflowError: it cannot be done here; the scene is then of no more use.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Move(Intervention):
    """Take tokens from places and put tokens into places."""

    take: Mapping[str, int] = field(default_factory=dict)
    put: Mapping[str, int] = field(default_factory=dict)

    name = "move"
    kind = EventKind.MOVED

    def apply(self, scene: Scene) -> Told:
        _check_counts(scene, "take", self.take)
        _check_counts(scene, "put", self.put)
        if not self.take and not self.put:
            raise InvalidData([_problem("take", "Say which tokens to take or to put.")])
        return Told(move_tokens(scene, take=self.take, put=self.put))


@dataclass(frozen=True)
class CancelBranch(Intervention):
    """Take all tokens of some places away, so that what stands there is not done."""

    places: tuple[str, ...]

    name = "cancel_branch"
    kind = EventKind.BRANCH_CANCELLED

    def apply(self, scene: Scene) -> Told:
        _check_places(scene, "places", self.places)
        marking = scene.step.marking
        take = {place: marking[place] for place in self.places if marking[place]}
        if not take:
            raise InvalidData([_problem("places", "None of these places holds a token.")])
        return Told(move_tokens(scene, take=take, put={}))


@dataclass(frozen=True)
class SetData(Intervention):
    """Set fields of the case's data; the flow's schema still says what may stand there."""

    data: Mapping[str, Any]

    name = "set_data"
    kind = EventKind.DATA_SET

    def apply(self, scene: Scene) -> Told:
        given = case_data.to_json(self.data)
        fields: Any = scene.flow.schema.get("properties", {})
        unknown = [name for name in given if name not in fields]
        if unknown:
            raise InvalidData([_problem(name, f"There is no field {name}.") for name in unknown])
        if not given:
            raise InvalidData([_problem("data", "Say which fields to set.")])
        values = case_data.read(scene.flow.schema, {**scene.case.data, **given})
        refuse_bad_data(scene.flow, values)
        scene.step.values.clear()
        scene.step.values.update(values)
        return Told({"data": given})


def move_tokens(
    scene: Scene, *, take: Mapping[str, int], put: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """Move the tokens of the scene, and return what the history tells of it.

    Raises:
        TokensGone: a place holds fewer than are to be taken.
        CaseWouldStrand: no token would remain.
    """
    short = [place for place, count in take.items() if scene.step.marking[place] < count]
    if short:
        held = {place: scene.step.marking[place] for place in short}
        told = ", ".join(
            f"{scene.flow.net.title(place)!r} holds {held[place]}, not {take[place]}"
            for place in short
        )
        raise TokensGone(
            f"These tokens are not there (any more): {told}.",
            places=held,
            marking=scene.step.marking.as_dict(),
        )
    scene.step.move(take=take, put=put)
    if not scene.step.marking:
        raise CaseWouldStrand(
            "No token would remain. To end the case without an outcome, cancel it.",
            marking={},
            branches=[],
        )
    return {"take": dict(sorted(take.items())), "put": dict(sorted(put.items()))}


def _check_places(scene: Scene, path: str, places: Collection[str]) -> None:
    unknown = [place for place in places if not scene.flow.net.has_place(place)]
    if unknown:
        raise InvalidData([_problem(path, f"There is no place {place!r}.") for place in unknown])


def _check_counts(scene: Scene, path: str, counts: Mapping[str, int]) -> None:
    _check_places(scene, path, counts)
    wrong = [place for place, n in counts.items() if type(n) is not int or not 0 < n <= MOST_TOKENS]
    if wrong:
        message = f"The number of tokens is a whole number from 1 to {MOST_TOKENS:,}."
        raise InvalidData([_problem(f"{path}.{place}", message) for place in wrong])


def _problem(path: str, message: str) -> dict[str, str]:
    return {"path": path, "message": message}
