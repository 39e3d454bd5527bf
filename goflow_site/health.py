"""Is the process alive, and can it do its work: for load balancers and orchestrators."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from goflow_site.gauges import workers_seen
from goflow_site.problems import RETRY_AFTER_SECONDS

logger = logging.getLogger("goflow.health")

BROKER_TIMEOUT_SECONDS = 2


class NotReadyError(Exception):
    """Something that the work needs is missing; the text is told to whoever asks."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all that the work needs is there, else 503; the body names each part.

    Without a worker people can still work: it counts only where WORKER_REQUIRED is set.
    """
    parts = {name: _state_of(name, check) for name, check in _checks().items()}
    is_ready = all(state == "ok" for name, state in parts.items() if _matters(name))
    answer = {"status": "ok" if is_ready else "not ready", **parts}
    if is_ready:
        return JsonResponse(answer)
    return JsonResponse(answer, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _checks() -> dict[str, Callable[[], None]]:
    checks = {
        "database": _check_database,
        "migrations": _check_migrations,
        "worker": _check_worker,
    }
    if settings.CELERY_BROKER_URL:
        checks["broker"] = _check_broker
    return checks


def _matters(name: str) -> bool:
    return name != "worker" or settings.WORKER_REQUIRED


def _state_of(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReadyError as reason:
        level = logging.WARNING if _matters(name) else logging.DEBUG
        logger.log(level, "Not ready: %s: %s", name, reason)
        return str(reason)
    return "ok"


def _check_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        # The driver's text may tell host and user: it is for the log alone.
        logger.warning("The database does not answer: %s", error)
        raise NotReadyError("unreachable") from error


class _Migrated:
    """A process that has once found nothing pending need not read the migrations again."""

    is_known = False


def _check_migrations() -> None:
    if _Migrated.is_known:
        return
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise NotReadyError("unknown") from error
    if pending:
        raise NotReadyError(f"{len(pending)} pending")
    _Migrated.is_known = True


def _check_worker() -> None:
    try:
        seen = workers_seen()
    except DatabaseError as error:
        raise NotReadyError("unknown") from error
    if not seen:
        raise NotReadyError("none seen")


def _check_broker() -> None:
    # The application of Celery, with its bounds on every wait.
    from goflow_site.celery import app

    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    # Each transport has errors of its own; all of them mean the same here.
    except Exception as error:  # noqa: BLE001
        logger.warning("The broker does not answer: %s", type(error).__name__)
        raise NotReadyError("unreachable") from error
