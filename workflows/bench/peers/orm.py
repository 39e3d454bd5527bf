"""A plain django-fsm application: a row with states, its tasks and a log, on the ORM."""

from __future__ import annotations

import os

import django
from django.db import transaction
from django.utils import timezone

from workflows.bench.peers.worker import Stopwatch, serve


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "workflows.bench.peers.settings"
    django.setup()
    from django.contrib.auth.models import User

    from workflows.bench.peers.ormapp.models import Log, Request, Task

    people = {
        name: User.objects.get_or_create(username=name)[0]
        for name in ("requester", "approver", "payer")
    }

    def submit() -> Request:
        with transaction.atomic():
            request = Request(requester=people["requester"], amount=100)
            request.submit()
            request.save()
            Task.objects.create(request=request, name="approve", assignee=people["approver"])
            Log.objects.create(request=request, actor=people["requester"], what="submitted")
        return request

    def approve(task_id: int, by: User) -> None:
        with transaction.atomic():
            request = _end(task_id, by)
            request.approve()
            request.save(update_fields=["state", "changed_at"])
            Task.objects.create(request=request, name="pay", assignee=people["payer"])
            Log.objects.create(request=request, actor=by, what="approved")

    def pay(task_id: int, by: User) -> None:
        with transaction.atomic():
            request = _end(task_id, by)
            request.pay()
            Log.objects.create(request=request, actor=by, what="paid")
            request.record()
            request.save(update_fields=["state", "changed_at"])
            Log.objects.create(request=request, actor=by, what="recorded")

    def _end(task_id: int, by: User) -> Request:
        request = Request.objects.select_for_update().get(tasks=task_id)
        task = Task.objects.get(pk=task_id, done_at=None, assignee=by)
        task.done_at = timezone.now()
        task.save(update_fields=["done_at"])
        return request

    def process(stopwatch: Stopwatch) -> None:
        request = stopwatch(submit)
        for step, by in ((approve, people["approver"]), (pay, people["payer"])):
            task_id = Task.objects.values_list("pk", flat=True).get(request=request, done_at=None)
            stopwatch(step, task_id, by)

    serve(process)


if __name__ == "__main__":
    main()
