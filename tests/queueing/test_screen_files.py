"""Pictures and videos for the displays: judged by their bytes, served as what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from queueing.enums import MediumKind
from queueing.models import Medium, PlaylistItem, Screen
from queueing.policy import letters, media
from queueing.screens import medium_url
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.factories import MEDIA

ADD = "/admin/queueing/medium/add/"


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    client.force_login(make.make_user(Role.ADMIN))
    return client


def looked_into(path: Path, name: str, content: bytes) -> media.Found:
    path.write_bytes(content)
    with path.open("rb") as file:
        return media.look_into(file, name, len(content))


@pytest.mark.parametrize(
    ("name", "kind", "content_type"),
    [
        ("h264.mp4", MediumKind.VIDEO, "video/mp4"),
        ("vp8.webm", MediumKind.VIDEO, "video/webm"),
        ("picture.jpg", MediumKind.PICTURE, "image/jpeg"),
        ("picture.png", MediumKind.PICTURE, "image/png"),
    ],
)
def test_a_file_is_what_its_bytes_say_whatever_its_name(
    tmp_path: Path, name: str, kind: str, content_type: str
) -> None:
    found = looked_into(tmp_path / "x", "anything.txt", (MEDIA / name).read_bytes())
    assert (found.kind, found.content_type) == (kind, content_type)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("profil.mp4", b"<html><script>alert(1)</script></html>", "bernama video, tetapi isinya bukan"),
        ("profil.mp4", b"", "bernama video"),
        ("foto.jpg", b"GIF89a" + b"\0" * 40, "bernama gambar, tetapi isinya bukan"),
        ("berkas.exe", b"MZ" + b"\0" * 40, "bukan gambar atau video yang dikenal"),
        ("profil.mp4", (MEDIA / "h265.mp4").read_bytes(), "H.264"),
        ("profil.mp4", (MEDIA / "sound.mp4").read_bytes(), "tidak berisi video"),
        ("profil.mp4", (MEDIA / "h264.mp4").read_bytes()[:-400], "terpotong"),
        ("profil.mp4", (MEDIA / "h264.mp4").read_bytes()[:60], "terpotong"),
        ("profil.webm", b"\x1a\x45\xdf\xa3" + b"webm" + b"V_AV1" * 9, "tidak dapat memutar"),
        ("foto.jpg", (MEDIA / "picture.jpg").read_bytes()[:-200], "terpotong"),
        ("foto.jpg", b"\xff\xd8\xff\xe0\x00\x04ab", "terpotong"),
        ("foto.png", (MEDIA / "picture.png").read_bytes()[:-20], "terpotong"),
        ("foto.png", media.PNG + b"\0\0\0\rIHDR" + b"\x00\x01\x00\x00" * 2 + b"\0" * 9, "terlalu besar"),
    ],
)
def test_what_a_display_cannot_show_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(media.Unusable, match=words):
        looked_into(tmp_path / "x", name, content)


def test_no_cut_of_a_video_is_taken_for_whole(tmp_path: Path) -> None:
    whole = (MEDIA / "h264.mp4").read_bytes()
    for cut in range(0, len(whole), 7):
        with pytest.raises(media.Unusable):
            looked_into(tmp_path / "x", "x.mp4", whole[:cut])


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb+") as file, pytest.raises(media.Unusable, match="paling besar 8 MB"):
        media.look_into(file, "x.mp4", 61 * media.MEGABYTE)
    picture = (MEDIA / "picture.jpg").read_bytes()
    with pytest.raises(media.Unusable, match="paling besar 8 MB"):
        looked_into(tmp_path / "y", "y.jpg", picture[:2] + picture[2:-2] + b"\0" * 9_000_000 + b"\xff\xd9")


def test_the_admin_takes_a_video_and_refuses_one_that_is_none(admin: Client) -> None:
    fake = SimpleUploadedFile("profil.mp4", b"not a video", content_type="video/mp4")
    page = admin.post(ADD, {"title": "Profil", "file": fake})
    assert "bernama video, tetapi isinya bukan video" in page.content.decode()
    assert not Medium.objects.exists()
    real = SimpleUploadedFile("profil.exe", (MEDIA / "h264.mp4").read_bytes(), content_type="text/html")
    assert admin.post(ADD, {"title": "Profil", "file": real}).status_code == 302
    row = Medium.objects.get()
    assert (row.kind, row.content_type) == ("VIDEO", "video/mp4")
    assert "profil" not in str(row.file.name)


def test_a_file_is_served_as_what_it_is_from_our_own_address(client: Client, place: Place) -> None:
    row = make.make_medium("h264.mp4")
    response = client.get(medium_url(row), headers={"accept-encoding": "gzip"})
    assert response.status_code == 200
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "immutable" in response["Cache-Control"]
    assert response.getvalue() == (MEDIA / "h264.mp4").read_bytes()


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-99", 206, (0, 100)),
        ("bytes=100-", 206, (100, None)),
        ("bytes=-50", 206, (-50, None)),
        ("bytes=0-", 206, (0, None)),
        ("bytes=0-999999", 206, (0, None)),
        ("bytes=-999999", 206, (0, None)),
        ("bytes=-0", 416, None),
        ("bytes=-", 200, (0, None)),
        ("bytes=0-1,5-6", 200, (0, None)),
        ("lines=1-2", 200, (0, None)),
        ("bytes=999999-", 416, None),
        ("bytes=9-3", 416, None),
    ],
)
def test_a_television_may_ask_for_a_part(
    client: Client, place: Place, asked: str, status: int, span: tuple[int, int | None] | None
) -> None:
    whole = (MEDIA / "h264.mp4").read_bytes()
    response = client.get(medium_url(make.make_medium("h264.mp4")), headers={"range": asked})
    assert response.status_code == status
    if span:
        part = whole[slice(*span)]
        assert response.getvalue() == part
        assert response["Content-Length"] == str(len(part))
    if status in {206, 416}:
        assert response["Content-Range"].endswith(f"/{len(whole)}")


def test_a_file_that_a_television_has_already_is_not_sent_again(client: Client, place: Place) -> None:
    address = medium_url(make.make_medium("h264.mp4"))
    known = client.head(address)["ETag"]
    again = client.get(address, headers={"if-none-match": known})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", known)
    part = client.get(address, headers={"range": "bytes=5-9", "if-range": known})
    assert (part.status_code, len(part.getvalue())) == (206, 5)
    # A part of another file would not fit what is there already: then the whole of this one.
    whole = client.get(address, headers={"range": "bytes=5-9", "if-range": '"lain"'})
    assert (whole.status_code, whole.getvalue()) == (200, (MEDIA / "h264.mp4").read_bytes())


def test_a_deleted_file_is_gone_from_list_and_disk(
    admin: Client, django_capture_on_commit_callbacks: object
) -> None:
    row = make.make_medium()
    PlaylistItem.objects.create(screen=make.make_screen(), medium=row)
    address, path = medium_url(row), Path(row.file.path)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        admin.post(f"/admin/queueing/medium/{row.pk}/delete/", {"post": "yes"})
    assert not path.exists()
    assert not PlaylistItem.objects.exists()
    assert admin.get(address).status_code == 404


def test_a_file_that_vanished_from_the_disk_is_not_found(client: Client, place: Place) -> None:
    row = make.make_medium()
    Path(row.file.path).unlink()
    assert client.get(medium_url(row)).status_code == 404


def test_the_admin_says_what_a_screen_lacks_and_from_how_far_it_is_read(admin: Client, place: Place) -> None:
    empty = make.make_zone(code="baru", name="Zona baru")
    form = {
        "name": "Aula",
        "code": "aula",
        "layout": "ONE",
        "note": "",
        "shows_waiting": "on",
        "shows_next": "on",
        "panel_inches": "32",
        "hall_metres": "15",
        "is_active": "on",
        "position": "0",
        "sources-TOTAL_FORMS": "1",
        "sources-INITIAL_FORMS": "0",
        "sources-0-zone": str(empty.pk),
        "sources-0-half": "LEFT",
        "playlist-TOTAL_FORMS": "0",
        "playlist-INITIAL_FORMS": "0",
    }
    page = admin.post("/admin/queueing/screen/add/", form, follow=True).content.decode()
    assert "Zona baru belum punya loket" in page
    assert "Pakai panel 55 inci" in page
    screen = Screen.objects.get()
    page = admin.get(f"/admin/queueing/screen/{screen.pk}/change/").content.decode()
    assert 'href="/layar/aula/"' in page
    assert "daftar sampai 9 meter" in page


def test_letters_are_as_high_as_the_hall_asks() -> None:
    assert letters.mm_per_px(55) == pytest.approx(0.634, abs=0.001)
    for kind in letters.TYPES.values():
        assert letters.height_mm(kind.call, 55) >= 100
        assert letters.distance_m(kind.row, 55) >= 15
    assert letters.panel_for(84, 15) == 55
    assert letters.panel_for(84, 60) is None
