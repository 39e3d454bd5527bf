"""Keep the scenarios of a version, and freeze them with it."""

from django.db import migrations

import workflows.models.fields
from workflows import guards


def install_guards(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove_guards(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0007_one_index_each"),
    ]

    operations = [
        # SQLite makes the table anew, which loses its triggers.
        migrations.RunPython(remove_guards, install_guards),
        migrations.AddField(
            model_name="flowversion",
            name="scenarios",
            field=workflows.models.fields.OrderedJSONField(
                blank=True,
                default=list,
                help_text="Sample cases with the way they should go, as in the flow file.",
                verbose_name="scenarios",
            ),
        ),
        migrations.RunPython(install_guards, remove_guards),
    ]
