"""What citizens ask in their own words, and the services that answer it.

Written before the search was tuned. One service is the best answer; a second one is named where both
are right.
"""

from __future__ import annotations

Asked = tuple[tuple[str, tuple[str, ...]], ...]

BALANGAN: Asked = (
    ("bikin ktp", ("ktp-elektronik-pertama",)),
    ("ktp saya hilang", ("ktp-elektronik-hilang-atau-rusak",)),
    ("anak baru lahir mau bikin akte", ("akta-kelahiran",)),
    ("pindah rumah", ("pindah-ke-daerah-lain",)),
    ("tambah anak di kartu keluarga", ("ubah-data-kartu-keluarga",)),
    ("bapak meninggal urus surat apa", ("akta-kematian",)),
    ("ktp buat anak sd", ("kartu-identitas-anak-kia",)),
    ("surat cerai", ("akta-perceraian-untuk-selain-islam",)),
    ("ktp di hp", ("aktivasi-ktp-digital-ikd",)),
    ("buka usaha", ("buka-usaha-nib-lewat-oss",)),
    ("ijin bangun rumah", ("izin-membangun-rumah-atau-gedung-pbg",)),
    ("surat ijin praktek bidan", ("izin-praktik-tenaga-kesehatan-sip",)),
    ("pasang spanduk di jalan", ("izin-pasang-reklame",)),
    ("bayar pajak bumi bangunan", ("bayar-pbb-rumah-dan-tanah",)),
    ("sppt hilang", ("cetak-ulang-sppt-dan-cek-tunggakan-pbb",)),
    ("bayar pajak motor", ("pajak-kendaraan-tahunan",)),
    ("ganti plat nomor", ("tanya-ganti-stnk-dan-pelat-lima-tahunan",)),
    ("motor sudah dijual tapi masih atas nama saya", ("lapor-kendaraan-sudah-dijual",)),
    ("balik nama mobil bekas", ("tanya-balik-nama-kendaraan",)),
    ("surat kelakuan baik buat lamar kerja", ("skck-baru",)),
    ("sim saya mau mati", ("perpanjang-sim-a-dan-sim-c",)),
    ("dompet hilang lapor polisi", ("surat-kehilangan",)),
    ("mau hajatan pakai orkes", ("izin-keramaian",)),
    ("daftar bpjs", ("daftar-bpjs-kesehatan-mandiri",)),
    ("bpjs saya nunggak", ("aktifkan-kembali-bpjs-dan-cicil-tunggakan",)),
    ("pindah faskes", ("pindah-puskesmas-klinik-atau-kelas",)),
    ("mencairkan jamsostek setelah berhenti kerja", ("klaim-jht-uang-hari-tua",)),
    ("bikin sertifikat tanah", ("sertipikat-tanah-pertama-kali",)),
    ("balik nama tanah warisan orang tua", ("balik-nama-sertipikat-tanah",)),
    ("kpr lunas ambil sertifikat", ("hapus-catatan-utang-di-sertipikat-roya",)),
    ("mau nikah daftar di mana", ("daftar-nikah-di-kua",)),
    ("daftar tunggu haji", ("tanya-daftar-haji-dan-antrean-berangkat",)),
    ("jual keripik di rumah perlu ijin apa", ("izin-makanan-rumahan-spp-irt",)),
    ("pinjam uang buat modal dagang", ("kredit-usaha-rakyat-kur-bri", "kredit-usaha-dan-qris-bank-kalsel")),
    ("pasang lampu baru di rumah", ("pasang-listrik-baru",)),
    ("listrik sering turun mau tambah daya", ("tambah-atau-turun-daya-listrik",)),
    ("air pdam tidak jalan", ("air-mati-bocor-atau-keruh",)),
    ("bikin npwp", ("npwp-nik-menjadi-nomor-pajak",)),
    ("kena tilang bayar ke mana", ("bayar-tilang-dan-ambil-barang-bukti",)),
    ("ambil uang pensiun", ("otentikasi-pensiunan-taspen", "klaim-tht-dan-pensiun-taspen")),
)

# Of the other malls a few, where they differ or where people there speak otherwise.
ELSEWHERE: Asked = (
    ("bikin ktp", ("ktp-elektronik-pertama",)),
    ("buka usaha", ("buka-usaha-nib-lewat-oss",)),
    ("pindah rumah", ("pindah-ke-daerah-lain",)),
    ("daftar bpjs", ("daftar-bpjs-kesehatan-mandiri",)),
    ("surat kelakuan baik", ("skck-baru",)),
)
PASSPORT: Asked = (("pasport", ("paspor-baru",)), ("paspor anak", ("paspor-untuk-anak",)))

QUESTIONS: dict[str, Asked] = {
    "balangan": BALANGAN,
    "hss": (*ELSEWHERE, ("handak maulah ktp", ("ktp-elektronik-pertama",))),
    "hst": (*ELSEWHERE, ("handak maulah ktp", ("ktp-elektronik-pertama",))),
    "kendari": (*ELSEWHERE, *PASSPORT),
    "kutim": (*ELSEWHERE, *PASSPORT),
}
