"""The ways to be told that the mall offers, for forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mpp.notifications import channels
from mpp.notifications.enums import BY_PHONE, Kind


def typed_ways() -> list[tuple[str, str]]:
    """Return the ways that somebody can write down, with their names; web push needs a script."""
    return [(kind.value, kind.for_people) for kind in channels.offered() if kind != Kind.PUSH]


def phone_ways() -> list[tuple[str, str]]:
    """Return the ways to reach a mobile number."""
    return [way for way in typed_ways() if way[0] in BY_PHONE]


class WayField(forms.ChoiceField):
    """How to be told at a mobile number, where the mall offers several ways; "" leaves it to the mall."""

    def __init__(self, **kwargs: Any) -> None:
        words = {"invalid_choice": _("Cara itu tidak ada di sini.")}
        super().__init__(required=False, choices=phone_ways, error_messages=words, **kwargs)

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Return the ways to tick; with one there is nothing to choose."""
        return phone_ways()
