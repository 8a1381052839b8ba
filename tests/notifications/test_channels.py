"""Each channel speaks its provider's protocol, and understands every way in which it is refused."""

from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications.channels import http, web_push
from mpp.notifications.channels.sealing import from_base64url, seal, to_base64url
from mpp.notifications.enums import MessageState
from mpp.notifications.models import ChannelState, Message, Way
from tests.notifications.conftest import BROWSER, PHONE, let_waits_run_out, put, send
from tests.notifications.servers import MailServer, Provider, Script
from tests.support.push import Reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("channels")]

SENT, PENDING, FAILED, UNKNOWN = (
    MessageState.SENT,
    MessageState.PENDING,
    MessageState.FAILED,
    MessageState.UNKNOWN,
)
ACCEPTED = {"messages": [{"id": "wamid.abc"}]}


def text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


def test_whatsapp_gets_a_template_with_the_facts_in_order(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    message = send(put("whatsapp"))
    assert (message.state, message.provider_id) == (SENT, "wamid.abc")
    [request] = provider.requests
    assert (request.path, request.headers["Authorization"]) == ("/1055/messages", "Bearer kunci-wa")
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281234567890",
        "type": "template",
        "template": {
            "name": "mpp_ticket_called",
            "language": {"code": "id"},
            "components": [{"type": "body", "parameters": [text("A-047"), text("3")]}],
        },
        "biz_opaque_callback_data": str(message.pk),
    }
    assert message.body == "Nomor A-047 dipanggil. Silakan ke loket 3 sekarang."


def test_fonnte_gets_the_text_as_a_form(provider: Script, channels: Settings) -> None:
    channels.NOTIFICATION_CHANNELS["whatsapp"] = "mpp.notifications.channels.fonnte.Fonnte"
    provider.answer(200, {"status": True, "id": ["80367170"], "process": "pending"})
    message = send(put("whatsapp"))
    assert (message.state, message.provider_id) == (SENT, "80367170")
    [request] = provider.requests
    assert (request.path, request.headers["Authorization"]) == ("/send", "kunci-fonnte")
    form = httpx.QueryParams(request.body.decode())
    assert (form["target"], form["countryCode"], form["message"]) == ("6281234567890", "0", message.body)


@pytest.mark.parametrize(
    ("reason", "state"),
    [("target invalid", FAILED), ("token invalid", PENDING), ("insufficient quota", PENDING)],
)
def test_fonnte_refuses_in_words(
    provider: Script, channels: Settings, reason: str, state: MessageState
) -> None:
    channels.NOTIFICATION_CHANNELS["whatsapp"] = "mpp.notifications.channels.fonnte.Fonnte"
    provider.answer(200, {"status": False, "reason": reason})
    message = send(put("whatsapp"))
    assert (message.state, message.error) == (state, reason)


def test_an_sms_gateway_is_told_in_its_own_words(provider: Script, channels: Settings) -> None:
    channels.SMS_BODY = '{"msisdn": "{to}", "message": "{text}", "ref": "{id}"}'
    channels.SMS_ID_FIELD = "data.message_id"
    provider.answer(202, {"data": [{"message_id": 77}]})
    message = send(put("sms", holder='ticket:"1'))
    assert (message.state, message.provider_id) == (SENT, "77")
    [request] = provider.requests
    assert request.headers["X-Key"] == "kunci-sms"
    assert request.json == {"msisdn": "6281234567890", "message": message.body, "ref": str(message.pk)}


def test_no_text_leaves_its_place_in_the_body_of_an_sms(provider: Script, channels: Settings) -> None:
    channels.SMS_URL += "?to={to}&text={text}"
    channels.SMS_METHOD = "GET"
    provider.answer(200, "OK")
    message = put("sms")
    Message.objects.update(params={"nomor": 'A&to=1"}', "loket": "3"})
    send(message)
    [request] = provider.requests
    query = httpx.URL(request.path).params
    assert (query.get_list("to"), 'A&to=1"}' in query["text"]) == (["6281234567890"], True)


def test_a_gateway_that_answers_200_to_everything_can_still_refuse(
    provider: Script, channels: Settings
) -> None:
    channels.SMS_ACCEPTED = '"status":0'
    provider.answer(200, '{"status":1}')
    assert send(put("sms")).state == FAILED


def test_a_mail_comes_with_subject_sender_and_text(mail: MailServer) -> None:
    message = send(put("email"))
    assert message.state == SENT
    [raw] = mail.mails
    parsed = message_from_string(raw, policy=policy.default)
    assert (parsed["to"], parsed["auto-submitted"]) == ("warga@contoh.id", "auto-generated")
    assert parsed["from"].addresses[0].addr_spec == "antrean@mpp.test"
    assert "Dipanggil" in parsed["subject"]
    assert message.body in parsed.get_content()
    assert parsed["message-id"] == message.provider_id
    assert "Jangan kabari lagi" in parsed.get_content()


def test_a_mail_to_people_of_the_house_tells_of_no_page_of_theirs(mail: MailServer) -> None:
    message = put("email")
    Message.objects.filter(pk=message.pk).update(way=None)
    assert send(message).state == SENT
    assert "Jangan kabari lagi" not in message_from_string(mail.mails[0], policy=policy.default).get_content()


@pytest.mark.parametrize(
    ("command", "reply", "state"),
    [
        ("RCPT", "550 no such user", FAILED),
        ("RCPT", "451 try later", PENDING),
        ("HELLO", "421 too many", PENDING),
        (".", "554 spam", FAILED),
        (".", "452 full", PENDING),
        # Taken or not? It must not come twice.
        (".", "HANG UP", UNKNOWN),
    ],
)
def test_a_mail_server_that_refuses(mail: MailServer, command: str, reply: str, state: MessageState) -> None:
    mail.replies[command] = reply
    assert send(put("email")).state == state


def test_a_push_message_is_signed_sealed_and_dies_in_time(
    provider: Script, provider_server: Provider
) -> None:
    provider.answer(201, location="/m/1")
    reader = Reader()
    message = send(put("push", recipient=f"{provider_server.url}/p/1", keys=reader.keys))
    assert (message.state, message.provider_id) == (SENT, "/m/1")
    [request] = provider.requests
    head = request.headers
    assert (head["Content-Encoding"], head["Urgency"]) == ("aes128gcm", "high")
    assert 100 < int(head["TTL"]) <= 120
    assert len(head["Topic"]) == 32
    token, key = head["Authorization"].removeprefix("vapid ").split(",")
    claims = json.loads(from_base64url(token.removeprefix("t=").split(".")[1]))
    assert (claims["aud"], claims["sub"]) == (provider_server.url, "mailto:admin@mpp.test")
    assert key == f"k={web_push.public_key()}"
    assert b"A-047" not in request.body
    assert reader.read(request.body) == {
        "text": "Nomor A-047 dipanggil. Silakan ke loket 3 sekarang.",
        "tag": f"mpp-{message.pk}",
        "lang": "id",
        "about": "A-047",
    }


def test_sealing_is_that_of_the_standard() -> None:
    """RFC 8291, section 5 and appendix A."""
    number = int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    key = ec.derive_private_key(number, ec.SECP256R1())
    salt = from_base64url("DGv6ra1nlYgDCS1FRnbzlw")
    words = b"When I grow up, I want to be a watermelon"
    assert to_base64url(seal(words, **BROWSER, key=key, salt=salt)) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"
        "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_that_is_gone_is_asked_no_more(provider: Script, provider_server: Provider) -> None:
    provider.answer(410)
    message = send(put("push", recipient=f"{provider_server.url}/p/1", keys=BROWSER))
    assert message.state == FAILED
    assert Way.objects.get().ended_at is not None


@pytest.mark.parametrize(
    "keys", [{}, {"p256dh": "!", "auth": "!"}, {**BROWSER, "p256dh": base64.b64encode(b"\4" * 65).decode()}]
)
def test_broken_keys_of_a_browser_harm_nobody(
    provider: Script, provider_server: Provider, keys: dict[str, str]
) -> None:
    assert send(put("push", recipient=f"{provider_server.url}/p/1", keys=keys)).state == FAILED
    assert provider.requests == []


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://db5p.notify.windows.com/w/?token=1", True),
        ("https://web.push.apple.com:443/Q", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.test/x", False),
        ("https://evilnotify.windows.com/x", False),
        ("https://notify.windows.com/x", False),
        ("https://fcm.googleapis.com@10.0.0.1/x", False),
        ("https://a:b@fcm.googleapis.com/x", False),
        ("https://10.0.0.1/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://[::1]/x", False),
        ("https://2130706433/x", False),
        ("https://0x7f.1/x", False),
        ("https://fcm.googleapis.com\\@10.0.0.1/x", False),
        ("https://fcm.googleapis.com:99999/x", False),
        ("https://fcm.googleapis.com/x#y", False),
        ("https://fcm。googleapis.com/x", False),
        ("ftp://fcm.googleapis.com/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_ever_called(settings: Settings, endpoint: str, allowed: bool) -> None:
    settings.PUSH_SERVICES = ["fcm.googleapis.com", "*.notify.windows.com", "*.push.apple.com"]
    assert web_push.is_allowed(endpoint) is allowed


def test_a_subscription_that_is_allowed_no_more_is_not_called(provider: Script) -> None:
    assert send(put("push", recipient="https://10.0.0.1/x", keys=BROWSER)).state == FAILED
    assert provider.requests == []


REFUSALS = [
    (500, {}, PENDING),
    (502, {}, PENDING),
    (401, {}, PENDING),
    (302, {"Location": "http://169.254.169.254/"}, PENDING),
    (400, {}, FAILED),
    (413, {}, FAILED),
    (504, {}, UNKNOWN),
]


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
@pytest.mark.parametrize(("status", "headers", "state"), REFUSALS)
def test_what_each_refusal_means(
    provider: Script, channel: str, status: int, headers: dict[str, str], state: MessageState
) -> None:
    provider.answer(status, **headers)
    assert send(put(channel)).state == state
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("code", "state"),
    [(131026, FAILED), (132000, FAILED), (130429, PENDING), (190, PENDING)],
)
def test_metas_own_codes_decide(provider: Script, code: int, state: MessageState) -> None:
    provider.answer(400, {"error": {"code": code, "message": "x"}})
    assert send(put("whatsapp")).state == state


@pytest.mark.parametrize("channel", ["whatsapp", "sms", "push"])
def test_429_is_obeyed_for_as_long_as_it_asks(
    provider: Script, provider_server: Provider, channel: str
) -> None:
    provider.answer(429, Retry_After="40").answer(200, ACCEPTED)
    at = clock.now()
    way: dict[str, Any] = (
        {"recipient": f"{provider_server.url}/p/1", "keys": BROWSER} if channel == "push" else {}
    )
    with clock.frozen(at):
        message = send(put(channel, seconds=600, **way))
        assert (message.state, message.due_at) == (PENDING, at + timedelta(seconds=40))
    with clock.frozen(at + timedelta(seconds=39)):
        # The channel rests for everybody.
        assert send(put(channel, seconds=600, holder="ticket:2", key="dua", **way)).attempts == 0
    with clock.frozen(at + timedelta(seconds=41)):
        send(message)
    assert Message.objects.filter(state=SENT).count() == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Sat, 28 Nov 2026 20:00:30 GMT", 30),
        ("99999", 3600),
        ("soon", None),
        ("", None),
        ("-4", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: int | None) -> None:
    wait = http.retry_after({"retry-after": value, "date": "Sat, 28 Nov 2026 20:00:00 GMT"})
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_a_slow_provider_may_have_sent_it_and_is_not_asked_twice(
    provider: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    provider.on_arrival = lambda: let_go.wait(5)
    quick = httpx.Client(timeout=0.15)
    monkeypatch.setattr(http, "_client", lambda: quick)
    provider.answer(200, ACCEPTED)
    message = send(put("whatsapp"))
    let_go.set()
    assert message.state == UNKNOWN
    let_waits_run_out()
    assert send(message).state == UNKNOWN
    assert len(provider.requests) == 1


def test_a_provider_that_is_not_there_is_tried_again(channels: Settings) -> None:
    channels.WHATSAPP_URL = "http://127.0.0.1:9"
    message = send(put("whatsapp"))
    assert (message.state, message.attempts) == (PENDING, 1)


def test_an_answer_nobody_understands_is_not_repeated(provider: Script) -> None:
    provider.answer(200, "<html>")
    assert send(put("whatsapp")).state == UNKNOWN


def test_a_huge_answer_is_not_read_to_its_end(provider: Script) -> None:
    provider.answer(400, "x" * 1_000_000)
    assert send(put("sms")).state == FAILED


def test_retries_wait_longer_each_time_and_end(provider: Script) -> None:
    provider.answer(500)
    message = put("whatsapp", seconds=36000)
    waits = []
    for _attempt in range(5):
        at = clock.now()
        with clock.frozen(at):
            send(message)
        waits.append(message.due_at - at)
        let_waits_run_out()
        ChannelState.objects.update(failures=0, resting_until=None)
    assert message.state == FAILED
    assert waits[:4] == sorted(waits[:4])
    assert len(provider.requests) == 5


def test_every_number_in_a_recipient_is_masked_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    send(put("console"))
    said = capsys.readouterr().out
    assert PHONE not in said
    assert "[pesan] ticket_called" in said
