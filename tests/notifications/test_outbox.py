"""A message is sent once, inside its time to live, whatever dies in between (trust.md R-04, R-32)."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from unittest import mock

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
from tests.notifications import recording
from tests.notifications.conftest import die, let_waits_run_out, relay_that_dies

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


def after_the_claim() -> None:
    mock.patch.object(relay, "begin", die).start()


def before_it_leaves() -> None:
    mock.patch.object(recording.Recording, "send", die).start()


def after_it_left() -> None:
    mock.patch.object(relay, "finish", die).start()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_claim_loses_nothing_and_doubles_nothing(record: Path) -> None:
    put()
    relay_that_dies(after_the_claim)
    assert Message.objects.get().state == MessageState.LEASED
    assert relay.deliver_due() == 0
    let_waits_run_out()
    assert relay.deliver_due() == 1
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_is_not_repeated_where_it_could_double(record: Path) -> None:
    put()
    relay_that_dies(after_it_left)
    let_waits_run_out()
    assert relay.deliver_due() == 0
    assert Message.objects.get().state == MessageState.UNKNOWN
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_is_repeated_where_the_provider_drops_doubles(
    record: Path, settings: Settings
) -> None:
    settings.NOTIFICATION_CHANNEL = "deduplicating"
    put()
    relay_that_dies(before_it_leaves)
    let_waits_run_out()
    assert relay.deliver_due() == 1
    assert sent(record) == ["satu"]


@pytest.mark.django_db(transaction=True)
def test_without_the_dedupe_the_same_death_would_double(record: Path, settings: Settings) -> None:
    settings.NOTIFICATION_CHANNEL = "deduplicating"
    put()
    relay_that_dies(after_it_left)
    let_waits_run_out()
    settings.NOTIFICATION_CHANNELS = {"deduplicating": "tests.notifications.recording.Recording"}
    Message.objects.update(state=MessageState.PENDING)
    relay.deliver_due()
    assert sent(record) == ["satu", "satu"]
