"""A row of words for each event that came since and had none, so that the admin has something to open."""

from django.db import migrations

EVENTS = (
    "file_ready",
    "file_not_ready",
    "file_lacking",
    "file_rejected",
    "file_late",
    "booking_closed",
    "booking_shifted",
)


def rows_to_edit(apps, schema_editor):
    Wording = apps.get_model("notifications", "Wording")
    for event in EVENTS:
        for language in ("id", "en"):
            Wording.objects.get_or_create(event=event, language=language)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_officers_absent")]
    operations = [migrations.RunPython(rows_to_edit, migrations.RunPython.noop)]
