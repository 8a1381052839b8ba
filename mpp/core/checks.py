"""System checks: what is set wrong, each with an id and a remedy."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.security)
def check_secret_key(app_configs: Any, **kwargs: Any) -> list[Error]:
    """mpp.E001: the secret key must be long enough outside the demo."""
    if settings.DEMO or settings.TESTING or len(settings.SECRET_KEY) >= 50:
        return []
    return [
        Error(
            "SECRET_KEY kurang dari 50 karakter.",
            hint='Buat baru: python -c "import secrets; print(secrets.token_urlsafe(64))"',
            id="mpp.E001",
        )
    ]


@register(Tags.database)
def check_database_is_postgresql(app_configs: Any, **kwargs: Any) -> list[Error]:
    """mpp.E002: PostgreSQL is the only database."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return []
    return [Error("DATABASE_URL harus menunjuk PostgreSQL.", hint="postgres://…", id="mpp.E002")]


@register(Tags.security)
def check_hosts_are_named(app_configs: Any, **kwargs: Any) -> list[Error]:
    """mpp.E003: no wildcard host (header poisoning, trust.md T-22)."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [Error("ALLOWED_HOSTS berisi '*'.", hint="Sebut nama situsnya.", id="mpp.E003")]


@register(Tags.security)
def check_public_url(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """mpp.W001: slips and displays print this address."""
    if settings.DEMO or settings.TESTING or settings.PUBLIC_URL.startswith("https://"):
        return []
    return [
        Warning(
            "PUBLIC_URL belum berisi alamat https://.",
            hint="Kode QR pada karcis dan layar memakai alamat ini.",
            id="mpp.W001",
        )
    ]
