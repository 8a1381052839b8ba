"""What a channel is: something that hands a message over, or says why it could not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class Parcel:
    """A message as it leaves: in words, with nothing left to look up.

    `values` are the event's blanks in their order, for providers that keep the texts themselves;
    `harmless` is for a locked screen; of one `topic` only the newest matters. `may_stop`: the reader chose
    to be told, and may choose otherwise; people of the house did not. `about` is the number or code that
    it tells of.
    """

    pk: int
    dedupe_key: str
    event: str
    recipient: str
    text: str
    language: str = "id"
    title: str = ""
    harmless: str = ""
    values: Sequence[str] = ()
    sender: str = ""
    seconds_left: int = 60
    is_urgent: bool = False
    topic: str = ""
    about: str = ""
    may_stop: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


class DeliveryError(Exception):
    """The message did not go out, as far as is known.

    `permanent`: trying again is useless (wrong number, refused). `is_gone`: nobody is there any more.
    `is_uncertain`: it may have gone out all the same. `retry_after`: what the provider asked for.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        is_gone: bool = False,
        is_uncertain: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent or is_gone
        self.is_gone = is_gone
        self.is_uncertain = is_uncertain
        self.retry_after = retry_after


class Channel(Protocol):
    """One way to reach people. Made in the relay, used in threads: it touches no database.

    `knows_duplicates`: the other side drops a second message with the same dedupe key, so a send
    that may or may not have happened can be repeated.
    """

    knows_duplicates: bool

    def send(self, parcel: Parcel) -> str:
        """Send, and return the provider's own number; raises `DeliveryError`."""
