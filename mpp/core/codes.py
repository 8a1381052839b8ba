"""Short codes that people read out aloud and type: for a booking, for pairing a device."""

from __future__ import annotations

import secrets

# No characters that look or sound like another, and no words.
CODE_CHARACTERS = "34679CDFHJKMNPRTVWXY"


def new_code(length: int) -> str:
    """Return a fresh random code."""
    return "".join(secrets.choice(CODE_CHARACTERS) for _character in range(length))


def normal_code(text: str) -> str:
    """Return a code as it is kept: "k7m 4px" becomes "K7M4PX"."""
    return "".join(character for character in text.upper() if character.isalnum())
