"""Today's people in the stories of faults: whom the engine would ask, were the case theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from workflows.compiled import compile_flow
from workflows.definition import FlowDefinition
from workflows.directory import PersonId, get_directory
from workflows.expressions import ExpressionError
from workflows.net.errors import NetError
from workflows.proving.samples import base_data
from workflows.story import Cast, People, Roles, Teller

_MOST_REQUESTERS = 16


def teller() -> Teller:
    """Return who tells the faults of one proof with sample people."""
    return Teller(cast_of)


def cast_of(definition: FlowDefinition, values: Mapping[str, Any] | None) -> Cast:
    """Return who would play in a case with these data; roles where the flow cannot be read."""
    try:
        flow = compile_flow(definition, version_id=0)
    except (ExpressionError, NetError):
        return Roles(definition)
    return People(
        flow,
        get_directory(),
        requesters=_requesters(),
        names=_names,
        values=base_data(definition.data) if values is None else values,
        at=timezone.now(),
    )


def _requesters() -> list[PersonId]:
    """Return some who might ask: of those who have been here longest and of those who came last."""
    people = User.objects.filter(is_active=True, is_superuser=False).order_by("pk")
    half = _MOST_REQUESTERS // 2
    first = list(people.values_list("pk", flat=True)[:half])
    last = list(people.reverse().values_list("pk", flat=True)[:half])
    return [PersonId(pk) for pk in dict.fromkeys([*first, *reversed(last)])]


def _names(people: Collection[PersonId]) -> dict[PersonId, tuple[str, str]]:
    users = User.objects.filter(pk__in=list(people), is_active=True)
    return {
        PersonId(user.pk): (
            user.first_name or user.get_username(),
            user.get_full_name() or user.get_username(),
        )
        for user in users
    }
