"""Who works where, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from approvals.forms.office import OfficeForm
from approvals.models import Department, Employee, Office
from workflows.admin.base import ModelAdmin, StackedInline


@admin.register(Department)
class DepartmentAdmin(ModelAdmin[Department]):
    list_display = ("name", "head", "people")
    search_fields = ("name",)
    autocomplete_fields = ("head",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        departments = super().get_queryset(request).select_related("head__user")
        return departments.annotate(people_count=Count("employees"))

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, department: Department) -> int:
        return int(getattr(department, "people_count", 0))


@admin.register(Office)
class OfficeAdmin(ModelAdmin[Office]):
    form = OfficeForm
    list_display = ("name", "is_default", "time_zone", "country", "opens", "closes", "people")
    search_fields = ("name", "country", "time_zone")
    fieldsets = (
        (None, {"fields": ("name", "is_default", "time_zone")}),
        (
            _("Office hours"),
            {"fields": ("weekdays", ("opens", "closes"), ("break_from", "break_to"))},
        ),
        (_("Public holidays"), {"fields": ("country", "subdivision")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Office]:
        return super().get_queryset(request).annotate(people_count=Count("employees"))

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, office: Office) -> int:
        return int(getattr(office, "people_count", 0))


@admin.register(Employee)
class EmployeeAdmin(ModelAdmin[Employee]):
    list_display = ("name", "username", "department", "job_title", "role", "manager", "is_active")
    list_filter = ("department", "role", "user__is_active")
    list_select_related = ("user", "department", "manager__user")
    search_fields = ("user__username", "user__first_name", "user__last_name", "job_title")
    autocomplete_fields = ("user", "department", "manager", "office")

    @admin.display(description=_("name"), ordering="user__first_name")
    def name(self, employee: Employee) -> str:
        return str(employee)

    @admin.display(description=_("user name"), ordering="user__username")
    def username(self, employee: Employee) -> str:
        return employee.user.get_username()

    @admin.display(description=_("active"), boolean=True, ordering="user__is_active")
    def is_active(self, employee: Employee) -> bool:
        return employee.user.is_active


if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin


class EmployeeInline(StackedInline[Employee, User]):
    model = Employee
    autocomplete_fields = ("department", "manager", "office")
    verbose_name_plural = _("in the company")
    can_delete = False


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(_UserAdmin):
    """Django's own, with the person's place in the company."""

    inlines = (EmployeeInline,)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        # Django asks for name and password first, and for the rest on the next page.
        return self.inlines if obj else ()
