"""Which of a case's fields a person may see. Whose cases they see is `CaseQuerySet.visible_to`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.definition import FieldRight
from workflows.models import Case, WorkItem
from workflows.querysets import Person


def hidden_fields(case: Case, user: Person) -> frozenset[str]:
    """Return the fields of the case's data that `user` must not be shown.

    The requester, and who may see every case, see all. Anybody else sees what at least one of the tasks shows
    through which they are involved; who is involved through none sees no field.
    """
    if case.requester_id == user.pk or _sees_every_case(user):
        return frozenset()
    forms = WorkItem.objects.filter(case=case).involving(user).values_list("task__form", flat=True)
    hidden_by_task = [
        {name for name, right in form.items() if right == FieldRight.HIDDEN} for form in forms
    ]
    if not hidden_by_task:
        return frozenset(case.data)
    return frozenset(set.intersection(*hidden_by_task))


def visible_data(case: Case, user: Person) -> dict[str, Any]:
    """Return the case's data without what `user` must not be shown."""
    return without(case.data, hidden_fields(case, user))


def without(data: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in hidden}


def _sees_every_case(user: Person) -> bool:
    return bool(user.is_active and user.has_perm("workflows.view_all_cases"))
