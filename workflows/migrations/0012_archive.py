"""A table for the history of cases that ended long ago, as append-only as the other."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import workflows.models.fields
from workflows import guards


def install_guards(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove_guards(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0011_inbox_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove_guards, install_guards),
        migrations.CreateModel(
            name="ArchivedEvent",
            fields=[
                ("sequence", models.PositiveIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("fired", "Fired"),
                            ("claimed", "Claimed"),
                            ("released", "Released"),
                            ("transferred", "Transferred"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("suspended", "Suspended"),
                            ("resumed", "Resumed"),
                            ("failed", "Failed"),
                            ("moved", "Tokens moved"),
                            ("skipped", "Skipped"),
                            ("repeated", "Repeated"),
                            ("data_set", "Data set"),
                            ("branch_cancelled", "Branch cancelled"),
                            ("retried", "Tried again"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "transition",
                    models.CharField(blank=True, max_length=80, verbose_name="transition"),
                ),
                (
                    "payload",
                    workflows.models.fields.OrderedJSONField(default=dict, verbose_name="payload"),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=200, null=True)),
                ("previous_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "archived event",
                "verbose_name_plural": "archived events",
                "ordering": ["case", "sequence"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="archived_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="event",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="workflows.case",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="work_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="workflows.workitem",
            ),
        ),
        migrations.AddField(
            model_name="archivedevent",
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
        migrations.AddField(
            model_name="archivedevent",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="workflows.case",
            ),
        ),
        migrations.AddField(
            model_name="archivedevent",
            name="work_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="workflows.workitem",
            ),
        ),
        migrations.AddIndex(
            model_name="archivedevent",
            index=models.Index(fields=["actor"], name="archived_event_actor"),
        ),
        migrations.AddConstraint(
            model_name="archivedevent",
            constraint=models.UniqueConstraint(
                fields=("case", "sequence"), name="archived_event_sequence_once"
            ),
        ),
        migrations.RunPython(install_guards, remove_guards),
    ]
