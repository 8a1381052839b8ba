"""A row of words for one more event, so that the admin has something to open."""

from django.db import migrations


def rows_to_edit(apps, schema_editor):
    Wording = apps.get_model("notifications", "Wording")
    for language in ("id", "en"):
        Wording.objects.get_or_create(event="officers_absent", language=language)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_needed_until")]
    operations = [migrations.RunPython(rows_to_edit, migrations.RunPython.noop)]
