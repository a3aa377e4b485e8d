from django.db import migrations, models


class Migration(migrations.Migration):
    """Without these, each round of the sender would read everything that waits."""

    dependencies = [
        ("dms_live", "0007_verification"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                fields=["id"], condition=models.Q(("state", "pending"), ("topic", "session")), name="dms_live_sessions"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                fields=["not_before"],
                condition=models.Q(("not_before__isnull", False), ("state", "pending")),
                name="dms_live_put_off",
            ),
        ),
        migrations.AddIndex(
            model_name="capturedchange",
            index=models.Index(fields=["id"], condition=models.Q(("is_done", False)), name="dms_live_waiting"),
        ),
    ]
