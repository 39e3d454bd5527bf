"""What requests choose from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from approvals.models import ExpenseCategory, LeaveType
from workflows.admin.base import ModelAdmin


class CodedAdmin(ModelAdmin[Any]):
    """Kinds that requests choose from, each with a code that never changes."""

    search_fields = ("title", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Cases and the API name it by its code.
        return ("code",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"code": ("title",)}


@admin.register(LeaveType)
class LeaveTypeAdmin(CodedAdmin):
    list_display = ("title", "code", "is_paid", "is_active")
    list_filter = ("is_paid", "is_active")


@admin.register(ExpenseCategory)
class ExpenseCategoryAdmin(CodedAdmin):
    list_display = ("title", "code", "is_active")
    list_filter = ("is_active",)
