from django.db import migrations, models

from dms_live.trigger_migrations import CreateCaptureFunction


class Migration(migrations.Migration):
    dependencies = [
        ("dms_live", "0003_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="CapturedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.CharField(help_text="The label of the model, e.g. documents.Request.", max_length=200),
                ),
                (
                    "operation",
                    models.CharField(
                        choices=[("I", "insert"), ("U", "update"), ("D", "delete"), ("P", "published by hand")],
                        max_length=1,
                    ),
                ),
                ("key", models.TextField(help_text="The primary key.")),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "action",
                    models.CharField(blank=True, help_text="The action that publish() names.", max_length=128),
                ),
                ("actor", models.TextField(blank=True, help_text="The id of the acting user.")),
                ("transaction", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("is_done", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["model", "key"], name="dms_live_captured_row")],
            },
        ),
        migrations.AddField(
            model_name="outboxentry",
            name="is_captured",
            field=models.BooleanField(default=False, help_text="Whether a trigger noted the change.", null=True),
        ),
        CreateCaptureFunction(),
    ]
