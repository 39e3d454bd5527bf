"""Viewflow 2: driven as its own views drive it, without HTTP, forms and templates."""

from __future__ import annotations

import importlib
import os
from types import SimpleNamespace
from typing import Any

import django
from django.db import transaction

from workflows.bench.peers.worker import Stopwatch, serve


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "workflows.bench.peers.settings"
    django.setup()
    from django.contrib.auth.models import User

    people = {
        name: User.objects.get_or_create(username=name)[0]
        for name in ("requester", "approver", "payer")
    }
    # Imported when the settings are there.
    flow = importlib.import_module("workflows.bench.peers.ormapp.flows").Whole
    Task = flow.task_class

    def submit() -> Any:
        node = flow.instance.start
        with transaction.atomic():
            activation = node.activation_class.create(node, None, None)
            _require(node.can_execute(people["requester"], activation.task))
            activation.start(SimpleNamespace(user=people["requester"]))
            activation.process.data = {"amount": 100}
            activation.execute()
        return activation.process

    def decide(process_id: int, task_id: int, by: User) -> None:
        with flow.lock(process_id), transaction.atomic():
            task = Task.objects.get(pk=task_id)
            activation = task.flow_task.activation_class(task)
            _require(task.flow_task.can_execute(by, task))
            activation.start(SimpleNamespace(user=by))
            # Its view saves the form, which is the process itself.
            activation.process.save()
            activation.execute()

    def process(stopwatch: Stopwatch) -> None:
        started = stopwatch(submit)
        for name in ("approver", "payer"):
            tasks = Task.objects.filter(process=started.pk, status="ASSIGNED")
            task_id = tasks.values_list("pk", flat=True).get()
            stopwatch(decide, started.pk, task_id, people[name])
        if flow.process_class.objects.get(pk=started.pk).status != "DONE":
            raise RuntimeError("The process has not ended.")

    serve(process)


def _require(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionError


if __name__ == "__main__":
    main()
