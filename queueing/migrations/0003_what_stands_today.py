"""Carry what is there into the new tables: lanes, waiting counts, shares; and the rules of the hall."""

from django.db import migrations

COUNT = """
UPDATE queueing_ticket SET lane = 'X' WHERE priority <> '';
DELETE FROM queueing_waitingblock;
INSERT INTO queueing_waitingblock (line_id, lane, minute, service_id, waiting)
SELECT line_id, lane, floor(extract(epoch FROM arrived_at) / 60), service_id, count(*)
FROM queueing_ticket WHERE state = 'WAITING' GROUP BY 1, 2, 3, 4;
"""

# A day that has begun goes on as one share for everyone.
SHARE = """
INSERT INTO queueing_share (line_id, name, reserved, taken)
SELECT id, 'REST', greatest(quota, last_number), last_number FROM queueing_queueday WHERE quota IS NOT NULL;
UPDATE queueing_ticket SET share_id = queueing_share.id
FROM queueing_share WHERE queueing_share.line_id = queueing_ticket.queue_day_id;
"""

UU25 = "UU 25/2009 pasal 29; PermenPANRB 11/2024"
CLASSES = [
    ("GENERAL", "Perlu didahulukan", UU25, False),
    ("ELDERLY", "Lansia 60 tahun ke atas", UU25, False),
    ("DISABILITY", "Penyandang disabilitas", "UU 8/2016; " + UU25, False),
    ("PREGNANT", "Ibu hamil", UU25, False),
    ("INFANT", "Menyusui atau membawa balita", UU25, False),
    ("CHILD", "Anak tanpa pendamping", UU25, False),
    ("DISASTER", "Korban bencana", UU25, False),
    ("SUDDEN", "Sakit mendadak", UU25, True),
]


def rules(apps, schema_editor):
    apps.get_model("queueing", "HallRules").objects.get_or_create(pk=1)
    for position, (code, name, source, staff_only) in enumerate(CLASSES):
        apps.get_model("queueing", "PriorityClass").objects.get_or_create(
            code=code,
            defaults={"name": name, "source": source, "staff_only": staff_only, "position": position},
        )


class Migration(migrations.Migration):
    dependencies = [("queueing", "0002_the_whole_engine")]

    operations = [
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(SHARE, migrations.RunSQL.noop),
        migrations.RunPython(rules, migrations.RunPython.noop),
    ]
