"""All that is proved of a flow, in one answer for every door: pages, API and command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workflows.definition import FlowDefinition
from workflows.expressions import ExpressionError
from workflows.net import Marking, Verdict, fire, verify
from workflows.net.errors import NetError
from workflows.net.structure import source

from .checks import Check, CheckResult, Fault, Teller
from .definition_checks import (
    expression_problems,
    file_problems,
    kind_problems,
    schema_problems,
)
from .guard_problems import guard_problems, without_repetitions
from .problem import PublishProblem
from .report import GuardReport, analyse_guards
from .restricted import GuardProblem

MAX_STATES = 200_000
SECONDS = 10.0
MAX_MIB = 1_024


@dataclass(frozen=True)
class Proof:
    """The two verdicts on a flow, and all that stands against publishing it.

    `net` is the classical verdict, for guards that may fall either way; None where there is no net
    (`no_net` says why). `guards` obeys the guards; None where they cannot be read. `found` holds
    what each further check has found, by its key.
    """

    definition: FlowDefinition
    net: Verdict | None
    no_net: str
    guards: GuardReport | None
    problems: tuple[PublishProblem, ...]
    found: Mapping[str, CheckResult] = field(default_factory=dict)
    tell: Teller | None = None

    @property
    def errors(self) -> tuple[PublishProblem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_warning)

    @property
    def warnings(self) -> tuple[PublishProblem, ...]:
        return tuple(problem for problem in self.problems if problem.is_warning)

    @property
    def is_sound(self) -> bool:
        """Whether the classical verdict says so."""
        return self.net is not None and self.net.is_sound

    @property
    def can_be_published(self) -> bool:
        """Whether nothing but warnings stands against it."""
        return self.is_sound and not self.errors

    def as_dict(self) -> dict[str, object]:
        """Return the JSON of `verify_net --json`, and a key for each further part."""
        return self._as_dict

    @cached_property
    def _as_dict(self) -> dict[str, object]:
        verdict = _no_net(self.no_net) if self.net is None else self.net.as_dict()
        net_problems = () if self.net is None else self.net.problems
        faults = [Fault(p.kind, p.message, p.firing_sequence, p.marking) for p in net_problems]
        if self.net is not None:
            verdict["problems"] = [
                {**problem.as_dict(), **self._story(fault)}
                for problem, fault in zip(net_problems, faults, strict=True)
            ]
        return {
            **verdict,
            "can_be_published": self.can_be_published,
            "guards": self._guards(),
            **{key: result.as_dict() for key, result in self.found.items()},
            "errors": [problem.as_dict() for problem in self.errors],
            "warnings": [problem.as_dict() for problem in self.warnings],
        }

    def _guards(self) -> dict[str, object] | None:
        if self.guards is None or self.guards.soundness is None:
            return None
        soundness = self.guards.soundness
        return {
            "verdict": soundness.verdict,
            "problems": [
                {**problem.as_dict(), **self._story(self._fault(problem))}
                for problem in soundness.problems
            ],
            "findings": [finding.as_dict() for finding in self.guards.findings],
            "seconds": self.guards.seconds,
        }

    def _fault(self, problem: GuardProblem) -> Fault | None:
        if problem.example is None:
            return None
        net = self.definition.net()
        marking = Marking({source(net): 1})
        for key in problem.firing_sequence:
            marking = fire(net, marking, key)
        told = (problem.kind, problem.message, problem.firing_sequence)
        return Fault(*told, marking.as_dict(), problem.example)

    def _story(self, fault: Fault | None) -> dict[str, object]:
        if self.tell is None or fault is None:
            return {}
        return {"story": self.tell(self.definition, fault)}


def prove(
    definition: FlowDefinition,
    *,
    checks: Sequence[Check] = (),
    tell: Teller | None = None,
    max_states: int = MAX_STATES,
    seconds: float = SECONDS,
    max_mib: int = MAX_MIB,
) -> Proof:
    """Return what can be proved of a flow within the bounds; each part may take `seconds`.

    It never refuses: what is not even a net, or cannot be read, is told in the proof.
    """
    net, no_net = _net_verdict(definition, max_states, seconds, max_mib)
    problems = [*file_problems(definition), *schema_problems(definition)]
    guards: GuardReport | None = None
    found: dict[str, CheckResult] = {}
    if not problems:
        problems = [*expression_problems(definition), *kind_problems(definition)]
        is_readable = not any(not problem.is_warning for problem in problems)
        is_net_sound = net is not None and net.is_sound
        guards = _guard_report(definition, seconds, is_net_sound=is_net_sound)
        if guards is not None:
            problems = without_repetitions(problems, guards)
            problems += guard_problems(guards, is_net_sound=is_net_sound)
        for check in checks if is_readable else ():
            found[check.key] = check.run(definition, seconds)
            problems += found[check.key].problems
    if net is None:
        problems.append(PublishProblem("net", no_net))
    problems.sort(key=lambda problem: problem.is_warning)
    return Proof(definition, net, no_net, guards, tuple(problems), found, tell)


def _net_verdict(
    definition: FlowDefinition, max_states: int, seconds: float, max_mib: int
) -> tuple[Verdict | None, str]:
    try:
        net = definition.net()
        return verify(net, max_states=max_states, seconds=seconds, max_mib=max_mib), ""
    except NetError as error:
        return None, str(error)


def _guard_report(
    definition: FlowDefinition, seconds: float, *, is_net_sound: bool
) -> GuardReport | None:
    try:
        return analyse_guards(definition, seconds=seconds, is_net_sound=is_net_sound)
    except ExpressionError:
        return None  # It is told with its place already.


def _no_net(why: str) -> dict[str, object]:
    problem = {
        "kind": "not_workflow_net",
        "message": why,
        "firing_sequence": [],
        "marking": {},
    }
    return {
        "verdict": "unsound",
        "workflow_net": False,
        "bounded": None,
        "option_to_complete": None,
        "proper_completion": None,
        "dead_transitions": [],
        "states": 0,
        "seconds": 0.0,
        "method": "none",
        "problems": [problem],
    }
