"""The guards of one choice, looked at on every case that they tell apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows.definition import FlowDefinition
from workflows.expressions.ranges import MAX_CASES, Case, Cases, Partition, cases_of
from workflows.proving.clusters import Cluster
from workflows.proving.findings import Finding, FindingKind
from workflows.proving.shown import MOST_REGIONS, Shown

_NO_EXAMPLE = " (no example of it was found: it may be harmless)"


@dataclass(frozen=True)
class ClusterAnalysis:
    """`cases` were looked at, all there are if `is_complete`.

    `parts`: what the guards compute, taken for a value of its own, which may be anything.
    """

    cluster: Cluster
    cases: int
    is_complete: bool
    findings: tuple[Finding, ...]
    parts: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def never_taken(self) -> frozenset[str]:
        kinds = [f for f in self.findings if f.kind is FindingKind.NEVER_TAKEN]
        return frozenset(key for found in kinds for key in found.transitions[:1])

    @property
    def always_goes_on(self) -> bool:
        """Whether some branch can be taken whatever the data are."""
        stops = {FindingKind.GAP, FindingKind.FAILS, FindingKind.UNDECIDED}
        if self.cluster.task is not None:
            stops.remove(FindingKind.FAILS)  # People have their other outcomes.
        return self.is_complete and not any(f.kind in stops for f in self.findings)

    def as_dict(self) -> dict[str, object]:
        return {
            "task": self.cluster.task.key if self.cluster.task else None,
            "transitions": list(self.cluster.keys),
            "cases": self.cases,
            "is_complete": self.is_complete,
            "parts": list(self.parts),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def analyse(
    cluster: Cluster,
    definition: FlowDefinition,
    *,
    at_most: int = MAX_CASES,
    deadline: float = math.inf,
) -> ClusterAnalysis:
    """Return what holds for the data of every case; the schema's own bounds are taken from it.

    Past the `deadline`, of the monotonic clock, no further case is looked at and no example sought.
    """
    return _Look(cluster, definition, at_most, deadline).analysis()


class _Look:
    def __init__(
        self, cluster: Cluster, definition: FlowDefinition, at_most: int, deadline: float
    ) -> None:
        self.cluster, self.definition = cluster, definition
        self.schema: Mapping[str, Any] = definition.data
        self.partition = Partition(list(cluster.guards), self.schema)
        self.cases: Cases = cases_of(self.partition, at_most=at_most, deadline=deadline)
        self.branches = range(len(cluster.transitions))
        self.shown = Shown(self.partition, cluster.guards, self.schema, deadline)

    def analysis(self) -> ClusterAnalysis:
        findings = [*self._gaps(), *self._failing(), *self._never_taken(), *self._overlaps()]
        if not self.cases.is_complete:
            findings.insert(0, self._too_many())
        return ClusterAnalysis(
            cluster=self.cluster,
            cases=len(self.cases.found),
            is_complete=self.cases.is_complete,
            findings=tuple(findings),
            parts=tuple(part.source for part in self.partition.parts),
            examples=tuple(self._examples()),
        )

    @cached_property
    def _place(self) -> str:
        if self.cluster.task is not None:
            return self.cluster.task.title or self.cluster.task.key
        titles = {place.key: place.title or place.key for place in self.definition.places}
        return ", ".join(titles.get(key, key) for key in self.cluster.transitions[0].inputs)

    def _first(self, case: Case) -> int | None:
        """Return the branch that is taken, None for none; one before it may have failed."""
        return next((n for n in self.branches if case.results[n]), None)

    def _gaps(self) -> list[Finding]:
        held = [case for case in self.cases.found if any(case.results)]
        gaps = [case for case in self.cases.found if not any(case.results)]
        if self.cluster.editable:
            gaps = [case for case in gaps if not self._can_be_edited(case, held)]
        guards = "; ".join(t.guard for t in self.cluster.transitions)
        found = []
        for values, example in self.shown.regions(gaps):
            where = f" where {values}" if values else ""
            what = self._told_gap(where + ("" if example is not None else _NO_EXAMPLE), guards)
            found.append(self._finding(FindingKind.GAP, self.cluster.keys, what, values, example))
        return found

    def _told_gap(self, where: str, guards: str) -> str:
        if self.cluster.is_of_machine:
            outcome = self.cluster.transitions[0].outcome
            return (
                f"The result {outcome!r} of {self._place!r} leads nowhere{where}: {guards} does "
                "not hold. Take the guard away, and let a decision after it choose."
            )
        if self.cluster.task is not None:
            return f"{self._place!r} cannot be ended{where}: none of these holds: {guards}."
        return (
            f"No branch{where}: a request waits in {self._place!r} for good. "
            f"None of these holds: {guards}. Give the decision a default branch."
        )

    def _can_be_edited(self, case: Case, others: Sequence[Case]) -> bool:
        """Say whether whoever does the task can change the data into one of the other cases."""
        fixed = {key: cell for key, cell in case.cells.items() if not self._is_editable(key)}
        return any(
            all(other.cells.get(key, cell) == cell for key, cell in fixed.items())
            for other in others
        )

    def _is_editable(self, key: str) -> bool:
        dimension = self.partition.dimensions[key]
        names = dimension.reads if dimension.is_part else {key.split(".")[0]}
        return bool(names & self.cluster.editable)

    def _failing(self) -> list[Finding]:
        found = []
        for n in self.branches:
            keys = (self.cluster.keys[n],)
            for values, example in self.shown.regions(self._cases_failing(n))[:1]:
                where = f" where {values}" if values else ""
                where += "" if example is not None else _NO_EXAMPLE
                message = f"The guard of {self._title(n)!r} cannot be worked out{where}: " + (
                    "the step is then refused, although a branch after it could be taken."
                    if self.cluster.task is None
                    else "nobody is then offered this outcome."
                )
                found.append(self._finding(FindingKind.FAILS, keys, message, values, example))
        return found

    def _cases_failing(self, n: int) -> list[Case]:
        """Return the cases in which the guard fails though another branch could be taken; where
        none could, that is a gap."""
        failing = [case for case in self.cases.found if case.results[n] is None]
        if self.cluster.task is None:
            return [case for case in failing if (self._first(case) or 0) > n]
        failing = [case for case in failing if any(case.results)]
        if self.cluster.editable:
            told = [case for case in self.cases.found if case.results[n] is not None]
            failing = [case for case in failing if not self._can_be_edited(case, told)]
        return failing

    def _never_taken(self) -> list[Finding]:
        if not self.cases.is_complete:
            return []
        decides = self.cluster.task is None
        taken = (
            {self._first(case) for case in self.cases.found}
            if decides
            else {n for case in self.cases.found for n in self.branches if case.results[n]}
        )
        found = []
        for n in self.branches:
            if n not in taken:
                message = f"{self._title(n)!r} is never chosen: {self._why_never(n)}."
                # A default that the branches before it leave nothing to is a belt to the braces.
                is_default = self.cluster.transitions[n].is_default
                before = tuple(self.cluster.keys[m] for m in self._branches_before(n))
                found.append(
                    Finding(
                        FindingKind.NEVER_TAKEN,
                        f"transitions.{self.cluster.keys[n]}",
                        (self.cluster.keys[n], *before),
                        message,
                        is_warning=not is_default or self._unguarded_before(n) is not None,
                    )
                )
        return found

    def _unguarded_before(self, n: int) -> int | None:
        return next((m for m in range(n) if self.cluster.guards[m] is None), None)

    def _branches_before(self, n: int) -> list[int]:
        """Return the branches that are taken wherever this one would hold."""
        if self.cluster.task is not None:
            return []
        holds = [case for case in self.cases.found if case.results[n]]
        return sorted({self._first(c) or 0 for c in holds})

    def _why_never(self, n: int) -> str:
        unguarded = self._unguarded_before(n) if self.cluster.task is None else None
        if unguarded is not None:
            return f"{self._title(unguarded)!r} stands before it and has no guard"
        before = self._branches_before(n)
        if not before:
            return "its guard never holds on data that the flow allows"
        names = " or ".join(repr(self._title(m)) for m in before)
        if self.cluster.guards[n] is None:
            return f"in every case {names} is chosen before it"
        return f"wherever its guard holds, {names} is chosen before it"

    def _overlaps(self) -> list[Finding]:
        if self.cluster.task is not None:
            return []
        found = []
        guarded = [n for n in self.branches if self.cluster.guards[n] is not None]
        pairs = [(one, other) for one in guarded for other in guarded if one < other]
        for one, other in pairs:
            both = [c for c in self.cases.found if c.results[one] and c.results[other]]
            for values, example in self.shown.regions(both)[:1]:
                first, second = (self.cluster.transitions[n] for n in (one, other))
                is_tie = first.priority is not None and first.priority == second.priority
                why = "both have the same priority" if is_tie else "it stands first"
                where = f"Where {values}" if values else "Always"
                message = (
                    f"{where}, both {self._title(one)!r} and {self._title(other)!r} hold; "
                    f"{self._title(one)!r} is taken: {why}."
                )
                if is_tie:
                    message += " Give them different priorities."
                keys = (first.key, second.key)
                told = self._finding(FindingKind.OVERLAP, keys, message, values, example, is_tie)
                found.append(told)
        return found[: 2 * MOST_REGIONS]

    def _too_many(self) -> Finding:
        message = (
            f"The guards in {self._place!r} tell too many cases apart to look at all of them: "
            f"{len(self.cases.found):,} were looked at. Whether a branch is missing is not known."
        )
        needs = not self.cluster.has_default and all(g is not None for g in self.cluster.guards)
        return Finding(
            FindingKind.UNDECIDED,
            f"transitions.{self.cluster.keys[0]}.guard",
            self.cluster.keys,
            message,
            is_certain=False,
            is_warning=needs,
        )

    def _finding(
        self,
        kind: FindingKind,
        keys: tuple[str, ...],
        message: str,
        values: str,
        example: dict[str, Any] | None,
        is_warning: bool = True,
    ) -> Finding:
        where = f"transitions.{keys[0]}.guard"
        is_certain = example is not None
        return Finding(kind, where, keys, message, values, example, is_certain, is_warning)

    def _title(self, n: int) -> str:
        transition = self.cluster.transitions[n]
        return transition.title or transition.key

    def _examples(self) -> list[dict[str, Any]]:
        """Return data for each branch that can be taken, to try whole cases with."""
        found = []
        for n in self.branches:
            cases = [c for c in self.cases.found if c.results[n] and self._first(c) == n]
            if self.cluster.task is not None:
                cases = [case for case in self.cases.found if case.results[n]]
            example = self.shown.example_of_one(cases)
            if example is not None:
                found.append(example)
        return found
