"""Makes a database ready, in a process of its own: tables, people, flows. Prints tokens as JSON.

Usage: python -m tests.faults.stack.seed URL-OF-THE-OUTSIDE-WORLD
"""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")
PEOPLE = ("ada", "abe", "ben", "carl", "cleo", "dana", "admin")
CROWD_SIZE = 50


def main(url: str) -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from django.contrib.auth.models import Group, User
    from knox.models import AuthToken

    from approvals.demo.company import create_company
    from tests.faults.flows import all_flows
    from workflows import flowfile, publishing, store

    create_company()
    crowd = Group.objects.create(name="crowd")
    names = [f"p{number:02}" for number in range(CROWD_SIZE)]
    crowd.user_set.set(User.objects.bulk_create(User(username=name) for name in names))
    admin = User.objects.get(username="admin")
    for text in all_flows(url):
        version = store.save_draft(flowfile.read(text), by=admin)
        publishing.publish(version, by=admin, confirm_warnings=True)
    tokens = {}
    for user in User.objects.filter(username__in=[*PEOPLE, *names]):
        tokens[user.username] = AuthToken.objects.create(user)[1]
    print(json.dumps(tokens))  # noqa: T201  read by whoever started this


if __name__ == "__main__":
    main(sys.argv[1])
