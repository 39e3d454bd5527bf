"""What pages need to let an operator intervene: forms, foresight in words, and the confirmation.

The admin and the portal show the same questions; `workflows.engine` says what is done, and who may.
"""

from .asking import Question, ask
from .forms import FORMS, OperationForm
from .jobs import JOBS, JobCure
from .showing import ForesightShown, ItemShown, shown
from .whole import WHOLE, WholeCase

__all__ = [
    "FORMS",
    "JOBS",
    "WHOLE",
    "ForesightShown",
    "ItemShown",
    "JobCure",
    "OperationForm",
    "Question",
    "WholeCase",
    "ask",
    "shown",
]
