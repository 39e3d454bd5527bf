"""What the admin's classes share: rows that nobody edits by hand, badges, generic base classes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .forms import pretty_json

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ModelAdmin
    from django.contrib.admin import StackedInline as StackedInline
    from django.contrib.admin import TabularInline as TabularInline
    from django.forms import ModelForm as ModelForm
    from django.forms.models import BaseInlineFormSet as BaseInlineFormSet
else:
    # The stubs make these generic; the classes themselves cannot be subscripted.
    class ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, item: object) -> type:
            return cls

    class TabularInline(admin.TabularInline):
        def __class_getitem__(cls, item: object) -> type:
            return cls

    class StackedInline(admin.StackedInline):
        def __class_getitem__(cls, item: object) -> type:
            return cls

    class ModelForm(forms.ModelForm):
        def __class_getitem__(cls, item: object) -> type:
            return cls

    class BaseInlineFormSet(forms.models.BaseInlineFormSet):
        def __class_getitem__(cls, item: object) -> type:
            return cls


MOST_LISTED = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first rows of a list: to count millions would take seconds. What stands
    behind them is found by the filters."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:MOST_LISTED].count())


class ReadOnlyAdmin:
    """Mixed into an admin of rows that only the engine writes: look, never touch."""

    paginator: Any = BoundedPaginator

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in; the admin's pages let nobody else through."""
    return cast(User, request.user)


def person_shown(user: Any) -> str:
    """Return a name with the user name behind it."""
    name = user.get_full_name()
    return f"{name} ({user.get_username()})" if name else str(user.get_username())


def is_key(text: str) -> bool:
    """Tell whether a text of the address can be a primary key."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def badge(text: object, tone: str) -> SafeString:
    """Return a small label; `tone` is one of good, bad, warning, active, quiet."""
    return format_html('<span class="badge badge-{}">{}</span>', tone, text)


STATE_TONES = {
    "draft": "warning",
    "published": "good",
    "retired": "quiet",
    "running": "active",
    "suspended": "warning",
    "completed": "good",
    "cancelled": "quiet",
    "failed": "bad",
    "offered": "active",
    "claimed": "active",
    "withdrawn": "quiet",
    "due": "active",
    "done": "good",
    "incident": "bad",
    "approved": "good",
    "rejected": "bad",
    "closed": "quiet",
}


def state_badge(row: models.Model) -> SafeString:
    """Return the badge of a row with a life cycle."""
    state = getattr(row, "state", "")
    label = row.get_state_display() if hasattr(row, "get_state_display") else state
    return badge(label, STATE_TONES.get(state, "quiet"))


def moment(at: datetime | None) -> str:
    """Return a time of day as people read it, or a dash."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else "–"


def json_block(value: Any) -> str:
    """Return JSON to look at."""
    text = pretty_json(value)
    return format_html('<pre class="json">{}</pre>', text) if text else "–"
