"""Let candidates tell what waits for them, so that a work list is found by an index."""

from datetime import UTC, datetime

from django.db import migrations, models

from workflows import guards


def install_guards(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove_guards(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0008_flowversion_scenarios")]

    operations = [
        migrations.RunPython(remove_guards, install_guards),
        # With a constant default, PostgreSQL and MariaDB add a column without writing a row.
        migrations.AddField(
            model_name="candidate",
            name="is_offered",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="candidate",
            name="due_at",
            field=models.DateTimeField(default=datetime(9999, 1, 1, tzinfo=UTC), editable=False),
        ),
        # From here on the database keeps the columns; what is open already follows.
        migrations.RunPython(install_guards, remove_guards),
    ]
