"""From draft to published: verified, checked, and only then frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from workflows import data as case_data
from workflows import flowfile, store
from workflows.compiled import expression_sources, flow_scope
from workflows.definition import FlowDefinition, TaskDefinition, TaskKind
from workflows.errors import Conflict, NotPublishable, VersionIsPublished
from workflows.expressions import ExpressionError, compile_expression
from workflows.jobs.checking import service_problems
from workflows.models import Flow, FlowVersion, VersionState
from workflows.net import Verdict, verify
from workflows.net.errors import NetError
from workflows.proving import FindingKind, analyse_guards

RUNNABLE_KINDS = frozenset({TaskKind.HUMAN, TaskKind.SERVICE, TaskKind.TIMER})


@dataclass(frozen=True, slots=True)
class PublishProblem:
    """`where` is a path in the flow file, e.g. `transitions.pay.guard`. A warning can be
    confirmed."""

    where: str
    message: str
    is_warning: bool = False


def verify_version(version: FlowVersion) -> Verdict:
    """Prove or refute the soundness of a version's net, and keep the verdict on the row.

    Raises:
        NotPublishable: the rows do not make a net at all, e.g. there is no place.
    """
    try:
        verdict = verify(store.definition_of(version).net())
    except NetError as error:
        raise NotPublishable(f"{version} is not a net yet: {error}") from error
    version.verdict = verdict.as_dict()
    version.verified_at = timezone.now()
    FlowVersion.objects.filter(pk=version.pk).update(
        verdict=version.verdict, verified_at=version.verified_at
    )
    return verdict


def problems_of(definition: FlowDefinition) -> list[PublishProblem]:
    """Return what, beside its net, keeps a flow from being published; errors before warnings."""
    found = [*_file_problems(definition), *_schema_problems(definition)]
    if not found:
        found = [*_expression_problems(definition), *_kind_problems(definition)]
        found += _decision_warnings(definition)
    return sorted(found, key=lambda problem: problem.is_warning)


@transaction.atomic
def publish(
    version: FlowVersion, *, by: User | None, confirm_warnings: bool = False
) -> FlowVersion:
    """Publish a draft: new cases take it from now on, running ones keep their version.

    The version published before is retired.

    Raises:
        VersionIsPublished: it is no draft.
        NotPublishable: the net is not sound, or the flow has problems, or warnings without
            `confirm_warnings`; the facts carry `verdict` and `problems`.
    """
    locked = FlowVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != VersionState.DRAFT:
        raise VersionIsPublished(f"{locked} is {locked.state} already.")
    definition = store.definition_of(FlowVersion.objects.with_net().get(pk=version.pk))
    problems = problems_of(definition)
    verdict = _verdict_of(definition, problems)
    if verdict is None or verdict.verdict != "sound" or _blocks(problems, confirm_warnings):
        raise NotPublishable(
            _why_not(locked, verdict, problems),
            verdict=verdict.as_dict() if verdict else None,
            problems=[
                {"path": p.where, "message": p.message, "is_warning": p.is_warning}
                for p in problems
            ],
        )
    # Two drafts published at once would each overlook the other: the flow's row is the lock. It is
    # taken after the proof, which may last: whoever asks for something of this flow waits for it.
    Flow.objects.select_for_update().get(pk=locked.flow_id)
    for earlier in FlowVersion.objects.published().filter(flow=locked.flow_id):
        earlier.retire()
        earlier.save(update_fields=["state"])
    locked.verdict = verdict.as_dict()
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


def _verdict_of(definition: FlowDefinition, problems: list[PublishProblem]) -> Verdict | None:
    try:
        return verify(definition.net())
    except NetError as error:
        problems.append(PublishProblem("net", str(error)))
        return None


def _blocks(problems: list[PublishProblem], confirm_warnings: bool) -> bool:
    return any(not (problem.is_warning and confirm_warnings) for problem in problems)


def _why_not(version: FlowVersion, verdict: Verdict | None, problems: list[PublishProblem]) -> str:
    parts = []
    if verdict is not None and verdict.verdict != "sound":
        told = "; ".join(problem.message for problem in verdict.problems)
        parts.append(f"its net is {verdict.verdict}: {told}")
    errors = [p for p in problems if not p.is_warning]
    if errors:
        parts.append("; ".join(f"{p.where}: {p.message}" for p in errors))
    elif problems:
        warnings = "; ".join(f"{p.where}: {p.message}" for p in problems)
        parts.append(f"it has warnings to confirm first: {warnings}")
    return f"{version} cannot be published: {'; '.join(parts)}"


def _file_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for problem in flowfile.problems(definition):
        yield PublishProblem(problem.path, problem.message)


def _schema_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for problem in case_data.check_schema(definition.data):
        yield PublishProblem(f"data.{problem.path}".rstrip("."), problem.message)


def _expression_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    scope = flow_scope(definition)
    for found in expression_sources(definition, scope):
        try:
            expression = compile_expression(found.source, scope=scope, expected=found.expected)
        except ExpressionError as error:
            yield PublishProblem(found.path, str(error))
        else:
            for warning in expression.warnings:
                yield PublishProblem(found.path, str(warning), is_warning=True)


def _kind_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for task in definition.tasks:
        if task.kind not in RUNNABLE_KINDS:
            message = f"This version of Goflow cannot run {task.kind} tasks yet."
            yield PublishProblem(f"tasks.{task.key}.kind", message)
        if task.seats:
            message = "This version of Goflow cannot ask several people for one task yet."
            yield PublishProblem(f"tasks.{task.key}.seats", message)
        if task.kind is TaskKind.SERVICE:
            yield from _service_problems(definition, task)


def _service_problems(definition: FlowDefinition, task: TaskDefinition) -> Iterator[PublishProblem]:
    for where, message, is_warning in service_problems(definition, task):
        yield PublishProblem(where, message, is_warning)


def _decision_warnings(definition: FlowDefinition) -> Iterator[PublishProblem]:
    try:
        report = analyse_guards(definition, with_soundness=False)
    except ExpressionError:
        return  # It is told with its place already.
    for finding in report.warnings:
        if finding.kind is not FindingKind.FAILS:
            yield PublishProblem(finding.where, finding.message, is_warning=True)
