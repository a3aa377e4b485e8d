from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dms_live", "0004_captured_changes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="capturedchange",
            index=models.Index(fields=["transaction", "id"], name="dms_live_captured_by"),
        ),
        # A process of an earlier version, which makes the row without this column, must be able to.
        migrations.AlterField(
            model_name="relaystate",
            name="version",
            field=models.BigIntegerField(
                default=0, help_text="Of the last event that was sent: see versions.py.", null=True
            ),
        ),
    ]
