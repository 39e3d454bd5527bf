"""A version's way from draft to published and retired."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from workflows.errors import Conflict, DraftHasChanged, NotPublishable, VersionIsPublished
from workflows.models import Flow, FlowVersion, VersionState
from workflows.proving import Proof

from .verdicts import is_of, prove_version


def publish(
    version: FlowVersion,
    *,
    by: User | None,
    confirm_warnings: bool = False,
    proof: Proof | None = None,
) -> FlowVersion:
    """Publish a draft: new cases take it from now on, running ones keep their version.

    The version published before is retired. The proof, which may take seconds, runs before
    anything is locked; that it is of what is published is checked under the lock. Who has a
    transaction open brings the `proof` along, made before it.

    Raises:
        VersionIsPublished: it is no draft.
        NotPublishable: the net is not sound, or the flow has problems, or warnings without
            `confirm_warnings`; the facts carry `verdict`, the whole proof, and `problems`.
        DraftHasChanged: somebody has edited it while it was proved.
    """
    _require_draft(FlowVersion.objects.get(pk=version.pk))
    proof = proof or prove_version(version)
    if not proof.can_be_published or (proof.warnings and not confirm_warnings):
        raise NotPublishable(
            _why_not(version, proof),
            verdict=proof.as_dict(),
            problems=[problem.as_dict() for problem in proof.problems],
        )
    return _freeze(version, proof, by=by)


@transaction.atomic
def _freeze(version: FlowVersion, proof: Proof, *, by: User | None) -> FlowVersion:
    locked = FlowVersion.objects.select_for_update().get(pk=version.pk)
    _require_draft(locked)
    if not is_of(proof, locked):
        raise DraftHasChanged(
            f"{locked} was edited while it was proved. Look at it again, then publish it."
        )
    # Two drafts published at once would each overlook the other: the flow's row is the lock.
    Flow.objects.select_for_update().get(pk=locked.flow_id)
    for earlier in FlowVersion.objects.published().filter(flow=locked.flow_id):
        earlier.retire()
        earlier.save(update_fields=["state"])
    locked.verdict = proof.as_dict()
    locked.verified_at = timezone.now()
    locked.published_by = by
    locked.publish(at=locked.verified_at)
    locked.save(update_fields=["state", "verdict", "verified_at", "published_by", "published_at"])
    return locked


@transaction.atomic
def retire(version: FlowVersion, *, by: User | None) -> FlowVersion:
    """Take no new cases of a published version; running ones go on.

    Raises:
        Conflict: it is not published.
    """
    locked = FlowVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != VersionState.PUBLISHED:
        raise Conflict(f"{locked} is {locked.state}: only a published version can be retired.")
    locked.retire()
    locked.save(update_fields=["state"])
    return locked


def _require_draft(version: FlowVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise VersionIsPublished(f"{version} is {version.state} already.")


def _why_not(version: FlowVersion, proof: Proof) -> str:
    parts = []
    if proof.net is not None and not proof.is_sound:
        told = "; ".join(problem.message for problem in proof.net.problems)
        parts.append(f"its net is {proof.net.verdict}: {told}")
    if proof.errors:
        parts.append("; ".join(f"{p.where}: {p.message}" for p in proof.errors))
    elif proof.warnings:
        warnings = "; ".join(f"{p.where}: {p.message}" for p in proof.warnings)
        parts.append(f"it has warnings to confirm first: {warnings}")
    return f"{version} cannot be published: {'; '.join(parts)}"
