"""System checks of the channels: what is set by half, each with an id and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_KEY = 20
GUIDE = "docs/operasi/pesan.md"


@register(Tags.security)
def check_channels(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """mpp.E010 … E013, mpp.W010: every channel is whole, encrypted, and hears what people answer."""
    return [*_halves(), *_addresses(), *_keys(), *_deaf()]


def _halves() -> Iterator[Error]:
    pairs = [
        ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_ID"),
        ("EMAIL_URL", "EMAIL_FROM"),
    ]
    for one, other in pairs:
        if bool(getattr(settings, one)) != bool(getattr(settings, other)):
            yield Error(f"{one} dan {other} hanya terisi satu.", hint=f"Isi keduanya: {GUIDE}", id="mpp.E010")
    if settings.VAPID_CONTACT and "@" not in settings.VAPID_CONTACT:
        yield Error("VAPID_CONTACT bukan alamat e-mail.", hint="Contoh: admin@mpp.go.id", id="mpp.E011")


def _addresses() -> Iterator[Error]:
    if settings.DEMO or settings.TESTING:
        return
    named = [("WHATSAPP_URL", settings.WHATSAPP_URL), ("FONNTE_URL", settings.FONNTE_URL)]
    named += [("SMS_URL", settings.SMS_URL)] if settings.SMS_URL else []
    for name, url in named:
        if not url.startswith("https://"):
            yield Error(f"{name} bukan alamat https://.", hint="Supaya nomor warga tersandi.", id="mpp.E012")
    if any("://" in service for service in settings.PUSH_SERVICES):
        yield Error("PUSH_SERVICES berisi alamat.", hint="Tulis nama hosnya saja.", id="mpp.E012")


def _keys() -> Iterator[Error]:
    for name in ("FONNTE_WEBHOOK_KEY", "SMS_WEBHOOK_KEY", "WHATSAPP_VERIFY_TOKEN"):
        if 0 < len(getattr(settings, name)) < SHORTEST_KEY:
            hint = 'Buat: python -c "import secrets; print(secrets.token_urlsafe(24))"'
            yield Error(f"{name} kurang dari {SHORTEST_KEY} karakter.", hint=hint, id="mpp.E013")


def _deaf() -> Iterator[Warning]:
    needs = {
        "WHATSAPP_APP_SECRET": settings.WHATSAPP_TOKEN,
        "FONNTE_WEBHOOK_KEY": settings.FONNTE_TOKEN and not settings.WHATSAPP_TOKEN,
        "SMS_WEBHOOK_KEY": settings.SMS_URL,
    }
    for name, is_needed in needs.items():
        if is_needed and not getattr(settings, name):
            words = f"{name} kosong: jawaban BERHENTI dan kabar terkirim tidak terbaca."
            yield Warning(words, hint=GUIDE, id="mpp.W010")
