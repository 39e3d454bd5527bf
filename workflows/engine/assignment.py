"""For whom a task opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import User

from workflows import store
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.directory import Directory, PersonId
from workflows.errors import EvaluationRefused, NobodyCanAct
from workflows.expressions import Candidates, Context, EvaluationError, Expression
from workflows.models import Candidate


def candidates_for(
    flow: CompiledFlow, task: CompiledTask, values: Mapping[str, object], context: Context
) -> list[Candidate]:
    """Return the rows, not yet saved, that say who may do `task`.

    Raises:
        NobodyCanAct: neither `assign` nor `otherwise` finds anybody.
        EvaluationRefused: an expression cannot be worked out on this data.
    """
    found = people_for(flow, task, values, context)
    if found is not None:
        return rows_of(found)
    requester = User.objects.get(pk=context.requester)
    raise NobodyCanAct(
        f"{task.title!r} would open for nobody: {task.definition.assign} finds no active person "
        f"for a request of {requester.get_full_name() or requester.get_username()}. "
        "An administrator can name somebody under 'otherwise' in the flow, or set the manager.",
        task=task.key,
        requester=requester.get_username(),
    )


def people_for(
    flow: CompiledFlow, task: CompiledTask, values: Mapping[str, object], context: Context
) -> Candidates | None:
    """Return who may do `task`, None for nobody; raises EvaluationRefused as above.

    The requester is left out unless the flow names them for this task.
    """
    for expression in (task.assign, task.otherwise):
        if expression is None:
            continue
        found = _evaluate(flow, task, expression, values, context)
        if task.asks_who_did:
            found = _of_today(found, context.directory)
        if not task.admits_requester:
            found = _without(found, context.requester)
        if _is_somebody(found, context.directory):
            return found
    return None


def counts_for(candidates: Iterable[Candidate], context: Context) -> PersonId:
    """Return the person in whose working time an item is due: the only candidate, or else the
    requester."""
    asked = [candidate for candidate in candidates if not candidate.is_excluded]
    alone = asked[0].user_id if len(asked) == 1 else None
    return context.requester if alone is None else PersonId(alone)


def _evaluate(
    flow: CompiledFlow,
    task: CompiledTask,
    expression: Expression,
    values: Mapping[str, object],
    context: Context,
) -> Candidates:
    try:
        found = expression.evaluate(values, context=context)
    except EvaluationError as error:
        raise EvaluationRefused(
            f"In {flow.title!r}, who may do {task.title!r} could not be worked out: {error}",
            expression=expression.source,
        ) from error
    return found if isinstance(found, Candidates) else Candidates()


def _without(found: Candidates, person: PersonId) -> Candidates:
    return Candidates(
        people=found.people - {person},
        groups=found.groups,
        excluded=found.excluded | {person} if found.groups else found.excluded,
    )


def _of_today(found: Candidates, directory: Directory) -> Candidates:
    """Return the candidates without those who have left since they did an earlier task."""
    if not found.people:
        return found
    return Candidates(directory.active(found.people), found.groups, found.excluded)


def _is_somebody(found: Candidates, directory: Directory) -> bool:
    if found.people:
        return True
    # Of one more than are excluded, at least one is not.
    enough = len(found.excluded) + 1
    return any(
        directory.members(group, at_most=enough) - found.excluded for group in sorted(found.groups)
    )


def rows_of(found: Candidates) -> list[Candidate]:
    """Return the rows of candidates, not yet saved."""
    people = [
        store.new(Candidate, user_id=person, is_offered=True) for person in sorted(found.people)
    ]
    groups = [store.new(Candidate, group=group, is_offered=True) for group in sorted(found.groups)]
    excluded = [
        store.new(Candidate, user_id=person, is_excluded=True)
        for person in sorted(found.excluded - found.people)
    ]
    return people + groups + excluded
