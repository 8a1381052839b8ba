"""`kill -9` of the worker at every step, with a provider that counts what reaches it (trust.md R-04a)."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db.models import QuerySet

from mpp.notifications import limits, relay
from mpp.notifications.channels import http
from mpp.notifications.enums import Delivery, MessageState
from mpp.notifications.models import ChannelState, Message
from mpp.notifications.receipts import delivered
from tests.notifications.conftest import BROWSER, die, let_waits_run_out, put, relay_that_dies
from tests.notifications.servers import Provider, Script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("channels")]

ACCEPTED = {"messages": [{"id": "wamid.abc"}]}


def after_the_claim() -> None:
    mock.patch.object(relay, "begin", die).start()


def after_the_cap_was_charged() -> None:
    spend = limits.spend

    def spend_and_die(*args: Any) -> None:
        spend(*args)
        die()

    mock.patch.object(limits, "spend", spend_and_die).start()


def before_the_request() -> None:
    mock.patch.object(http, "post", die).start()


def after_the_answer() -> None:
    mock.patch.object(relay, "finish", die).start()


def while_settling() -> None:
    update = QuerySet.update

    def update_or_die(rows: QuerySet[Any], **fields: Any) -> int:
        if fields.get("state") == MessageState.SENT:
            die()
        return update(rows, **fields)

    mock.patch.object(QuerySet, "update", update_or_die).start()


@pytest.mark.parametrize(
    ("step", "left", "asked"),
    [
        (after_the_claim, MessageState.LEASED, 0),
        (after_the_cap_was_charged, MessageState.LEASED, 0),
        (before_the_request, MessageState.SENDING, 0),
        (after_the_answer, MessageState.SENDING, 1),
        (while_settling, MessageState.SENDING, 1),
    ],
)
def test_nothing_is_doubled_and_what_never_left_is_sent(
    provider: Script, step: Any, left: MessageState, asked: int
) -> None:
    provider.answer(200, ACCEPTED)
    message = put("whatsapp", seconds=600)
    relay_that_dies(step)
    message.refresh_from_db()
    assert (message.state, len(provider.requests)) == (left, asked)
    assert relay.deliver_due() == 0
    let_waits_run_out()
    relay.deliver_due()
    message.refresh_from_db()
    if left == MessageState.LEASED:
        assert (message.state, len(provider.requests)) == (MessageState.SENT, 1)
    else:
        # It may have gone out: staff see that nobody knows.
        assert (message.state, len(provider.requests)) == (MessageState.UNKNOWN, asked)


def test_a_worker_killed_in_the_middle_of_a_request_has_sent_once(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    message = put("whatsapp", seconds=600)

    def die_in_the_request() -> None:
        stream = http._client().stream

        def stream_and_die(*args: Any, **kwargs: Any) -> Any:
            with stream(*args, **kwargs):
                die()

        mock.patch.object(http._client(), "stream", stream_and_die).start()

    relay_that_dies(die_in_the_request)
    let_waits_run_out()
    relay.deliver_due()
    message.refresh_from_db()
    assert (message.state, len(provider.requests)) == (MessageState.UNKNOWN, 1)
    # The provider's own word settles it.
    delivered(key=str(message.pk), provider_id="wamid.abc", delivery=Delivery.DELIVERED)
    message.refresh_from_db()
    assert (message.state, message.delivery) == (MessageState.SENT, Delivery.DELIVERED)


def test_a_push_message_is_sent_again_since_the_browser_shows_it_once(
    provider: Script, provider_server: Provider
) -> None:
    provider.answer(201)
    put("push", recipient=f"{provider_server.url}/p/1", keys=BROWSER, seconds=600)
    relay_that_dies(after_the_answer)
    let_waits_run_out()
    assert relay.deliver_due() == 1
    assert len({request.headers["Topic"] for request in provider.requests}) == 1
    assert len(provider.requests) == 2


def test_after_a_death_the_cap_counts_too_much_rather_than_too_little(provider: Script) -> None:
    provider.answer(200, ACCEPTED)
    put("whatsapp", seconds=600)
    relay_that_dies(after_the_cap_was_charged)
    let_waits_run_out()
    relay.deliver_due()
    assert ChannelState.objects.get().sent == 2
    assert Message.objects.get().state == MessageState.SENT
