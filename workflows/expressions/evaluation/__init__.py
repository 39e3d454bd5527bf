"""From the typed tree to Python closures, which evaluate it. Nothing here reads source text."""

from workflows.expressions.evaluation import access, arithmetic, calls, logic
from workflows.expressions.evaluation.building import Evaluator, evaluator, strict_evaluator

__all__ = [
    "Evaluator",
    "access",
    "arithmetic",
    "calls",
    "evaluator",
    "logic",
    "strict_evaluator",
]
