"""What the portal must know of a kind of request, beside its flow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.contrib.auth.models import User

from approvals.attachments import NewFiles
from approvals.forms import RequestForm
from approvals.models import Request
from approvals.policies import Problem
from approvals.summary import KeyField, Section, Titles, properties

Schema = Mapping[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of the table of lines; `key`, the line's primary key, finds its receipts."""

    date: date
    category: str
    description: str
    amount_text: str
    key: int | None = None


@dataclass(frozen=True, slots=True)
class LineTable:
    rows: list[LineRow]
    total_text: str


class RequestKind(Protocol):
    """One kind of request: its form, its rows, and how it reads.

    `prefix` begins its numbers. `own_fields` are the fields of the case's data that its form fills.
    """

    icon: str
    prefix: str
    form_template: str
    own_fields: frozenset[str]

    def fits(self, schema: Schema) -> bool:
        """Say whether a flow's schema has the fields, of the types, that this kind works with."""

    def form(
        self,
        *,
        user: User,
        schema: Schema,
        request: Request | None = None,
        data: Any = None,
        files: Any = None,
        is_submitting: bool = False,
        add_line: bool = False,
    ) -> RequestForm:
        """Return the form of a new request or of `request`, bound where `data` is given.

        `is_submitting` asks for all that a submission needs; a draft may be incomplete. `add_line`
        gives the form back as it was filled in, with one more line.
        """

    def write(self, form: RequestForm, request: Request, *, by: User, files: NewFiles) -> None:
        """Write what a valid form says to the rows of `request`."""

    def case_data(self, request: Request) -> dict[str, object]:
        """Return the data with which the case of `request` starts."""

    def problems(self, request: Request, *, today: date) -> list[Problem]:
        """Return what the company's rules have against submitting `request`."""

    def apply(self, request: Request, values: Values) -> None:
        """Make the rows of `request` say what the case's data says.

        Raises:
            workflows.errors.InvalidData: the data contradicts itself or names what does not exist.
        """

    def titles(self) -> Titles:
        """Return the titles of codes that stand in rows, by field."""

    def key_fields(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[KeyField]:
        """Return what tells this request from others in a list."""

    def sections(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[Section]:
        """Return all of the request's fields that hold something."""

    def lines(
        self, request: Request, schema: Schema, values: Values, *, hidden: Collection[str] = ()
    ) -> LineTable | None:
        """Return the lines of the request, if it has lines."""


def requires(schema: Schema, fields: Mapping[str, str]) -> bool:
    """Say whether `schema` requires all `fields`, each of its type: a JSON type or `date`."""
    known = properties(schema)
    required = schema.get("required", ())
    return all(
        name in required and _type_of(known.get(name, {})) == wanted
        for name, wanted in fields.items()
    )


def _type_of(field: Mapping[str, Any]) -> str:
    if field.get("x-type") == "decimal":
        return "number"
    return "date" if field.get("format") == "date" else str(field.get("type", ""))
