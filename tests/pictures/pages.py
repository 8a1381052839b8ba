"""The citizens' pages of the scene, and the windows in which they are looked at."""

from __future__ import annotations

from typing import Any

from tests.pictures.scene import Scene

ENGLISH = {"name": "bahasa", "value": "en", "domain": "127.0.0.1", "path": "/"}
# Width, height, and what else the window is.
WINDOWS: dict[str, tuple[int, int, dict[str, Any]]] = {
    "360": (360, 780, {}),
    "360-gelap": (360, 780, {"color_scheme": "dark"}),
    "360-en": (360, 780, {"storage_state": {"cookies": [ENGLISH], "origins": []}}),
    "1366": (1366, 768, {}),
    "1366-gelap": (1366, 768, {"color_scheme": "dark"}),
    # 200 %: half as many pixels of CSS, each twice as large.
    "1366-200": (683, 384, {"device_scale_factor": 2}),
}


def pages_of(scene: Scene) -> dict[str, str]:
    """The citizens' pages by name."""
    slug, token = scene.service.slug, scene.waiting.token
    number, booking = f"/t/{token}/", f"/pesanan/{scene.booking.token}/"
    return {
        "beranda": "/",
        "layanan": "/layanan/",
        "cari": "/layanan/?cari=bikin+ktp",
        "cari-kosong": "/layanan/?cari=zzzqqq",
        "satu-layanan": f"/layanan/{slug}/",
        "instansi": f"/instansi/{scene.service.agency.slug}/",
        "ambil": f"/antrean/ambil/{slug}/",
        "nomor-menunggu": number,
        "nomor-dipanggil": f"/t/{scene.called.token}/",
        "nomor-selesai": f"/t/{scene.done.token}/",
        "nomor-terlewat": f"/t/{scene.missed.token}/",
        "nomor-ditahan": f"/t/{scene.held.token}/",
        "nomor-batal": f"{number}batal/",
        "nomor-mundur": f"{number}mundur/",
        "nomor-didahulukan": f"{number}didahulukan/",
        "nomor-pindah": f"{number}pindah/",
        "nomor-kabar": f"{number}kabar/",
        "nomor-data": f"{number}data/",
        "nomor-tambah": f"{number}tambah/",
        "kunjungan": f"/kunjungan/{scene.visit.token}/",
        "berkas": "/berkas/",
        "berkas-satu": f"/berkas/{scene.file.code}/",
        "berkas-salah": "/berkas/?kode=SALAH",
        "pesan-waktu": f"/antrean/pesan/{slug}/",
        "pesanan": booking,
        "pesanan-lebih-awal": f"{booking}lebih-awal/",
        "pesanan-pindah": f"{booking}pindah/",
        "pesanan-didahulukan": f"{booking}didahulukan/",
        "pesanan-data": f"{booking}data/",
        "pesanan-batal": f"/pesanan/{scene.cancelled.token}/",
        "nomor-saya": "/nomor-saya/",
        "mal": "/mal/",
        "mal-maklumat": "/mal/maklumat/",
        "mal-fasilitas": "/mal/fasilitas/",
        "mal-tanya-jawab": "/mal/tanya-jawab/",
        "mal-kabar": "/mal/kabar/",
        "keadilan": "/keadilan/",
        "privasi": "/privasi/",
        "langsung": "/langsung/",
        "tidak-ada": "/tidak-ada/",
        "masuk": "/akun/masuk/",
    }
