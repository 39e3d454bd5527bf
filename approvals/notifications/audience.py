"""From candidates to people: everybody who may be told, read in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, Subquery

from approvals.models import Request
from approvals.models.notice import wants_mail
from workflows.models import Candidate, Case


@dataclass(frozen=True, slots=True)
class Recipient:
    """`mail_choices` is what they have chosen of mails; None where they never did."""

    pk: int
    name: str
    email: str
    is_active: bool
    mail_choices: dict[str, Any] | None

    def gets_mail(self, kind: str) -> bool:
        return bool(self.email) and wants_mail(self.mail_choices, kind)


@dataclass(frozen=True, slots=True)
class Audience:
    """People by key, the members of the groups that were asked for, and the number of the case's
    request, which comes with them."""

    people: dict[int, Recipient] = field(default_factory=dict)
    members: dict[str, set[int]] = field(default_factory=dict)
    number: str = ""

    def name_of(self, pk: int | None) -> str:
        """Return a person's name; "" for nobody, which stands for the flow itself."""
        return self.people[pk].name if pk in self.people else ""

    def reached_by(self, candidates: Iterable[Candidate]) -> set[int]:
        """Return the active people whom an item's candidates are."""
        reached: set[int] = set()
        excluded: set[int] = set()
        for candidate in candidates:
            if candidate.user_id is None:
                reached |= self.members.get(candidate.group or "", set())
            elif candidate.is_excluded:
                excluded.add(candidate.user_id)
            else:
                reached.add(candidate.user_id)
        return {pk for pk in reached - excluded if pk in self.people and self.people[pk].is_active}


def load_audience(
    case: Case, *, people: Iterable[int | None], candidates: Iterable[Candidate] = ()
) -> Audience:
    """Return the people with these keys, and all whom the candidates are, in one statement."""
    rows = list(candidates)
    wanted = {pk for pk in people if pk is not None}
    wanted |= {row.user_id for row in rows if row.user_id is not None}
    groups = {row.group for row in rows if row.group}
    asked = Q(pk__in=wanted) | Q(groups__name__in=groups) if groups else Q(pk__in=wanted)
    numbers = Request.objects.filter(case=case).values("number")[:1]
    found: dict[int, Recipient] = {}
    members: dict[str, set[int]] = defaultdict(set)
    number = str(case)
    columns = ["pk", "first_name", "last_name", "username", "email", "is_active"]
    columns += ["notice_settings__mail", "number", *(["groups__name"] if groups else [])]
    rows_found = User.objects.filter(asked).annotate(number=Subquery(numbers))
    for (
        pk,
        first,
        last,
        username,
        email,
        is_active,
        choices,
        known,
        *group,
    ) in rows_found.values_list(*columns):
        number = known or number
        name = f"{first} {last}".strip() or username
        found[pk] = Recipient(pk, name, email, is_active, choices)
        for each in group:
            members[each].add(pk)
    return Audience(found, members, number)
