from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

logger = logging.getLogger("goflow.refusals")


class GoflowAdminConfig(AdminConfig):
    """The admin under Goflow's own name."""

    default_site = "goflow_site.admin_site.GoflowAdminSite"


class SiteConfig(AppConfig):
    """Connects the portal to what watches it."""

    name = "goflow_site"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_login_failed

        from goflow_site import metrics
        from workflows import telemetry

        telemetry.subscribe(metrics.observe_step)
        telemetry.worker_started.connect(metrics.serve_worker_metrics)
        user_login_failed.connect(_log_failed_sign_in)


def _log_failed_sign_in(*, credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    """Tell the account, not what was typed: now and then a password stands in the wrong field."""
    from django.contrib.auth.models import User

    found = User.objects.filter(username=credentials.get("username", "")).values_list("pk").first()
    logger.warning(
        "Sign-in refused: %s, from %s",
        f"user {found[0]}" if found else "no such user",
        request.META.get("REMOTE_ADDR", "") if request else "",
    )
