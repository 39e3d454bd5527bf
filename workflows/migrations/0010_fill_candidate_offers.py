"""Tell the candidates of open work items what waits for them; the others have what is right."""

from datetime import UTC, datetime

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

ITEMS_AT_ONCE = 1_000


def fill(apps, schema_editor):
    Candidate = apps.get_model("workflows", "Candidate")
    WorkItem = apps.get_model("workflows", "WorkItem")
    never = datetime(9999, 1, 1, tzinfo=UTC)
    due = WorkItem.objects.filter(pk=OuterRef("work_item")).annotate(due=Coalesce("due_at", never))
    last = 0
    while True:
        offered = WorkItem.objects.filter(state="offered", pk__gt=last).order_by("pk")
        keys = list(offered.values_list("pk", flat=True)[:ITEMS_AT_ONCE])
        if not keys:
            return
        last = keys[-1]
        # Who claims an item meanwhile is not undone: the item is asked again.
        mine = Candidate.objects.filter(work_item__in=keys, work_item__state="offered")
        mine.filter(is_excluded=False).update(
            is_offered=True, due_at=Subquery(due.values("due")[:1])
        )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workflows", "0009_candidate_offers")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
