"""Check the hash chain and the replay of every case."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from workflows import history
from workflows.models import Case

CASES_AT_ONCE = 200


class Command(BaseCommand):
    help = (
        "Check that no event of a case was changed, removed or added behind its back, and that "
        "replaying them gives the case's marking. Exits with 1 and names the first bad event of "
        "each case."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", type=int, metavar="ID", help="only this case")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = Case.objects.order_by("pk")
        if options["case"] is not None:
            cases = cases.filter(pk=options["case"])
            if not cases.exists():
                raise CommandError(f"There is no case {options['case']}.")
        checked = events = bad = 0
        for case in cases.iterator(chunk_size=CASES_AT_ONCE):
            problems = history.verify_case(case) and _verify_locked(case.pk)
            checked += 1
            events += case.history_length
            bad += bool(problems)
            for problem in problems:
                self.stderr.write(problem)
        if bad:
            raise CommandError(
                f"{bad} of {checked} cases have a history that is not as it was written."
            )
        self.stdout.write(f"{checked} cases with {events} events are as they were written.")


def _verify_locked(case_id: int) -> list[str]:
    """Check the case again while it stands still: a step in between would look like a fault."""
    with transaction.atomic():
        return history.verify_case(Case.objects.locked().get(pk=case_id))
