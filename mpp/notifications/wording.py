"""The words of a message: the mall's own where it has written some, else the portal's."""

from __future__ import annotations

from mpp.core import revision
from mpp.notifications import events
from mpp.notifications.models import Message, Wording


def _own_words(_key: str) -> dict[tuple[str, str], str]:
    rows = Wording.objects.exclude(text="").values_list("event", "language", "text")
    return {(event, language): text for event, language, text in rows}


_own: revision.Memory[str, dict[tuple[str, str], str]] = revision.Memory(_own_words)


def text_of(event: str, language: str) -> str:
    """Return the text in force, with its blanks; raises `KeyError` for an unknown event."""
    own = _own.get(revision.at_entry().revision, "")
    return own.get((event, language)) or events.of(event).words[language]


def written(message: Message) -> str:
    """Return what this message says, or will say."""
    if message.body:
        return message.body
    return events.fill(text_of(message.event, message.language), message.params, message.language)


def preview(event: str, text: str, language: str) -> str:
    """Return `text`, or the portal's own when empty, filled with examples."""
    known = events.of(event)
    return events.fill(text or known.words[language], known.sample, language)
