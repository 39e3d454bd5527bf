"""A version that somebody is about to publish: what the page that asks shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User

from workflows import publishing, store
from workflows.definition import FlowDefinition
from workflows.errors import NotPublishable
from workflows.models import FlowVersion

from .base import state_badge
from .escalation import own_powers
from .guards import ShownGuards, shown_guards
from .verdicts import ShownVerdict, shown_verdict, titles_of, told_problems


@dataclass(frozen=True)
class Candidate:
    """A version that somebody is about to publish, and what stands against it.

    `can_publish`: nothing but warnings does. `verdict`, `guards` and `problems` are the parts in
    which the page tells it.
    """

    version: FlowVersion
    badge: str
    definition: FlowDefinition
    powers: Sequence[str]
    proof: Mapping[str, Any]

    @property
    def verdict(self) -> ShownVerdict:
        return shown_verdict(self.proof, self.definition)

    @property
    def guards(self) -> ShownGuards | None:
        return shown_guards(self.proof, self.definition, titles_of(self.definition))

    @property
    def problems(self) -> list[Mapping[str, Any]]:
        return told_problems(self.proof)

    @property
    def can_publish(self) -> bool:
        return bool(self.proof["can_be_published"])

    @property
    def needs_confirmation(self) -> bool:
        return bool(self.proof["warnings"] or self.powers)

    def refused(self, error: NotPublishable) -> Candidate:
        """Return what the publishing itself found, which counts."""
        return replace(self, proof=error.facts["verdict"])


def candidate_of(version: FlowVersion, publisher: User) -> Candidate:
    definition = store.definition_of(version)
    return Candidate(
        version=version,
        badge=state_badge(version),
        definition=definition,
        powers=own_powers(definition, publisher),
        proof=publishing.known_proof(version),
    )
