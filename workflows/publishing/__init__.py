"""From draft to published: proved, checked, and only then frozen."""

from workflows.proving import PublishProblem

from .lifecycle import publish, retire
from .scenarios import play_scenarios
from .verdicts import (
    SECONDS_FOR_DRAFTS,
    keep,
    known_proof,
    problems_of,
    prove_definition,
    prove_version,
    verify_version,
)

__all__ = [
    "SECONDS_FOR_DRAFTS",
    "PublishProblem",
    "keep",
    "known_proof",
    "play_scenarios",
    "problems_of",
    "prove_definition",
    "prove_version",
    "publish",
    "retire",
    "verify_version",
]
