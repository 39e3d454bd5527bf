"""Signing in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from approvals.forms.session import SignInForm

DEMO_PASSWORD = "goflow"  # noqa: S105  printed in the README; only where DEBUG is on


class SignIn(views.LoginView):
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEBUG:
            context |= {"demo_accounts": demo_accounts(), "demo_password": DEMO_PASSWORD}
        return context


class SignOut(views.LogoutView):
    """POST only: a link cannot sign anybody out."""


def demo_accounts() -> list[tuple[str, str]]:
    """Return the demo company's accounts, those whose mail address says that they are its, and who
    they are."""
    people = User.objects.filter(is_active=True, email__endswith="@demo.example").order_by("pk")
    return [
        (user.get_username(), _describe(user))
        for user in people.select_related("employee__department")
    ]


def _describe(user: User) -> str:
    employee = getattr(user, "employee", None)
    if employee is None:
        return _("administrator")
    parts = [employee.job_title, employee.department.name if employee.department else ""]
    return ", ".join(part for part in parts if part)
