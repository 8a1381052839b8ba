"""Reading settings from the environment: a wrong value stops the start with its name and the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# FileAwareEnv reads NAME from the file that NAME_FILE points to, when that is set (mounted secrets).
env = environ.FileAwareEnv()

YES = frozenset({"1", "true", "yes", "on", "ya"})
NO = frozenset({"", "0", "false", "no", "off", "tidak"})


def read_file(path: Path) -> None:
    """Add what a .env file says to the environment, when there is one; what is set already wins."""
    environ.Env.read_env(path)


def text(name: str, default: str | None = None) -> str:
    """Return a text without the line end that a secret's file carries; without a default it must be set."""
    try:
        value = str(env.str(name, default="" if default is None else default)).strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE tidak dapat dibaca: {error.strerror}.") from error
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} belum diisi. Isi {name} atau {name}_FILE.")
    return value


def flag(name: str, default: bool) -> bool:
    """Return a yes or a no; anything else is refused, not taken for a no."""
    value = text(name, "1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name}={value}: tulis 1 atau 0.")
    return value in YES


def number(name: str, default: int) -> int:
    """Return a whole number of zero or more."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value}: tulis angka bulat, paling kecil 0.")
    return int(value)


def choice(name: str, default: str, allowed: frozenset[str]) -> str:
    """Return one of the `allowed` words."""
    value = text(name, default)
    if value not in allowed:
        words = ", ".join(sorted(word or "(kosong)" for word in allowed))
        raise ImproperlyConfigured(f"{name}={value}: pilih salah satu dari {words}.")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Return a list written with commas."""
    return [word.strip() for word in text(name, ",".join(default)).split(",") if word.strip()]


def pairs(name: str, default: dict[str, str], allowed: frozenset[str] | None = None) -> dict[str, str]:
    """Return a JSON object of texts: {"Authorization": "Bearer …"}; with `allowed`, only these names."""
    try:
        found = json.loads(text(name, json.dumps(default)) or "{}")
    except ValueError as error:
        raise ImproperlyConfigured(f'{name} bukan objek JSON. Contoh: {{"nama": "nilai"}}.') from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ImproperlyConfigured(f'{name} bukan objek JSON berisi teks. Contoh: {{"nama": "nilai"}}.')
    if allowed is not None and (unknown := set(found) - allowed):
        raise ImproperlyConfigured(
            f"{name}: {sorted(unknown)[0]} tidak dikenal. Yang ada: {sorted(allowed)}."
        )
    return found


def email(value: str) -> dict[str, Any]:
    """Return Django's settings of the mail server in `value`: smtp+tls://user:password@host:587."""
    scheme = value.partition("://")[0]
    if scheme not in {"smtp", "smtps", "smtp+tls", "smtp+ssl"}:
        raise ImproperlyConfigured("EMAIL_URL harus diawali smtp://, smtp+tls:// atau smtp+ssl://.")
    return dict(environ.Env.email_url_config(value))


def url(name: str, schemes: frozenset[str]) -> str:
    """Return an address with one of these `schemes`."""
    value = text(name)
    if value.partition("://")[0] not in schemes:
        raise ImproperlyConfigured(f"{name} harus diawali {', '.join(f'{s}://' for s in sorted(schemes))}.")
    return value


def database(name: str) -> dict[str, Any]:
    """Return Django's settings of the PostgreSQL that the URL in `name` points to."""
    value = url(name, frozenset({"postgres", "postgresql", "pgsql"}))
    return dict(env.db_url_config(value))
