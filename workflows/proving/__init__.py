"""What a flow's guards do with data: gaps, overlaps, dead branches; soundness with guards.

See docs/soundness.md, "Guards".
"""

from workflows.proving.analysis import ClusterAnalysis
from workflows.proving.clusters import Cluster, clusters_of
from workflows.proving.findings import Finding, FindingKind
from workflows.proving.report import GuardReport, analyse_guards
from workflows.proving.restricted import GuardProblem, GuardVerdict

__all__ = [
    "Cluster",
    "ClusterAnalysis",
    "Finding",
    "FindingKind",
    "GuardProblem",
    "GuardReport",
    "GuardVerdict",
    "analyse_guards",
    "clusters_of",
]
