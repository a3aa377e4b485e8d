from typing import Any

from django.db import migrations, models

from audit.words import searched_text


def fill(apps: Any, schema_editor: Any) -> None:
    """What a search looks at, of the entries that are there already."""
    entries = apps.get_model("audit", "AuditEntry").objects
    for entry in entries.select_related("user").iterator():
        user = entry.user
        who = f"{user.first_name} {user.last_name}" if user else ""
        what = f"{entry.object_type} {entry.object_id}"
        words = searched_text(entry.action, what, who, entry.ip_address, entry.changes)
        entries.filter(pk=entry.pk).update(words=words)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("auditentry", "words", models.TextField(default="", editable=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
