"""The fixed table of functions. Nothing else can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from workflows.expressions import library as lib
from workflows.expressions import organisation as org
from workflows.expressions.tree import Literal, Node
from workflows.expressions.types import (
    BOOLEAN,
    DATE,
    NUMBER,
    ORDERED,
    PEOPLE,
    PERSON,
    TEXT,
    Kind,
    Type,
    join,
    optional,
    present,
)


class CallSite(Protocol):
    """The place of a call while it is checked."""

    @property
    def arguments(self) -> tuple[Node, ...]: ...

    def error(self, message: str, argument: int) -> Exception:
        """Return the error to raise, placed at one of the arguments."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kinds`: what it accepts, empty for everything. `literal`: must be written out as a text.

    `accepts_none`: none is an answer, not a mistake.
    """

    name: str
    kinds: frozenset[Kind]
    is_required: bool = True
    is_literal: bool = False
    accepts_none: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """`result` gives the type of a call, and refuses arguments that do not fit each other.

    `run` gets the frame and the loaded arguments. `cost` is in steps.
    """

    name: str
    usage: str
    parameters: tuple[Parameter, ...]
    result: Callable[[CallSite], Type]
    run: Callable[..., object]
    takes_more: bool = False
    cost: int = 0


def _takes(name: str, *kinds: Kind, required: bool = True, none: bool = False) -> Parameter:
    return Parameter(name, frozenset(kinds), is_required=required, accepts_none=none)


def _named(name: str) -> Parameter:
    return Parameter(name, frozenset({Kind.TEXT}), is_literal=True)


def _gives(type_: Type) -> Callable[[CallSite], Type]:
    return lambda site: type_


def _item_type(site: CallSite, kinds: frozenset[Kind], wanted: str) -> Type:
    item = site.arguments[0].type.item or Type(Kind.ANY)
    if item.kind not in kinds | {Kind.ANY}:
        raise site.error(f"This needs a list of {wanted}, not a {site.arguments[0].type}.", 0)
    return present(item)


def _sum(site: CallSite) -> Type:
    _item_type(site, frozenset({Kind.NUMBER}), "numbers")
    return NUMBER


def _any_or_all(site: CallSite) -> Type:
    _item_type(site, frozenset({Kind.BOOLEAN}), "true or false")
    return BOOLEAN


def _smallest(site: CallSite) -> Type:
    if len(site.arguments) == 1:
        if site.arguments[0].type.kind not in (Kind.LIST, Kind.ANY):
            raise site.error("This needs a list, or at least two values.", 0)
        return _item_type(site, ORDERED, "numbers, dates or texts")
    result = present(site.arguments[0].type)
    for position, argument in enumerate(site.arguments):
        if argument.type.kind not in ORDERED | {Kind.ANY}:
            raise site.error(f"There is no order of {argument.type.kind} values.", position)
        joined = join(result, present(argument.type))
        if joined is None:
            raise site.error("All values must be of one kind: numbers, dates or texts.", position)
        result = joined
    return result


def _date(site: CallSite) -> Type:
    first = site.arguments[0]
    if len(site.arguments) == 2:
        raise site.error("Write date(year, month, day).", 1)
    if len(site.arguments) == 3 and first.type.kind not in (Kind.NUMBER, Kind.ANY):
        raise site.error("Write date(year, month, day), with numbers.", 0)
    if len(site.arguments) == 1 and first.type.kind is Kind.NUMBER:
        raise site.error('Write date(year, month, day), or date("2026-12-31").', 0)
    if isinstance(first, Literal) and isinstance(first.value, str):
        try:
            lib.date_from_text(first.value)
        except ValueError as error:
            raise site.error(str(error), 0) from None
    return DATE


_ANYTHING: tuple[Kind, ...] = ()
_LISTED = (Kind.LIST, Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME)
_PERSON = _takes("person", Kind.PERSON, none=True)
_DIRECTORY_COST = 1_000
"""A question to the directory is a query: at most a hundred of them an evaluation."""

_TABLE = (
    Function(
        "len",
        "len(list)",
        (_takes("value", Kind.TEXT, Kind.LIST, Kind.PEOPLE),),
        _gives(NUMBER),
        lib.length,
    ),
    Function("sum", "sum(list)", (_takes("list", Kind.LIST),), _sum, lib.total),
    Function(
        "min",
        "min(a, b, ...)",
        (_takes("value", *_LISTED),),
        _smallest,
        lib.smallest,
        takes_more=True,
    ),
    Function(
        "max",
        "max(a, b, ...)",
        (_takes("value", *_LISTED),),
        _smallest,
        lib.largest,
        takes_more=True,
    ),
    Function("any", "any(list)", (_takes("list", Kind.LIST),), _any_or_all, lib.any_true),
    Function("all", "all(list)", (_takes("list", Kind.LIST),), _any_or_all, lib.all_true),
    Function(
        "round",
        "round(number, places=0)",
        (_takes("number", Kind.NUMBER), _takes("places", Kind.NUMBER, required=False)),
        _gives(NUMBER),
        lib.rounded,
    ),
    Function("abs", "abs(number)", (_takes("number", Kind.NUMBER),), _gives(NUMBER), lib.absolute),
    Function("lower", "lower(text)", (_takes("text", Kind.TEXT),), _gives(TEXT), lib.lower),
    Function("upper", "upper(text)", (_takes("text", Kind.TEXT),), _gives(TEXT), lib.upper),
    Function(
        "starts_with",
        "starts_with(text, start)",
        (_takes("text", Kind.TEXT), _takes("start", Kind.TEXT)),
        _gives(BOOLEAN),
        lib.starts_with,
    ),
    Function(
        "date",
        'date("2026-12-31")',
        (
            _takes("value", Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.NUMBER),
            _takes("month", Kind.NUMBER, required=False),
            _takes("day", Kind.NUMBER, required=False),
        ),
        _date,
        lib.make_date,
    ),
    Function(
        "days_between",
        "days_between(start, end)",
        (_takes("start", Kind.DATE), _takes("end", Kind.DATE)),
        _gives(NUMBER),
        lib.days_between,
    ),
    Function(
        "working_days_between",
        "working_days_between(start, end)",
        (_takes("start", Kind.DATE), _takes("end", Kind.DATE)),
        _gives(NUMBER),
        lib.working_days_between,
    ),
    Function(
        "exists",
        "exists(field)",
        (_takes("field", *_ANYTHING, none=True),),
        _gives(BOOLEAN),
        lib.exists,
    ),
    Function(
        "user",
        'user("ada")',
        (_named("name"),),
        _gives(optional(PERSON)),
        org.user,
        cost=_DIRECTORY_COST,
    ),
    Function("group", 'group("finance")', (_named("name"),), _gives(PEOPLE), org.group),
    Function(
        "role", 'role("head")', (_named("name"),), _gives(PEOPLE), org.role, cost=_DIRECTORY_COST
    ),
    Function(
        "manager",
        "manager(person, level=1)",
        (_PERSON, _takes("level", Kind.NUMBER, required=False)),
        _gives(optional(PERSON)),
        org.manager,
        cost=_DIRECTORY_COST,
    ),
    Function(
        "manager_chain",
        "manager_chain(person, up_to=2)",
        (_PERSON, _takes("up_to", Kind.NUMBER)),
        _gives(PEOPLE),
        org.manager_chain,
        cost=_DIRECTORY_COST,
    ),
    Function(
        "department_head",
        "department_head(person)",
        (_PERSON,),
        _gives(optional(PERSON)),
        org.department_head,
        cost=_DIRECTORY_COST,
    ),
    Function(
        "did",
        'did("task")',
        (_named("task"),),
        _gives(optional(PERSON)),
        org.did,
        cost=_DIRECTORY_COST,
    ),
    # The checker has put the field's value in the place of its name.
    Function(
        "field",
        'field("approver")',
        (_takes("name", Kind.TEXT, none=True),),
        _gives(optional(PERSON)),
        org.user,
        cost=_DIRECTORY_COST,
    ),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _TABLE}
