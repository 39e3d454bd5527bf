"""Goflow itself, in a process like its peers; nobody is told of a step, as there."""

from __future__ import annotations

import os

import django

from workflows.bench.peers.worker import Stopwatch, serve


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "goflow_site.settings"
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User

    from workflows import engine
    from workflows.models import WorkItem

    settings.GOFLOW_CASE_LISTENERS = []
    people = {user.username: user for user in User.objects.all()}
    open_items = WorkItem.objects.open().values_list("pk", flat=True)

    def process(stopwatch: Stopwatch) -> None:
        case = stopwatch(engine.start, "bench_whole", by=people["requester"], data={"amount": 100})
        for name, outcome in (("approver", "approve"), ("payer", "pay")):
            item = open_items.get(case=case.pk)
            case = stopwatch(engine.complete, item, by=people[name], outcome=outcome)
        if not case.is_closed:
            raise RuntimeError("The case has not ended.")

    serve(process)


if __name__ == "__main__":
    main()
