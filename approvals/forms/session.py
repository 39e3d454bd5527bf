"""Signing in."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from workflows.api.throttling import SignInAttempts


class ThrottledSignIn(AuthenticationForm):
    """Signing in, with a limit on wrong passwords per account and address, as in the API."""

    def clean(self) -> dict[str, Any]:
        request = cast(HttpRequest, self.request)
        attempts = SignInAttempts.of(request, self.cleaned_data.get("username") or "")
        try:
            attempts.require_allowed()
        except Throttled as throttled:
            message = _("Too many wrong passwords. Wait a minute, then try again.")
            raise forms.ValidationError(message, code="throttled") from throttled
        try:
            return super().clean()
        except forms.ValidationError:
            attempts.count_failure()
            raise


class SignInForm(ThrottledSignIn):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "This name and this password do not go together. Both mind capital letters."
        ),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.fields["username"].label = _("User name")
