"""The usual papers of each kind of agency, to be edited in the admin; and the mall's row of rules."""

from django.db import migrations

SYNERGY = "Permendagri 22/2020 (sinergi); periksa di JDIH"
THIRD_PARTY = "PP 28/2018 (kerja sama dengan pihak ketiga); periksa di JDIH"
REGIONS = "PP 28/2018 (kerja sama antardaerah); periksa di JDIH"
OWN = "Surat penugasan kepala dinas; naskah kerja sama boleh ditambahkan"

UMBRELLA, OPERATING, ASSIGNMENT = "UMBRELLA", "OPERATING", "ASSIGNMENT"
STATE = [
    ("NOTA_KESEPAKATAN", UMBRELLA, True, SYNERGY),
    ("RENCANA_KERJA", OPERATING, True, SYNERGY),
    ("PKS", OPERATING, False, SYNERGY),
]
PARTNER = [
    ("KESEPAKATAN_BERSAMA", UMBRELLA, True, THIRD_PARTY),
    ("PKS", OPERATING, True, THIRD_PARTY),
    ("RENCANA_KERJA", OPERATING, False, THIRD_PARTY),
]
RULES = {
    "VERTICAL": STATE,
    "JUDICIARY": STATE,
    "INDEPENDENT": STATE,
    "PROVINCIAL": [
        ("KESEPAKATAN_BERSAMA", UMBRELLA, False, REGIONS),
        ("NOTA_KESEPAKATAN", UMBRELLA, False, REGIONS),
        ("PKS", OPERATING, False, REGIONS),
        ("RENCANA_KERJA", OPERATING, False, REGIONS),
    ],
    "BUMN": PARTNER,
    "BUMD": PARTNER,
    "PUBLIC_BODY": [*PARTNER, ("NOTA_KESEPAKATAN", UMBRELLA, False, SYNERGY)],
    "PRIVATE": PARTNER,
    "ASSOCIATION": PARTNER,
    "OPD": [
        ("SURAT_PENUGASAN", ASSIGNMENT, False, OWN),
        ("NOTA_KESEPAKATAN", UMBRELLA, False, OWN),
        ("KESEPAKATAN_BERSAMA", UMBRELLA, False, OWN),
        ("PKS", OPERATING, False, OWN),
        ("RENCANA_KERJA", OPERATING, False, OWN),
    ],
}


def rows_to_edit(apps, schema_editor):
    KindRule = apps.get_model("agreements", "KindRule")
    KindRule.objects.bulk_create(
        KindRule(agency_kind=agency_kind, kind=kind, role=role, is_needed=is_needed, source=source)
        for agency_kind, rules in RULES.items()
        for kind, role, is_needed, source in rules
    )
    apps.get_model("agreements", "AgreementRules").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_promises")]
    operations = [migrations.RunPython(rows_to_edit, migrations.RunPython.noop)]
