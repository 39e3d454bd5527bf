"""What may be seen and acted on, said once. Every page and every API call starts here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from workflows.clock import StatementNow

if TYPE_CHECKING:
    from workflows.models import (  # noqa: F401  named in the quoted type arguments below
        Case,
        Event,
        Flow,
        FlowVersion,
        Job,
        WorkItem,
    )

Person = AbstractBaseUser | AnonymousUser
FLOW_EDITING = (
    "workflows.view_flowversion",
    "workflows.add_flowversion",
    "workflows.change_flowversion",
    "workflows.publish_flowversion",
)


def _candidates_for(user: Person, *, is_excluded: bool = False) -> Any:
    from workflows.models import Candidate

    rows = Candidate.objects.filter(work_item=OuterRef("pk"))
    if is_excluded:
        return rows.filter(user=user.pk, is_excluded=True)
    groups = Group.objects.filter(user=user.pk).values("name")
    return rows.filter(Q(user=user.pk, is_excluded=False) | Q(group__in=groups))


def _has_permission(user: Person, permission: str) -> bool:
    return bool(getattr(user, "is_active", False) and user.has_perm(permission))  # type: ignore[union-attr]


def sees_every_case(user: Person) -> bool:
    """Say whether `user` has the right to see every case."""
    return _has_permission(user, "workflows.view_all_cases")


class FlowQuerySet(models.QuerySet["Flow"]):
    def startable(self) -> FlowQuerySet:
        """Return the flows that have a published version."""
        return self.filter(versions__state="published").distinct()

    def visible_to(self, user: Person) -> FlowQuerySet:
        """Return the flows of which `user` may see a version."""
        from workflows.models import FlowVersion

        return self.filter(pk__in=FlowVersion.objects.visible_to(user).values("flow"))


class FlowVersionQuerySet(models.QuerySet["FlowVersion"]):
    def visible_to(self, user: Person) -> FlowVersionQuerySet:
        """Return what is or was in force; drafts to those alone who work on flows."""
        if not user.is_authenticated:
            return self.none()
        if any(_has_permission(user, permission) for permission in FLOW_EDITING):
            return self
        return self.exclude(state="draft")

    def published(self) -> FlowVersionQuerySet:
        return self.filter(state="published")

    def with_running(self) -> FlowVersionQuerySet:
        """Annotate `running`, how many cases of the version run: a join would read all others."""
        from workflows.models import Case

        cases = Case.objects.filter(version=OuterRef("pk"), state="running").order_by()
        counted = cases.values("version").annotate(n=models.Count("pk")).values("n")
        return self.annotate(
            running=Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)
        )

    def with_net(self) -> FlowVersionQuerySet:
        """Load all that a definition is made of, in a fixed number of statements."""
        return self.select_related("flow").prefetch_related(
            "places", "tasks", "transitions", "arcs"
        )


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Person) -> CaseQuerySet:
        """Return the cases that `user` asked for, may act on, or has acted on; all with the right
        to."""
        from workflows.models import WorkItem

        if not user.is_authenticated:
            return self.none()
        if sees_every_case(user):
            return self
        involved = WorkItem.objects.filter(case=OuterRef("pk")).involving(user)
        return self.filter(Q(requester=user.pk) | Exists(involved))

    def listed_for(self, user: Person) -> CaseQuerySet:
        """Return what `visible_to` does, found by what the person has to do with.

        For lists: `visible_to` looks at each case in turn, which is right for one of them and
        would take long for a person who sees few among very many.
        """
        if not user.is_authenticated or sees_every_case(user):
            return self.visible_to(user)
        return self.filter(pk__in=_involving_cases(user))

    def running(self) -> CaseQuerySet:
        return self.filter(state="running")

    def locked(self) -> CaseQuerySet:
        """Lock the case's row until the transaction ends: every change of a case begins with
        this.

        Not by PostgreSQL's weaker lock, which rows elsewhere that name the case need not wait for:
        who wants the whole row never came in between two of them, and deadlocks had no end.
        """
        of = ("self",) if connection.features.has_select_for_update_of else ()
        return self.select_for_update(of=of)


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def open(self) -> WorkItemQuerySet:
        return self.filter(state__in=("offered", "claimed"))

    def offered_to(self, user: Person) -> WorkItemQuerySet:
        """Return the items for which `user` is a candidate, open or not, whoever claimed them."""
        return self.filter(
            Exists(_candidates_for(user)), ~Exists(_candidates_for(user, is_excluded=True))
        )

    def actionable_by(self, user: Person) -> WorkItemQuerySet:
        """Return what `user` may act on now: open, in a running case, offered to or claimed by
        them."""
        return (
            self.open()
            .filter(case__state="running")
            .filter(Q(claimed_by=user.pk) | Q(state="offered"))
            .offered_to(user)
        )

    def awaited(self) -> WorkItemQuerySet:
        """Leave out the items that nobody waits for, e.g. the requester's standing offer to
        withdraw."""
        return self.filter(task__is_optional=False)

    def pooled(self) -> WorkItemQuerySet:
        """Keep what is offered to a group and claimed by nobody."""
        from workflows.models import Candidate

        offered = Candidate.objects.filter(work_item=OuterRef("pk"), group__isnull=False)
        return self.filter(Exists(offered), state="offered")

    def involving(self, user: Person) -> WorkItemQuerySet:
        """Return the items that `user` is or was a candidate of, has claimed or has completed."""
        is_candidate = Exists(_candidates_for(user))
        is_excluded = Exists(_candidates_for(user, is_excluded=True))
        return self.filter(
            Q(completed_by=user.pk) | Q(claimed_by=user.pk) | (is_candidate & ~is_excluded)
        )

    def visible_to(self, user: Person) -> WorkItemQuerySet:
        from workflows.models import Case

        if not user.is_authenticated:
            return self.none()
        if sees_every_case(user):
            return self
        return self.filter(Exists(Case.objects.visible_to(user).filter(pk=OuterRef("case"))))

    def with_eligibility(self, user: Person) -> WorkItemQuerySet:
        """Annotate `is_candidate`: whether `user` is among the item's candidates and not
        excluded."""
        return self.annotate(
            is_candidate=models.ExpressionWrapper(
                Exists(_candidates_for(user)) & ~Exists(_candidates_for(user, is_excluded=True)),
                output_field=models.BooleanField(),
            )
        )

    def for_list(self) -> WorkItemQuerySet:
        """Load what a row of a list shows."""
        from workflows.models import FlowVersion

        return self.select_related(
            "task", "claimed_by", "completed_by", "case__requester", "case__version__flow"
        ).defer(*(f"case__version__{name}" for name in FlowVersion.LARGE))

    def by_due(self) -> WorkItemQuerySet:
        return self.order_by(F("due_at").asc(nulls_last=True), "opened_at", "pk")


def _involving_cases(user: Person) -> Any:
    """Return the ids of the cases of `CaseQuerySet.visible_to`, each kind by an index of its own:
    joined by OR, they would be looked for in every case."""
    from workflows.models import Candidate, Case, WorkItem

    excluded = Candidate.objects.filter(
        work_item=OuterRef("work_item"), user=user.pk, is_excluded=True
    )
    offered = Candidate.objects.filter(~Exists(excluded)).order_by().values("work_item__case")
    items = WorkItem.objects.order_by().values("case")
    found = [
        items.filter(completed_by=user.pk),
        items.filter(claimed_by=user.pk),
        offered.filter(user=user.pk, is_excluded=False),
    ]
    # By their names, the database knows how few or many the rows of these groups are.
    groups = list(Group.objects.filter(user=user.pk).values_list("name", flat=True))
    if groups:
        found.append(offered.filter(group__in=groups))
    return Case.objects.filter(requester=user.pk).order_by().values("pk").union(*found)


class EventQuerySet(models.QuerySet["Event"]):
    def for_history(self) -> EventQuerySet:
        return self.select_related("actor", "work_item__task").order_by("sequence")


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=("due", "running", "incident"))

    def takeable(self) -> JobQuerySet:
        """Return what is due by the database's clock.

        The jobs of cases that stand still wait for them; effects do not: who is to be told of a
        closed case is told.
        """
        from workflows.models import Case

        runs = Case.objects.filter(pk=OuterRef("case_id"), state="running")
        due = self.filter(state="due", due_at__lte=StatementNow())
        return due.filter(Q(kind="effect") | Exists(runs))

    def for_workers(self) -> JobQuerySet:
        """Leave out what external workers fetch by its topic, but not what they have brought while
        the case stood still: anybody may write that back."""
        return self.filter(Q(topic="") | ~Q(outcome=""))

    def of_topic(self, topic: str) -> JobQuerySet:
        """Keep what external workers are to do for a topic."""
        return self.filter(topic=topic, outcome="")

    def expired(self) -> JobQuerySet:
        """Return what is leased, and its lease has run out by the database's clock."""
        return self.filter(state="running", leased_until__lt=StatementNow())

    def in_queues(self, queues: Collection[str]) -> JobQuerySet:
        """Keep the jobs of these queues; none named means all."""
        return self.filter(queue__in=queues) if queues else self

    def visible_to(self, user: Person) -> JobQuerySet:
        """Return the jobs that `user` may know of: with the right to intervene or to see every
        case, those of the cases they see; with the right to work on topics, those of topics. Jobs
        without a case are for those alone who may intervene."""
        from workflows.models import Case

        seen = Q(pk__in=[])
        intervenes = _has_permission(user, "workflows.intervene_case")
        if intervenes or sees_every_case(user):
            seen |= Q(Exists(Case.objects.visible_to(user).filter(pk=OuterRef("case"))))
        if intervenes:
            seen |= Q(case=None)
        if _has_permission(user, "workflows.work_jobs"):
            seen |= ~Q(topic="")
        return self.filter(seen)

    def incidents(self) -> JobQuerySet:
        return self.filter(state="incident")
