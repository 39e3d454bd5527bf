"""Give the jobs that are there their case and a key; all of them run a service task."""

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    Job = apps.get_model("workflows", "Job")
    WorkItem = apps.get_model("workflows", "WorkItem")
    owner = WorkItem.objects.filter(pk=OuterRef("work_item_id")).values("case_id")[:1]
    Job.objects.filter(case=None).update(case_id=Subquery(owner), created_at=F("due_at"))
    for job in Job.objects.filter(key=None).iterator(chunk_size=500):
        # The key under which their handlers have called the outside before.
        Job.objects.filter(pk=job.pk).update(key=str(job.work_item_id))


def keep(apps: Any, schema_editor: Any) -> None:
    """Going back drops the columns with what is in them."""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0003_outbox")]
    operations = [migrations.RunPython(fill, keep)]
