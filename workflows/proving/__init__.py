"""What is proved of a flow before it is published: its net, its guards, and what else is checked.

See docs/soundness.md.
"""

from workflows.proving.analysis import ClusterAnalysis
from workflows.proving.checks import Check, CheckResult, Fault, Teller
from workflows.proving.clusters import Cluster, clusters_of
from workflows.proving.findings import Finding, FindingKind
from workflows.proving.problem import PublishProblem
from workflows.proving.proof import Proof, prove
from workflows.proving.report import GuardReport, analyse_guards
from workflows.proving.restricted import GuardProblem, GuardVerdict

__all__ = [
    "Check",
    "CheckResult",
    "Cluster",
    "ClusterAnalysis",
    "Fault",
    "Finding",
    "FindingKind",
    "GuardProblem",
    "GuardReport",
    "GuardVerdict",
    "Proof",
    "PublishProblem",
    "Teller",
    "analyse_guards",
    "clusters_of",
    "prove",
]
