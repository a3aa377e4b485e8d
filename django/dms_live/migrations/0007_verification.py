from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dms_live", "0006_security_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("kind", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("form", models.CharField(help_text="Of the marks that it left.", max_length=64)),
                (
                    "reach",
                    models.PositiveIntegerField(help_text="For how many seconds sent rows stayed in the outbox then."),
                ),
                ("rows", models.PositiveBigIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("repaired", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="VerifiedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(help_text="The id that events have.", max_length=160)),
                ("marks", models.TextField(help_text="A digest of each field; empty: the row was published as gone.")),
                (
                    "needed",
                    models.JSONField(help_text="What an event needs at least, to report that the row is gone."),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="dms_live_verified_row")],
            },
        ),
    ]
