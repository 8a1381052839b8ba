"""An instrument on paper: each upload is a version, none is lost, and only who may see it gets it."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.db.models import QuerySet
from django.test import Client

from agreements.actions import keep_file
from agreements.models import Instrument, InstrumentFile
from mpp.core.errors import Refusal
from tenants.enums import AgencyKind, Role
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.conftest import Place
from tests.support.papers import make_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def instrument(place: Place) -> Instrument:
    return make_instrument(place.agency)


def upload(client: Client, instrument: Instrument, content: bytes, name: str = "naskah.pdf") -> str:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    sent = {"file": file, "note": "naskah bertanda tangan"}
    return client.post(url(Instrument, "keep", instrument.pk), sent).content.decode()


def test_each_upload_is_the_next_version_with_its_digest(instrument: Instrument, client: Client) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    first, second = make_pdf(), make_pdf(b"4 0 << /Type /Annot >>")
    upload(client, instrument, first)
    upload(client, instrument, second)
    kept = InstrumentFile.objects.order_by("version").values_list("version", "file_sha256")
    assert list(kept) == [(n, hashlib.sha256(data).hexdigest()) for n, data in ((1, first), (2, second))]


def test_a_file_that_is_no_pdf_is_refused_in_words(instrument: Instrument, client: Client) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    assert "PDF" in upload(client, instrument, b"MZ\x90\x00 bukan", name="naskah.pdf")
    assert not InstrumentFile.objects.exists()


def test_a_version_once_kept_is_not_replaced(instrument: Instrument, client: Client) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    upload(client, instrument, make_pdf())
    with pytest.raises(ProgrammingError, match="pgtrigger"), transaction.atomic():
        InstrumentFile.objects.update(note="lain")


def test_two_who_keep_the_same_version_at_once_are_not_both_believed(
    instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SimpleUploadedFile("naskah.pdf", make_pdf(), content_type="application/pdf")
    keep_file(instrument=instrument, file=file, note="naskah")
    monkeypatch.setattr(QuerySet, "count", lambda _rows: 0)
    with pytest.raises(Refusal) as refused:
        keep_file(instrument=instrument, file=file, note="naskah")
    assert "baru saja disimpan orang lain" in str(refused.value.message)


def test_the_paper_of_another_agency_is_not_found(instrument: Instrument, client: Client) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    upload(client, instrument, make_pdf())
    paper = url(InstrumentFile, "document", InstrumentFile.objects.get().pk)
    assert client.get(paper)["Content-Disposition"].startswith("attachment")
    stranger = make.make_agency(code="LAIN", kind=AgencyKind.OPD)
    for agency, status in ((stranger, 404), (instrument.agency, 200)):
        client.force_login(make.make_user(Role.AGENCY_MANAGER, agency))
        assert client.get(paper).status_code == status
