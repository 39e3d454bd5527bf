"""What the proof has found, told so that everybody understands it.

A story needs neither a database nor people: `Roles` calls everybody by what the flow says of them,
`People` casts whom a directory finds. See docs/soundness.md.
"""

from .actors import Actor, Cast, Roles
from .people import People
from .story import Step, Story
from .teller import Teller
from .telling import tell

__all__ = ["Actor", "Cast", "People", "Roles", "Step", "Story", "Teller", "tell"]
