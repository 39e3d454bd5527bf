"""The only writers of cases. Each call is one transaction that begins with the lock on its case.

All or nothing: a refusal (`workflows.errors`) leaves every row as it was. Repeating a call with the
same `idempotency_key` gives the first result and changes nothing.
"""

from .complete import complete
from .foresight import Foresight
from .interventions import cancel, resume, suspend
from .moves import CancelBranch, Intervention, Move, SetData
from .operate import cancel_branch, foresee, intervene, may_force, move, repeat, set_data, skip
from .redoing import Repeat, Skip
from .rights import require_may_complete
from .start import start
from .work_items import claim, release, transfer

__all__ = [
    "CancelBranch",
    "Foresight",
    "Intervention",
    "Move",
    "Repeat",
    "SetData",
    "Skip",
    "cancel",
    "cancel_branch",
    "claim",
    "complete",
    "foresee",
    "intervene",
    "may_force",
    "move",
    "release",
    "repeat",
    "require_may_complete",
    "resume",
    "set_data",
    "skip",
    "start",
    "suspend",
    "transfer",
]
