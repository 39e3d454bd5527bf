"""What is done to a whole case: it stands still, goes on, or ends. There is nothing to foresee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows import engine
from workflows.models import Case, CaseState


@dataclass(frozen=True, slots=True)
class WholeCase:
    """`possible_in`: the states in which `command` is taken."""

    title: str | Promise
    effect: str | Promise
    command: Callable[..., Case]
    possible_in: tuple[str, ...]
    icon: str
    is_final: bool = False


WHOLE: dict[str, WholeCase] = {
    "suspend": WholeCase(
        _("Suspend"),
        _("Nobody can act on it until it is resumed."),
        engine.suspend,
        (CaseState.RUNNING,),
        "player-pause",
    ),
    "resume": WholeCase(
        _("Resume"),
        _("It goes on where it stood."),
        engine.resume,
        (CaseState.SUSPENDED,),
        "refresh",
    ),
    "cancel": WholeCase(
        _("Cancel the case"),
        _("It ends for good without a decision: its open work is withdrawn."),
        engine.cancel,
        (CaseState.RUNNING, CaseState.SUSPENDED, CaseState.FAILED),
        "ban",
        is_final=True,
    ),
}
