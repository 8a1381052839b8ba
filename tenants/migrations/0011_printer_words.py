from django.db import migrations, models

STATES = [
    ("UNKNOWN", "belum diketahui"),
    ("READY", "siap"),
    ("PAPER_LOW", "kertas hampir habis"),
    ("PAPER_OUT", "kertas habis"),
    ("COVER_OPEN", "tutup printer terbuka"),
    ("JAMMED", "kertas atau pemotong macet"),
    ("OFF", "mati atau kabelnya lepas"),
    ("SILENT", "tidak menjawab"),
    ("REFUSED", "alamatnya tidak diizinkan"),
    ("NO_DRIVER", "pustaka printer belum terpasang"),
]


class Migration(migrations.Migration):

    dependencies = [
        ("tenants", "0010_panels_and_test_slips"),
    ]

    operations = [
        migrations.AlterField(
            model_name="devicestate",
            name="printer",
            field=models.CharField(choices=STATES, default="UNKNOWN", max_length=12, verbose_name="printer"),
        ),
    ]
