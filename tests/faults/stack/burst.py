"""Starts many cases at once, in a process of its own: python -m tests.faults.stack.burst FLOW N."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")


def main(flow: str, count: int) -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.db import transaction

    from workflows import engine

    ada = User.objects.get(username="ada")
    for start in range(0, count, 500):
        with transaction.atomic():
            for _ in range(min(500, count - start)):
                engine.start(flow, by=ada, data={})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
