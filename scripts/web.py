"""Gunicorn's configuration under `make run`: prepare the database, then serve.

Django is loaded once and forked: the preparation costs no start of its own, and a worker that dies
is replaced in a moment.
"""

from __future__ import annotations

import io

preload_app = True
worker_class = "gthread"
threads = 8
graceful_timeout = 5
loglevel = "warning"
control_socket_disable = True


def on_starting(_server: object) -> None:
    """Bring the database up to date and load the demo company. Gunicorn listens only afterwards."""
    from django.core.management import call_command
    from django.db import connections

    if _has_unapplied_migrations():
        print("Bringing the database up to date ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    # What it says, run.py says at the end, when the address is there too.
    call_command("demo", stdout=io.StringIO())
    # A connection must not be shared by the processes that are forked next.
    connections.close_all()


def _has_unapplied_migrations() -> bool:
    """Ask Django's own plan: `migrate` itself takes seconds even when it has nothing to do."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
