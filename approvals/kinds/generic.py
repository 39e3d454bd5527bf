"""Every other request: form, summary and page come from the flow's schema alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from approvals import drafts
from approvals.attachments import NewFiles
from approvals.forms import RequestForm, SchemaForm
from approvals.models import Request
from approvals.policies import Problem
from approvals.summary import KeyField, Section, Titles, fields_of, summary_names
from workflows import data as case_data

from .base import LineTable, Schema, Values

ICONS = {"purchase": "shopping-cart", "travel": "plane"}


class GenericKind:
    """A kind for one flow key, with no rows of its own: the request's `data` is its draft."""

    form_template = "approvals/schema_form.html"
    own_fields: frozenset[str] = frozenset()

    def __init__(self, flow_key: str, schema: Schema) -> None:
        self.icon = ICONS.get(flow_key, "file-text")
        self.prefix = flow_key.replace("_", "")[:3].upper()
        self.schema = schema

    def fits(self, schema: Schema) -> bool:
        return True

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
        form = SchemaForm(
            data,
            files,
            initial=None if request is None else self._values(request),
            schema=schema,
            is_submitting=is_submitting,
        )
        return RequestForm(form)

    def write(self, form: RequestForm, request: Request, *, by: User, files: NewFiles) -> None:
        drafts.write_values(request, values=cast(SchemaForm, form.form).values)

    def case_data(self, request: Request) -> dict[str, object]:
        return self._values(request)

    def problems(self, request: Request, *, today: date) -> list[Problem]:
        return []

    def apply(self, request: Request, values: Values) -> None:
        """Nothing to do: the case's data is all that is known of a submitted request."""

    def titles(self) -> Titles:
        return {}

    def key_fields(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[KeyField]:
        names = summary_names(schema)
        return fields_of(schema, values, names=names, titles=titles, hidden=hidden)

    def sections(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[Section]:
        return [Section(_("Request"), fields_of(schema, values, titles=titles, hidden=hidden))]

    def lines(
        self, request: Request, schema: Schema, values: Values, *, hidden: Collection[str] = ()
    ) -> LineTable | None:
        return None

    def _values(self, request: Request) -> dict[str, object]:
        return case_data.read(self.schema, request.data)
