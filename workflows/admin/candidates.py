"""A version that somebody is about to publish: what the page that asks shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from workflows import publishing, store
from workflows.errors import NotPublishable
from workflows.models import FlowVersion

from .base import state_badge
from .escalation import own_powers
from .verdicts import ShownVerdict, shown_verdict, told_problems


@dataclass(frozen=True)
class Candidate:
    """A version that somebody is about to publish, and what stands against it."""

    version: FlowVersion
    badge: str
    verdict: ShownVerdict
    problems: Sequence[publishing.PublishProblem]
    powers: Sequence[str]

    @property
    def errors(self) -> list[publishing.PublishProblem]:
        return [problem for problem in self.problems if not problem.is_warning]

    @property
    def warnings(self) -> list[publishing.PublishProblem]:
        return [problem for problem in self.problems if problem.is_warning]

    @property
    def can_publish(self) -> bool:
        return not self.errors and self.verdict.tone in ("good", "quiet")

    @property
    def needs_confirmation(self) -> bool:
        return bool(self.warnings or self.powers)

    def refused(self, error: NotPublishable) -> Candidate:
        """Return what the publishing itself found, which counts."""
        verdict = error.facts.get("verdict")
        return replace(
            self,
            verdict=shown_verdict(verdict, store.definition_of(self.version)),
            problems=told_problems(error.facts.get("problems", ())),
        )


def candidate_of(version: FlowVersion, publisher: User) -> Candidate:
    definition = store.definition_of(version)
    return Candidate(
        version=version,
        badge=state_badge(version),
        verdict=shown_verdict(version.verdict, definition),
        problems=publishing.problems_of(definition) if version.is_draft else (),
        powers=own_powers(definition, publisher),
    )
