"""The mall's emblem and photo: judged by their bytes, drawn small, shown where the mall is named."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from mpp.core import pictures
from mpp.core.models import AuditEntry, Mall
from mpp.core.pictures import Unusable, emblem_files, photo_files
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place

MALL = "/admin/core/mall/1/change/"


def claiming(side: int) -> bytes:
    """Fifty bytes that say that they are a picture of so many points a side."""
    chunks = [b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0", b"IDAT"]
    return pictures.FORMATS["PNG"] + b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk in chunks
    )


def emblem_of(content: bytes) -> pictures.Files:
    return emblem_files(BytesIO(content), len(content))


def photo_of(content: bytes) -> pictures.Files:
    return photo_files(BytesIO(content), len(content))


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<?xml version='1.0'?><svg/>", "SVG tidak diterima"),
        (b"<SVG xmlns='http://www.w3.org/2000/svg'><script/></SVG>", "SVG tidak diterima"),
        (b"<html><script>alert(1)</script></html>", "bukan gambar PNG, JPEG, atau WebP"),
        (b"GIF89a" + b"\0" * 40, "bukan gambar PNG"),
        (b"", "bukan gambar PNG"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "rusak atau terpotong"),
        (make.picture(300, 300)[:-400], "rusak atau terpotong"),
        (make.picture(300, 300, "JPEG")[:200], "rusak atau terpotong"),
        (claiming(8_192), "40 megapiksel"),
        (claiming(65_536), "40 megapiksel"),
        (make.picture(191, 400), "paling sedikit 192 piksel"),
    ],
)
def test_what_is_no_emblem_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        emblem_of(content)


def test_a_file_over_eight_megabytes_is_not_even_read() -> None:
    with pytest.raises(Unusable, match="paling besar 8 MB"):
        photo_files(BytesIO(), pictures.MOST_BYTES + 1)
    with pytest.raises(Unusable, match="800 × 450"):
        photo_of(make.picture(1600, 400))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_emblem_becomes_small_squares_whole_and_on_white_where_phones_cut(kind: str) -> None:
    files = emblem_of(make.picture(640, 320, kind))
    sizes = {name: opened(content).size[0] for name, content in files.items()}
    assert sizes == {"96.png": 96, "192.png": 192, "512.png": 512, "180-penuh.png": 180, "512-penuh.png": 512}
    assert len(files[pictures.HEAD]) < 8_000
    head = opened(files[pictures.HEAD]).convert("RGBA")
    # What is wider than high stands in the middle, with nothing above and below.
    alpha = head.getchannel("A")
    assert (alpha.getpixel((48, 2)), alpha.getpixel((48, 48))) == (0, 255)
    corner = opened(files[pictures.ROUND_512]).convert("L").getpixel((5, 5))
    assert int(str(corner)) >= 250


def test_a_photo_is_upright_small_and_tells_nothing_of_the_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kamera rahasia"
    files = photo_of(make.picture(900, 1600, "JPEG", exif=exif))
    assert set(files) == set(pictures.PHOTOS)
    for name, content in files.items():
        assert opened(content).size == pictures.PHOTOS[name]
        assert len(content) <= pictures.PHOTO_BYTES[name]
        assert b"rahasia" not in content


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    client.force_login(make.make_user(Role.ADMIN))
    return client


def sent(admin: Client, **more: object) -> str:
    form = admin.get(MALL).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}
    response = admin.post(MALL, {**values, **more}, follow=True)
    return str(response.content.decode())


def test_the_admin_shows_an_emblem_and_a_photo_wherever_the_mall_is_named(admin: Client) -> None:
    emblem = SimpleUploadedFile("lambang.exe", make.picture(400, 400), content_type="text/html")
    photo = SimpleUploadedFile("foto.png", make.picture(1600, 900, "JPEG"))
    sent(admin, emblem_file=emblem, photo_file=photo, photo_words="Pintu masuk utama")
    mall = Mall.objects.get()
    assert AuditEntry.objects.filter(action="mall.picture").count() == 2
    home = Client().get("/").content.decode()
    head, wide = f"/gambar/{mall.emblem}/96.png", f"/gambar/{mall.photo}/1280.webp"
    assert f'<link rel="icon" href="{head}">' in home
    assert f'<img class="mark mark-emblem" src="{head}" width="40" height="40" alt="">' in home
    assert f'srcset="{wide}" width="1280" height="720"' in home
    assert 'alt="Pintu masuk utama" loading="lazy"' in home
    assert f'og:image" content="http://testserver/gambar/{mall.photo}/kartu.jpg"' in home
    manifest = Client().get("/manifest.webmanifest").json()
    assert {icon["src"].split("/")[2] for icon in manifest["icons"]} == {mall.emblem}
    assert f"/gambar/{mall.emblem}/180-penuh.png" in Client().get("/nomor-saya/").content.decode()
    assert head in Client().get("/anjungan/pekerja.js").content.decode()


def test_a_picture_is_kept_for_a_year_and_gone_once_another_takes_its_place(
    admin: Client, django_capture_on_commit_callbacks: object
) -> None:
    make.show_pictures()
    old = Mall.objects.get().emblem
    answer = Client().get(f"/gambar/{old}/96.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "immutable" in answer["Cache-Control"]
    assert Client().get(f"/gambar/{old}/..%2f96.png").status_code == 404
    assert Client().get(f"/gambar/{old}/kartu.jpg").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        sent(admin, no_emblem="on")
    mall = Mall.objects.get()
    assert (mall.emblem, bool(mall.photo)) == ("", True)
    assert not default_storage.exists(f"mall/{old}/96.png")
    assert Client().get(f"/gambar/{old}/96.png").status_code == 404
    home = Client().get("/").content.decode()
    assert "mark-emblem" not in home
    assert '<svg class="mark"' in home


def test_the_form_says_what_is_wrong_with_a_file_and_keeps_the_old_picture(admin: Client) -> None:
    make.show_pictures()
    old = Mall.objects.get().emblem
    text = sent(admin, emblem_file=SimpleUploadedFile("lambang.svg", b"<svg></svg>"))
    assert "SVG tidak diterima" in text
    assert Mall.objects.get().emblem == old
