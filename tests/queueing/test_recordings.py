"""The mall's own recordings: what a file really is, the form that takes it, the address that gives it."""

from __future__ import annotations

import contextlib
import io
import json
import math
import re
import struct
import wave
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from mpp.core import clock
from queueing import audio
from queueing.enums import AudioFormat
from queueing.hall_voice import voice_of
from queueing.models import VoiceClip
from queueing.voice import Call
from tenants.enums import Role
from tests.conftest import Place
from tests.factories import make_user

ADD = "/admin/queueing/voiceclip/add/"
ALL_CLIPS = "/admin/queueing/voiceclip/semua/"
MANIFEST = "/layar/kependudukan/suara.json"
PACK = Path(settings.BASE_DIR) / "static" / "audio" / "id"


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (round(9000 * math.sin(index / 3)) for index in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return target.getvalue()


def mp3() -> bytes:
    return (PACK / "counter.mp3").read_bytes()


def ogg(head: bytes, samples: int) -> bytes:
    """Two pages as an encoder writes them: the header of the stream, then its end."""

    def page(body: bytes, granule: int) -> bytes:
        return b"OggS\0\0" + struct.pack("<qIII", granule, 1, 0, 0) + bytes([1, len(body)]) + body

    return page(head, 0) + page(b"sound", samples)


VORBIS = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 22_050, 0, 0, 0, 0, 1)
OPUS = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)


@pytest.mark.parametrize(
    ("data", "kind", "seconds"),
    [
        (wav(1.5), AudioFormat.WAV, 1.5),
        (ogg(VORBIS, 22_050), AudioFormat.OGG, 1.0),
        (ogg(OPUS, 48_312), AudioFormat.OGG, 1.0),
        (b"ID3\x04\0\0\0\0\0\x05" + b"title" + mp3() + b"TAG" + b" " * 125, AudioFormat.MP3, 0.6),
    ],
)
def test_a_sound_file_is_known_by_its_bytes(data: bytes, kind: AudioFormat, seconds: float) -> None:
    found = audio.inspect(data)
    assert found.format == kind
    assert found.seconds == pytest.approx(seconds, abs=0.1)


def test_every_clip_of_the_pack_is_an_mp3_of_the_length_in_its_manifest() -> None:
    for language in ("id", "en"):
        folder = PACK.parent / language
        for name, clip in json.loads((folder / "manifest.json").read_text())["clips"].items():
            found = audio.inspect((folder / f"{name}.mp3").read_bytes())
            assert found.format == AudioFormat.MP3
            # An encoder fills up its last frame and adds one or two.
            assert 0 <= found.seconds - clip["seconds"] < 0.12, name


NOT_SOUND = {
    "nothing": b"",
    "a web page": b"<!doctype html><script>alert(1)</script>",
    "a program": b"MZ" + bytes(2000),
    "a telephone's M4A": b"\0\0\0\x20ftypM4A " + bytes(2000),
    "an archive": b"PK\x03\x04" + bytes(2000),
    "a WAV cut off": wav()[:-100],
    "a WAV without sound": wav(0),
    "a header alone": b"RIFF\0\0\0\0WAVE",
    "an MP3 cut off": mp3()[:-20],
    "an MP3 with a page behind it": mp3() + b"<script>alert(1)</script>",
    "two frames": mp3()[:209],
    "an Ogg cut off": ogg(OPUS, 48_000)[:-1],
    "an Ogg with a film in it": ogg(b"\x80theora" + bytes(12), 1000),
    "an Ogg without length": ogg(OPUS, 0),
}


@pytest.mark.parametrize("data", NOT_SOUND.values(), ids=NOT_SOUND)
def test_what_is_no_whole_sound_is_refused(data: bytes) -> None:
    with pytest.raises(audio.NotSound):
        audio.inspect(data)


@given(st.binary(max_size=400), st.sampled_from([b"", b"RIFF", b"OggS", b"ID3", b"\xff\xf3", mp3()[:300]]))
def test_no_bytes_break_the_inspection(data: bytes, start: bytes) -> None:
    with contextlib.suppress(audio.NotSound):
        assert audio.inspect(start + data).seconds > 0


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    client.force_login(make_user(Role.ADMIN))
    return client


def upload(admin: Client, data: bytes, *, name: str = "rekaman.mp3", **what: Any) -> Any:
    sent = {"language": "id", "clip": "", "agency": "", "counter": ""} | what
    return admin.post(ADD, sent | {"file": SimpleUploadedFile(name, data, content_type="audio/mpeg")})


def words_of(page: Any) -> str:
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def entry(client: Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(MANIFEST).json()[name]
    return found


def test_a_recording_stands_in_for_the_built_in_clip_and_deleting_it_brings_that_back(
    admin: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    built_in = entry(admin, "id/counter")
    assert upload(admin, wav(0.7), clip="counter").status_code == 302
    clip = VoiceClip.objects.get()
    assert entry(admin, "id/counter") == {"url": f"/suara/{clip.pk}/{clip.version}/", "seconds": 0.7}
    assert len(list(tmp_path.rglob("*.wav"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(f"/admin/queueing/voiceclip/{clip.pk}/delete/", {"post": "yes"})
    assert entry(admin, "id/counter") == built_in
    assert list(tmp_path.rglob("*.wav")) == []


def test_everybody_may_hear_a_recording_and_browsers_keep_it(admin: Client) -> None:
    upload(admin, wav(), clip="counter", name="../../nakal.html")
    clip = VoiceClip.objects.get()
    assert re.fullmatch(r"voice/[0-9a-f]{32}\.wav", str(clip.file.name))
    response: Any = Client().get(f"/suara/{clip.pk}/{clip.version}/")
    assert b"".join(response.streaming_content) == wav()
    assert response["Content-Type"] == "audio/wav"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    part: Any = Client().get(f"/suara/{clip.pk}/{clip.version}/", headers={"range": "bytes=0-43"})
    assert (part.status_code, part["ETag"]) == (206, response["ETag"])
    assert part.getvalue() == wav()[:44]
    assert Client().get(f"/suara/{clip.pk}/lain/").status_code == 404
    assert Client().get(f"/{clip.file.name}").status_code == 404


def test_a_new_recording_has_a_new_address_and_the_old_file_goes(
    admin: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload(admin, wav(0.7), clip="counter")
    clip = VoiceClip.objects.get()
    before = entry(admin, "id/counter")["url"]
    change = f"/admin/queueing/voiceclip/{clip.pk}/change/"
    seen = admin.get(change).context["adminform"].form.initial["seen"]
    with django_capture_on_commit_callbacks(execute=True):
        file = SimpleUploadedFile("baru.mp3", mp3())
        assert admin.post(change, {"file": file, "seen": seen}).status_code == 302
    clip.refresh_from_db()
    assert clip.format == AudioFormat.MP3
    assert entry(admin, "id/counter")["url"] not in {before, ""}
    assert [path.suffix for path in tmp_path.rglob("*.*")] == [".mp3"]
    assert VoiceClip.history.latest().history_user.role == Role.ADMIN
    assert Client().get(before).status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (NOT_SOUND["a telephone's M4A"], "bukan WAV, MP3, atau Ogg yang utuh"),
        (NOT_SOUND["a web page"], "bukan WAV, MP3, atau Ogg yang utuh"),
        (wav(9), "Rekaman ini 9 detik. Potong menjadi paling lama 8 detik."),
        (bytes(2_000_001), "Paling besar 2 MB."),
    ],
)
def test_a_wrong_file_is_refused_in_plain_words(admin: Client, data: bytes, words: str) -> None:
    assert words in words_of(upload(admin, data, clip="counter"))
    assert not VoiceClip.objects.exists()


def test_a_recording_is_for_one_thing_and_for_each_thing_there_is_one(admin: Client, place: Place) -> None:
    both = upload(admin, wav(), clip="counter", agency=place.agency.pk)
    assert "Satu rekaman untuk satu hal" in words_of(both)
    assert "Satu rekaman untuk satu hal" in words_of(upload(admin, wav()))
    assert upload(admin, wav(), clip="counter").status_code == 302
    assert "Rekaman untuk itu sudah ada." in words_of(upload(admin, wav(), clip="counter"))
    assert "tidak dipakai dalam bahasa itu" in words_of(upload(admin, wav(), clip="belas", language="en"))


def test_a_recorded_name_of_an_agency_is_said_before_the_counter(admin: Client, place: Place) -> None:
    assert upload(admin, wav(), agency=place.agency.pk).status_code == 302
    name = f"id/agency-{place.agency.code}"
    call = Call(label="A-001", counter="2", agency=place.agency.code)
    voice = voice_of(place.zone)
    assert name in voice.speech.own
    assert name in voice.spoken(call, clock.local(clock.now()))["clips"][0]
    assert name in admin.get(MANIFEST).json()


def test_the_list_of_clips_shows_whose_voice_each_is(admin: Client, place: Place) -> None:
    upload(admin, wav(), clip="counter")
    page = words_of(admin.get(ALL_CLIPS))
    assert page.count("rekaman sendiri") == 1
    assert "Kembali ke bawaan" in page
    assert place.agency.short_name in page
    assert '[["id/chime", "id/number", "id/a", "id/0", "id/1", "id/2", "pause"' in page
    assert "please go to" in words_of(admin.get(ALL_CLIPS + "?bahasa=en"))
    assert admin.get(ALL_CLIPS + "?bahasa=<b>").status_code == 200


def test_who_may_only_look_hears_and_changes_nothing(admin: Client, place: Place) -> None:
    upload(admin, wav(), clip="counter")
    clip = VoiceClip.objects.get()
    auditor = Client()
    auditor.force_login(make_user(Role.AUDITOR, is_staff=True))
    assert "Ganti rekaman" not in words_of(auditor.get(ALL_CLIPS))
    page = words_of(auditor.get(f"/admin/queueing/voiceclip/{clip.pk}/change/"))
    assert f'src="/suara/{clip.pk}/{clip.version}/"' in page
    assert str(clip.file.name) not in page
    assert upload(auditor, wav(), clip="number").status_code == 403
    officer = Client()
    officer.force_login(place.officer)
    assert officer.get(ALL_CLIPS).status_code in {302, 403}
