"""Prove a flow with all that this installation checks, and keep the answer on the version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import store
from workflows.definition import FlowDefinition
from workflows.models import FlowVersion
from workflows.proving import Proof, PublishProblem, prove
from workflows.proving.proof import SECONDS

from . import checks

SECONDS_FOR_DRAFTS = 1.0
"""For each of the two verdicts, where somebody who saves a draft waits for them."""


def prove_definition(definition: FlowDefinition, *, seconds: float = SECONDS) -> Proof:
    """Return what is proved of a flow with today's handlers and people."""
    proof = prove(
        definition,
        checks=checks.all_of_them(),
        tell=checks.teller(),
        seconds=seconds,
    )
    # Its stories are told now, before anybody holds a lock: they ask who the people are.
    proof.as_dict()
    return proof


def prove_version(version: FlowVersion, *, seconds: float = SECONDS) -> Proof:
    """Prove or refute a version as its rows are now. It may last, so no transaction should be
    open."""
    definition = store.definition_of(FlowVersion.objects.with_net().get(pk=version.pk))
    return prove_definition(definition, seconds=seconds)


@transaction.atomic
def keep(version: FlowVersion, proof: Proof) -> None:
    """Write the proof on the version, unless somebody has edited it in the meantime."""
    locked = FlowVersion.objects.select_for_update().get(pk=version.pk)
    if not is_of(proof, locked):
        return
    version.verdict = proof.as_dict()
    version.verified_at = timezone.now()
    FlowVersion.objects.filter(pk=version.pk).update(
        verdict=version.verdict, verified_at=version.verified_at
    )


def verify_version(version: FlowVersion, *, seconds: float = SECONDS) -> Proof:
    """Prove or refute a version, and keep the answer on the row."""
    proof = prove_version(version, seconds=seconds)
    keep(version, proof)
    return proof


def known_proof(version: FlowVersion) -> Mapping[str, Any]:
    """Return the JSON of the proof that the version keeps; of one made now where it keeps none."""
    kept: Mapping[str, Any] | None = version.verdict
    if kept and "can_be_published" in kept:
        return kept
    return prove_version(version, seconds=SECONDS_FOR_DRAFTS).as_dict()


def problems_of(definition: FlowDefinition) -> list[PublishProblem]:
    """Return what, beside the faults of its net, stands against publishing as far as the flow by
    itself tells, whoever works here; errors first."""
    return list(prove(definition, checks=checks.of_the_flow()).problems)


def is_of(proof: Proof, locked: FlowVersion) -> bool:
    """Say whether the rows of a version, which is locked, are those that were proved."""
    rows = FlowVersion.objects.with_net().get(pk=locked.pk)
    return store.definition_of(rows) == proof.definition
