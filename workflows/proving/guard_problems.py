"""What the guards of a flow mean for publishing it."""

from __future__ import annotations

from collections.abc import Iterable

from .findings import FindingKind
from .problem import PublishProblem
from .report import GuardReport
from .restricted import GuardProblem


def guard_problems(report: GuardReport, *, is_net_sound: bool) -> list[PublishProblem]:
    """Return what stands against publishing: errors where a case was seen to get stuck with example
    data, warnings for gaps, dead branches and what could not be decided.

    Where the net itself is at fault, that comes first: of the second verdict nothing is told.
    """
    found = [
        PublishProblem(f.where, f.message, is_warning=True, example=f.example)
        for f in report.warnings
    ]
    if report.soundness is None or not is_net_sound:
        return found
    shown = [problem for problem in report.soundness.problems if problem.example is not None]
    if shown:
        return found + [_problem(problem, is_warning=False) for problem in shown]
    doubts = [p for p in report.soundness.problems if p.kind != "never_taken"]
    return found + [_problem(problem, is_warning=True) for problem in doubts]


def without_repetitions(
    problems: Iterable[PublishProblem], report: GuardReport
) -> list[PublishProblem]:
    """Return the problems without the warning that a guard may fail, where the report tells of the
    same guard with which data it does."""
    told = {found.where for found in report.findings if found.kind is FindingKind.FAILS}
    return [p for p in problems if not (p.is_warning and p.where in told)]


def _problem(problem: GuardProblem, *, is_warning: bool) -> PublishProblem:
    where = "net"
    if problem.places:
        where = f"places.{problem.places[0]}"
    elif problem.transitions:
        where = f"transitions.{problem.transitions[0]}"
    return PublishProblem(
        where, problem.message, is_warning, problem.example, problem.firing_sequence
    )
