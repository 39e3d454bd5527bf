"""The rows of a version's net on its page: places, tasks, transitions, arcs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.models import Arc, FlowVersion, Place, Task, Transition

from .base import TabularInline, json_block
from .rowforms import ArcForm, PlaceForm, TaskForm, TransitionForm, row_texts
from .rowsets import ArcRowSet, RowSet, TransitionRowSet

Lines = tuple[str | tuple[str, ...], ...]


class NetInline(TabularInline[Any, FlowVersion]):
    """Rows of a net. Who may change the version may change its rows, while it is a draft.

    `fields` says which fields stand below each other in one column; `readonly_columns` the same for
    a version that nobody may change.
    """

    template = "admin/workflows/flowversion/net_inline.html"
    formset = RowSet
    readonly_columns: ClassVar[Lines] = ()
    explanation: Any = ""

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj else 3

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if self._is_editable(request, obj) else self.readonly_columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self._is_editable(request, obj):
            return ()
        # Some of them are no fields of the form, which Django must not look for there.
        return flatten(self.readonly_columns)

    def rows_of(self, request: HttpRequest, version: FlowVersion) -> models.QuerySet[Any]:
        """Return the rows of a version, with what is shown of them."""
        return self.get_queryset(request).filter(version=version)

    def _is_editable(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return request.user.has_perm("workflows.add_flowversion")
        return bool(obj.is_draft) and request.user.has_perm("workflows.change_flowversion")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class PlaceInline(NetInline):
    model = Place
    form = PlaceForm
    fields = ("key", "title")
    readonly_columns = ("key", "title")
    explanation = _(
        "Where a case can be. It begins in the place that nothing leads to and ends in the one "
        "that leads nowhere; there is one of each."
    )


class TaskInline(NetInline):
    model = Task
    form = TaskForm
    fields = (
        ("key", "title"),
        ("kind", "due"),
        ("assign", "otherwise"),
        "form",
        ("seats", "options"),
    )
    readonly_columns = (
        ("key", "title"),
        ("kind", "due"),
        ("assign", "otherwise"),
        "form_json",
        ("seats_json", "options_json"),
    )
    explanation = _(
        "Pieces of work. How a task can end are the transitions that name it: each is a button. "
        "“Form” says what may be done with each field of the data: "
        '{"amount": "read", "comment": "edit"}.'
    )

    @admin.display(description=_("form"))
    def form_json(self, task: Task) -> str:
        return json_block(task.form)

    @admin.display(description=_("seats"))
    def seats_json(self, task: Task) -> str:
        return json_block(task.seats)

    @admin.display(description=_("options"))
    def options_json(self, task: Task) -> str:
        return json_block(task.options)


class TransitionInline(NetInline):
    model = Transition
    form = TransitionForm
    formset = TransitionRowSet
    fields = (
        ("key", "title"),
        ("task_key", "outcome"),
        ("inputs", "outputs"),
        ("guard", "assignments"),
        ("priority", "is_default"),
        ("reads", "inhibitors", "resets"),
    )
    readonly_columns = (
        ("key", "title"),
        ("task_key", "outcome"),
        ("inputs", "outputs"),
        ("guard", "assignments_json"),
        ("priority", "default_shown"),
        ("reads", "inhibitors", "resets"),
    )
    explanation = _(
        "Steps from place to place, by key: “start, checked*2” takes one token from start and two "
        "from checked. A row that names a task and an outcome is a button of that task; the others "
        "fire by themselves when their guard holds. “Set” writes data, by expressions: "
        '{"decision": "\'approved\'"}.'
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("task").prefetch_related("arcs__place")

    @admin.display(description=_("task"))
    def task_key(self, transition: Transition) -> str:
        return row_texts(transition)["task_key"]

    @admin.display(description=_("from"))
    def inputs(self, transition: Transition) -> str:
        return row_texts(transition)["inputs"]

    @admin.display(description=_("to"))
    def outputs(self, transition: Transition) -> str:
        return row_texts(transition)["outputs"]

    @admin.display(description=_("reads"))
    def reads(self, transition: Transition) -> str:
        return row_texts(transition)["reads"]

    @admin.display(description=_("inhibitors"))
    def inhibitors(self, transition: Transition) -> str:
        return row_texts(transition)["inhibitors"]

    @admin.display(description=_("resets"))
    def resets(self, transition: Transition) -> str:
        return row_texts(transition)["resets"]

    @admin.display(description=_("default"))
    def default_shown(self, transition: Transition) -> str:
        return gettext("default") if transition.is_default else ""

    @admin.display(description=_("set"))
    def assignments_json(self, transition: Transition) -> str:
        return json_block(transition.assignments)


class ArcInline(NetInline):
    model = Arc
    form = ArcForm
    formset = ArcRowSet
    fields = ("transition_key", "kind", "place_key", "weight")
    readonly_columns = ("transition_key", "kind", "place_key", "weight")
    classes = ("collapse",)
    explanation = _(
        "The same arcs as in the rows of the transitions, one a row. An arc may be changed here or "
        "there, not in both at once."
    )

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("transition", "place")

    @admin.display(description=_("transition"))
    def transition_key(self, arc: Arc) -> str:
        return arc.transition.key

    @admin.display(description=_("place"))
    def place_key(self, arc: Arc) -> str:
        return arc.place.key
