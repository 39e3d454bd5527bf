"""Which of a case's fields a person may see. Whose cases they see is `CaseQuerySet.visible_to`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import User

from workflows.definition import FieldRight
from workflows.models import Case, WorkItem
from workflows.querysets import Person


def hidden_fields(case: Case, user: Person) -> frozenset[str]:
    """Return the fields of the case's data that `user` must not be shown."""
    return hidden_fields_of([case], user)[case.pk]


def hidden_fields_of(cases: Collection[Case], user: Person) -> dict[int, frozenset[str]]:
    """Return, by case, the fields of its data that `user` must not be shown, in one statement.

    The requester, and who may see every case, see all. Anybody else sees what at least one of the
    tasks shows through which they are involved; who is involved through none sees no field.
    """
    foreign = {case.pk: case for case in cases if case.requester_id != user.pk}
    if not foreign or _sees_every_case(user):
        return {case.pk: frozenset() for case in cases}
    involving = WorkItem.objects.filter(case__in=foreign).involving(user)
    hidden: dict[int, set[str]] = {}
    forms: Any = involving.values_list("case", "task__form")
    for case_id, form in forms:
        here = {name for name, right in form.items() if right == FieldRight.HIDDEN}
        hidden[case_id] = hidden.get(case_id, here) & here
    unknown = {case.pk: set(case.data) for case in foreign.values()}
    return {case.pk: frozenset({**unknown, **hidden}.get(case.pk, ())) for case in cases}


def visible_data(case: Case, user: Person) -> dict[str, Any]:
    """Return the case's data without what `user` must not be shown."""
    return without(case.data, hidden_fields(case, user))


def without(data: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in hidden}


def _sees_every_case(user: Person) -> bool:
    return isinstance(user, User) and user.has_perm("workflows.view_all_cases")
