"""What reaches a person: their own name, and their groups."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group

from workflows.querysets import Person


@dataclass(frozen=True, slots=True)
class Reach:
    """By whom and for whom `person` acts: `people` whose items they may do, and `groups`.

    Both hold whoever stands in for others, too: the more names, the more branches.
    """

    person: int
    people: tuple[int, ...]
    groups: tuple[str, ...]


def reach_of(user: Person) -> Reach:
    """Return what reaches `user`: their own name and their groups. Costs a statement."""
    if user.pk is None:
        return Reach(0, (), ())
    groups = Group.objects.filter(user=user.pk).order_by("pk").values_list("name", flat=True)
    return Reach(user.pk, (user.pk,), tuple(groups))
