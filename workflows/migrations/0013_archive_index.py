"""An index of the cases that are still to be archived."""

from django.db import migrations, models

from workflows.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("workflows", "0012_archive")]

    operations = [
        AddIndexOnline(
            model_name="case",
            index=models.Index(
                fields=["archived_at", "ended_at"],
                condition=models.Q(archived_at__isnull=True, ended_at__isnull=False),
                name="case_to_archive",
            ),
        ),
    ]
