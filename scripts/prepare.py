"""Bring the development database up to date and load the demo company, in one start of Django."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

    import django
    from django.core.management import call_command

    django.setup()
    if has_unapplied_migrations():
        print("Bringing the database up to date ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    call_command("demo", verbosity=0)
    return 0


def has_unapplied_migrations() -> bool:
    """Ask Django's own plan: `migrate` itself takes seconds even when it has nothing to do."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    sys.exit(main())
