from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dms_live", "0002_what_a_row_knows"),
    ]

    operations = [
        migrations.AddField(
            model_name="relaystate",
            name="version",
            field=models.BigIntegerField(default=0, help_text="Of the last event that was sent: see versions.py."),
        ),
    ]
