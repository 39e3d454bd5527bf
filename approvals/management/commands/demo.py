"""Load the demo company."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from approvals import demo
from approvals.demo.company import PASSWORD, PEOPLE


class Command(BaseCommand):
    help = (
        "Load the demo company: people, flows and a few requests. Running it again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo company has a password that everybody knows, so it is loaded only where "
                "DEBUG is on. Set DEBUG=1 for a trial."
            )
        demo.create_company()
        versions = demo.publish_flows()
        count = demo.create_samples()
        for version in versions:
            self.stdout.write(f"Published {version}.")
        if count:
            self.stdout.write(f"Created {count} requests.")
        names = ", ".join(sorted(person.username for person in PEOPLE))
        self.stdout.write(f"Accounts: {names}, admin. Password: {PASSWORD}")
