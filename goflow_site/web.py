"""Gunicorn's configuration on a server: `gunicorn -c python:goflow_site.web goflow_site.wsgi`.

Gunicorn's own variables, `WEB_CONCURRENCY` and `GUNICORN_CMD_ARGS`, win over what stands here.
"""

from __future__ import annotations

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

from django.conf import settings  # noqa: E402  needs the settings' name, and reads `.env`

from goflow_site.serving import forget_times  # noqa: E402

# Reading any of the settings loads them: what stands in `.env` is in the environment afterwards.
logconfig_dict: dict[str, Any] = {
    **settings.LOGGING,
    # Gunicorn's lines in the form of all others; who asked for what is in goflow.access.
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": False},
    },
}
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
# A request that takes longer is given up with its process; statements end long before.
timeout = 90
# People think between pages: a connection that waits holds no thread, and a new one costs more.
# Longer than proxies keep theirs (60 s), so that none sends into a connection just closed.
keepalive = 75
# On SIGTERM, requests at hand are answered first.
graceful_timeout = 30
control_socket_disable = True


def post_worker_init(_worker: object) -> None:
    """Leave what is loaded to itself, and work beside the pages, in this very process, where that
    is wanted."""
    # The collector would look through all of it again and again, in the midst of some page.
    gc.collect()
    gc.freeze()
    if settings.GOFLOW_EMBEDDED_WORKER:
        # The apps are loaded by now.
        from workflows.jobs.loop import start_embedded_worker

        start_embedded_worker()


def on_starting(_server: object) -> None:
    forget_times(settings.PROMETHEUS_MULTIPROC_DIR)
