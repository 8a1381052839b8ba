"""Providers that stand for the whole run, and channels that lead to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import outbox, relay, ways
from mpp.notifications.models import Message
from mpp.notifications.outbox import News
from tests.notifications.servers import MailServer, Provider, Script

PHONE = "+6281234567890"
# Of RFC 8291, appendix A.
BROWSER = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Provider]:
    server = Provider()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(provider_server: Provider) -> Script:
    """What the HTTP provider does in this test."""
    provider_server.script = Script()
    return provider_server.script


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(mail_server: MailServer) -> MailServer:
    mail_server.replies.clear()
    mail_server.mails.clear()
    return mail_server


@pytest.fixture
def channels(settings: Settings, provider_server: Provider, mail_server: MailServer) -> Settings:
    """Every channel set up, all of them on this machine."""
    settings.NOTIFICATION_CHANNELS = {
        "console": "mpp.notifications.channels.console.Console",
        "whatsapp": "mpp.notifications.channels.whatsapp.WhatsAppCloud",
        "sms": "mpp.notifications.channels.sms.HttpSms",
        "email": "mpp.notifications.channels.mail.Mail",
        "push": "mpp.notifications.channels.web_push.WebPush",
    }
    settings.WHATSAPP_URL = provider_server.url
    settings.WHATSAPP_PHONE_ID, settings.WHATSAPP_TOKEN = "1055", "kunci-wa"
    settings.WHATSAPP_APP_SECRET, settings.WHATSAPP_VERIFY_TOKEN = "rahasia-wa", "periksa"
    settings.FONNTE_URL, settings.FONNTE_TOKEN = f"{provider_server.url}/send", "kunci-fonnte"
    settings.FONNTE_WEBHOOK_KEY, settings.SMS_WEBHOOK_KEY = "rahasia-fonnte", "rahasia-sms"
    settings.SMS_URL, settings.SMS_HEADERS = f"{provider_server.url}/sms", {"X-Key": "kunci-sms"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.EMAIL_FROM = "antrean@mpp.test"
    settings.VAPID_CONTACT = "admin@mpp.test"
    settings.PUSH_SERVICES = [provider_server.url]
    return settings


RECIPIENTS = {"email": "warga@contoh.id"}


def put(
    channel: str = "whatsapp",
    *,
    event: str = "ticket_called",
    seconds: float = 120,
    holder: str = "ticket:1",
    key: str = "satu",
    **way: Any,
) -> Message:
    """Somebody who chose `channel` is told something."""
    recipient = way.pop("recipient", RECIPIENTS.get(channel, PHONE))
    with transaction.atomic():
        ways.choose(holder=holder, channel=channel, recipient=recipient, words="Ya.", **way)
        outbox.tell(News(event, holder, key, {"nomor": "A-047", "loket": "3"}, seconds=seconds))
    return Message.objects.latest("pk")


def send(message: Message) -> Message:
    """Let the relay run once."""
    relay.deliver_due()
    message.refresh_from_db()
    return message


def let_waits_run_out() -> None:
    now = clock.now()
    Message.objects.exclude(leased_until=None).update(leased_until=now - timedelta(seconds=1))
    Message.objects.update(due_at=now - timedelta(seconds=1))


def die(*args: object, **kwargs: object) -> None:
    """What `kill -9` does, at this very point."""
    os.kill(os.getpid(), signal.SIGKILL)


def relay_that_dies(make_deadly: Callable[[], None]) -> None:
    """Run the relay in a process of its own, which is killed where `make_deadly` says."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            make_deadly()
            relay.deliver_due()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
