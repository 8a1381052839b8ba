"""A channel that fails rests, and one that costs money stops at its cap; no message is lost for it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import limits, relay
from mpp.notifications.enums import MessageState
from mpp.notifications.models import ChannelRule, ChannelState, Message
from tests.notifications.conftest import let_waits_run_out, put, send
from tests.notifications.servers import MailServer, Script

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("channels")]

ACCEPTED = {"messages": [{"id": "wamid.abc"}]}


def put_many(count: int, channel: str = "whatsapp", seconds: float = 600) -> list[Message]:
    return [
        put(channel, holder=f"ticket:{number}", key=f"pesan-{number}", seconds=seconds)
        for number in range(count)
    ]


def before() -> datetime:
    return clock.now() - timedelta(seconds=1)


def states() -> dict[str, int]:
    rows = list(Message.objects.values_list("state", flat=True))
    return {state: rows.count(state) for state in set(rows)}


def test_five_failures_let_a_channel_rest_and_its_messages_wait(provider: Script, mail: MailServer) -> None:
    provider.answer(500)
    put_many(20)
    relay.deliver_due()
    asked = len(provider.requests)
    assert asked < 20
    assert relay.deliver_due() == 0
    assert len(provider.requests) == asked
    assert states() == {MessageState.PENDING: 20}
    # Another channel goes on.
    assert send(put("email", holder="ticket:mail", key="surat")).state == MessageState.SENT


def test_after_its_rest_one_message_tries_the_channel_for_all(provider: Script) -> None:
    ChannelState.objects.create(
        channel="whatsapp", failures=5, resting_until=clock.now() - timedelta(seconds=1)
    )
    put_many(6)
    provider.answer(500)
    relay.deliver_due()
    assert len(provider.requests) == 1
    ChannelState.objects.update(resting_until=clock.now() - timedelta(seconds=1))
    let_waits_run_out()
    provider.answers.clear()
    provider.answer(200, ACCEPTED)
    assert relay.deliver_due() == 6
    assert ChannelState.objects.get().failures == 0


def test_each_rest_is_longer_up_to_five_minutes() -> None:
    limits.spend("sms", clock.today())
    at = clock.now()
    rests = []
    for _failure in range(12):
        limits.failed("sms", at)
        until = ChannelState.objects.get().resting_until
        rests.append(until - at if until else timedelta())
    assert rests[:5] == [timedelta()] * 4 + [limits.FIRST_REST]
    assert rests == sorted(rests)
    assert rests[-1] == limits.LONGEST_REST


def test_of_all_workers_one_tries_a_rested_channel() -> None:
    at = clock.now()
    ChannelState.objects.create(channel="sms", resting_until=at)
    assert [limits.try_again("sms", at) for _worker in range(3)] == [True, False, False]


def test_a_refused_recipient_is_no_failure_of_the_channel(provider: Script) -> None:
    provider.answer(400)
    put_many(7)
    relay.deliver_due()
    assert states() == {MessageState.FAILED: 7}
    assert len(provider.requests) == 7


def test_a_message_past_its_time_expires_behind_a_resting_channel(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    ChannelState.objects.create(channel="whatsapp", resting_until=clock.now() + timedelta(minutes=5))
    message = put("whatsapp", seconds=-1)
    assert send(message).state == MessageState.EXPIRED
    assert provider.requests == []


def test_the_days_cap_holds_and_tomorrow_is_a_new_day(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    ChannelRule.objects.update_or_create(channel="whatsapp", defaults={"daily_cap": 3})
    at = clock.now()
    with clock.frozen(at):
        put_many(5, seconds=3 * 86400)
        assert relay.deliver_due() == 3
        assert states() == {MessageState.SENT: 3, MessageState.PENDING: 2}
        assert Message.objects.filter(error="batas harian saluran tercapai").count() == 2
    with clock.frozen(at + timedelta(days=1)):
        assert relay.deliver_due() == 2


def test_what_a_provider_refuses_costs_nothing(provider: Script) -> None:
    provider.answer(400).answer(200, ACCEPTED)
    ChannelRule.objects.update_or_create(channel="whatsapp", defaults={"daily_cap": 1})
    put_many(1)
    relay.deliver_due()
    put("whatsapp", holder="ticket:9", key="baik")
    assert relay.deliver_due() == 1


def test_a_channel_that_is_switched_off_sends_nothing(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    ChannelRule.objects.update_or_create(channel="whatsapp", defaults={"is_on": False})
    assert send(put("whatsapp")).state == MessageState.PENDING
    assert provider.requests == []


def test_a_channel_that_lost_its_settings_keeps_its_messages(channels: Settings) -> None:
    message = put("sms")
    del channels.NOTIFICATION_CHANNELS["sms"]
    assert (send(message).state, message.error) == (MessageState.PENDING, "saluran belum diatur")


@pytest.mark.parametrize("harm", [{"event": "tidak_ada"}, {"params": {"nomor": {"moment": "kapan"}}}])
def test_a_row_that_cannot_be_read_does_not_hold_up_the_next(
    provider: Script, harm: dict[str, object]
) -> None:
    provider.answer(200, ACCEPTED)
    bad = put("whatsapp", key="rusak")
    Message.objects.filter(pk=bad.pk).update(**harm)
    good = put("whatsapp", holder="ticket:2", key="baik")
    assert relay.deliver_due() == 1
    good.refresh_from_db()
    assert good.state == MessageState.SENT
    assert send(bad).state == MessageState.FAILED


@pytest.mark.django_db(transaction=True)
def test_the_last_place_of_a_day_is_spent_once() -> None:
    ChannelRule.objects.update_or_create(channel="sms", defaults={"daily_cap": 3})
    today = clock.today()
    spent: list[bool] = []

    def spend() -> None:
        spent.append(limits.spend("sms", today))
        connection.close()

    threads = [threading.Thread(target=spend) for _worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(spent) == 3
