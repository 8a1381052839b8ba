"""The admin speaks Indonesian: no word of its libraries is left in English."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.test import Client

from tests.admin.conftest import url
from tests.conftest import Place
from tests.support.words import CATALOGUE, entries, left_over

SHARES_ITS_WORLD = True


def test_the_check_itself_would_notice() -> None:
    assert left_over(b"<p>Search apps and models...</p>") == {"Search apps and models..."}
    assert left_over(b'<a title="Confirm import">Simpan</a>') == {"Confirm import"}


def test_the_catalogue_is_whole_and_compiled() -> None:
    assert len(entries()) >= 100
    assert all(entries().values())
    compiled = CATALOGUE.with_suffix(".mo").read_bytes()
    for translated in ("Simpan impor", "Terapkan", "Impor selesai: {} baru"):
        assert translated.encode() in compiled


def test_the_compiled_catalogue_is_not_older_than_its_source(tmp_path: Path) -> None:
    try:
        subprocess.run(["msgfmt", "-o", tmp_path / "new.mo", CATALOGUE], check=True)  # noqa: S603
    except FileNotFoundError:  # a machine without gettext runs on the committed file
        assert CATALOGUE.with_suffix(".mo").stat().st_size
        return
    assert (tmp_path / "new.mo").read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/password_change/",
        "/admin/search/?s=uji",
        "/admin/tenants/agency/?status__exact=TRIAL",
    ],
)
def test_the_other_pages_speak_indonesian(everything: Place, admin: Client, path: str) -> None:
    assert not left_over(admin.get(path).content)


def test_deleting_asks_in_indonesian(everything: Place, admin: Client) -> None:
    from tenants.models import Zone

    assert not left_over(admin.get(url(Zone, "delete", everything.zone.pk)).content)
