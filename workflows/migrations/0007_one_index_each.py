"""One index by each column: what a composite index begins with needs none of its own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from workflows import guards


def install_guards(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove_guards(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0006_intervention_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # SQLite makes the tables anew, which loses their triggers.
        migrations.RunPython(remove_guards, install_guards),
        migrations.AlterField(
            model_name="candidate",
            name="work_item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="candidates",
                to="workflows.workitem",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="workflows.case",
            ),
        ),
        migrations.AlterField(
            model_name="workitem",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="work_items",
                to="workflows.case",
            ),
        ),
        migrations.RunPython(install_guards, remove_guards),
    ]
