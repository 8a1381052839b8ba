"""A message is sent once, inside its time to live, whatever dies in between (trust.md R-04, R-32)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import outbox, relay
from mpp.notifications.enums import MessageState
from mpp.notifications.models import Message
from queueing import actions
from tests import factories as make
from tests.conftest import Place
from tests.support.server import ROOT, environment

CHANNELS = {
    "recording": "tests.notifications.recording.Recording",
    "deduplicating": "tests.notifications.recording.Deduplicating",
    "refusing": "tests.notifications.recording.Refusing",
    "refusing_forever": "tests.notifications.recording.RefusingForever",
}


@pytest.fixture(autouse=True)
def record(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "sent"
    monkeypatch.setenv("RECORDING_FILE", str(path))
    settings.NOTIFICATION_CHANNELS = CHANNELS
    settings.NOTIFICATION_CHANNEL = "recording"
    return path


def sent(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def put(key: str = "satu", *, seconds: int = 600) -> Message:
    with transaction.atomic():
        outbox.enqueue(
            event="ticket_called",
            channel=settings.NOTIFICATION_CHANNEL,
            recipient="+6281234567890",
            params={"nomor": "A-001", "loket": "3"},
            dedupe_key=key,
            not_after=clock.now() + timedelta(seconds=seconds),
        )
    return Message.objects.get(dedupe_key=key)


@pytest.mark.django_db
def test_a_message_is_sent_once_and_says_so(record: Path) -> None:
    put()
    assert relay.deliver_due() == 1
    assert relay.deliver_due() == 0
    message = Message.objects.get()
    assert (message.state, message.provider_id) == (MessageState.SENT, f"id-{message.pk}")
    assert sent(record) == ["satu"]


@pytest.mark.django_db
def test_asking_twice_makes_one_message(record: Path) -> None:
    put()
    put()
    assert relay.deliver_due() == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        outbox.enqueue(event="x", channel="x", recipient="x", dedupe_key="x", not_after=clock.now())


@pytest.mark.django_db
def test_a_message_past_its_time_is_never_sent(record: Path) -> None:
    put(seconds=-1)
    assert relay.deliver_due() == 0
    assert Message.objects.get().state == MessageState.EXPIRED
    assert sent(record) == []


@pytest.mark.django_db
def test_a_passing_failure_is_tried_again_later(settings: Settings) -> None:
    settings.NOTIFICATION_CHANNEL = "refusing"
    put()
    relay.deliver_due()
    message = Message.objects.get()
    assert (message.state, message.attempts) == (MessageState.PENDING, 1)
    assert message.due_at > clock.now()


@pytest.mark.django_db
def test_a_permanent_failure_stops(settings: Settings) -> None:
    settings.NOTIFICATION_CHANNEL = "refusing_forever"
    put()
    relay.deliver_due()
    assert Message.objects.get().state == MessageState.FAILED


@pytest.mark.django_db
def test_a_failing_message_does_not_hold_up_the_next(settings: Settings, record: Path) -> None:
    settings.NOTIFICATION_CHANNEL = "refusing_forever"
    put("rusak")
    settings.NOTIFICATION_CHANNEL = "recording"
    put("baik")
    assert relay.deliver_due() == 1
    assert sent(record) == ["baik"]


@pytest.mark.django_db
def test_a_lost_lease_sends_nothing(record: Path) -> None:
    put()
    [message] = relay.claim(10)
    Message.objects.update(leased_until=clock.now() + timedelta(seconds=90))
    assert relay.begin(message) is None


@pytest.mark.django_db
def test_a_call_of_someone_with_a_phone_leaves_one_message(place: Place, record: Path) -> None:
    make.issue(place.service, phone="+6281234567890")
    session = make.open_session(place.agency, place.counter, place.officer)
    actions.call_next(session=session, by=place.officer)
    assert list(Message.objects.order_by("pk").values_list("event", flat=True)) == [
        "ticket_issued",
        "ticket_called",
    ]
    # The word of the call overtakes the other.
    assert relay.deliver_due() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_relays_at_once_send_each_message_once(record: Path) -> None:
    for number in range(40):
        put(f"pesan-{number}")

    def run() -> None:
        relay.deliver_due()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent(record)) == sorted(f"pesan-{number}" for number in range(40))


RELAY = """
import django, os
from unittest import mock
django.setup()
from django.conf import settings
settings.NOTIFICATION_CHANNELS = {channels!r}
from mpp.notifications import relay
{setup}
print("ready", flush=True)
relay.deliver_due()
"""


def kill_relay(setup: str, wait_for: Path | None, **env: str) -> None:
    """Run the relay in its own process and kill -9 it: after `wait_for` exists, or when it says so."""
    code = RELAY.format(channels=CHANNELS, setup=setup)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(
            DJANGO_SETTINGS_MODULE="mpp.settings", RECORDING_FILE=os.environ["RECORDING_FILE"], **env
        ),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while (line := process.stdout.readline()) and line.strip() != "here":
        if line.strip() == "ready" and wait_for:
            break
    end = time.monotonic() + 20
    while wait_for and not wait_for.exists() and time.monotonic() < end:
        time.sleep(0.05)
    process.kill()
    process.wait()


def let_leases_run_out() -> None:
    Message.objects.exclude(leased_until=None).update(leased_until=clock.now() - timedelta(seconds=1))


HANG_AFTER_CLAIM = """
import time
def hang(message):
    print("here", flush=True)
    time.sleep(60)
relay.begin = hang
"""
HANG_IN_SEND = """
import time
from tests.notifications import recording
def hang(self, parcel):
    print("here", flush=True)
    time.sleep(60)
recording.Recording.send = hang
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_claim_loses_nothing_and_doubles_nothing(record: Path) -> None:
    put()
    kill_relay(HANG_AFTER_CLAIM, None)
    assert Message.objects.get().state == MessageState.LEASED
    assert relay.deliver_due() == 0
    let_leases_run_out()
    assert relay.deliver_due() == 1
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_is_not_repeated_where_it_could_double(record: Path) -> None:
    put()
    kill_relay("", record, RECORDING_AFTER="60")
    let_leases_run_out()
    assert relay.deliver_due() == 0
    assert Message.objects.get().state == MessageState.UNKNOWN
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_is_repeated_where_the_provider_drops_doubles(
    record: Path, settings: Settings
) -> None:
    settings.NOTIFICATION_CHANNEL = "deduplicating"
    put()
    kill_relay(HANG_IN_SEND, None)
    let_leases_run_out()
    assert relay.deliver_due() == 1
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_without_the_dedupe_the_same_death_would_double(record: Path, settings: Settings) -> None:
    settings.NOTIFICATION_CHANNEL = "deduplicating"
    put()
    kill_relay("", record, RECORDING_AFTER="60")
    let_leases_run_out()
    settings.NOTIFICATION_CHANNELS = {"deduplicating": "tests.notifications.recording.Recording"}
    message = Message.objects.get()
    Message.objects.filter(pk=message.pk).update(state=MessageState.PENDING)
    relay.deliver_due()
    assert sent(record) == ["satu", "satu"]
