"""Signing in: every try is recorded and limited, for the page and for the API alike (trust.md S-055)."""

from __future__ import annotations

import math
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, revision, tokens
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from mpp.core.net import client_address
from mpp.core.text import clean_text
from tenants.models import ApiToken, DeskPin, SignInAttempt, User

WINDOW = timedelta(minutes=15)
FAILURES_PER_USERNAME = 10
FAILURES_PER_ADDRESS = 50
# An address from which this person has signed in lately has its own count.
KNOWN_ADDRESS = timedelta(days=30)

USERNAME_LENGTH = 150
PASSWORD_LENGTH = 1000
API_TOKEN_LIFE = timedelta(hours=12)

SIGN_IN_REFUSED = "account.sign_in_refused"


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """Return the active person with these credentials and record the try; starts no session.

    Raises `Refusal`: 400 for text that cannot be a name or a password, 401 for a wrong one (the
    same words and the same work for a name that does not exist), 429 with `wait_seconds` after
    too many failures of one name or from one address.
    """
    username = unicodedata.normalize("NFKC", clean_text(username, limit=USERNAME_LENGTH, field="username"))
    user, attempt = _proven(request, username, password)
    with transaction.atomic():
        attempt.succeeded = True
        attempt.save(update_fields=["succeeded"])
        # Who knows the password may try the PIN again.
        DeskPin.objects.filter(user=user).update(failures=0)
        audit.record("account.sign_in", by=user, target=username, address=attempt.address)
    return user


def prove_password(request: HttpRequest, password: str, *, by: User) -> None:
    """Make sure that the person who is signed in is here; refused and limited as a sign-in."""
    _user, attempt = _proven(request, by.get_username(), password)
    attempt.succeeded = True
    attempt.save(update_fields=["succeeded"])


def _proven(request: HttpRequest, username: str, password: str) -> tuple[User, SignInAttempt]:
    clean_text(password, limit=PASSWORD_LENGTH, field="password")
    attempt = _admit(username, client_address(request))
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        audit.record("account.sign_in_failed", target=username, address=attempt.address)
        raise Refusal("sign_in_failed", _("Nama pengguna atau kata sandi salah. Periksa lagi."), status=401)
    return user, attempt


def _admit(username: str, address: str) -> SignInAttempt:
    """Write the try down as failed, then count: tries at the same moment cannot pass together."""
    at = clock.now()
    attempt = SignInAttempt.objects.create(username=username, address=address, at=at, succeeded=False)
    by_name = _full_until(attempt, FAILURES_PER_USERNAME, **_name_bucket(attempt))
    by_address = _full_until(attempt, FAILURES_PER_ADDRESS, address=address)
    until = max(filter(None, (by_name, by_address)), default=None)
    if until is None:
        return attempt
    # A refused try is not a failure: the time told to a waiting person must stay true.
    attempt.delete()
    _record_refusal(attempt, target=username if by_name else address)
    seconds = math.ceil((until - at).total_seconds())
    raise Refusal(
        "too_many_tries",
        _("Terlalu banyak percobaan. Coba lagi %(minutes)d menit lagi.")
        % {"minutes": math.ceil(seconds / 60)},
        status=429,
        wait_seconds=seconds,
    )


def _name_bucket(attempt: SignInAttempt) -> dict[str, Any]:
    """Return which failures count against this name.

    A stranger elsewhere must not lock an officer out at opening time (S-055, T-21).
    """
    same = {"username": attempt.username, "address": attempt.address}
    known = SignInAttempt.objects.filter(**same, succeeded=True, at__gt=attempt.at - KNOWN_ADDRESS)
    return same if known.exists() else {"username": attempt.username}


def _full_until(attempt: SignInAttempt, limit: int, **bucket: Any) -> datetime | None:
    """Return when this bucket lets the next try in, or None when it does now."""
    failures = SignInAttempt.objects.filter(**bucket, succeeded=False, at__gt=attempt.at - WINDOW)
    times = failures.exclude(pk=attempt.pk).order_by("-at").values_list("at", flat=True)
    last_that_counts = times[limit - 1 : limit].first()
    return last_that_counts + WINDOW if last_that_counts else None


def _record_refusal(attempt: SignInAttempt, *, target: str) -> None:
    """Audit the first refusal of a window only: a flood must not grow a table that never shrinks."""
    recent = AuditEntry.objects.filter(action=SIGN_IN_REFUSED, target=target, at__gt=attempt.at - WINDOW)
    if not recent.exists():
        audit.record(SIGN_IN_REFUSED, target=target, address=attempt.address)


def issue_api_token(user: User) -> str:
    """Return a new key to the API for `user`, valid for twelve hours; it is shown this once."""
    token = tokens.new_secret()
    at = clock.now()
    with transaction.atomic():
        ApiToken.objects.filter(user=user, expires_at__lte=at).delete()
        ApiToken.objects.create(
            user=user, digest=tokens.digest(token), created_at=at, expires_at=at + API_TOKEN_LIFE
        )
        audit.record("account.api_token", by=user)
    return token


def user_of_api_token(token: str) -> User | None:
    """Return the active person that this key belongs to, or None."""
    at = revision.at_entry().at
    keys = ApiToken.objects.select_related("user").filter(
        digest=tokens.digest(token), expires_at__gt=at, user__is_active=True
    )
    key = keys.order_by().first()
    return key.user if key else None
