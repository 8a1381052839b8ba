"""The mall's admin runs the channels: words with a preview, caps, a test message, and what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import events, migrations, wording
from mpp.notifications.models import ChannelRule, ChannelState, Message, Wording
from tests.admin.conftest import url
from tests.admin.test_forms import errors, save
from tests.conftest import Place


@pytest.fixture
def words(place: Place) -> Wording:
    return Wording.objects.get_or_create(event="ticket_called", language="id")[0]


@pytest.fixture
def sms(place: Place, settings: Settings) -> ChannelRule:
    # A new dictionary: the one of the settings would keep it for every later test.
    sms = {"sms": "mpp.notifications.channels.sms.HttpSms"}
    settings.NOTIFICATION_CHANNELS = settings.NOTIFICATION_CHANNELS | sms
    return ChannelRule.objects.get_or_create(channel="sms")[0]


def read(admin: Client, address: str) -> str:
    return " ".join(admin.get(address).content.decode().split())


def test_the_malls_own_words_are_used_and_previewed(admin: Client, words: Wording) -> None:
    assert save(admin, Wording, words, text="Loket {loket}: silakan, {nomor}.").status_code == 302
    assert (
        wording.preview("ticket_called", Wording.objects.get(pk=words.pk).text, "id")
        == "Loket 3: silakan, A-047."
    )
    page = read(admin, url(Wording, "change", words.pk))
    assert "Loket 3: silakan, A-047." in page
    assert "wording-preview.js" in page


@pytest.mark.parametrize("text", ["{nama} dipanggil", "Ke {layanan}", "{nomor} {rahasia}"])
def test_an_unknown_blank_is_refused_with_the_known_ones(admin: Client, words: Wording, text: str) -> None:
    said = errors(save(admin, Wording, words, text=text))
    assert "tidak dikenal di pesan ini. Yang ada: {nomor}, {loket}." in said
    assert not Wording.objects.exclude(text="").exists()


@pytest.mark.parametrize(
    "text",
    ["{{ settings.SECRET_KEY }}", "{% debug %}", "{0.__class__}", "%(x)s", "{nomor.__class__}"],
)
def test_nothing_in_a_text_is_code(admin: Client, words: Wording, text: str) -> None:
    """trust.md S-010: it stays as it is written."""
    assert save(admin, Wording, words, text=text).status_code == 302
    assert events.fill(text, {"nomor": "A-047", "x": "1"}, "id") == text


def test_every_text_of_the_portal_fits_its_blanks_in_both_languages(place: Place) -> None:
    for name, event in events.EVENTS.items():
        assert set(event.words) == set(event.title) == {"id", "en"}, name
        for language, text in event.words.items():
            assert events.unknown_blanks(name, text) == [], name
            assert set(events.BLANK.findall(text)) == set(event.sample), name
            assert "{" not in wording.preview(name, "", language), name
            assert len(text) <= 160, name


def test_the_languages_tell_moments_in_their_own_way() -> None:
    assert "Selasa, 24 November pukul 09.30 WITA" in wording.preview("booking_made", "", "id")
    assert "Tuesday, 24 November at 09:30 WITA" in wording.preview("booking_made", "", "en")


def test_a_cap_and_the_state_of_a_channel_are_seen(admin: Client, sms: ChannelRule) -> None:
    assert save(admin, ChannelRule, sms, daily_cap="500").status_code == 302
    ChannelState.objects.create(channel="sms", day=clock.today(), sent=12, failures=3)
    page = read(admin, url(ChannelRule, "changelist"))
    assert "12 dari 500" in page
    assert "gagal 3 kali, sedang dicoba lagi" in page


def test_a_test_message_goes_into_the_outbox(admin: Client, sms: ChannelRule) -> None:
    page = f"/admin/notifications/channelrule/{sms.pk}/uji/"
    assert "Kirim pesan uji" in read(admin, page)
    assert admin.post(page, {"recipient": "0812 3456 7890"}).status_code == 302
    message = Message.objects.get()
    assert (message.event, message.channel, message.recipient) == ("test", "sms", "+6281234567890")
    assert "Pesan uji dari portal." in read(admin, url(Message, "change", message.pk))


@pytest.mark.parametrize(
    ("channel", "recipient", "words"),
    [
        ("sms", "bukan nomor", "nomor"),
        ("email", "bukan surat", "Tulis alamat e-mail penerima."),
        ("push", "081234567890", "Uji peramban lewat halaman nomor"),
        ("whatsapp", "081234567890", "Saluran ini belum diatur di server."),
    ],
)
def test_a_test_that_cannot_go_out_says_why(
    admin: Client, sms: ChannelRule, settings: Settings, channel: str, recipient: str, words: str
) -> None:
    settings.NOTIFICATION_CHANNELS = settings.NOTIFICATION_CHANNELS | {"email": "x", "push": "x"}
    rule = ChannelRule.objects.get_or_create(channel=channel)[0]
    answer = admin.post(f"/admin/notifications/channelrule/{rule.pk}/uji/", {"recipient": recipient})
    assert words in answer.content.decode()
    assert not Message.objects.exists()


def test_an_auditor_sends_no_test(auditor: Client, sms: ChannelRule) -> None:
    answer = auditor.post(f"/admin/notifications/channelrule/{sms.pk}/uji/", {"recipient": "081234567890"})
    assert answer.status_code == 403


def test_the_words_of_every_event_can_be_edited() -> None:
    """Migrations write the rows, since nobody adds one by hand."""
    rows = "".join(path.read_text() for path in Path(migrations.__path__[0]).glob("0*.py"))
    assert {event for event in events.EVENTS if f'"{event}"' not in rows} == {"test"}
