"""All about a flow's guards, in one answer."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from workflows.definition import FlowDefinition
from workflows.expressions.ranges import MAX_CASES
from workflows.net.errors import NetError
from workflows.proving.analysis import ClusterAnalysis, analyse
from workflows.proving.clusters import clusters_of
from workflows.proving.findings import Finding
from workflows.proving.guardless import decides_nothing
from workflows.proving.restricted import GuardVerdict, soundness_with_guards


@dataclass(frozen=True, slots=True)
class GuardReport:
    """`soundness` is None where the net is no workflow net."""

    clusters: tuple[ClusterAnalysis, ...]
    soundness: GuardVerdict | None
    seconds: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for cluster in self.clusters for finding in cluster.findings)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_warning)

    def as_dict(self) -> dict[str, object]:
        return {
            "soundness": None if self.soundness is None else self.soundness.as_dict(),
            "clusters": [cluster.as_dict() for cluster in self.clusters],
            "seconds": self.seconds,
        }


def analyse_guards(
    definition: FlowDefinition,
    *,
    at_most: int = MAX_CASES,
    seconds: float = math.inf,
    with_soundness: bool = True,
    is_net_sound: bool = False,
) -> GuardReport:
    """Return what the guards of a flow do, looking at no more than `at_most` cases a choice.

    Half of the `seconds` are for the choices, the rest for whole cases and the second verdict.
    `is_net_sound`: the classical verdict has said so, which settles the second one where data
    decide nothing.

    The flow has passed the checks of its file, its schema and its expressions.

    Raises:
        workflows.expressions.ExpressionError: a guard cannot be read.
    """
    began = time.monotonic()
    soon = began + seconds / 2
    clusters = tuple(
        analyse(cluster, definition, at_most=at_most, deadline=soon)
        for cluster in clusters_of(definition)
    )
    soundness = None
    if is_net_sound and decides_nothing(definition):
        soundness = GuardVerdict("proved", ())
    elif with_soundness:
        try:
            soundness = soundness_with_guards(definition, clusters, deadline=began + seconds)
        except NetError:
            soundness = None
    return GuardReport(clusters, soundness, round(time.monotonic() - began, 6))
