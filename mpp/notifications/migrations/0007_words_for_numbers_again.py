"""A row of words for the event "numbers again", so that the admin has something to open."""

from django.db import migrations


def rows_to_edit(apps, schema_editor):
    Wording = apps.get_model("notifications", "Wording")
    for event, language in (("numbers_again", "id"), ("numbers_again", "en")):
        Wording.objects.get_or_create(event=event, language=language)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_words_to_edit")]
    operations = [migrations.RunPython(rows_to_edit, migrations.RunPython.noop)]
