"""The kinds of requests, found by the key of their flow.

A flow with a kind of its own keeps it only while its schema has the fields that the kind needs: an
administrator may publish a flow of the same name with a form that is entirely different.
"""

from __future__ import annotations

from approvals.models import Request
from workflows import store
from workflows.models import Flow

from .base import LineRow, LineTable, RequestKind, Schema
from .expense import ExpenseKind
from .generic import GenericKind
from .leave import LeaveKind

__all__ = [
    "LineRow",
    "LineTable",
    "RequestKind",
    "Schema",
    "kind_for",
    "kind_of",
    "schema_for",
    "schema_of",
]

KINDS: dict[str, RequestKind] = {"leave": LeaveKind(), "expense": ExpenseKind()}


def kind_for(flow_key: str, schema: Schema) -> RequestKind:
    """Return the kind of the requests of a flow with this data schema."""
    kind = KINDS.get(flow_key)
    if kind is not None and kind.fits(schema):
        return kind
    return GenericKind(flow_key, schema)


def schema_of(request: Request) -> Schema:
    """Return the data schema of a request: its case's, or for a draft the published one.

    Raises:
        UnknownFlow: a draft's flow is no longer published.
    """
    if request.case is not None:
        return request.case.version.data_schema  # type: ignore[no-any-return]  # a JSON field
    return schema_for(request.flow)


def schema_for(flow: Flow) -> Schema:
    """Return the data schema that a new request of `flow` takes.

    Raises:
        UnknownFlow: the flow is not published.
    """
    return store.published_version(flow.key).data_schema  # type: ignore[no-any-return]


def kind_of(request: Request) -> RequestKind:
    return kind_for(request.flow.key, schema_of(request))
