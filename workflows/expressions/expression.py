"""An expression, compiled once and evaluated often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workflows.expressions.check import Checker, ExpressionWarning
from workflows.expressions.durations import looks_like_duration, parse_duration
from workflows.expressions.errors import EvaluationError, ExpressionError
from workflows.expressions.evaluation import Evaluator, evaluator, strict_evaluator
from workflows.expressions.operators import never_one_of
from workflows.expressions.people import Context, as_candidates
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import MAX_SOURCE, read_syntax
from workflows.expressions.tree import AtMidnight, Choice, Except, Literal, Name, Node, Union
from workflows.expressions.types import DATETIME, DURATION, PEOPLE, Kind, Type, described, fits
from workflows.expressions.values import Frame, check_result


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `names`: the fields and given names that it reads.

    `warnings` tell where it fails on some data, e.g. on a field that may be empty.
    """

    source: str
    type: Type
    tree: Node
    names: frozenset[str]
    warnings: tuple[ExpressionWarning, ...] = ()
    _run: Evaluator = field(repr=False, compare=False, default=lambda frame: None)

    def evaluate(self, values: Mapping[str, object], *, context: Context) -> object:
        """Return the value on this data: Decimal, str, bool, date, datetime, Duration, list, dict,
        Person, Candidates or None.

        The directory's own refusals (a cyclic chain of managers) pass through.

        Raises:
            EvaluationError: the expression has no value on this data, or would cost too much.
        """
        frame = Frame(values, context)
        try:
            return check_result(frame, self._run(frame))
        except EvaluationError as error:
            error.source = self.source
            raise
        except (RecursionError, MemoryError):
            raise EvaluationError("The data is nested too deeply.", source=self.source) from None


def compile_expression(source: str, *, scope: Scope, expected: Type | None = None) -> Expression:
    """Read and check an expression.

    With `expected`, the value will be of that type: a bare duration (`3 days`) is read where a
    duration is expected, a date becomes the start of its day where a date with a time is, and one
    person becomes `Candidates` where people are.

    Raises:
        ExpressionError: it is not an expression, or does not fit the scope or the expected type.
    """
    try:
        return _compile(source, scope, expected)
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", 0, source) from None


def names_requester(expression: Expression) -> bool:
    """Say whether `requester` himself stands among the people: in no function, not right of `-`."""
    pending = [expression.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Name) and node.name == "requester":
            return True
        if isinstance(node, Union):
            pending += [node.left, node.right]
        elif isinstance(node, Except):
            pending.append(node.left)
        elif isinstance(node, Choice):
            pending += [node.yes, node.no]
    return False


def _compile(source: str, scope: Scope, expected: Type | None) -> Expression:
    if expected is not None and expected.kind is Kind.DURATION and _is_bare_duration(source):
        literal = Literal(DURATION, 0, len(source), parse_duration(source))
        return Expression(source, DURATION, literal, frozenset(), (), evaluator(literal))
    syntax = read_syntax(source)
    checker = Checker(syntax, scope)
    tree = checker.check(syntax.body, expected)
    if expected is not None:
        tree = _fitted(checker, tree, expected)
    run = evaluator(tree) if expected is None else _demanding(tree, expected)
    type_ = PEOPLE if expected is not None and expected.kind is Kind.PEOPLE else tree.type
    return Expression(source, type_, tree, frozenset(checker.names), tuple(checker.warnings), run)


def _is_bare_duration(source: object) -> bool:
    return isinstance(source, str) and len(source) <= MAX_SOURCE and looks_like_duration(source)


def _fitted(checker: Checker, tree: Node, expected: Type) -> Node:
    """Return the tree, if its values may stand where `expected` is wanted.

    Raises:
        ExpressionError: they may not.
    """
    kind = expected.kind
    if isinstance(tree, Literal) and kind is tree.type.kind and not fits(tree.type, expected):
        raise never_one_of(checker, "this field", expected, tree)
    if isinstance(tree, Literal) and kind is Kind.DURATION and tree.type.kind is Kind.NUMBER:
        raise checker.error("Of what? Write 3 days, 2 working days, 4 hours or 30 s.", tree)
    if kind is Kind.DATETIME and tree.type.kind is Kind.DATE:
        midnight = replace(DATETIME, optional=tree.type.optional)
        tree = AtMidnight(midnight, tree.offset, tree.end, tree)
    takes_none = expected.optional or kind in (Kind.NONE, Kind.ANY, Kind.PEOPLE)
    is_refused_none = tree.type.kind is Kind.NONE and not takes_none
    if is_refused_none or not fits(tree.type, expected):
        wanted = replace(tree, type=replace(tree.type, optional=False))
        checker.demand(wanted, frozenset({expected.kind}), "This")
        message = f"This must be {described(expected.kind)}: {expected}, not {tree.type}."
        raise checker.error(message, tree)
    if not takes_none:
        checker.warn_if_none(tree)
    return tree


def _demanding(tree: Node, expected: Type) -> Evaluator:
    """Return the evaluator that gives values of the expected kind only."""
    if expected.kind is Kind.PEOPLE:
        kinds = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.NONE})
        run = strict_evaluator(tree, kinds, "The result")
        return lambda frame: as_candidates(run(frame))
    if expected.kind is Kind.ANY:
        return evaluator(tree)
    kinds = frozenset({expected.kind, Kind.NONE} if expected.optional else {expected.kind})
    return strict_evaluator(tree, kinds, "The result")
