"""The only writers of cases. Each call is one transaction that begins with the lock on its case.

All or nothing: a refusal (`workflows.errors`) leaves every row as it was. Repeating a call with the
same `idempotency_key` gives the first result and changes nothing.
"""

from .complete import complete
from .interventions import cancel, resume, suspend
from .rights import require_may_complete
from .start import start
from .work_items import claim, release, transfer

__all__ = [
    "cancel",
    "claim",
    "complete",
    "release",
    "require_may_complete",
    "resume",
    "start",
    "suspend",
    "transfer",
]
