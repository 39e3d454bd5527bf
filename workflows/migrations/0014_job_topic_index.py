"""An index of what waits for the external workers of a topic, beside many jobs of others."""

from django.db import migrations, models

from workflows.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workflows", "0013_archive_index")]

    operations = [
        AddIndexOnline(
            model_name="job",
            index=models.Index(fields=["topic", "state", "due_at"], name="job_topic_due"),
        ),
    ]
