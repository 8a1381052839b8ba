"""A channel that is set by half is named before the first message is lost."""

from __future__ import annotations

from pytest_django.fixtures import Settings

from mpp.notifications.checks import check_channels


def test_each_half_of_a_channel_is_named(settings: Settings) -> None:
    settings.TESTING = settings.DEMO = False
    assert check_channels(None) == []
    settings.WHATSAPP_TOKEN, settings.EMAIL_URL, settings.VAPID_CONTACT = "x", "smtp://mail", "admin"
    settings.SMS_URL, settings.SMS_WEBHOOK_KEY = "http://sms.test", "pendek"
    settings.PUSH_SERVICES = ["http://127.0.0.1"]
    found = check_channels(None)
    assert [each.id for each in found] == [
        "mpp.E010",
        "mpp.E010",
        "mpp.E011",
        "mpp.E012",
        "mpp.E012",
        "mpp.E013",
        "mpp.W010",
    ]
    assert all(each.hint for each in found)


def test_a_whole_channel_is_passed_in_silence(settings: Settings) -> None:
    settings.TESTING = settings.DEMO = False
    settings.WHATSAPP_TOKEN, settings.WHATSAPP_PHONE_ID = "x", "1"
    settings.WHATSAPP_APP_SECRET, settings.WHATSAPP_VERIFY_TOKEN = "x", "y" * 20
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp+tls://mail", "a@mpp.test"
    settings.SMS_URL, settings.SMS_WEBHOOK_KEY = "https://sms.test", "z" * 20
    settings.VAPID_CONTACT = "admin@mpp.test"
    assert check_channels(None) == []
