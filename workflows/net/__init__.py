"""Petri nets in pure Python: no Django, no I/O, no clock that matters, no side effects.

`Net` and `Marking` are immutable values; everything else is a function of them.
"""

from .enabling import Blocker, blockers, enabled_after, enabled_transitions, is_enabled
from .firing import fire, fire_sequence
from .marking import Marking
from .net import Arc, ArcKind, Net, Place, Transition
from .soundness import verify
from .verdict import Verdict

__all__ = [
    "Arc",
    "ArcKind",
    "Blocker",
    "Marking",
    "Net",
    "Place",
    "Transition",
    "Verdict",
    "blockers",
    "enabled_after",
    "enabled_transitions",
    "fire",
    "fire_sequence",
    "is_enabled",
    "verify",
]
