"""The typed expression language of guards, assignments, due dates and data updates.

Python's expression syntax, its own types and its own evaluator: see docs/expressions.md.
"""

from workflows.expressions.check import ExpressionWarning
from workflows.expressions.durations import Duration
from workflows.expressions.errors import EvaluationError, ExpressionError
from workflows.expressions.expression import Expression, compile_expression, names_requester
from workflows.expressions.people import Candidates, Context, Person
from workflows.expressions.scope import GIVEN_NAMES, Scope, scope_of
from workflows.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NONE,
    NUMBER,
    PEOPLE,
    PERSON,
    TEXT,
    Field,
    Kind,
    Type,
    list_of,
    one_of,
    optional,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DURATION",
    "GIVEN_NAMES",
    "NONE",
    "NUMBER",
    "PEOPLE",
    "PERSON",
    "TEXT",
    "Candidates",
    "Context",
    "Duration",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "ExpressionWarning",
    "Field",
    "Kind",
    "Person",
    "Scope",
    "Type",
    "compile_expression",
    "list_of",
    "names_requester",
    "one_of",
    "optional",
    "scope_of",
]
