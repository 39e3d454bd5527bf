"""Indexes from which a work list reads its pages, in their order."""

from django.db import migrations, models

from workflows.migrating import AddIndexOnline

OFFERED = models.Q(is_offered=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workflows", "0010_fill_candidate_offers")]

    operations = [
        AddIndexOnline(
            model_name="candidate",
            index=models.Index(
                fields=["user", "is_offered", "due_at", "work_item"],
                condition=OFFERED,
                name="candidate_user_due",
            ),
        ),
        AddIndexOnline(
            model_name="candidate",
            index=models.Index(
                fields=["user", "is_offered", "work_item"],
                condition=OFFERED,
                name="candidate_user_opened",
            ),
        ),
        AddIndexOnline(
            model_name="candidate",
            index=models.Index(
                fields=["group", "is_offered", "due_at", "work_item"],
                condition=OFFERED,
                name="candidate_group_due",
            ),
        ),
        AddIndexOnline(
            model_name="candidate",
            index=models.Index(
                fields=["group", "is_offered", "work_item"],
                condition=OFFERED,
                name="candidate_group_opened",
            ),
        ),
        AddIndexOnline(
            model_name="workitem",
            index=models.Index(
                fields=["claimed_by", "state"],
                condition=models.Q(state="claimed"),
                name="work_item_claimed",
            ),
        ),
        AddIndexOnline(
            model_name="workitem",
            index=models.Index(
                fields=["completed_by", "closed_at", "id"],
                condition=models.Q(completed_by__isnull=False),
                name="work_item_completed",
            ),
        ),
    ]
