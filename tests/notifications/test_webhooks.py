"""What providers report: believed only with a proof, harmless twice and in any order."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import relay, ways
from mpp.notifications.enums import Delivery, MessageState
from mpp.notifications.models import Message, Stop
from tests.conftest import Place
from tests.notifications.conftest import PHONE, put, send
from tests.notifications.servers import Script

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("channels", "place")]

ACCEPTED = {"messages": [{"id": "wamid.abc"}]}


def post(client: Client, value: dict[str, Any], key: str = "rahasia-wa") -> int:
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]})
    mac = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    answer = client.post(
        "/pesan/whatsapp/",
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": f"sha256={mac}"},
    )
    return answer.status_code


def status(message: Message, word: str, **more: Any) -> dict[str, Any]:
    return {"statuses": [{"id": message.provider_id, "status": word, "timestamp": "1", **more}]}


def said(words: str, at: datetime | None = None) -> dict[str, Any]:
    moment = str(int((at or clock.now()).timestamp()) + 1)
    return {"messages": [{"from": "6281234567890", "timestamp": moment, "text": {"body": words}}]}


@pytest.fixture
def sent(provider: Script) -> Message:
    provider.answer(200, ACCEPTED)
    return send(put("whatsapp"))


def delivery_of(message: Message) -> str:
    message.refresh_from_db()
    return message.delivery


def test_meta_is_answered_its_challenge(client: Client) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "periksa", "hub.challenge": "1158201444"}
    answer = client.get("/pesan/whatsapp/", asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer["Content-Type"].startswith("text/plain")
    assert client.get("/pesan/whatsapp/", asked | {"hub.verify_token": "lain"}).status_code == 403
    assert client.get("/pesan/whatsapp/").status_code == 403


def test_receipts_show_how_far_a_message_came(client: Client, sent: Message) -> None:
    for word, expected in (("sent", ""), ("delivered", "DELIVERED"), ("read", "READ")):
        assert post(client, status(sent, word)) == 200
        assert delivery_of(sent) == expected


@pytest.mark.parametrize("order", list(itertools.permutations(["delivered", "read", "failed"])))
def test_receipts_are_harmless_twice_and_in_any_order(
    client: Client, sent: Message, order: tuple[str, ...]
) -> None:
    for word in (*order, *order):
        post(client, status(sent, word))
    assert delivery_of(sent) == Delivery.READ


def test_a_failed_receipt_says_why(client: Client, sent: Message) -> None:
    post(client, status(sent, "failed", errors=[{"code": 131026, "title": "Message undeliverable"}]))
    assert delivery_of(sent) == Delivery.FAILED
    assert sent.error == "131026 Message undeliverable"


@pytest.mark.parametrize("secret", ["", "lain"])
def test_a_wrong_signature_changes_nothing(client: Client, sent: Message, secret: str) -> None:
    assert post(client, status(sent, "read"), secret) == 403
    assert post(client, said("STOP"), secret) == 403
    assert delivery_of(sent) == Delivery.NONE
    assert not Stop.objects.exists()


def test_without_a_signature_nothing_is_read(client: Client) -> None:
    assert client.post("/pesan/whatsapp/", "{}", content_type="application/json").status_code == 403


def test_a_receipt_that_is_faster_than_the_answer_is_kept(client: Client, provider: Script) -> None:
    message = put("whatsapp")
    [claimed] = relay.claim(1)
    assert relay.begin(claimed)
    receipt = {"id": "wamid.abc", "status": "delivered", "biz_opaque_callback_data": str(message.pk)}
    assert post(client, {"statuses": [receipt]}) == 200
    message.refresh_from_db()
    assert (message.state, message.delivery) == (MessageState.SENT, Delivery.DELIVERED)


def test_a_receipt_does_not_revive_what_was_never_sent(client: Client) -> None:
    message = put("whatsapp")
    receipt = {"id": "wamid.x", "status": "delivered", "biz_opaque_callback_data": str(message.pk)}
    post(client, {"statuses": [receipt]})
    message.refresh_from_db()
    assert message.state == MessageState.PENDING


@pytest.mark.parametrize(
    "value",
    [
        {"statuses": "x"},
        {"statuses": [1, None, {"status": 5, "id": None, "biz_opaque_callback_data": "9" * 40}]},
        {"messages": [{"text": "STOP"}, {"from": None, "text": {"body": None}}]},
        {"messages": [{"from": "<script>", "timestamp": "99999999999999", "text": {"body": "STOP"}}]},
    ],
)
def test_nonsense_with_a_good_signature_is_borne(client: Client, value: dict[str, Any]) -> None:
    assert post(client, value) == 200
    assert not Stop.objects.exists()


@pytest.mark.parametrize("word", ["STOP", "berhenti", " Stop. ", "BERHENTI!"])
def test_a_stop_word_ends_the_messages(client: Client, provider: Script, word: str) -> None:
    provider.answer(200, ACCEPTED)
    message, text = put("whatsapp"), put("sms", holder="ticket:2", key="dua")
    assert post(client, said(word)) == 200
    assert send(message).state == MessageState.DROPPED
    assert message.error == "penerima minta berhenti"
    # To the same number by another way as well.
    text.refresh_from_db()
    assert (text.state, provider.requests) == (MessageState.DROPPED, [])


@pytest.mark.parametrize("words", ["jangan berhenti", "stop di mana?", "", "terima kasih"])
def test_other_answers_end_nothing(client: Client, words: str) -> None:
    post(client, said(words))
    assert not Stop.objects.exists()


def test_a_new_consent_after_a_stop_counts_and_a_replay_does_not_end_it(
    client: Client, provider: Script
) -> None:
    provider.answer(200, ACCEPTED)
    at = clock.now()
    put("whatsapp", holder="ticket:1")
    stop = said("STOP", at + timedelta(seconds=5))
    with clock.frozen(at + timedelta(seconds=10)):
        post(client, stop)
        assert relay.deliver_due() == 0
    with clock.frozen(at + timedelta(seconds=60)):
        put("whatsapp", holder="ticket:2", key="baru")
        post(client, stop)
        assert relay.deliver_due() == 1


def test_a_stop_also_holds_for_people_of_the_house(client: Client) -> None:
    Stop.objects.create(recipient=PHONE, channel="sms", at=clock.now())
    message = put("whatsapp")
    Message.objects.update(way=None)
    assert send(message).state == MessageState.DROPPED


def test_who_gives_up_a_way_is_told_nothing_more(provider: Script) -> None:
    message = put("whatsapp")
    ways.give_up(holder="ticket:1")
    assert send(message).state == MessageState.DROPPED


def test_fonnte_and_the_sms_gateway_prove_themselves_by_their_address(
    client: Client, channels: Settings, sent: Message
) -> None:
    Message.objects.update(provider_id="80367170")
    for name, state in (("fonnte", "status"), ("sms", "status")):
        wrong = client.post(f"/pesan/{name}/tebakan/", {"id": "80367170", state: "read"})
        assert wrong.status_code == 404
    assert delivery_of(sent) == Delivery.NONE
    report = {"id": "80367170", "state": "delivered"}
    assert client.post("/pesan/fonnte/rahasia-fonnte/", report).status_code == 200
    assert delivery_of(sent) == Delivery.DELIVERED
    answer = json.dumps({"id": 80367170, "status": "READ"})
    assert client.post("/pesan/sms/rahasia-sms/", answer, content_type="application/json").status_code == 200
    assert delivery_of(sent) == Delivery.READ
    client.post("/pesan/fonnte/rahasia-fonnte/", {"sender": "6281234567890", "message": "berhenti"})
    assert Stop.objects.get().recipient == PHONE


def test_a_gateway_has_names_of_its_own(client: Client, channels: Settings, sent: Message) -> None:
    channels.SMS_FIELDS = {"number": "message_id", "state": "dlr", "sender": "msisdn", "text": "body"}
    client.post("/pesan/sms/rahasia-sms/", {"message_id": "wamid.abc", "dlr": "delivered"})
    client.post("/pesan/sms/rahasia-sms/", {"msisdn": "081234567890", "body": "stop"})
    assert (delivery_of(sent), Stop.objects.get().recipient) == (Delivery.DELIVERED, PHONE)


def test_addresses_of_channels_that_are_not_set_up_are_not_there(
    client: Client, channels: Settings, place: Place
) -> None:
    channels.WHATSAPP_APP_SECRET = channels.FONNTE_WEBHOOK_KEY = channels.SMS_WEBHOOK_KEY = ""
    assert client.post("/pesan/whatsapp/").status_code == 404
    assert client.post("/pesan/fonnte/x/").status_code == 404
    assert client.post("/pesan/sms/x/").status_code == 404
