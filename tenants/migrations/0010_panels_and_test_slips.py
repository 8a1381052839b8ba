from django.db import migrations, models

PANEL_WORDS = (
    "Untuk anjungan: ukur sisi panjang bagian yang menyala dengan penggaris. "
    "Tombol lalu paling kecil 20 mm. Kosong berarti 21,5 inci (48 cm)."
)


class Migration(migrations.Migration):

    dependencies = [
        ("tenants", "0009_road"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="panel_cm",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text=PANEL_WORDS, null=True, verbose_name="sisi panjang layar (cm)"
            ),
        ),
        migrations.AddField(
            model_name="historicaldevice",
            name="panel_cm",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text=PANEL_WORDS, null=True, verbose_name="sisi panjang layar (cm)"
            ),
        ),
        migrations.AddField(
            model_name="devicestate",
            name="test_print_at",
            field=models.DateTimeField(null=True, verbose_name="karcis percobaan diminta"),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(("panel_cm__isnull", True), ("panel_cm__range", (33, 300)), _connector="OR"),
                name="tenants_device_panel",
                violation_error_message=(
                    "Sisi panjang layar 33 sampai 300 cm. Di layar yang lebih kecil tombol 20 mm tidak muat."
                ),
            ),
        ),
    ]
