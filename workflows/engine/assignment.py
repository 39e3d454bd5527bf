"""For whom a task opens."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User

from workflows.compiled import CompiledFlow, CompiledTask
from workflows.directory import PersonId
from workflows.errors import EvaluationRefused, NobodyCanAct
from workflows.expressions import Candidates, Context, EvaluationError, Expression
from workflows.models import Candidate


def candidates_for(
    flow: CompiledFlow, task: CompiledTask, values: dict[str, object], context: Context
) -> list[Candidate]:
    """Return the rows, not yet saved, that say who may do `task`.

    The requester is left out unless the flow names them for this task.

    Raises:
        NobodyCanAct: neither `assign` nor `otherwise` finds anybody.
        EvaluationRefused: an expression cannot be worked out on this data.
    """
    for expression in (task.assign, task.otherwise):
        if expression is None:
            continue
        found = _evaluate(flow, task, expression, values, context)
        if not task.admits_requester:
            found = _without(found, context.requester)
        if _is_somebody(found, context):
            return _rows(found)
    requester = User.objects.get(pk=context.requester)
    raise NobodyCanAct(
        f"{task.title!r} would open for nobody: {task.definition.assign} finds no active person "
        f"for a request of {requester.get_full_name() or requester.get_username()}. "
        "An administrator can name somebody under 'otherwise' in the flow, or set the manager.",
        task=task.key,
        requester=requester.get_username(),
    )


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
    values: dict[str, object],
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


def _is_somebody(found: Candidates, context: Context) -> bool:
    if found.people:
        return True
    return any(context.directory.members(group) - found.excluded for group in found.groups)


def _rows(found: Candidates) -> list[Candidate]:
    people = [Candidate(user_id=person) for person in sorted(found.people)]
    groups = [Candidate(group=group) for group in sorted(found.groups)]
    excluded = [
        Candidate(user_id=person, is_excluded=True)
        for person in sorted(found.excluded - found.people)
    ]
    return people + groups + excluded
