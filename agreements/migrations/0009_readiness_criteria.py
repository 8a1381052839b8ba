"""The criteria that a mall begins with: a sample under the four headings, to be made its own."""

from django.db import migrations

BALANGAN = "contoh: berita kerja sama MPP Balangan 27-11-2025 (SDM, SOP, sarana, masukan)"
PLACED = "contoh: berita kerja sama MPP Hulu Sungai Tengah 5-12-2024 (petugas yang kompeten)"
STANDARD = "contoh: UU 25/2009 dan PermenPANRB 15/2014, periksa di JDIH"
PAYING = ["BUMN", "BUMD", "PRIVATE"]

# Code, heading, text, proof, required, kinds of agencies, source.
CRITERIA = [
    (
        "SDM-1",
        "SDM",
        "Petugas loket ditunjuk dengan surat tugas",
        "Nomor dan tanggal surat tugas",
        True,
        [],
        PLACED,
    ),
    (
        "SDM-2",
        "SDM",
        "Petugas menguasai layanan dan melayani dengan ramah",
        "Pelatihan atau pengalaman petugas",
        True,
        [],
        PLACED,
    ),
    (
        "SDM-3",
        "SDM",
        "Ada petugas pengganti bila berhalangan",
        "Nama petugas pengganti",
        False,
        [],
        BALANGAN,
    ),
    (
        "SOP-1",
        "SOP",
        "SOP layanan di mal sudah disahkan",
        "Nomor dan tanggal pengesahan SOP",
        True,
        [],
        BALANGAN,
    ),
    (
        "SOP-2",
        "SOP",
        "Standar pelayanan diumumkan dengan enam komponen",
        "Nomor keputusan standar pelayanan",
        True,
        [],
        STANDARD,
    ),
    (
        "SOP-3",
        "SOP",
        "Alur berkas dari loket ke kantor disepakati",
        "Siapa yang mengantar, dan kapan",
        False,
        [],
        BALANGAN,
    ),
    (
        "SARANA-1",
        "SARANA",
        "Meja, kursi, dan papan nama loket terpasang",
        "Tanggal dipasang atau berita acara",
        True,
        [],
        BALANGAN,
    ),
    (
        "SARANA-2",
        "SARANA",
        "Komputer, jaringan, dan aplikasi instansi berjalan di loket",
        "Tanggal dicoba, dan siapa yang mencoba",
        True,
        [],
        BALANGAN,
    ),
    (
        "SARANA-3",
        "SARANA",
        "Alat pembayaran resmi sudah dicoba di loket",
        "Tanggal dicoba, dan jenis alatnya",
        True,
        PAYING,
        BALANGAN,
    ),
    (
        "SARANA-4",
        "SARANA",
        "Loket dapat dipakai penyandang disabilitas",
        "Tinggi meja, ruang kursi roda, alat bantu",
        False,
        [],
        STANDARD,
    ),
    (
        "KANAL-1",
        "KANAL",
        "Penanggung jawab masukan dan pengaduan ditunjuk",
        "Nama dan nomor telepon kantor",
        True,
        [],
        BALANGAN,
    ),
    (
        "KANAL-2",
        "KANAL",
        "Cara memberi masukan terpasang di loket",
        "Tanggal dipasang",
        True,
        [],
        BALANGAN,
    ),
]


def write(apps, schema_editor):
    criterion = apps.get_model("agreements", "ReadinessCriterion")
    criterion.objects.bulk_create(
        criterion(
            code=code,
            heading=heading,
            text=text,
            proof=proof,
            is_required=is_required,
            kinds=kinds,
            source=source,
            position=position,
            is_sample=True,
        )
        for position, (code, heading, text, proof, is_required, kinds, source) in enumerate(CRITERIA, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0008_road")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
