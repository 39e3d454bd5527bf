"""Makes the peers' tables, in a database of their own."""

from __future__ import annotations

import os

import django
from django.core.management import call_command
from django.db import connection


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "workflows.bench.peers.settings"
    django.setup()
    # Those of the apps with migrations first: the others point to them.
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE spiff_state (id bigserial PRIMARY KEY, state text NOT NULL)")


if __name__ == "__main__":
    main()
